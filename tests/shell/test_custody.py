"""What is held over devices until the journal has told, and how its records are read: a journal in memory, virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from controller import holds
from controller.core.command import Life
from controller.core.modes import Holds, Latch, Tag
from controller.ports import Entry, JournalUnavailable, Record
from tests.shell.steel import MemoryJournal
from tests.shell.test_supervisor import Service

pytestmark = pytest.mark.virtual_time

LUC, ZOE = Tag("t1", "luc", "hose"), Tag("t2", "zoe", "loop")
FIRED = Latch("marie", "operator", "e1")


def recorded(held: Holds) -> Entry:
    return Entry(holds.KIND, "bollard", body={"mode": "maintenance", "holds": held.record()})


class SlowToTell(MemoryJournal):
    """Writes at once, and tells what is held only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.tells = asyncio.Event()
        self.cannot = ""

    async def select(self, after: int = 0, limit: int = 1000, **which: Any) -> Sequence[Record]:
        if which.get("kind") == holds.KIND:
            if self.cannot:
                raise JournalUnavailable(self.cannot)
            await self.tells.wait()
        return await super().select(after, limit, **which)


def told(of: Service) -> list[str]:
    return [s.text for s in of.supervisor.alarms.standing() if s.active and s.device == "holds"]


async def test_until_what_is_held_is_known_a_motion_is_refused_with_its_rule() -> None:
    async with Service(SlowToTell()) as site:
        refused = await site.order("raise")
        assert (refused.life, [r.rule for r in refused.refusals]) == (Life.REFUSED, ["holds"])


async def test_until_what_is_held_is_known_a_stop_and_a_lockdown_go_ahead() -> None:
    async with Service(SlowToTell()) as site:
        fired = await site.order("lockdown")
        await asyncio.sleep(1)
        assert site.state() == "raising"
        await site.order("stop")
        await asyncio.sleep(1)
        assert (fired.life, site.state()) == (Life.SUPERSEDED, "stopped")


async def test_a_journal_that_does_not_tell_in_time_is_an_alarm_until_it_does() -> None:
    journal = SlowToTell()
    async with Service(journal) as site:
        assert told(site) == []
        await asyncio.sleep(2)
        assert ["has not answered within 3 s" in text for text in told(site)] == [True]
        journal.tells.set()
        await asyncio.sleep(0.1)
        assert told(site) == []
        assert (await site.order("raise")).life is Life.ACCEPTED


async def test_a_journal_that_cannot_be_read_is_asked_again() -> None:
    journal = SlowToTell()
    journal.note(recorded(Holds(tags=(LUC,))))
    journal.cannot = "the disk failed"
    journal.tells.set()
    async with Service(journal) as site:
        assert ["the disk failed" in text for text in told(site)] == [True]
        journal.cannot = ""
        await asyncio.sleep(1.5)
        assert (told(site), site.supervisor.board["bollard"].mode) == ([], "maintenance")


async def test_a_record_made_before_the_earlier_ones_were_known_adds_to_them() -> None:
    journal = MemoryJournal()
    journal.note(recorded(Holds(tags=(LUC,))), recorded(Holds(tags=(ZOE,), known=False)))
    assert await holds.held(journal) == {"bollard": Holds(tags=(LUC, ZOE))}


async def test_a_record_of_the_whole_takes_the_place_of_the_earlier_ones() -> None:
    journal = MemoryJournal()
    journal.note(recorded(Holds(tags=(LUC,), efo=FIRED)), recorded(Holds(efo=FIRED)))
    assert await holds.held(journal) == {"bollard": Holds(efo=FIRED)}


async def test_no_lock_out_is_too_old_to_count() -> None:
    journal = MemoryJournal()
    journal.note(recorded(Holds(tags=(LUC,))))
    journal.note(*(replace(recorded(Holds()), device="boom") for _ in range(10_000)))
    assert (await holds.held(journal))["bollard"] == Holds(tags=(LUC,))


async def test_a_record_that_cannot_be_understood_is_no_answer() -> None:
    journal = MemoryJournal()
    journal.note(replace(recorded(Holds()), body={"holds": {"tags": None}}))
    with pytest.raises(JournalUnavailable, match="cannot be understood"):
        await holds.held(journal)


async def test_what_a_full_memory_has_lost_is_written_down_once_more() -> None:
    class Forgetful(MemoryJournal):
        def note(self, *entries: Entry) -> None:
            if not self.trouble:
                super().note(*entries)

    journal = Forgetful()
    async with Service(journal) as site:
        journal.trouble = "disk full"
        await site.order("lock-out", by="luc", reason="hose")
        assert ["bollard" in text and "disk full" in text for text in told(site)] == [True]
        journal.trouble = ""
        await asyncio.sleep(1.5)
        assert told(site) == []
    assert [tag.owner for tag in (await holds.held(journal))["bollard"].tags] == ["luc"]


async def test_a_disk_that_hangs_is_an_alarm_too() -> None:
    class Hanging(MemoryJournal):
        hangs = False

        async def append(self, *entries: Entry) -> Sequence[Record]:
            await asyncio.sleep(60 if self.hangs else 0)
            return await super().append(*entries)

    journal = Hanging()
    async with Service(journal) as site:
        journal.hangs = True
        await site.order("lockdown")
        await asyncio.sleep(3.5)
        assert ["no answer within 3 s" in text for text in told(site)] == [True]
