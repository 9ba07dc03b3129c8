"""R31 Traffic controller dark, yellow-flash or in failure mode (A0006/A0201) blocks non-EFO motion (RSMP; engineering rule).

The timeout of M0001, 0-1440 min, belongs to a link that speaks RSMP, of which there is none yet (R30).
"""

from __future__ import annotations

import pytest

from controller.core import refusals
from controller.core.command import Life
from simulators.mishaps import strike
from tests.faults.bench import Bench, bench
from tests.rules.yard import YARD, alarmed

pytestmark = pytest.mark.simulated

WAYS = ("flashing", "dark", "failure")


def fails(b: Bench, how: str) -> None:
    strike("controller-fails", "crossing", {"how": how}, b.built)
    b.field.settle()


async def is_refused(b: Bench, action: str = "raise") -> None:
    order = await b.order(action, "bollards")
    assert (order.life, order.refusals[0].rule, order.refusals[0].device) == (Life.REFUSED, "R31", "crossing")
    await b.sleep(3)
    assert b.world.free("bollards")


@pytest.mark.parametrize("how", WAYS)
async def test_r31_in_no_normal_operation_it_refuses_and_is_alarmed(how: str):
    async with bench(YARD) as b:
        fails(b, how)
        assert how in await alarmed(b, "crossing.traffic-controller")
        await is_refused(b)


async def test_r31_while_it_flashes_it_refuses_and_is_alarmed():
    async with bench(YARD) as b:
        fails(b, "flashing")
        await alarmed(b, "crossing.traffic-controller")
        await is_refused(b)


async def test_r31_not_to_know_how_it_is_refuses_too():
    async with bench(YARD) as b:
        b.weather.begin("silence", "house-io")
        await b.met(lambda: b.device("crossing").state != "normal", 5, "the crossing was still taken for normal")
        await is_refused(b)


async def test_r31_the_opening_is_refused_as_well():
    async with bench(YARD) as b:
        await b.ended(await b.order("raise", "bollards"))
        fails(b, "dark")
        await b.until("crossing", "dark")
        order = await b.order("lower", "bollards")
        assert (order.life, order.refusals[0].rule) == (Life.REFUSED, "R31")
        await b.sleep(3)
        assert b.world.secured("bollards")


@pytest.mark.parametrize("how", WAYS)
async def test_r31_an_emergency_goes_ahead(how: str):
    await goes_ahead(how)


async def test_r31_an_emergency_goes_ahead_at_a_dark_crossing():
    await goes_ahead("dark")


async def goes_ahead(how: str) -> None:
    async with bench(YARD) as b:
        fails(b, how)
        await b.until("crossing", how)
        fired = await b.ended(await b.order("lockdown", "bollards"))
        assert (fired.life, b.world.secured("bollards")) == (Life.CONFIRMED, True)


async def test_r31_normal_again_it_allows_again():
    async with bench(YARD) as b:
        undo = strike("controller-fails", "crossing", {"how": "dark"}, b.built)
        b.field.settle()
        await b.until("crossing", "dark")
        await is_refused(b)
        undo()
        b.field.settle()
        await b.until("crossing", "normal")
        assert (await b.ended(await b.order("raise", "bollards"))).life is Life.CONFIRMED


def broken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(refusals, "_traffic_forbids", lambda *_: [])
