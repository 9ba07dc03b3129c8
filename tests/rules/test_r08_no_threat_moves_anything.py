"""R08 No THREAT detection ever starts motion: 0 activations; it only annunciates (UFC 4-022-02, C40)."""

from __future__ import annotations

import asyncio

import pytest

from controller.annunciator import Change
from controller.core.alarms import Standing
from controller.ledger import Request
from controller.supervisor import Supervisor
from controller.telling import Telling
from tests.faults.bench import Bench, bench
from tests.rules.yard import YARD, alarmed, alarms

pytestmark = pytest.mark.simulated


async def watched(b: Bench) -> None:
    """See that nothing is ordered, nothing is sent, and no steel moves for a while."""
    await b.sleep(30)
    assert b.frames("bollards") == []
    assert b.world.free("bollards")
    assert await b.records(kind="command") == []


async def at_rest(b: Bench) -> None:
    """Forget what was written at the start: outputs are off, whoever writes them once more."""
    await b.sleep(2)
    b.trace.frames.clear()


async def test_r08_overspeed_moves_nothing():
    async with bench(YARD) as b:
        await at_rest(b)
        b.built.images["eye"].force("speed", 90)
        await alarmed(b, "radar.overspeed")
        await watched(b)


async def test_r08_a_vehicle_that_comes_the_wrong_way_moves_nothing():
    async with bench(YARD) as b:
        await at_rest(b)
        b.occupy("loop-exit")
        await b.until("loop-exit", "occupied")
        b.occupy("loop-entry")
        await alarmed(b, "lane.wrong-way")
        await watched(b)


async def test_r08_what_it_proposes_nobody_carries_out_but_a_person():
    async with bench(YARD) as b:
        await at_rest(b)
        b.built.images["eye"].force("speed", 90)
        await alarmed(b, "radar.overspeed")
        [standing] = [s for s in b.service.supervisor.alarms.standing() if s.id == "radar.overspeed"]
        assert standing.alarm.proposes == "secure gate"
        b.service.supervisor.alarms.act("radar.overspeed", "acknowledge", by="anna")
        await watched(b)
        await b.ended(await b.order("secure", "gate"))
        assert b.world.secured("bollards")
        assert "radar.overspeed" in alarms(b)


def broken(patch: pytest.MonkeyPatch) -> None:
    begin, first = Supervisor.run, Telling._annunciated
    running: list[Supervisor] = []
    background = []

    async def noted(supervisor: Supervisor) -> None:
        running.append(supervisor)
        await begin(supervisor)

    def hasty(telling: Telling, standing: Standing, change: Change) -> None:
        first(telling, standing, change)
        if standing.alarm.proposes and change.event == "comes":
            order = Request(id=standing.id, target="bollards", action="lockdown", principal="controller")
            background.append(asyncio.ensure_future(running[-1].orders.give(order)))

    patch.setattr(Supervisor, "run", noted)
    patch.setattr(Telling, "_annunciated", hasty)
