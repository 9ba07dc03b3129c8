"""Which controller a command talks to."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

from controller.cli import discover
from controller.service import CARD, announced
from tests.cli.desk import Desk, Shell
from tests.cli.desk import desk as opened


def card(folder: Path, pid: int, listener: Path) -> dict[str, object]:
    told: dict[str, object] = {
        "site": folder.name,
        "pid": pid,
        "socket": str(listener),
        "url": "http://127.0.0.1:9",
        "token_file": str(folder / "token"),
        "boot": "b",
    }
    folder.mkdir(parents=True)
    (folder / CARD).write_text(json.dumps(told))
    return told


async def test_several_are_listed_and_one_is_asked_for(desk: Desk, tmp_path: Path) -> None:
    async with opened(desk.shell, tmp_path / "second", name="second"):
        both = await desk.shell.rempart("devices")
        one = await desk.shell.rempart("devices", "--site", "yard")
    assert both.code == 2
    assert "second" in both.err
    assert "yard" in both.err
    assert "--site" in both.err
    assert one.code == 0


async def test_a_site_that_does_not_run_is_named(desk: Desk) -> None:
    ended = await desk.shell.rempart("devices", "--site", "elsewhere")
    assert ended.code == 3
    assert "for elsewhere" in ended.err
    assert "running here: yard" in ended.err


async def test_by_tcp_address_with_the_token_of_the_one_that_runs_there(desk: Desk) -> None:
    ended = await desk.shell.rempart("devices", "--url", desk.server.url)
    assert ended.code == 0


async def test_by_socket_address_and_token_file(desk: Desk) -> None:
    where = f"unix:{desk.server.socket_path}"
    ended = await desk.shell.rempart("devices", "--url", where, "--token-file", desk.token_file)
    assert ended.code == 0


async def test_by_environment(desk: Desk, shell: Shell) -> None:
    shell.more = {
        "REMPART_URL": desk.server.url,
        "REMPART_TOKEN_FILE": str(desk.token_file),
        "XDG_RUNTIME_DIR": "/nowhere",
    }
    assert (await shell.rempart("devices")).code == 0


async def test_by_runtime_folder(desk: Desk, shell: Shell) -> None:
    folder = desk.server.socket_path.parent
    shell.more = {"XDG_RUNTIME_DIR": "/nowhere"}
    assert (await shell.rempart("devices", "--runtime", folder)).code == 0


def test_a_card_whose_process_is_dead_is_passed_over(shell: Shell) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    folder = shell.runtime / "rempart" / "yard"
    with socket.socket(socket.AF_UNIX) as listener:
        card(folder, dead.pid, folder / "s")
        listener.bind(str(folder / "s"))
        listener.listen()
        assert discover.running(shell.environment) == []


def test_a_card_at_whose_socket_nobody_listens_is_passed_over(shell: Shell) -> None:
    folder = shell.runtime / "rempart" / "yard"
    card(folder, os.getpid(), folder / "s")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "s"))
    assert discover.running(shell.environment) == []


def test_a_card_that_makes_no_sense_is_passed_over(shell: Shell) -> None:
    folder = shell.runtime / "rempart" / "yard"
    folder.mkdir(parents=True)
    (folder / CARD).write_text('{"site": "yard"}')
    assert discover.running(shell.environment) == []


def test_a_card_is_there_only_while_it_is_true(tmp_path: Path) -> None:
    with announced(tmp_path / CARD, {"site": "yard"}):
        assert json.loads((tmp_path / CARD).read_text()) == {"site": "yard"}
    assert list(tmp_path.iterdir()) == []


def test_a_card_of_a_release_without_supervisors_still_leads_to_its_controller(tmp_path: Path) -> None:
    told = card(tmp_path / "yard", 1, tmp_path / "s")
    found = discover.read_card(tmp_path / "yard" / CARD)
    assert "supervisor_token_file" not in told
    assert found is not None
    assert found.supervisor_token_file is None
