"""R17 After comms loss nothing moves; a command needs a fresh edge; queued commands are never replayed (VicRoads, RSMP 3.x)."""

from __future__ import annotations

import pytest

from controller.core import motion
from controller.core.command import Life
from tests.faults.bench import bench

pytestmark = pytest.mark.simulated


async def test_r17_a_motion_cut_off_by_a_loss_does_not_go_on_when_the_unit_is_back():
    async with bench("gate") as b:
        order = await b.order("raise", "bollards")
        await b.until("bollards", "raising")
        await b.sleep(1)
        spell = b.weather.begin("partition", "wire")
        await b.until("bollards", "offline")
        assert order.life is Life.UNKNOWN
        await b.sleep(5)
        where = list(b.mover("bollards").positions)
        b.weather.end(spell)
        await b.until("bollards", "stopped")
        await b.sleep(10)
        assert b.mover("bollards").positions == where


async def test_r17_an_order_to_a_unit_that_is_lost_is_refused_and_not_kept():
    async with bench("gate") as b:
        spell = b.weather.begin("partition", "wire")
        await b.until("bollards", "offline")
        order = await b.order("raise", "bollards", expires_in_s=60.0)
        assert order.life is Life.REFUSED
        b.weather.end(spell)
        await b.until("bollards", "lowered")
        await b.sleep(10)
        assert b.world.free("bollards")


def broken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(motion, "_cut_off", lambda mover, now, why: mover)
