"""What is told once the frames are out: all of it, in its order, and never before what has to go first."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

from controller import endpoint
from controller.afterwards import AT_ONCE, SHARE, TURNS, Afterwards
from controller.core.command import Life
from controller.ledger import Request
from tests.shell.scripted import link_at_rest, running

TURNS_OF_WAKING = 5
"""Its own task is begun, and wakes the task of its device, which wakes that of its wire: two turns for each to be woken."""


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def raised(error: Exception) -> None:
    raise error


async def test_it_is_told_in_its_order_and_not_in_this_turn_of_the_loop() -> None:
    told: list[int] = []
    afterwards = Afterwards(raised)
    for number in range(3):
        afterwards.add(partial(told.append, number))
    await turns(TURNS - 1)
    assert told == []
    await turns(2)
    assert told == [0, 1, 2]


def test_a_write_has_its_turns_before_anything_is_told() -> None:
    assert TURNS > endpoint.TURNS + TURNS_OF_WAKING


async def test_what_comes_while_it_is_told_is_told_after_it() -> None:
    told: list[str] = []
    afterwards = Afterwards(raised)
    afterwards.add(lambda: afterwards.add(partial(told.append, "second")))
    afterwards.add(partial(told.append, "first"))
    await turns(TURNS + 3)
    assert told == ["first", "second"]


async def test_much_is_told_a_little_at_a_time_and_comes_to_an_end() -> None:
    told: list[int] = []
    many = 10 * AT_ONCE * SHARE
    afterwards = Afterwards(raised)
    for number in range(many):
        afterwards.add(partial(told.append, number))
    await turns(TURNS)
    assert len(told) == many // SHARE
    await turns(100)
    assert told == list(range(many))


async def test_whoever_has_to_come_after_it_has_it_told_at_once() -> None:
    told: list[int] = []
    afterwards = Afterwards(raised)
    for number in range(2 * AT_ONCE):
        afterwards.add(partial(told.append, number))
    afterwards.flush()
    assert told == list(range(2 * AT_ONCE))
    afterwards.add(partial(told.append, -1))
    await turns(2 * TURNS)
    assert told[-1] == -1


async def test_what_cannot_be_told_is_heard_of_and_the_rest_is_told() -> None:
    told: list[str] = []
    failures: list[Exception] = []
    afterwards, error = Afterwards(failures.append), ValueError("seeded")
    afterwards.add(partial(raised, error))
    afterwards.add(partial(told.append, "the rest"))
    await turns(TURNS + 2)
    assert (failures, told) == ([error], ["the rest"])


async def test_the_frames_of_an_emergency_are_out_before_anybody_is_told(tmp_path: Path) -> None:
    link = link_at_rest()
    link.follow()
    link.steel("lowered")
    async with running(tmp_path, link=link) as rig:
        await rig.at_rest()
        await rig.until(lambda: all(device.mode == "remote" for device in rig.supervisor.board.values()))
        rig.supervisor.telling.everything()
        before, seen = rig.supervisor.stream.number, list[int]()
        link.react(lambda unit, point, value: seen.append(rig.supervisor.stream.number))
        fired = await rig.supervisor.orders.give(Request(id="f", target="yard", action="lockdown", principal="op"))
        assert fired.life is not Life.REFUSED
        await rig.shows("bollard", "raised")
        early = [event.data for event in rig.supervisor.stream._kept if before < event.number <= seen[0]]
        assert early == []
        rig.supervisor.telling.everything()
        told = [event.data for event in rig.supervisor.stream._kept if event.number > before]
        lives = [event["life"] for event in told if event.get("id") == "f:bollard"]
        assert lives[:2] == ["received", "accepted"]


async def test_a_defect_in_telling_is_an_alarm_and_moves_go_on(tmp_path: Path) -> None:
    link = link_at_rest()
    link.follow()
    async with running(tmp_path, link=link) as rig:
        await rig.at_rest()
        rig.supervisor.telling.later(partial(raised, ValueError("seeded")))
        await rig.until(lambda: rig.device("bollard").mode == "remote")
        await turns(2 * TURNS)
        standing = {alarm.id: alarm.alarm.priority for alarm in rig.supervisor.alarms.standing()}
        assert standing["telling of what was decided.crashed"] == 1
