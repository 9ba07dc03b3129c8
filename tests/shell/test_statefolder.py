from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from controller.statefolder import (
    FolderError,
    FolderLock,
    StateLocked,
    ensure_token,
    make_folder,
    make_runtime_folder,
    read_token,
    runtime_path,
    state_path,
)

SITE = "nice-promenade"


@pytest.mark.parametrize(
    ("given", "environ", "expected"),
    [
        (Path("/srv/x"), {"STATE_DIRECTORY": "/var/lib/rempart/nice"}, "/srv/x"),
        (None, {"STATE_DIRECTORY": "/var/lib/rempart/nice", "XDG_STATE_HOME": "/x"}, "/var/lib/rempart/nice"),
        (None, {"XDG_STATE_HOME": "/x"}, "/x/rempart/nice-promenade"),
        (None, {"XDG_STATE_HOME": "relative"}, "/home/op/.local/state/rempart/nice-promenade"),
        (None, {}, "/home/op/.local/state/rempart/nice-promenade"),
    ],
)
def test_where_the_state_is(monkeypatch: pytest.MonkeyPatch, given: Path | None, environ: dict, expected: str):
    monkeypatch.setenv("HOME", "/home/op")
    assert state_path(SITE, given, environ) == Path(expected)


@pytest.mark.parametrize(
    ("given", "environ", "expected"),
    [
        (Path("/srv/x"), {"RUNTIME_DIRECTORY": "/run/rempart/nice"}, "/srv/x"),
        (None, {"RUNTIME_DIRECTORY": "/run/rempart/nice", "XDG_RUNTIME_DIR": "/x"}, "/run/rempart/nice"),
        (None, {"XDG_RUNTIME_DIR": "/run/user/1000"}, "/run/user/1000/rempart/nice-promenade"),
        (None, {}, f"/tmp/rempart-{os.getuid()}/nice-promenade"),
    ],
)
def test_where_the_sockets_are(given: Path | None, environ: dict, expected: str):
    assert runtime_path(SITE, given, environ) == Path(expected)


@pytest.mark.parametrize("site", ["", ".", "..", "a/b", "a\0b"])
def test_a_site_whose_name_leads_elsewhere_is_refused(site: str):
    with pytest.raises(FolderError, match="cannot name a folder"):
        state_path(site, environ={"XDG_STATE_HOME": "/x"})


def test_several_folders_from_systemd_are_refused():
    with pytest.raises(FolderError, match=r"STATE_DIRECTORY=/a:/b: expected one folder"):
        state_path(SITE, environ={"STATE_DIRECTORY": "/a:/b"})


def test_a_folder_is_made_for_its_user_alone(tmp_path: Path):
    made = make_folder(tmp_path / "rempart" / SITE)
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (made, made.parent)] == [0o700, 0o700]
    assert make_folder(made) == made


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o722])
def test_a_folder_that_others_can_change_is_refused(tmp_path: Path, mode: int):
    tmp_path.chmod(mode)
    with pytest.raises(FolderError, match=rf"mode {mode:04o}, others can change what is in it; chmod go-w {tmp_path}"):
        make_folder(tmp_path)
    tmp_path.chmod(0o755)


def test_everybodys_folder_is_refused_without_advice_to_close_it(tmp_path: Path):
    tmp_path.chmod(0o1777)
    with pytest.raises(FolderError, match=f"give one of your own, e.g. {tmp_path}/rempart") as refused:
        make_folder(tmp_path)
    assert "chmod" not in str(refused.value)
    tmp_path.chmod(0o755)
    make_folder(tmp_path)


def test_a_folder_in_tmp_within_one_that_others_can_change_is_refused(tmp_path: Path):
    shared = tmp_path / "rempart-1000"
    (shared / SITE).mkdir(parents=True)
    tmp_path.chmod(0o1777)
    shared.chmod(0o777)
    with pytest.raises(FolderError, match=rf"{shared}: mode 0777"):
        make_folder(shared / SITE)
    shared.chmod(0o700)
    make_folder(shared / SITE)


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    if os.geteuid() == 0:  # only root can give a folder away; anybody else looks as another user would
        os.chown(tmp_path, 65534, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 65534)
    with pytest.raises(FolderError, match=rf"belongs to user \d+, not to {os.geteuid()}; give another folder"):
        make_folder(tmp_path)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path):
    (tmp_path / "x").write_text("")
    with pytest.raises(FolderError, match="not a folder"):
        make_folder(tmp_path / "x")
    with pytest.raises(FolderError, match="cannot be made: Not a directory"):
        make_folder(tmp_path / "x" / "y")


def test_a_path_too_long_for_a_socket_is_refused_before_anything_is_made(tmp_path: Path):
    long = tmp_path / ("x" * 100)
    with pytest.raises(FolderError, match=r"too long for a socket in it \(at most 107 bytes\)"):
        make_runtime_folder(long)
    assert not long.exists()
    fitting = Path("/tmp") / ("x" * (107 - len("/tmp/") - len("/api.sock")))
    try:
        assert make_runtime_folder(fitting).is_dir()
    finally:
        fitting.rmdir()


HOLDER = """
import sys, time
from pathlib import Path
from controller.statefolder import FolderLock
lock = FolderLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def holder(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock of `folder`."""
    command = [sys.executable, "-c", HOLDER, str(folder)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        yield child


def test_rule_12_a_second_process_is_refused_and_told_who_holds_the_folder(tmp_path: Path):
    with holder(tmp_path) as child:
        with pytest.raises(StateLocked) as refusal:
            FolderLock(tmp_path)
        assert (refusal.value.pid, refusal.value.folder) == (child.pid, tmp_path)
        assert str(refusal.value) == (
            f"{tmp_path}: in use by process {child.pid}, and one controller commands a site; stop that one first"
        )


def test_a_killed_holder_leaves_the_folder_free(tmp_path: Path):
    with holder(tmp_path) as child:
        child.send_signal(signal.SIGKILL)
        child.wait()
        with FolderLock(tmp_path):
            assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_rule_12_a_second_service_in_one_process_is_refused_until_the_first_releases(tmp_path: Path):
    first = FolderLock(tmp_path)
    with pytest.raises(StateLocked, match=f"process {os.getpid()}"):
        FolderLock(tmp_path)
    first.release()
    first.release()
    FolderLock(tmp_path).release()


def test_a_child_process_does_not_inherit_the_lock(tmp_path: Path):
    lock = FolderLock(tmp_path)
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, close_fds=False):
        lock.release()
        FolderLock(tmp_path).release()


def test_a_holder_that_has_not_said_who_it_is_is_refused_all_the_same(tmp_path: Path):
    with FolderLock(tmp_path):
        (tmp_path / "lock").write_text("")
        with pytest.raises(StateLocked, match="in use by another process") as refusal:
            FolderLock(tmp_path)
    assert refusal.value.pid is None


def test_a_lock_that_is_a_link_is_not_followed(tmp_path: Path):
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FolderError, match="cannot be opened"):
        FolderLock(tmp_path)
    assert not (tmp_path / "elsewhere").exists()


def test_the_token_is_made_once_and_for_its_user_alone(tmp_path: Path):
    token = ensure_token(tmp_path)
    assert re.fullmatch(r"[\w-]{43}", token)
    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600
    assert ensure_token(tmp_path) == token == read_token(tmp_path / "token")
    assert os.listdir(tmp_path) == ["token"]


def test_a_wide_umask_does_not_open_the_token(tmp_path: Path):
    before = os.umask(0)
    try:
        ensure_token(tmp_path)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600


def test_what_a_crash_left_of_a_token_is_replaced(tmp_path: Path):
    (tmp_path / "token.new").write_text("half")
    (tmp_path / "token.new").chmod(0o644)
    assert ensure_token(tmp_path)
    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660])
def test_a_token_that_others_can_read_is_refused(tmp_path: Path, mode: int):
    ensure_token(tmp_path)
    (tmp_path / "token").chmod(mode)
    with pytest.raises(
        FolderError, match=rf"mode {mode:04o}, others can read or change it, expected 0600; is it the right file"
    ):
        ensure_token(tmp_path)


@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff" * 40, b"a" * 20 + b"\n" + b"b" * 20])
def test_a_file_that_holds_no_token_is_refused(tmp_path: Path, content: bytes):
    (tmp_path / "token").write_bytes(content)
    (tmp_path / "token").chmod(0o600)
    with pytest.raises(FolderError, match="holds no token; is it the right file"):
        read_token(tmp_path / "token")


def test_a_token_that_is_not_there_suggests_why(tmp_path: Path):
    with pytest.raises(FolderError, match="No such file or directory; is this site's controller running"):
        read_token(tmp_path / "token")


def test_a_token_that_is_no_plain_file_is_refused(tmp_path: Path):
    real = tmp_path / "real"
    real.write_text("x" * 43)
    (tmp_path / "token").symlink_to(real)
    with pytest.raises(FolderError, match="no token can be read"):
        ensure_token(tmp_path)
    (tmp_path / "token").unlink()
    os.mkfifo(tmp_path / "token", 0o600)
    with pytest.raises(FolderError, match="not a regular file"):
        ensure_token(tmp_path)
