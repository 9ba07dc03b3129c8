"""Hard cases of one wire in virtual time: callers that go, units that die while nobody asks, programs that stand still."""

from __future__ import annotations

import asyncio

import pytest

from controller.core.readings import Quality, Readings, good
from controller.endpoint import TURNS
from controller.peer import Plan, Watchdog
from controller.ports import Mute, Point, Sink, Unit, Unreachable
from tests.shell.test_endpoint import BEAT, DOG, IN, OUT, STATUS, Bench, Ear, FakeWire, now, plan

pytestmark = pytest.mark.virtual_time


async def test_a_caller_who_gives_up_before_its_turn_stops_the_frame_and_not_the_wire() -> None:
    async with Bench(plan(poll_s=0.01), wire=FakeWire(slow=0.3)) as bench:
        await asyncio.sleep(0.5)
        bench.endpoint.write("a", [(OUT, True)], now() + 5).done.cancel()
        await asyncio.sleep(2)
        assert not bench.task.done()
        assert bench.wire.written == []


async def test_a_caller_who_gives_up_during_the_frame_does_not_stop_the_wire() -> None:
    async with Bench(plan(polls=False), wire=FakeWire(slow=0.3)) as bench:
        await asyncio.sleep(0.5)
        write = bench.endpoint.write("a", [(OUT, True)], now() + 5)
        await asyncio.sleep(0.1)
        write.done.cancel()
        await asyncio.sleep(2)
        assert not bench.task.done()


async def test_stopping_is_not_stopped_by_a_write_that_nobody_waits_for() -> None:
    async with Bench(plan(poll_s=0.01), wire=FakeWire(slow=0.3)) as bench:
        await asyncio.sleep(0.5)
        bench.endpoint.write("a", [(OUT, True)], now() + 5).done.cancel()
        other = bench.endpoint.write("a", [(OUT, True)], now() + 5)
    assert bench.wire.closed == 1
    assert other.done.exception() is not None


@pytest.mark.parametrize("turns", range(TURNS + 3))
async def test_a_write_whose_turn_comes_as_the_wire_is_stopped_is_told_its_end(turns: int) -> None:
    async with Bench(plan(polls=False), wire=FakeWire(slow=0.3)) as bench:
        await asyncio.sleep(0.5)
        write = bench.endpoint.write("a", [(OUT, True)], now() + 5)
        for _ in range(turns):
            await asyncio.sleep(0)
        begun = any(what == "write" for _, what, _ in bench.wire.log)
        bench.task.cancel()
        await asyncio.gather(bench.task, return_exceptions=True)
        assert isinstance(write.done.done() and write.done.exception(), Mute if begun else Unreachable)


async def test_r26_a_watchdog_that_expires_in_a_push_closes_the_unit_until_it_is_armed_again() -> None:
    dog = Watchdog(arm=((DOG, 1),), status="status", expired=2)
    pushing = Plan(unit=plan().unit, points=(IN, STATUS), polls=False, pushes=True, watchdog=dog)
    async with Bench(pushing) as bench:
        bench.wire.sinks["a"]({"status": good(2, now())})
        await asyncio.sleep(5)
        assert not bench.endpoint.is_open("a")
        bench.endpoint.rearm("a")
        await asyncio.sleep(5)
        assert bench.endpoint.is_open("a")
    assert bench.ear.said == [("up", "a"), ("Refusing", "a"), ("up", "a")]


async def test_rule_5_nothing_is_heard_of_a_unit_over_a_subscription_that_was_given_up() -> None:
    class Telling(FakeWire):
        subscriptions = 0

        async def subscribe(self, unit: Unit, points: tuple[Point, ...], sink: Sink) -> None:
            self.subscriptions += 1
            while True:
                await asyncio.sleep(0.1)
                sink({"in": good(True, now()), "status": good(self.values.get("status", 1), now())})

    class Careful(Ear):
        open = True

        def up(self, unit: str, identity: object) -> None:
            self.open = True

        def down(self, unit: str, error: object) -> None:
            self.open = False

        def heard(self, unit: str, readings: Readings) -> None:
            assert self.open

    wire = Telling()
    dog = Watchdog(status="status", expired=2)
    async with Bench(
        Plan(unit=plan().unit, points=(IN, STATUS), polls=False, pushes=True, watchdog=dog), wire=wire
    ) as bench:
        bench.endpoint._listener = Careful()
        wire.values["status"] = 2
        await asyncio.sleep(0.15)
        wire.values["status"] = 1
        bench.endpoint.rearm("a")
        tasks = len(asyncio.all_tasks())
        await asyncio.sleep(5)
        assert bench.endpoint.is_open("a")
        assert len(asyncio.all_tasks()) <= tasks + 1
        assert sum("pushed readings" in task.get_name() for task in asyncio.all_tasks()) == 1


async def test_a_subscription_that_ends_by_itself_is_a_lost_unit() -> None:
    class Ending(FakeWire):
        async def subscribe(self, unit: Unit, points: tuple[Point, ...], sink: Sink) -> None:
            await asyncio.sleep(1)

    async with Bench(plan(polls=False, pushes=True), wire=Ending()) as bench:
        await asyncio.sleep(2.5)
    assert bench.ear.said[:3] == [("up", "a"), ("Unreachable", "a"), ("up", "a")]


async def test_rule_6_a_program_that_has_not_been_seen_to_run_since_the_unit_was_opened_is_not_trusted() -> None:
    class Everything(Ear):
        def heard(self, unit: str, readings: Readings) -> None:
            qualities.add(readings["in"].quality)

    qualities: set[Quality] = set()
    frozen = Plan(unit=plan().unit, points=(IN, BEAT), heartbeat="beat", heartbeat_s=1.0)
    bench = Bench(frozen)
    bench.wire.values["beat"] = 7
    bench.endpoint._listener = Everything()
    async with bench:
        await asyncio.sleep(5)
    assert qualities == {Quality.UNCERTAIN}
