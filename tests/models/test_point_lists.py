"""A bollard and a barrier that answer by the generic French point lists."""

from __future__ import annotations

from pathlib import Path

from tests.models.support import comes, field, look, modbus, mover, order, unit_of
from tests.simulators.support import control

TCP = {"protocol": "modbus-tcp"}


async def test_a_bollard_keeps_going_after_its_trigger_and_tells_where_it_is(tmp_path: Path):
    unit = unit_of("bollard-points-fr", 1)
    points = {"raise": "raise", "lower": "lower", "raised": "raised", "lowered": "lowered", "position": "position"}
    entry = {"profile": "bollard-points-fr", "address": 1, "holds": {"pressure": 120}}
    async with (
        field(tmp_path, TCP, entry, {"bollard": mover("bollard", **points)}) as running,
        modbus(running, unit) as link,
    ):
        wanted = {"raised": False, "lowered": True, "position": 0, "pressure": 120, "status": 1}
        assert await look(link, unit, *wanted) == wanted
        await order(link, unit, **{"raise": True})
        await order(link, unit, **{"raise": False})
        await comes(link, unit, raised=True, lowered=False, position=100, status=0)
        await order(link, unit, lower=True)
        await order(link, unit, lower=False)
        await comes(link, unit, raised=False, lowered=True, position=0, status=1)
        assert running.built.field.world.violations == []


async def test_the_other_trigger_turns_a_bollard_round_in_mid_travel(tmp_path: Path):
    unit = unit_of("bollard-points-fr", 1)
    points = {"raise": "raise", "lower": "lower", "raised": "raised", "lowered": "lowered", "position": "position"}
    bollard = {**mover("bollard", **points), "travel_s": 300}
    entry = {"profile": "bollard-points-fr", "address": 1}
    async with field(tmp_path, TCP, entry, {"bollard": bollard}) as running, modbus(running, unit) as link:
        await order(link, unit, **{"raise": True})
        await comes(link, unit, raised=False, lowered=False, status=2)
        await order(link, unit, **{"raise": False, "lower": True})
        await comes(link, unit, lowered=True, status=1)
        assert running.built.field.world.violations == []


async def test_a_barrier_opens_and_tells_of_an_obstacle(tmp_path: Path):
    unit = unit_of("barrier-points-fr", 1)
    points = {
        "raise": "open_order",
        "lower": "close_order",
        "raised": "open",
        "lowered": "closed",
        "obstruction": "obstacle",
        "position": "position",
    }
    entry = {"profile": "barrier-points-fr", "address": 1}
    async with field(tmp_path, TCP, entry, {"bar": mover("boom", **points)}) as running, modbus(running, unit) as link:
        await order(link, unit, open_order=True)
        await order(link, unit, open_order=False)
        await comes(link, unit, open=True, closed=False, obstacle=False, position=100)
        await control(running, do="trouble", kind="obstruct", target="bar")
        await comes(link, unit, open=True, obstacle=True)
