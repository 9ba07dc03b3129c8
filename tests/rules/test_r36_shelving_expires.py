"""R36 Shelving expires by itself and is listed; stale = active > 24 h (ISA-18.2, Zscaler alarm guide)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.annunciator import Annunciator
from controller.core import alarms as core
from controller.core.alarms import AlarmState
from tests.faults.bench import Bench, bench
from tests.rules.yard import YARD, alarmed, alarms

pytestmark = pytest.mark.simulated

ALARM = "cabinet.tamper"
DAY_S = 24 * 3600.0


async def tampered(b: Bench) -> None:
    b.built.images["house-io"].force("di3", True)
    await alarmed(b, ALARM)


def shelve(b: Bench, for_s: float) -> None:
    b.service.supervisor.alarms.shelve(ALARM, for_s, by="anna", reason="painters")


def shelved(b: Bench) -> list[tuple[str, AlarmState, str, str]]:
    return [(s.id, s.state, s.by, s.reason) for s in b.service.supervisor.alarms.hidden()]


def ahead(b: Bench, seconds: float) -> None:
    """Put the clock of the alarms ahead: a day of polling shows nothing else."""
    of = b.service.supervisor.alarms
    clock = of._clock
    of._clock = replace(clock, now=lambda: clock.now() + seconds)


async def test_r36_what_is_shelved_is_listed_with_who_did_it_why_and_until_when():
    async with bench(YARD) as b:
        await tampered(b)
        shelve(b, 60)
        assert ALARM not in alarms(b)
        assert shelved(b) == [(ALARM, AlarmState.SHELVED, "anna", "painters")]
        assert b.service.supervisor.alarms.hidden()[0].until > b.service.supervisor.utc()
        assert b.service.supervisor.alarms.kpi()["shelved"] == [ALARM]


async def test_r36_its_shelving_ends_by_itself_and_it_is_annunciated_anew():
    async with bench(YARD) as b:
        await tampered(b)
        shelve(b, 60)
        await b.sleep(59)
        assert ALARM not in alarms(b)
        await alarmed(b, ALARM, within_s=2)
        assert shelved(b) == []
        [standing] = [s for s in b.service.supervisor.alarms.standing() if s.id == ALARM]
        assert standing.state is AlarmState.UNACKNOWLEDGED


async def test_r36_its_shelving_ends_in_a_controller_that_was_started_meanwhile():
    async with bench(YARD) as b:
        await tampered(b)
        shelve(b, 60)
        await b.records()
        b.crash()
        await b.start()
        assert [key for key, *_ in shelved(b)] == [ALARM]
        await b.sleep(55)
        assert ALARM not in alarms(b)
        await alarmed(b, ALARM, within_s=10)


async def test_r36_nothing_is_shelved_for_more_than_a_shift():
    async with bench(YARD) as b:
        await tampered(b)
        with pytest.raises(ValueError, match="28800"):
            shelve(b, core.SHELVE_MAX_S + 1)
        assert ALARM in alarms(b)


async def test_r36_what_has_stood_for_more_than_a_day_is_stale():
    async with bench(YARD) as b:
        await tampered(b)
        ahead(b, DAY_S - 60)
        assert b.service.supervisor.alarms.kpi()["stale"] == []
        await b.sleep(61)
        assert b.service.supervisor.alarms.kpi()["stale"] == [ALARM]
        assert b.service.supervisor.alarms.counts()["stale"] == 1


def broken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Annunciator, "tick", lambda _: None)
    patch.setattr(core, "STALE_S", 1e9)
