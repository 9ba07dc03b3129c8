"""R07 Every EFO raises a duress alarm; 100 % (NAVFAC ITG FY03-03 p. 27)."""

from __future__ import annotations

import pytest

from controller.core import kinds
from tests.faults.bench import bench

pytestmark = pytest.mark.simulated


async def test_r07_an_emergency_is_a_priority_1_duress_alarm_that_names_who_fired():
    async with bench("gate") as b:
        await b.order("lockdown", "bollards", expires_in_s=30.0, by="marie")
        duress = [s.alarm for s in b.service.supervisor.alarms.standing() if s.alarm.name == "duress"]
        assert [(a.priority, "marie" in a.text) for a in duress] == [(1, True)]


async def test_r07_even_where_nothing_could_be_moved():
    async with bench("gate") as b:
        b.weather.begin("silence", "io")
        await b.until("bollards", "offline", within_s=3)
        await b.order("lockdown", "bollards", expires_in_s=30.0)
        assert "duress" in [s.alarm.name for s in b.service.supervisor.alarms.standing()]


def broken(patch: pytest.MonkeyPatch) -> None:
    first = kinds.alarms
    patch.setattr(kinds, "alarms", lambda device: tuple(a for a in first(device) if a.name != "duress"))
