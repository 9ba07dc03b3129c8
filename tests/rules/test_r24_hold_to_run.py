"""R24 Hold-to-run: motion ends as soon as the command is released or its channel is lost (FAAC logic C, EN 12453 practice)."""

from __future__ import annotations

import pytest

from controller.core import motion
from controller.core.command import Life
from tests.faults.bench import bench

pytestmark = pytest.mark.simulated


async def test_r24_a_held_motion_goes_on_while_it_is_renewed_and_arrives():
    async with bench("gate") as b:
        order = await b.order("raise", "bollards", hold=True)
        while b.service.supervisor.orders.hold(order.request.id):
            await b.sleep(0.3)
        assert order.life is Life.CONFIRMED
        assert b.world.secured("bollards")


async def test_r24_it_stops_within_a_second_of_the_last_renewal():
    async with bench("gate") as b:
        order = await b.order("raise", "bollards", hold=True)
        for _ in range(8):
            await b.sleep(0.3)
            b.service.supervisor.orders.hold(order.request.id)
        released = b.now
        await b.ended(order)
        assert b.now - released < 1.5
        assert order.life is Life.FAILED
        where = list(b.mover("bollards").positions)
        await b.sleep(5)
        assert b.mover("bollards").positions == pytest.approx(where, abs=0.1)
        assert not b.world.secured("bollards")


def broken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(motion, "HOLD_S", 1e6)
    patch.setattr(motion, "_halts", lambda *_: "")
