"""Airlocks and routes through the service in virtual time.

Every street checks at its end that no steel struck a vehicle and that no airlock was ever open at both ends.
"""

from __future__ import annotations

import asyncio

import pytest

from controller.core.spec import Route
from controller.ports import Mute
from tests.shell.street import PAIR, THREE, Street

pytestmark = pytest.mark.virtual_time

SOUTH = {"south": Route(title="South access", points=("a", "b", "c"), hold_s=120.0)}


def moves(street: Street) -> list[str]:
    return [name for _, name in street.wire.writes]


async def test_pas_69_a_vehicle_goes_through_both_rows_and_never_are_both_open() -> None:
    async with Street(PAIR) as street:
        account = await street.ask("a", direction="in")
        vehicle = street.traffic.send("street")
        await street.until(lambda: street.state("b") == "lowering")
        assert (street.state("a"), account.stages["a"][0], account.stage) == ("raised", "done", "opening")
        await street.until(lambda: account.ended and vehicle.name not in street.world.vehicles)
        assert (account.stage, moves(street)) == ("done", ["a.lower", "a.raise", "b.lower", "b.raise"])


async def test_the_direction_out_begins_with_the_other_row() -> None:
    async with Street(PAIR) as street:
        account = await street.ask("a", direction="out")
        await asyncio.sleep(60)
        assert moves(street) == ["b.lower", "b.raise"]
        assert (account.stage, account.because) == ("cancelled", "a cancelled: no vehicle came in")


async def test_a_vehicle_between_the_rows_on_a_loop_of_the_first_keeps_both_as_they_are() -> None:
    async with Street(PAIR) as street:
        account = await street.ask("a", direction="in")
        await asyncio.sleep(6)
        street.park(55.0)
        await asyncio.sleep(300)
        assert (account.stage, street.state("a"), street.state("b")) == ("occupied", "lowered", "raised")


async def test_an_airlock_whose_first_row_is_lost_opens_no_second() -> None:
    async with Street(PAIR) as street:
        account = await street.ask("a", direction="in")
        street.traffic.send("street")
        await street.until(lambda: account.stages["a"][0] == "securing")
        street.wire.error = Mute
        await asyncio.sleep(10)
        street.wire.error = None
        await asyncio.sleep(100)
        assert (account.stage, account.ended, "b.lower" in moves(street)) == ("failed", True, False)


async def test_a_route_is_ordered_open_in_its_sequence_held_and_secured_in_its_sequence_when_a_person_ends_it() -> None:
    async with Street(THREE, SOUTH) as street:
        account = await street.ask("south")
        assert account.stage == "opening"
        await asyncio.sleep(1)
        assert moves(street) == ["a.lower", "b.lower", "c.lower"]
        street.traffic.send("street", 50)
        await asyncio.sleep(80)
        assert [street.state(row) for row in "abc"] == ["lowered"] * 3
        assert account.stage in ("cleared", "open")
        street.supervisor.passages.end("south-1", "nobody's")
        street.supervisor.passages.end("p", "ended by the night desk")
        await asyncio.sleep(20)
        assert (account.stage, moves(street)[3:]) == ("done", ["a.raise", "b.raise", "c.raise"])
        starts = [at for at, name in street.wire.writes if name.endswith("raise")]
        assert starts[1] - starts[0] > 4
        assert starts[2] - starts[1] > 4
    assert {"device": "", "stage": "cleared", "because": "ended by the night desk"}.items() <= next(
        entry for entry in account.history if entry["because"].startswith("ended by")
    ).items()


async def test_a_route_whose_time_is_over_is_secured_and_a_point_with_a_vehicle_on_it_waits() -> None:
    async with Street(THREE, SOUTH) as street:
        account = await street.ask("south")
        vehicle = street.park(51.0)
        await asyncio.sleep(119)
        assert len(moves(street)) == 3
        await asyncio.sleep(30)
        assert moves(street)[3:] == ["b.raise", "c.raise"]
        assert (account.stage, street.state("a")) == ("occupied", "lowered")
        vehicle.parked, vehicle.cruise_mps = False, 5.0
        del street.world.vehicles[vehicle.name]
        await asyncio.sleep(10)
        assert (account.stage, moves(street)[5:]) == ("done", ["a.raise"])


async def test_a_point_that_does_not_open_is_told_and_the_others_do() -> None:
    async with Street(THREE, SOUTH) as street:
        await street.ask("b", "busy")
        refused = await street.ask("south")
        assert [(r.rule, r.device) for r in refused.refusals] == [("passage", "b")]
        await asyncio.sleep(60)
        street.supervisor.runners["b"]._ended = True
        account = await street.ask("south", "q")
        await asyncio.sleep(8)
        assert (account.stages["b"][0], street.state("a"), street.state("c")) == ("refused", "lowered", "lowered")
        street.supervisor.runners["b"]._ended = False


async def test_rule_9_a_lockdown_of_the_zone_takes_every_point_over() -> None:
    async with Street(THREE, SOUTH) as street:
        account = await street.ask("south")
        await asyncio.sleep(8)
        await street.order("secure", "gate")
        assert (account.stage, account.ended) == ("cancelled", True)
        await asyncio.sleep(8)
        assert [street.state(row) for row in "abc"] == ["raised"] * 3
