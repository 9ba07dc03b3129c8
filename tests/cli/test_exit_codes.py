"""Every exit code of the documentation, each brought about for real."""

from __future__ import annotations

from pathlib import Path

import pytest

from controller.cli.exits import MEANINGS, Exit
from controller.ports import Mute
from tests.cli.desk import Desk, Shell
from tests.cli.desk import desk as opened
from tests.shell.scripted import link_at_rest

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"


async def test_0_when_the_limit_switch_shows_it(desk: Desk) -> None:
    ended = await desk.shell.rempart("lower", "bollard")
    assert ended.code == Exit.DONE
    assert "bollard lowered (" in ended.out
    assert ended.err == ""


async def test_1_when_the_journal_was_changed(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"SQLite format 3\0" + bytes(200))
    ended = await shell.rempart("journal", "verify", "--state", tmp_path)
    assert ended.code == Exit.FAILED
    assert "journal.db" in ended.err


@pytest.mark.parametrize(
    "words",
    [
        ("rise", "bollard"),
        ("raise",),
        ("raise", "bollard", "--expires", "soon"),
        ("raise", "bollards"),
        ("raise", "gate"),
        ("raise", "bollard", "--expires", "0"),
        ("raise", "bollard", "--expires", "61"),
        ("raise", "bollard", "--expires", "nan"),
        ("raise", "bollard", "--id", ""),
        ("raise", "bollard", "--id", "a b"),
        ("raise", "bollard", "--id", "x" * 65),
        ("ack",),
        ("ack", "bollard.offline"),
        ("ack", "bollard.offline", "--all"),
        ("check", "nowhere"),
        ("devices", "--url", "ftp://localhost"),
        ("devices", "--url", "http://127.0.0.1:9"),
    ],
)
async def test_2_when_the_command_line_is_wrong(desk: Desk, words: tuple[str, ...]) -> None:
    ended = await desk.shell.rempart(*words)
    assert ended.code == Exit.USAGE
    assert 1 <= len(ended.err.splitlines()) <= 2
    assert "Traceback" not in ended.err
    assert desk.rig.link.written("raise") == [False]


async def test_3_when_no_controller_runs(shell: Shell) -> None:
    ended = await shell.rempart("raise", "bollard")
    assert ended.code == Exit.NO_CONTROLLER
    assert "no controller is running on this machine" in ended.err
    assert "rempart demo" in ended.err


async def test_3_when_nobody_listens_at_the_address(desk: Desk) -> None:
    ended = await desk.shell.rempart("devices", "--url", "http://127.0.0.1:9", "--token-file", desk.token_file)
    assert ended.code == Exit.NO_CONTROLLER
    assert "http://127.0.0.1:9" in ended.err


async def test_3_when_the_token_is_not_accepted(desk: Desk, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.touch(0o600)
    other.write_text("x" * 43)
    ended = await desk.shell.rempart("devices", "--token-file", other)
    assert ended.code == Exit.NO_CONTROLLER
    assert str(other) in ended.err


async def test_3_when_the_token_cannot_be_read(desk: Desk, tmp_path: Path) -> None:
    ended = await desk.shell.rempart("devices", "--token-file", tmp_path / "none")
    assert ended.code == Exit.NO_CONTROLLER


async def test_4_when_refused_naming_rule_loop_and_reading(desk: Desk) -> None:
    await desk.shell.rempart("lower", "bollard")
    desk.rig.link.detect("entry")
    await desk.rig.shows("entry", "occupied")
    ended = await desk.shell.rempart("raise", "bollard")
    assert ended.code == Exit.REFUSED
    assert "refused by R09: entry: loop occupied" in ended.err.splitlines()
    assert ended.out == ""


async def test_5_when_the_outcome_is_unknown(desk: Desk) -> None:
    desk.rig.link.fail("io", Mute, on="write")
    ended = await desk.shell.rempart("lower", "bollard")
    assert ended.code == Exit.NOT_DONE
    assert "bollard: lower unknown" in ended.err


async def test_5_when_the_controller_is_gone_for_good(shell: Shell, tmp_path: Path) -> None:
    async with opened(shell, tmp_path / "yard", link=link_at_rest()) as desk:
        waiting = await shell.start("lower", "bollard", "--id", "o1")
        await waiting.says("bollard lowering …")
        await desk.server.__aexit__()
        ended = await waiting.end()
    assert ended.code == Exit.NOT_DONE
    assert "the controller has not answered for 5 s: the order o1 may go on" in ended.err
    assert "the steel may still be moving" in ended.err
    assert "`rempart journal show` tells what became of it once the controller runs again" in ended.err


async def test_130_when_interrupted_and_the_order_goes_on(shell: Shell, tmp_path: Path) -> None:
    async with opened(shell, tmp_path / "yard", link=link_at_rest()) as desk:
        waiting = await shell.start("lower", "bollard", "--id", "o1")
        await waiting.says("bollard lowering …")
        waiting.interrupt()
        ended = await waiting.end()
        assert ended.code == Exit.INTERRUPTED
        assert "no longer waiting; the order o1 goes on: `rempart stop bollard` stops it" in ended.err
        desk.rig.link.steel("lowered")
        await desk.rig.shows("bollard", "lowered")


def test_the_page_says_what_the_codes_mean() -> None:
    page = PAGE.read_text("utf-8")
    for code in Exit:
        assert f"| {code:d} | {MEANINGS[code]} |" in page
