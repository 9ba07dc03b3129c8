"""Lock-outs, tests and resets last: they are confirmed once they are on record, and say so where they are not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from controller import holds
from controller.core.command import Life
from controller.core.modes import Mode
from controller.ports import Entry, JournalUnavailable, Record
from tests.shell.steel import MemoryJournal
from tests.shell.test_supervisor import Service

pytestmark = pytest.mark.virtual_time


class Failing(MemoryJournal):
    """Records orders, and nothing that is noted after one: it fails, or hangs, when it is asked to make that durable."""

    failing = ""

    async def append(self, *entries: Entry) -> Sequence[Record]:
        if not entries and self.failing:
            if self.failing == "hangs":
                await asyncio.sleep(3600)
            raise JournalUnavailable(self.failing)
        return await super().append(*entries)


@pytest.mark.parametrize(("failing", "why"), [("hangs", "it did not answer"), ("the disk failed", "the disk failed")])
@pytest.mark.parametrize("target", ["bollard", "gate"])
async def test_a_test_that_is_not_on_record_is_not_confirmed(failing: str, why: str, target: str) -> None:
    journal = Failing()
    async with Service(journal) as service:
        journal.failing = failing
        answer = await service.order("test", target, by="luc")
        assert answer.life is (Life.UNKNOWN if target == "bollard" else Life.FAILED)
        assert "not on record and does not survive a restart" in answer.because
        assert why in answer.because
        assert service.supervisor.board["bollard"].mode is Mode.TEST


async def test_a_lock_out_is_on_record_before_it_is_confirmed() -> None:
    async with Service() as service:
        answer = await service.order("lock-out", by="luc", reason="hose")
        assert answer.life is Life.CONFIRMED
    kinds = [(r.entry.kind, r.entry.body.get("life")) for r in service.journal.records]
    assert kinds.index((holds.KIND, None)) < kinds.index(("command", "confirmed"))


async def test_a_switch_that_is_refused_is_told_at_once() -> None:
    journal = Failing()
    async with Service(journal) as service:
        journal.failing = "hangs"
        assert (await service.order("lock-out", by="luc", reason="")).life is Life.REFUSED
