"""The bench: the service on a simulated site in virtual time."""

from __future__ import annotations

import pytest

from controller.core.command import Life
from controller.journal import verify
from simulators.plants.sensors import Loop
from tests.faults.bench import bench

pytestmark = pytest.mark.simulated

SITES = ("gate", "airlock", "boom", "blocker", "post", "nice-promenade")
MOVERS = {
    "gate": "bollards",
    "airlock": "outer",
    "boom": "boom",
    "blocker": "wedge",
    "post": "bollard",
    "nice-promenade": "albert-bollards",
}


@pytest.mark.parametrize("site", SITES)
async def test_an_order_is_confirmed_when_the_steel_is_there(site: str):
    mover = MOVERS[site]
    async with bench(site) as b:
        start = b.mover(mover).positions
        state, action = ("raised", "raise") if start[0] < 0.5 else ("lowered", "lower")
        order = await b.order(action, mover)
        assert order.life in (Life.ACCEPTED, Life.ISSUED)
        await b.until(mover, state, within_s=10)
        assert (await b.ended(order)).life is Life.CONFIRMED
        assert all(p == (1.0 if action == "raise" else 0.0) for p in b.mover(mover).positions)
        assert any(frame.arrived for frame in b.frames(mover))


async def test_r09_an_occupied_loop_refuses_the_order_to_raise():
    async with bench("gate") as b:
        b.occupy("loop-entry")
        await b.until("loop-entry", "occupied", within_s=2)
        order = await b.order("raise", "bollards")
        assert order.life is Life.REFUSED
        assert isinstance(b.plant("loop-exit"), Loop)
        assert b.device("loop-exit").state == "clear"


async def test_the_journal_is_a_real_one():
    async with bench("gate") as b:
        order = await b.order("raise", "bollards")
        await b.until("bollards", "raised", within_s=10)
        lives = [r.entry.body["life"] for r in await b.records(kind="command")]
        assert lives == ["received", "accepted", "issued", "moving", "confirmed"]
        assert order.life is Life.CONFIRMED
        assert verify(b.journal_path).ok


async def test_a_silent_unit_is_offline_and_comes_back():
    async with bench("gate") as b:
        spell = b.weather.begin("silence", "io")
        await b.until("bollards", "offline", within_s=3)
        b.weather.end(spell)
        await b.until("bollards", "lowered", within_s=10)


async def test_a_killed_controller_sends_nothing_more_and_the_next_one_closes_its_orders():
    async with bench("gate") as b:
        order = await b.order("raise", "bollards")
        await b.sleep(3.0)
        b.crash()
        sent = len(b.trace.frames)
        await b.sleep(5.0)
        assert len(b.trace.frames) == sent
        assert 0.3 < min(b.mover("bollards").positions) < 1.0, "its own watchdog stops the steel (R26)"
        await b.start()
        await b.until("bollards", "stopped", within_s=10)
        ends = [r.entry.body["life"] for r in await b.records(kind="command") if r.entry.command == order.request.id]
        assert ends[-1] == "unknown"
