"""R24: a motion with --hold lasts only while its command runs and is heard."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from controller.cli.client import Door
from controller.cli.exits import Failure
from controller.cli.hold import HOLD_S, Button
from controller.core import mover as core_mover
from controller.core.mover import Mover
from tests.cli.desk import Desk, Running, Shell
from tests.cli.desk import desk as opened
from tests.shell.scripted import link_at_rest


@pytest.fixture
async def slow(shell: Shell, tmp_path: Path) -> AsyncIterator[Desk]:
    """The yard, whose steel moves when the test says so."""
    async with opened(shell, tmp_path / "yard", link=link_at_rest()) as desk:
        yield desk


def mover(desk: Desk) -> Mover:
    shown = desk.rig.device("bollard")
    assert isinstance(shown, Mover)
    return shown


async def lowering(desk: Desk) -> Running:
    holding = await desk.shell.start("lower", "bollard", "--hold", "--id", "o1")
    await holding.says("bollard moves only while this command runs: Ctrl-C lets go\n")
    await holding.says("bollard lowering …\n")
    return holding


async def test_r24_it_moves_to_its_end_while_it_is_held(slow: Desk) -> None:
    holding = await lowering(slow)
    first = mover(slow).held_until
    slow.rig.link.steel("between")
    await renewed(slow, first + 2 * HOLD_S)
    assert mover(slow).motion is not None
    slow.rig.link.steel("lowered")
    ended = await holding.end()
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[-1].startswith("bollard lowered (")


async def renewed(desk: Desk, until: float) -> None:
    """Return when the button counts as held until then; a renewal shows nothing new, so it is asked for again and again."""
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=str(desk.server.socket_path))) as client:
        while mover(desk).held_until < until:
            assert mover(desk).motion is not None, mover(desk).why
            await client.get("http://x/healthz")


async def test_r24_ctrl_c_lets_go_and_tells_the_end(slow: Desk) -> None:
    holding = await lowering(slow)
    slow.rig.link.steel("between")
    holding.interrupt()
    ended = await holding.end()
    assert (ended.code, ended.err) == (130, "bollard: lower failed: its button was let go (R24)\n")
    assert slow.rig.link.written("lower")[-1] is False


async def test_r24_a_command_that_is_killed_lets_go(slow: Desk) -> None:
    holding = await lowering(slow)
    slow.rig.link.steel("between")
    holding.process.send_signal(signal.SIGKILL)
    await holding.end()
    await slow.rig.shows("bollard", "stopped")
    assert mover(slow).why == "its button was let go (R24)"


async def test_r24_a_connection_that_is_lost_lets_go_and_says_not_to_rely_on_it(slow: Desk) -> None:
    holding = await lowering(slow)
    slow.rig.link.steel("between")
    await slow.server.__aexit__()
    ended = await holding.end()
    assert ended.code == 5
    assert ended.err == (
        "rempart: no answer from the controller for 1 s, which lets go of the button: one that works ends the motion by "
        "itself;\ndo NOT rely on that: use the emergency stop at the equipment\n"
    )
    await slow.rig.shows("bollard", "stopped")


async def test_r24_an_order_that_is_superseded_does_not_go_on_holding(slow: Desk) -> None:
    holding = await lowering(slow)
    await slow.rempart("stop", "bollard", "--by", "bruno", "--no-wait")
    ended = await holding.end()
    assert (ended.code, ended.err) == (5, "bollard: lower superseded by a newer order of bruno to stop\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("open", "gate", "--hold"), "hold: only the motion of one device can be held"),
        (("lower", "bollard", "--hold", "--no-wait"), "not allowed with"),
        (("stop", "bollard", "--hold"), "unrecognized arguments: --hold"),
    ],
)
async def test_r24_what_cannot_be_held_says_so(slow: Desk, words: tuple[str, ...], said: str) -> None:
    ended = await slow.rempart(*words)
    assert (ended.code, said in ended.err) == (2, True), ended.err
    assert True not in slow.rig.link.written("lower")


def test_r24_a_button_that_nobody_answers_for_a_second_is_let_go(tmp_path: Path, monkeypatch) -> None:
    clock = iter([0.0, 0.3, 0.7, 0.7, 1.1])
    monkeypatch.setattr("controller.cli.hold.time.monotonic", lambda: next(clock))
    with Button(Door("http://127.0.0.1:9", "t", tmp_path), "o1") as button:
        assert button.press() is False
        with pytest.raises(Failure, match="do NOT rely on that"):
            button.press()
        assert button.let_go() is False


def test_r24_the_command_line_and_the_controller_count_alike() -> None:
    assert HOLD_S == core_mover.HOLD_S
