"""R15 Lamp feedback ON within 5 s of request, OFF within 5 s of release; no motion without it outside EFO (VicRoads)."""

from __future__ import annotations

import pytest

from controller.core import lamps, ordering
from controller.core.command import Life
from simulators.mishaps import strike
from tests.faults.bench import Bench, bench
from tests.rules.yard import YARD, alarmed, alarms

pytestmark = pytest.mark.simulated


def burn(b: Bench) -> None:
    strike("lamp-out", "beacon", {}, b.built)
    b.field.settle()


async def test_r15_without_the_proof_of_its_beacon_nothing_moves_and_the_order_says_so():
    async with bench(YARD) as b:
        burn(b)
        order = await b.order("raise", "bollards")
        await b.ended(order)
        assert order.life in (Life.EXPIRED, Life.FAILED)
        assert "beacon" in order.because
        assert "R15" in order.because
        await b.sleep(5)
        assert not any(frame.values.get("do0") for frame in b.frames("bollards"))
        assert b.world.free("bollards")


async def test_r15_a_lamp_that_is_not_seen_lit_in_5_s_is_an_alarm():
    async with bench(YARD) as b:
        burn(b)
        order = await b.order("raise", "bollards", expires_in_s=12.0)
        await b.sleep(4.5)
        assert alarms(b) == {}
        assert "asked to be lit" in await alarmed(b, "beacon.lamp-proof", within_s=1.5)
        assert (await b.ended(order)).life is Life.EXPIRED


async def test_r15_a_lamp_that_stays_lit_for_5_s_is_an_alarm():
    async with bench(YARD) as b:
        stuck = b.built.images["io"].force("di11", True)
        assert "asked to be dark" in await alarmed(b, "beacon.lamp-proof", within_s=7)
        stuck()
        await b.until("beacon", "dark")


async def test_r15_an_emergency_waits_for_no_lamp():
    async with bench(YARD) as b:
        burn(b)
        fired = await b.order("lockdown", "bollards")
        await b.ended(fired)
        assert (fired.life, b.world.secured("bollards")) == (Life.CONFIRMED, True)


def broken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ordering, "_waits_for", lambda *_: "")
    patch.setattr(lamps, "_proven", lambda shown, _: shown)
