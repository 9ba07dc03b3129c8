"""What people have hidden outlives a restart of the controller; conditions do not (R36)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from controller.alarm_memory import flood_entry, hidden_before, later
from controller.journal import SqliteJournal
from controller.ports import Entry, Mute
from tests.shell.scripted import link_at_rest, running

NOW = "2026-11-22T12:00:00.000Z"


def record(state: str, until: str = "", **more: Any) -> Entry:
    said = {
        "event": "shelve",
        "who": "op",
        "why": "works",
        "name": "door-open",
        "priority": 3,
        "text": "open",
        "zone": "gate",
    }
    kept = {"since": "2026-11-22T10:00:00.000Z", "until": until, "by": "op", "reason": "works"}
    return Entry("alarm", "cabinet", body={"id": "cabinet.door-open", **said, **kept, "state": state, **more})


async def remembered(folder: Path, *entries: Entry) -> list[Any]:
    journal = await SqliteJournal.open(folder / "journal.db", utcnow=lambda: datetime.now(UTC))
    try:
        await journal.append(*entries)
        return await hidden_before(journal, NOW, 1000.0)
    finally:
        await journal.close()


async def test_r36_a_shelving_that_lasts_still_ends_when_it_was_to_end(tmp_path: Path) -> None:
    (found,) = await remembered(tmp_path, record("shelved", "2026-11-22T12:10:00.000Z"))
    assert (found.id, found.state, found.due, found.by, found.reason) == (
        "cabinet.door-open",
        "shelved",
        1600.0,
        "op",
        "works",
    )
    assert not found.active


async def test_r36_a_shelving_whose_time_is_over_is_not_restored(tmp_path: Path) -> None:
    assert await remembered(tmp_path, record("shelved", NOW)) == []


async def test_a_clock_that_was_set_back_lengthens_no_shelving_beyond_the_limit(tmp_path: Path) -> None:
    (found,) = await remembered(tmp_path, record("shelved", "2027-11-22T12:00:00.000Z"))
    assert found.due == 1000.0 + 8 * 3600


async def test_out_of_service_lasts_until_somebody_returns_it(tmp_path: Path) -> None:
    (found,) = await remembered(tmp_path, record("out-of-service", source="unit cabinet"))
    assert (found.state, found.due, found.source) == ("out-of-service", None, "unit cabinet")


@pytest.mark.parametrize("state", ["normal", "unacknowledged", "acknowledged", "returned-unacknowledged", "suppressed"])
async def test_the_last_record_counts_and_conditions_are_not_restored(tmp_path: Path, state: str) -> None:
    assert await remembered(tmp_path, record("shelved", "2026-11-22T13:00:00.000Z"), record(state)) == []


async def test_records_of_floods_are_passed_over(tmp_path: Path) -> None:
    assert await remembered(tmp_path, flood_entry(flood=True, count=11), flood_entry(flood=False, count=4)) == []


def test_a_later_instant_has_a_label_of_the_same_form() -> None:
    assert later(NOW, 1800.5) == "2026-11-22T12:30:00.500Z"


async def test_r36_hidden_before_a_restart_is_hidden_after_it_and_the_condition_derived_anew(tmp_path: Path) -> None:
    link = link_at_rest()
    async with running(tmp_path, link=link) as rig:
        await rig.at_rest()
        link.fail("detectors", Mute)
        await rig.shows("entry", "offline")
        rig.supervisor.alarms.shelve("detectors.no-answer", 3600.0, "op", "works")
    again = link_at_rest()
    async with running(tmp_path, link=again) as rig:
        await rig.at_rest()
        (hidden,) = rig.supervisor.alarms.hidden()
        assert (hidden.id, hidden.state, hidden.active) == ("detectors.no-answer", "shelved", False)
        again.fail("detectors", Mute)
        for loop in ("entry", "exit"):
            await rig.shows(loop, "offline")
        states = {s.id: s.state for s in rig.supervisor.alarms.hidden()}
        assert states == {"detectors.no-answer": "shelved", "entry.offline": "suppressed", "exit.offline": "suppressed"}
        assert rig.supervisor.alarms.standing() == []
