"""A private key is its owner's alone, and a public one has one way to be written."""

from __future__ import annotations

import base64
import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from controller.commissioning.report import keys
from controller.commissioning.report.keys import HEAD, KIND
from controller.commissioning.report.plain import ReportError

NAME = "Élodie Marchand-Lô"


def nobody(prompt: str) -> str:
    raise AssertionError(f"asked for a passphrase: {prompt}")


def test_a_key_is_made_for_its_owner_alone_and_comes_back_with_its_name(tmp_path: Path):
    made = keys.make(tmp_path / "deep" / "key", f"  {NAME} ")
    path = tmp_path / "deep" / "key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]
    loaded = keys.load(path, nobody)
    assert loaded.public == made.public
    assert loaded.public.name == NAME
    assert made.public.holds(loaded.sign(b"a"), b"a")
    assert not made.public.holds(loaded.sign(b"a"), b"b")


def test_a_key_is_never_overwritten(tmp_path: Path):
    keys.make(tmp_path / "key", NAME)
    before = (tmp_path / "key").read_bytes()
    with pytest.raises(ReportError, match="never overwritten"):
        keys.make(tmp_path / "key", NAME)
    assert (tmp_path / "key").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602, 0o644])
def test_a_key_that_others_can_read_or_change_is_refused(tmp_path: Path, mode: int):
    keys.make(tmp_path / "key", NAME)
    (tmp_path / "key").chmod(mode)
    with pytest.raises(ReportError, match=f"mode {mode:04o}, others can read or change it, expected 0600"):
        keys.load(tmp_path / "key", nobody)


def test_a_key_with_a_passphrase_opens_with_it_and_with_no_other(tmp_path: Path):
    made = keys.make(tmp_path / "key", NAME, "sésame ouvre-toi")
    assert b"ENCRYPTED" in (tmp_path / "key").read_bytes()
    assert keys.load(tmp_path / "key", lambda _: "sésame ouvre-toi").public == made.public
    for other in ("sesame", ""):
        with pytest.raises(ReportError, match="does not open it"):
            keys.load(tmp_path / "key", {f"passphrase of {tmp_path / 'key'}: ": other}.__getitem__)


def _pem_of_another_kind() -> bytes:
    return generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a key of rempart's"),
        (b"-----BEGIN PRIVATE KEY-----\n", "not a key of rempart's"),
        (f"{HEAD}{NAME}\n".encode(), "no whole private key"),
        (
            f"{HEAD}{NAME}\n-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----\n".encode(),
            "no whole private key",
        ),
        (f"{HEAD}{NAME}\n".encode() + _pem_of_another_kind(), "not an Ed25519 key"),
        (b"\xff\xfe" * 40, "not a key of rempart's"),
    ],
)
def test_what_is_no_key_is_refused(tmp_path: Path, content: bytes, message: str):
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(ReportError, match=message):
        keys.load(path, nobody)


@pytest.mark.parametrize("head", [b"\xff\xfe", b"", b"a\x1b[31m", b"a" * 201])
def test_a_key_is_tied_to_a_persons_name(tmp_path: Path, head: bytes):
    keys.make(tmp_path / "key", NAME)
    _, _, pem = (tmp_path / "key").read_bytes().partition(b"\n")
    (tmp_path / "key").write_bytes(HEAD.encode() + head + b"\n" + pem)
    with pytest.raises(ReportError, match=r"not UTF-8|expected a person's name"):
        keys.load(tmp_path / "key", nobody)


def test_what_is_no_regular_file_is_refused(tmp_path: Path):
    os.mkfifo(tmp_path / "fifo", 0o600)
    keys.make(tmp_path / "key", NAME)
    (tmp_path / "link").symlink_to(tmp_path / "key")
    for name, message in (
        ("fifo", "not a regular file"),
        ("link", "cannot be read"),
        ("none", "cannot be read: No such file"),
    ):
        with pytest.raises(ReportError, match=message):
            keys.load(tmp_path / name, nobody)


def test_a_folder_where_no_key_can_be_made_is_an_error(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Exception, match="file"):
        keys.make(tmp_path / "file" / "key", NAME)


def test_the_usual_place_is_in_the_persons_own_folder():
    assert keys.default_path({"XDG_STATE_HOME": "/x"}) == Path("/x/rempart/report.key")
    assert keys.default_path({}) == Path.home() / ".local/state/rempart/report.key"


def test_a_public_key_is_a_line_and_comes_back(tmp_path: Path):
    public = keys.make(tmp_path / "key", NAME).public
    (tmp_path / "list").write_text(f"# those whom we trust\n\n{public.line}\n")
    assert list(keys.read_public(tmp_path / "list")) == [public]
    assert public.fingerprint.startswith("SHA256:")
    assert len(public.fingerprint) == 50


LINE = f"{KIND} {base64.b64encode(bytes(32)).decode()} Anne"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no public key"),
        ("# nobody\n", "holds no public key"),
        ("ssh-ed25519 AAAA Anne\n", r"list:1: expected `rempart-ed25519"),
        (f"{LINE}\n{KIND} AAAA Bob\n", r"list:2: expected `rempart-ed25519"),
        (f"{KIND} {'A' * 42}B= Anne\n", "not in the one form of base64"),
        (f"{KIND} A*** Anne\n", "expected base64"),
        (LINE.removesuffix(" Anne"), "expected a person's name"),
        (f"{LINE}\n{LINE[:-4]}Bob\n", "list:2: the same key as that of Anne"),
    ],
)
def test_a_list_that_cannot_be_read_names_the_line(tmp_path: Path, text: str, message: str):
    (tmp_path / "list").write_text(text)
    with pytest.raises(ReportError, match=message):
        keys.read_public(tmp_path / "list")


def test_a_list_that_is_no_text_or_too_long_is_refused(tmp_path: Path):
    (tmp_path / "list").write_bytes(b"\xff")
    with pytest.raises(ReportError, match="not UTF-8"):
        keys.read_public(tmp_path / "list")
    (tmp_path / "list").write_bytes(b"#" * (keys.FILE_MOST + 1))
    with pytest.raises(ReportError, match="more than"):
        keys.read_public(tmp_path / "list")
