"""R10 Loop or pressure (> 40 kg) during rise: stop and return down (Gibidi DPT260 p. 25, 26)."""

from __future__ import annotations

import pytest

from controller.core import motion
from controller.core.command import Life
from simulators.mishaps import strike
from tests.faults.bench import bench
from tests.rules.yard import YARD

pytestmark = pytest.mark.simulated


async def test_r10_a_vehicle_that_comes_while_the_steel_rises_sends_it_back_down():
    async with bench("gate") as b:
        order = await b.order("raise", "bollards")
        await b.until("bollards", "raising")
        await b.sleep(1.5)
        b.occupy("loop-entry")
        await b.ended(order)
        assert order.life is Life.FAILED
        assert "loop-entry" in order.because
        await b.sleep(1)
        assert b.world.free("bollards")
        assert b.device("bollards").state == "lowered"


async def test_r10_a_detector_that_fails_meanwhile_only_stops_it():
    async with bench("gate") as b:
        order = await b.order("raise", "bollards")
        await b.until("bollards", "raising")
        await b.sleep(1.5)
        b.built.images["io"].force("di8", True)
        await b.ended(order)
        await b.sleep(3)
        assert b.device("bollards").state == "stopped"
        assert not b.world.free("bollards")


async def test_r10_an_edge_that_is_pressed_while_the_steel_rises_sends_it_back_down():
    async with bench(YARD) as b:
        order = await b.order("raise", "bollards")
        await b.until("bollards", "raising")
        await b.sleep(1.5)
        strike("obstruct", "bollards", {}, b.built)
        b.field.settle()
        await b.ended(order)
        assert (order.life, "R10 bollards: it met an obstruction" in order.because) == (Life.FAILED, True)
        await b.until("bollards", "lowered")
        assert b.world.free("bollards")


async def test_r10_an_edge_that_is_pressed_refuses_the_order():
    async with bench(YARD) as b:
        strike("obstruct", "bollards", {}, b.built)
        b.field.settle()
        await b.sleep(1)
        order = await b.order("raise", "bollards")
        assert (order.life, [refusal.rule for refusal in order.refusals]) == (Life.REFUSED, ["R10"])
        await b.sleep(3)
        assert b.world.free("bollards")


def broken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(motion, "interlocks", lambda *_args, **_rest: [])
