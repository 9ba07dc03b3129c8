"""R02 EFO: blocking position within 2.5 s of actuator start, else critical alarm (UFGS 02840 p. 13)."""

from __future__ import annotations

import pytest

from controller.core import mover
from tests.faults.bench import Bench, bench

pytestmark = pytest.mark.simulated


async def lockdown(b: Bench) -> list[str]:
    """Fire an emergency and return what is alarmed once the steel stands."""
    await b.order("lockdown", "bollards", expires_in_s=30.0)
    await b.until("bollards", "raised")
    return [f"P{s.alarm.priority} {s.alarm.name}" for s in b.service.supervisor.alarms.standing()]


async def test_r02_steel_that_takes_longer_than_its_emergency_allows_is_a_critical_alarm():
    async with bench("gate") as b:
        assert "P1 efo-late" in await lockdown(b)


async def test_r02_steel_that_is_in_time_is_none():
    async with bench("gate") as b:
        b.mover("bollards")._steel = type(b.mover("bollards")._steel)(2.0, (1.0, 0.95), 0.0)
        assert "P1 efo-late" not in await lockdown(b)


def broken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(mover.Mover, "efo_due", property(lambda _: None))
