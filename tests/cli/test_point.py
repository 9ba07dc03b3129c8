"""`rempart point`: what is wired to what, one point now, and one output by hand, which is released whatever ends the command."""

from __future__ import annotations

import asyncio
import json

import pytest

from controller.core.command import Life
from controller.core.mover import Mover
from controller.core.refusals import CLEAR_S
from tests.cli.desk import Desk, Running


async def in_test(desk: Desk) -> None:
    """Hold the bollard in test, its loops clear for long enough."""
    await desk.rempart("test", "bollard", "--by", "ada")
    clear = max(desk.rig.device(name).since for name in ("entry", "exit")) + CLEAR_S
    await desk.rig.link.until(lambda: asyncio.get_running_loop().time() > clear)


def bollard(desk: Desk) -> Mover:
    shown = desk.rig.device("bollard")
    assert isinstance(shown, Mover)
    return shown


async def test_every_point_is_listed_with_what_is_wired_to_it(desk: Desk) -> None:
    told = await desk.rempart("point", "list", "bollard")
    assert told.code == 0
    assert [line.split() for line in told.out.splitlines()] == [
        ["io.raised", "bollard.raised"],
        ["io.lowered", "bollard.lowered"],
        ["io.raise", "w", "bollard.raise"],
        ["io.lower", "w", "bollard.lower"],
    ]


@pytest.mark.parametrize("name", ["io.raised", "bollard.raised"])
async def test_a_point_is_read_by_either_name(desk: Desk, name: str) -> None:
    told = await desk.rempart("point", "read", name)
    assert (told.code, told.out) == (0, "io.raised on  bollard.raised\n")


async def test_and_as_json(desk: Desk) -> None:
    told = json.loads((await desk.rempart("point", "read", "io.raised", "--json")).out)
    assert (told["value"], told["raw"], told["signals"]) == (True, True, ["bollard.raised"])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("read", "io.raisd"), "did you mean `io.raised`?"),
        (("read",), "which point?"),
        (("list", "bolard"), "did you mean `bollard`?"),
        (("write", "io.raise"), "takes a value"),
        (("read", "io.raise", "on"), "nothing else does"),
        (("write", "io.raise", "up"), "expected on, off, or the code"),
        (("write", "io.halt", "on"), "is no output of a bollard, barrier or road blocker: it is wired to signal.halt"),
        (("write", "io.raised", "on"), "it is wired to bollard.raised"),
        (("write", "io.raise", "on", "--for", "31"), "at most 30"),
    ],
)
async def test_what_makes_no_sense_is_told_and_sends_nothing(desk: Desk, words: tuple[str, ...], says: str) -> None:
    told = await desk.rempart("point", *words, "--by", "ada")
    assert told.code == 2
    assert says in told.err
    assert True not in desk.rig.link.written("raise")


async def test_outside_of_test_it_is_refused_with_what_to_do(desk: Desk) -> None:
    told = await desk.rempart("point", "write", "bollard.lower", "on", "--by", "ada")
    assert told.code == 4
    assert "`rempart test bollard`" in told.err


async def test_an_output_is_on_for_so_long_and_released(desk: Desk) -> None:
    await in_test(desk)
    told = await desk.rempart("point", "write", "bollard.lower", "on", "--for", "0.2", "--by", "ada")
    assert told.code == 0, told.err
    assert told.out.endswith("bollard.lower (io.lower): its output lower was on and is released: it was let go\n")
    assert desk.rig.link.written("lower")[-2:] == [True, False]
    assert bollard(desk).force is None


async def test_r24_ctrl_c_releases_it(desk: Desk) -> None:
    await in_test(desk)
    running: Running = await desk.shell.start("point", "write", "bollard.lower", "on", "--for", "30", "--by", "ada")
    await desk.rig.until(lambda: bollard(desk).force is not None)
    running.interrupt()
    assert (await running.end()).code == 130
    await desk.rig.until(lambda: bollard(desk).force is None)
    assert desk.rig.link.written("lower")[-1] is False


async def test_r24_and_so_does_a_command_that_is_killed(desk: Desk) -> None:
    await in_test(desk)
    running = await desk.shell.start("point", "write", "bollard.lower", "on", "--for", "30", "--by", "ada")
    await desk.rig.until(lambda: bollard(desk).force is not None)
    running.process.kill()
    await desk.rig.until(lambda: bollard(desk).force is None)
    assert desk.rig.link.written("lower")[-1] is False
    ended = [command for command in desk.rig.supervisor.ledger._ended.values() if command.request.point == "lower"]
    assert [command.life for command in ended] == [Life.CONFIRMED]


async def test_off_releases_what_another_terminal_has_set(desk: Desk) -> None:
    told = await desk.rempart("point", "write", "bollard.lower", "off", "--by", "ada")
    assert (told.code, told.out) == (0, "bollard.lower: nothing to do: lower is not forced\n")
