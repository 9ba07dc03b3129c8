"""R37 Every event has type, location, date and time and a gap-free increasing number; users cannot clear it (IEC 60839-11-1)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import pytest

from controller.journal import verify
from controller.journal.chain import Draft, drafts
from controller.ports import Entry
from tests.faults.bench import Bench, bench

pytestmark = pytest.mark.simulated


async def eventful(b: Bench) -> None:
    """Let something happen, a crash of the controller included."""
    await b.order("raise", "bollards")
    await b.until("bollards", "raising")
    await b.sleep(1)
    b.crash()
    await b.start()
    await b.until("bollards", "stopped")
    await b.ended(await b.order("lower", "bollards"))


async def test_r37_every_record_says_what_where_and_when_and_none_is_missing():
    async with bench("gate") as b:
        await eventful(b)
        records = await b.records()
        assert [r.seq for r in records] == list(range(1, len(records) + 1))
        assert all(r.entry.kind and r.at.endswith("Z") for r in records)
        assert all(r.entry.device for r in records if r.entry.kind in ("device", "unit"))
        assert [r.at for r in records] == sorted(r.at for r in records)


async def test_r37_a_record_that_was_taken_out_is_noticed():
    async with bench("gate") as b:
        await eventful(b)
        await b.records()
        await b.stop()
        assert verify(b.journal_path).ok
        with sqlite3.connect(b.journal_path) as base:
            with pytest.raises(sqlite3.IntegrityError, match="never deleted"):
                base.execute("DELETE FROM journal WHERE seq = 5")
            base.execute("DROP TRIGGER journal_delete")
            base.execute("DELETE FROM journal WHERE seq = 5")
        assert not verify(b.journal_path).ok


def broken(patch: pytest.MonkeyPatch) -> None:
    def nowhere(entries: Iterable[Entry], now: datetime) -> tuple[Draft, ...]:
        return drafts((replace(entry, device="") for entry in entries), now)

    patch.setattr("controller.journal.store.drafts", nowhere)
