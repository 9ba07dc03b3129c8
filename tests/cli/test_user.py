"""`rempart user` on the people.db of a site, beside a running controller and without one."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import re
import sys
import termios
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from controller.people.passwords import Passwords
from controller.people.store import Store
from controller.service import CARD
from tests.cli.desk import PATIENCE_S, Outcome, Shell
from tests.cli.test_run import SITE

PASSWORD = "three grey bollards"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "quay"
    folder.mkdir()
    (folder / "site.yaml").write_text(SITE)
    return folder


async def typed(shell: Shell, text: str, *words: str | Path) -> Outcome:
    """Run `rempart user` with this on its stdin."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "controller.cli", "user", *map(str, words)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=shell.environment,
    )
    async with asyncio.timeout(PATIENCE_S):
        out, err = await process.communicate(text.encode())
    return Outcome(process.returncode or 0, out.decode(), err.decode())


async def made(shell: Shell, folder: Path, name: str = "ada", role: str = "administrator") -> Outcome:
    words = ("add", name, "--role", role, "--password-stdin", "--state", folder)
    return await typed(shell, f"{PASSWORD}\n", *words)


async def test_a_user_is_made_before_the_controller_has_ever_run(shell: Shell, site: Path):
    words = ("add", "ada", "--role", "administrator", "--password-stdin", "--site", site)
    ended = await typed(shell, f"{PASSWORD}\n", *words)
    assert (ended.code, ended.out) == (0, "ada: made, as administrator\n")
    path = shell.state / "rempart" / "quay" / "people.db"
    assert path.stat().st_mode & 0o777 == 0o600
    store = Store(path)
    user = store.user("ada")
    assert user is not None
    assert Passwords().right(user.hash, PASSWORD)
    ((_, change),) = store.changes()
    assert (change["what"], re.sub(r"^\S+ ", "", change["by"])) == ("user-added", "(terminal)")
    store.close()


async def test_users_are_listed_changed_and_removed(shell: Shell, tmp_path: Path):
    folder = tmp_path / "state"
    await made(shell, folder)
    await made(shell, folder, "Zoé", "operator")
    for words, told in (
        (("role", "zoé", "supervisor"), "Zoé: is supervisor now, and has to log in again"),
        (("language", "zoé", "fr"), "Zoé: reads fr now"),
        (("disable", "zoé"), "Zoé: is let in no more"),
    ):
        ended = await shell.rempart("user", *words, "--state", folder)
        assert (ended.code, ended.out) == (0, f"{told}\n")
    listed = await shell.rempart("user", "list", "--state", folder)
    assert [line.split() for line in listed.out.splitlines()] == [
        ["name", "role", "language"],
        ["ada", "administrator", "en"],
        ["Zoé", "supervisor", "fr", "disabled"],
    ]
    assert (await shell.rempart("user", "enable", "zoé", "--state", folder)).code == 0
    assert (await shell.rempart("user", "remove", "zoé", "--state", folder)).out == "zoé: removed\n"
    kept = json.loads((await shell.rempart("user", "list", "--json", "--state", folder)).out)
    assert [user["name"] for user in kept] == ["ada"]


async def test_what_is_wrong_is_said_and_changes_nothing(shell: Shell, tmp_path: Path):
    folder = tmp_path / "state"
    await made(shell, folder)
    for text, words, code, why in (
        ("short\n", ("password", "ada", "--password-stdin"), 2, "expected 12 to 256 characters"),
        (f"{PASSWORD}\n", ("add", "ADA", "--role", "viewer", "--password-stdin"), 2, "there is a user ADA already"),
        ("", ("password", "ada"), 2, "there is no terminal to ask for the password at"),
        ("", ("role", "eve", "viewer"), 2, "there is no user 'eve'"),
        ("", ("role", "ada", "root"), 2, "invalid choice: 'root'"),
        ("", ("disable", "ada"), 4, "ada is the last administrator"),
        ("", ("token", "remove", "x"), 2, "there is no token 'x'"),
    ):
        ended = await typed(shell, text, *words, "--state", folder)
        assert (ended.code, why in ended.err, ended.out) == (code, True, ""), ended
    nowhere = await shell.rempart("user", "list")
    assert (nowhere.code, "which site's users?" in nowhere.err) == (2, True)


async def test_the_token_of_a_program_is_printed_once(shell: Shell, tmp_path: Path):
    folder = tmp_path / "state"
    ended = await shell.rempart("user", "token", "add", "desk", "--role", "viewer", "--days", "30", "--state", folder)
    assert ended.code == 0
    secret = ended.out.strip()
    assert len(secret) >= 43
    assert "it is not shown again" in ended.err
    listed = await shell.rempart("user", "token", "list", "--state", folder)
    assert secret not in listed.out
    assert "desk" in listed.out
    assert json.loads((await shell.rempart("user", "token", "list", "--json", "--state", folder)).out)[0]["by"]
    assert (await shell.rempart("user", "token", "remove", "desk", "--state", folder)).out == "desk: removed\n"


async def test_the_running_controller_takes_its_code_once_and_notices_what_is_changed(shell: Shell, site: Path):
    running = await shell.start("run", site, "--port", "0")
    try:
        await running.says("\n")
        card = json.loads((shell.runtime / "rempart" / "quay" / CARD).read_text())
        assert running.process.stderr is not None
        code = ""
        async with asyncio.timeout(PATIENCE_S):
            while not code:
                line = (await running.process.stderr.readline()).decode()
                code = (re.findall(r"code=(?:\x1b\[\d*m)*([\w-]+)", line) or [""])[0]
        async with httpx.AsyncClient(base_url=f"{card['url']}/api/v1", timeout=PATIENCE_S) as http:
            body = {"code": code, "user": "ada", "password": PASSWORD}
            wrong = await http.post("/sessions/first", json={**body, "code": f"{code}x"})
            assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, "wrong-code")
            first = await http.post("/sessions/first", json=body)
            assert (first.status_code, first.json()["role"]) == (201, "administrator")
            again = await http.post("/sessions/first", json={**body, "user": "eve"})
            assert (again.status_code, again.json()["error"]["code"]) == (401, "unauthorised")
            bearer = {"Authorization": f"Bearer {first.json()['token']}"}
            assert (await http.get("/users", headers=bearer)).json()[0]["name"] == "ada"
            state = shell.state / "rempart" / "quay"
            assert (await made(shell, state, "eve")).code == 0
            assert (await shell.rempart("user", "disable", "ada")).code == 0
            async with asyncio.timeout(PATIENCE_S):
                while (await http.get("/users", headers=bearer)).status_code != 401:
                    pass  # it is noticed within a second; another process, so nothing here could wake us
    finally:
        running.process.terminate()
        await running.end()
    told = [
        json.loads(line)
        for line in (await shell.rempart("journal", "show", "--kind", "people", "--json")).out.splitlines()
    ]
    assert [record["body"]["what"] for record in told][:3] == ["login-failed", "login", "user-added"]
    assert {"user-changed"} <= {record["body"]["what"] for record in told}
    assert code not in str(told)
    assert PASSWORD not in str(told)


async def test_a_people_db_that_is_damaged_keeps_no_controller_from_its_site(shell: Shell, site: Path):
    state = shell.state / "rempart" / "quay"
    state.mkdir(parents=True)
    (state / "people.db").write_bytes(b"this is no database, and long enough to be looked at as if it were one" * 9)
    (state / "people.db").chmod(0o600)
    running = await shell.start("run", site, "--port", "0")
    try:
        await running.says("ready")
        card = json.loads((shell.runtime / "rempart" / "quay" / CARD).read_text())
        async with httpx.AsyncClient(base_url=f"{card['url']}/api/v1", timeout=PATIENCE_S) as http:
            answer = await http.post("/sessions", json={"user": "ada", "password": PASSWORD})
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "people-unavailable")
        assert (await shell.rempart("devices")).code == 0
    finally:
        running.process.terminate()
        ended = await running.end()
    assert "nobody can log in" in ended.err
    assert "code=" not in ended.err


async def asked(shell: Shell, folder: Path, *answers: str) -> tuple[int, str]:
    """Set ada's password at a terminal, with these answers to what is asked; return the code and what stood there."""
    ours, theirs = os.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "controller.cli", "user", "password", "ada", "--state", str(folder)),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=shell.environment,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(theirs, termios.TIOCSCTTY, 0),
    )
    os.close(theirs)
    shown = ""
    async with asyncio.timeout(PATIENCE_S):
        for question, answer in zip(("password: ", "once more: "), answers, strict=True):
            while question not in shown:
                shown += (await asyncio.to_thread(os.read, ours, 1024)).decode()
            os.write(ours, f"{answer}\n".encode())
        with suppress(OSError):  # EIO: the other side has closed it (pty(7))
            while more := await asyncio.to_thread(os.read, ours, 1024):
                shown += more.decode()
        code = await process.wait()
    os.close(ours)
    return code, shown


async def test_at_a_terminal_the_password_is_asked_for_twice_and_not_shown(shell: Shell, tmp_path: Path):
    folder, new = tmp_path / "state", "four green barriers"
    await made(shell, folder)
    code, shown = await asked(shell, folder, new, "four green barrier")
    assert (code, "the two passwords differ; nothing was changed" in shown) == (2, True)
    code, shown = await asked(shell, folder, new, new)
    assert (code, "ada: has another password" in shown) == (0, True)
    assert new not in shown
    store = Store(folder / "people.db")
    user = store.user("ada")
    store.close()
    assert user is not None
    assert Passwords().right(user.hash, new)
