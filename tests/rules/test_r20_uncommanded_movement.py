"""R20 Movement with no command, both limits active, or loss of both limits at rest: priority-1 alarm (SecureUSA)."""

from __future__ import annotations

import pytest

from controller.core import kinds
from tests.faults.bench import Bench, bench

pytestmark = pytest.mark.simulated


async def urgent(b: Bench, name: str) -> None:
    def stands() -> bool:
        return any((s.alarm.name, s.alarm.priority) == (name, 1) for s in b.service.supervisor.alarms.standing())

    await b.met(stands, 5, f"{name} was never alarmed with priority 1")


async def test_r20_steel_that_moves_by_itself():
    async with bench("gate") as b:
        b.pump("bollards", 0.5)
        await urgent(b, "left-position")


async def test_r20_both_limits_of_one_member():
    async with bench("gate") as b:
        b.built.images["io"].force("di0", True)
        await urgent(b, "both-limits")


async def test_r20_both_limits_lost_at_rest():
    async with bench("gate") as b:
        b.built.images["io"].force("di1", False)
        await urgent(b, "left-position")


def broken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(kinds, "alarms", lambda _: ())
