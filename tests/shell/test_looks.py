"""Points that people want to see now: between two polls, never in their way, and told what went wrong."""

from __future__ import annotations

import asyncio

import pytest

from controller import looks
from controller.core.readings import good
from controller.ports import Mute, Point, Refusing, Unreachable
from controller.writes import Priority
from tests.shell.test_endpoint import OUT, Bench, FakeWire, now, plan

pytestmark = pytest.mark.virtual_time
SEEN = Point("seen", "seen")


async def test_a_point_that_nobody_polls_is_read_when_somebody_wants_to_see_it() -> None:
    wire = FakeWire()
    wire.values["seen"] = True
    async with Bench(plan(poll_s=5.0), wire=wire) as bench:
        asked = now()
        assert await bench.endpoint.look("a", SEEN) == {"seen": good(True, asked)}


async def test_a_poll_goes_between_two_of_them() -> None:
    async with Bench(plan(poll_s=0.01), wire=FakeWire(slow=0.01)) as bench:
        await asyncio.sleep(0.5)
        seen = [asyncio.create_task(bench.endpoint.look("a", SEEN)) for _ in range(8)]
        polls = bench.endpoint.polls
        await asyncio.gather(*seen)
        assert bench.endpoint.polls - polls >= 7


async def test_r38_it_holds_up_an_emergency_for_no_more_than_the_frame_in_flight() -> None:
    async with Bench(plan(poll_s=5.0), wire=FakeWire(slow=0.1)) as bench:
        await asyncio.sleep(0.5)
        seen = [asyncio.create_task(bench.endpoint.look("a", SEEN)) for _ in range(3)]
        await asyncio.sleep(0.05)
        asked = now()
        await bench.endpoint.write("a", [(OUT, True)], now() + 5, Priority.EMERGENCY).done
        assert next(at for at, what, _ in bench.wire.log if what == "write") - asked <= 0.1
        await asyncio.gather(*seen)


async def test_a_unit_that_is_not_connected_says_so_at_once() -> None:
    async with Bench(wire=FakeWire(fail={"a": Unreachable})) as bench:
        with pytest.raises(Unreachable, match="not connected"):
            await bench.endpoint.look("a", SEEN)


async def test_a_unit_that_falls_mute_is_lost_and_whoever_waits_is_told() -> None:
    async with Bench(plan(poll_s=5.0)) as bench:
        bench.wire.fail["a"] = Mute
        with pytest.raises(Mute):
            await bench.endpoint.look("a", SEEN)
        assert ("Mute", "a") in bench.ear.said


async def test_a_unit_that_refuses_the_point_stays_connected() -> None:
    async with Bench(plan(poll_s=5.0)) as bench:
        bench.wire.fail["a"] = Refusing
        with pytest.raises(Refusing):
            await bench.endpoint.look("a", SEEN)
        assert bench.endpoint.is_open("a")


async def test_too_many_are_refused_and_whoever_has_gone_away_is_not_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "MOST", 2)
    async with Bench(plan(poll_s=5.0), wire=FakeWire(slow=0.1)) as bench:
        await asyncio.sleep(0.5)
        seen = [asyncio.create_task(bench.endpoint.look("a", SEEN)) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(Refusing, match="2 points wait"):
            await seen[2]
        seen[1].cancel()
        before = len(bench.wire.log)
        await seen[0]
        await asyncio.sleep(1)
        assert [what for _, what, _ in bench.wire.log[before:]].count("read") <= 1


async def test_who_waits_when_the_wire_is_closed_is_sent_away() -> None:
    async with Bench(plan(poll_s=5.0), wire=FakeWire(slow=0.1)) as bench:
        await asyncio.sleep(0.5)
        seen = [asyncio.create_task(bench.endpoint.look("a", SEEN)) for _ in range(2)]
        await asyncio.sleep(0.05)
    assert all(isinstance(it, asyncio.CancelledError) for it in await asyncio.gather(*seen, return_exceptions=True))
