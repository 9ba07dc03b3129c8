"""R09 Occupied suppression loop vetoes every raise (EFO included by default) until 1.0 s after clear (UFGS 02840 p. 21)."""

from __future__ import annotations

import pytest

from controller.core import ordering, refusals
from controller.core.command import Life
from tests.faults.bench import bench

pytestmark = pytest.mark.simulated


async def test_r09_an_occupied_loop_refuses_the_order_and_nothing_moves():
    async with bench("gate") as b:
        b.occupy("loop-entry")
        await b.until("loop-entry", "occupied")
        order = await b.order("raise", "bollards")
        assert (order.life, order.refusals[0].rule, order.refusals[0].device) == (Life.REFUSED, "R09", "loop-entry")
        await b.sleep(3)
        assert b.world.free("bollards")


async def test_r09_it_refuses_until_one_second_after_the_loop_has_cleared():
    async with bench("gate") as b:
        b.occupy("loop-exit")
        await b.until("loop-exit", "occupied")
        b.free("loop-exit")
        since = (await b.until("loop-exit", "clear")).since
        await b.sleep(since + 0.9 - b.now)
        assert (await b.order("raise", "bollards")).life is Life.REFUSED
        await b.sleep(since + 1.05 - b.now)
        assert (await b.order("raise", "bollards")).life is not Life.REFUSED


async def test_r09_an_emergency_waits_for_the_vehicle_to_leave():
    async with bench("gate") as b:
        b.occupy("loop-entry")
        await b.until("loop-entry", "occupied")
        fired = await b.order("lockdown", "bollards", expires_in_s=30.0)
        await b.sleep(5)
        assert (fired.life, b.world.free("bollards")) == (Life.ACCEPTED, True)
        b.free("loop-entry")
        await b.ended(fired)
        assert b.world.secured("bollards")
        assert not b.world.violations


def broken(patch: pytest.MonkeyPatch) -> None:
    for module in (refusals, ordering):
        patch.setattr(module, "interlocks", lambda *_args, **_rest: [])
