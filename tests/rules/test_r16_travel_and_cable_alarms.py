"""R16 End position not reached in 20 s (or profile): alarm; neither limit seen: a distinct cable-fault alarm (VicRoads)."""

from __future__ import annotations

import pytest

from controller.core import mover
from controller.core.command import Life
from tests.faults.bench import Bench, bench

pytestmark = pytest.mark.simulated


def alarms(b: Bench) -> list[str]:
    return [s.alarm.name for s in b.service.supervisor.alarms.standing()]


async def test_r16_steel_that_sticks_half_way_between_its_limits_is_the_cable_alarm():
    async with bench("gate") as b:
        order = await b.order("raise", "bollards")
        await b.until("bollards", "raising")
        await b.sleep(2)
        b.mover("bollards").jammed |= {0, 1}
        await b.ended(order)
        assert order.life is Life.FAILED
        assert (b.device("bollards").state, "no-limit" in alarms(b)) == ("fault", True)


async def test_r16_one_member_that_never_leaves_its_lower_limit_is_the_travel_time_alarm():
    async with bench("gate") as b:
        b.mover("bollards").jammed |= {0}
        order = await b.order("raise", "bollards")
        await b.ended(order)
        assert ("travel-time" in alarms(b), "no-limit" in alarms(b)) == (True, False)
        assert not b.built.images["io"].read("do0")


def broken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(mover.Mover, "travel_due", property(lambda _: None))
