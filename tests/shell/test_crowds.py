"""More orders at once than any person gives: they are turned away with a reason, and what is pressing gets through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from controller import orders
from controller.core.command import Life, Rule
from controller.ledger import Command, Request
from controller.ports import Entry
from tests.shell.scripted import Rig, running

MANY = 3
OTHER = Request(id="other", target="bollard", action="lower", principal="p")


class Crowd:
    """A yard whose journal answers nobody until it is let, and MANY orders that wait for it."""

    def __init__(self, rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rig = rig
        self.answers = asyncio.Event()
        self.tasks: list[asyncio.Task[Command]] = []
        append = rig.supervisor.journal.append

        async def hanging(*entries: Entry) -> object:
            await self.answers.wait()
            return await append(*entries)

        monkeypatch.setattr(rig.supervisor.journal, "append", hanging)

    async def gather(self) -> None:
        for number in range(MANY):
            asked = Request(id=f"c{number}", target="bollard", action="lower", principal="p")
            self.tasks.append(asyncio.create_task(self.rig.supervisor.orders.give(asked)))
        await asyncio.sleep(0)

    async def end(self) -> None:
        self.answers.set()
        await asyncio.gather(*self.tasks)


@pytest.fixture
async def crowd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Crowd]:
    monkeypatch.setattr(orders, "UNDECIDED", MANY)
    async with running(tmp_path) as rig:
        await rig.at_rest()
        crowd = Crowd(rig, monkeypatch)
        await crowd.gather()
        yield crowd
        await crowd.end()


async def test_one_too_many_is_refused_at_once_and_says_why(crowd: Crowd) -> None:
    command = await crowd.rig.supervisor.orders.give(OTHER)
    assert command.life is Life.REFUSED
    assert [refusal.rule for refusal in command.refusals] == [Rule.BUSY]
    assert "give it again, with the same id" in command.because


async def test_its_id_is_not_spent_and_the_journal_knows_that_it_was_turned_away(crowd: Crowd) -> None:
    await crowd.rig.supervisor.orders.give(OTHER)
    await crowd.end()
    await crowd.rig.quiet()
    again = await crowd.rig.supervisor.orders.give(OTHER)
    assert again.life is not Life.REFUSED or Rule.BUSY not in [refusal.rule for refusal in again.refusals]
    noted = await crowd.rig.supervisor.journal.select(0, 10, kind="turned-away")
    assert [(record.entry.device, record.entry.body["id"]) for record in noted] == [("bollard", "other")]


@pytest.mark.parametrize("action", ["stop", "lockdown", "lock-out"])
async def test_rule_9_what_is_pressing_is_not_turned_away(crowd: Crowd, action: str) -> None:
    pressing = Request(id="now", target="bollard", action=action, principal="p", reason="crowd", by="Ada")
    giving = asyncio.create_task(crowd.rig.supervisor.orders.give(pressing))
    await crowd.end()
    assert Rule.BUSY not in [refusal.rule for refusal in (await giving).refusals]


async def test_r12_nor_is_the_motion_that_a_passage_ends_with(crowd: Crowd) -> None:
    automatic = replace(OTHER, action="raise", automatic=True)
    giving = asyncio.create_task(crowd.rig.supervisor.orders.give(automatic))
    await crowd.end()
    assert Rule.BUSY not in [refusal.rule for refusal in (await giving).refusals]


async def test_the_same_id_again_waits_for_the_first_and_is_not_one_more(crowd: Crowd) -> None:
    again = asyncio.create_task(
        crowd.rig.supervisor.orders.give(Request(id="c0", target="bollard", action="lower", principal="p"))
    )
    await crowd.end()
    assert await again is crowd.tasks[0].result()
