"""The endpoint: who speaks next, what a dead unit costs its neighbours, and that nothing waits for a link that is down."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from controller.core.readings import Quality, Readings, Value, good
from controller.endpoint import Endpoint
from controller.overtaking import GRACE_S
from controller.peer import LONGEST_WAIT_S, Plan, Watchdog
from controller.ports import (
    Expired,
    Garbled,
    Identity,
    Link,
    LinkError,
    Mute,
    Point,
    Refusing,
    Sink,
    Stranger,
    Unit,
    Unreachable,
    Wanted,
    Withdrawn,
    always,
)
from controller.writes import Priority, Write
from tests.virtual import VirtualLoop

pytestmark = pytest.mark.virtual_time

IN, OUT, BEAT, DOG, STATUS = (Point(n, n) for n in ("in", "out", "beat", "dog", "status"))


@dataclass
class FakeWire:
    """A link in virtual time: each request takes `slow` seconds; `fail` says with what a unit answers."""

    slow: float = 0.01
    fail: dict[str, type[LinkError]] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    log: list[tuple[float, str, str]] = field(default_factory=list)
    given_s: list[tuple[str, str, float]] = field(default_factory=list)
    written: list[tuple[str, Value]] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0
    closed: int = 0
    sinks: dict[str, Sink] = field(default_factory=dict)

    async def _request(self, what: str, unit: Unit) -> None:
        self.log.append((asyncio.get_running_loop().time(), what, unit.name))
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            error = self.fail.get(unit.name)
            await asyncio.sleep(0.5 if error is Mute else self.slow)
        finally:
            self.in_flight -= 1
        if error is not None:
            raise error("wire", unit.name, "scripted")

    async def open(self, unit: Unit, deadline: float) -> Identity:
        self.given_s.append(("open", unit.name, round(deadline - now(), 3)))
        await self._request("open", unit)
        return {}

    async def read(self, unit: Unit, points: tuple[Point, ...], deadline: float) -> Readings:
        taken = asyncio.get_running_loop().time()
        self.given_s.append(("read", unit.name, round(deadline - taken, 3)))
        await self._request("read", unit)
        return {p.name: good(self.values.get(p.name, False), taken) for p in points}

    async def write(
        self, unit: Unit, values: Sequence[tuple[Point, Value]], deadline: float, wanted: Wanted = always
    ) -> None:
        await self._request("write", unit)
        self.written += [(p.name, v) for p, v in values]

    async def subscribe(self, unit: Unit, points: tuple[Point, ...], sink: Sink) -> None:
        self.sinks[unit.name] = sink
        await asyncio.get_running_loop().create_future()

    async def close(self) -> None:
        self.closed += 1


@dataclass
class Ear:
    said: list[tuple[str, str]] = field(default_factory=list)
    last: dict[str, Readings] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)

    def heard(self, unit: str, readings: Readings) -> None:
        self.last[unit] = readings
        self.times.append(asyncio.get_running_loop().time())

    def up(self, unit: str, identity: Identity) -> None:
        self.said.append(("up", unit))

    def down(self, unit: str, error: LinkError) -> None:
        self.said.append((type(error).__name__, unit))

    def expired(self, unit: str) -> None:
        self.said.append(("expired", unit))


def plan(name: str = "a", **more: object) -> Plan:
    unit = Unit(name, "wire", 1, {p.name: p for p in (IN, OUT, BEAT, DOG, STATUS)})
    return Plan(unit=unit, points=(IN,), **more)  # type: ignore[arg-type]


class Bench:
    """An endpoint running on a fake wire for the length of a `async with`."""

    def __init__(self, *plans: Plan, wire: FakeWire | None = None) -> None:
        self.wire, self.ear = wire or FakeWire(), Ear()
        link: Link = self.wire
        self.endpoint = Endpoint("wire", link, plans or (plan(),), self.ear)

    async def __aenter__(self) -> Bench:
        self.task = asyncio.create_task(self.endpoint.run())
        await asyncio.sleep(0.05)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


def now() -> float:
    return asyncio.get_running_loop().time()


async def test_a_unit_is_opened_and_then_read_at_its_period() -> None:
    async with Bench(plan(poll_s=0.2)) as bench:
        await asyncio.sleep(2.0)
        reads = [at for at, what, _ in bench.wire.log if what == "read"]
    assert bench.ear.said == [("up", "a")]
    assert len(reads) == 11
    assert all(abs(b - a - 0.2) < 1e-6 for a, b in pairwise(reads[1:]))


async def test_rule_9_emergency_goes_before_releases_those_before_commands_and_commands_before_polls() -> None:
    given = (
        ("c1", Priority.COMMAND),
        ("r", Priority.RELEASE),
        ("c2", Priority.COMMAND),
        ("e", Priority.EMERGENCY),
    )
    async with Bench(plan(poll_s=0.02), wire=FakeWire(slow=0.1)) as bench:
        await asyncio.sleep(0.5)
        for name, priority in given:
            bench.endpoint.write("a", [(Point(name, name), True)], now() + 5, priority)
        last = bench.endpoint.write("a", [(Point("c3", "c3"), True)], now() + 5)
        before = len(bench.wire.log)
        await last.done
        assert [what for _, what, _ in bench.wire.log[before : before + 5]] == ["write"] * 5
    assert [name for name, _ in bench.wire.written] == ["e", "r", "c1", "c2", "c3"]


async def test_rule_9_an_order_waits_for_no_more_than_the_frame_in_flight() -> None:
    async with Bench(plan(poll_s=0.01), wire=FakeWire(slow=0.1)) as bench:
        await asyncio.sleep(0.53)
        asked = now()
        await bench.endpoint.write("a", [(OUT, True)], now() + 5, Priority.EMERGENCY).done
        began = next(at for at, what, _ in bench.wire.log if what == "write")
    assert began - asked <= 0.1


async def test_never_two_requests_in_flight_on_one_wire() -> None:
    async with Bench(plan("a", poll_s=0.01), plan("b", poll_s=0.01)) as bench:
        writes = [bench.endpoint.write(u, [(OUT, True)], now() + 5) for u in "abab"]
        await asyncio.gather(*(w.done for w in writes))
        await asyncio.sleep(1)
    assert bench.wire.most_in_flight == 1


async def test_rule_3_nothing_is_queued_for_a_link_that_is_down() -> None:
    async with Bench(wire=FakeWire(fail={"a": Unreachable})) as bench:
        asked = now()
        write = bench.endpoint.write("a", [(OUT, True)], now() + 60)
        with pytest.raises(Unreachable, match="nothing was sent"):
            await write.done
        assert now() == asked
        bench.wire.fail.clear()
        await asyncio.sleep(10)
    assert bench.wire.written == []


async def test_rule_3_no_frame_goes_out_after_the_deadline() -> None:
    async with Bench(plan(poll_s=0.01), wire=FakeWire(slow=0.3)) as bench:
        await asyncio.sleep(0.5)
        write = bench.endpoint.write("a", [(OUT, True)], now() + 0.01)
        with pytest.raises(Expired):
            await write.done
    assert bench.wire.written == []


async def test_a_write_that_was_taken_back_never_goes_out() -> None:
    async with Bench(plan(poll_s=0.01), wire=FakeWire(slow=0.3)) as bench:
        await asyncio.sleep(0.5)
        write = bench.endpoint.write("a", [(OUT, True)], now() + 5)
        write.withdraw()
        with pytest.raises(Withdrawn):
            await write.done
    assert bench.wire.written == []


async def test_rule_4_a_write_without_an_answer_is_mute_and_is_not_repeated() -> None:
    async with Bench() as bench:
        bench.wire.fail["a"] = Mute
        write = bench.endpoint.write("a", [(OUT, True)], now() + 5)
        with pytest.raises(Mute):
            await write.done
        bench.wire.fail.clear()
        await asyncio.sleep(20)
    assert [what for _, what, _ in bench.wire.log].count("write") == 1
    assert bench.ear.said == [("up", "a"), ("Mute", "a"), ("up", "a")]


async def test_a_refused_write_leaves_the_unit_open() -> None:
    async with Bench() as bench:
        bench.wire.fail["a"] = Refusing
        with pytest.raises(Refusing):
            await bench.endpoint.write("a", [(OUT, True)], now() + 5).done
        assert bench.endpoint.is_open("a")


async def test_a_refused_read_makes_its_points_bad_and_leaves_the_unit_open() -> None:
    async with Bench() as bench:
        bench.wire.fail["a"] = Refusing
        await asyncio.sleep(0.5)
        assert bench.endpoint.is_open("a")
    assert bench.ear.last["a"]["in"].quality is Quality.BAD


async def test_a_dead_unit_is_announced_once_and_tried_at_growing_intervals() -> None:
    async with Bench(wire=FakeWire(fail={"a": Mute})) as bench:
        await asyncio.sleep(60)
        tries = [at for at, what, _ in bench.wire.log if what == "open"]
    waits = [b - a - 0.5 for a, b in pairwise(tries)]
    assert bench.ear.said == [("Mute", "a")]
    assert all(wait <= LONGEST_WAIT_S for wait in waits)
    assert min(waits[6:]) >= LONGEST_WAIT_S / 2
    assert bench.endpoint.errors["mute"] == len(tries)


async def test_a_unit_that_is_down_for_a_year_is_still_tried() -> None:
    async with Bench(wire=FakeWire(fail={"a": Unreachable})) as bench:
        bench.endpoint._peers["a"].failures = 5_000_000
        bench.wire.fail.clear()
        await asyncio.sleep(LONGEST_WAIT_S + 1)
        assert bench.endpoint.is_open("a")


async def test_rule_9_a_dead_unit_does_not_slow_its_neighbours() -> None:
    plans = [plan("a", poll_s=0.2), plan("b", poll_s=0.2)]
    async with Bench(*plans, wire=FakeWire(fail={"a": Mute})) as bench:
        await asyncio.sleep(60)
        reads = sum(1 for _, what, unit in bench.wire.log if (what, unit) == ("read", "b"))
    assert reads > 250


async def test_r38_of_many_dead_units_one_is_tried_between_two_reads_of_a_neighbour() -> None:
    dead = ("a", "c", "d", "e")
    plans = [plan(name, poll_s=0.2) for name in (*dead, "b")]
    async with Bench(*plans, wire=FakeWire(fail=dict.fromkeys(dead, Mute))) as bench:
        await asyncio.sleep(3)
        bench.wire.log.clear()
        await asyncio.sleep(60)
        reads = [at for at, what, unit in bench.wire.log if (what, unit) == ("read", "b")]
        tried = {unit for _, what, unit in bench.wire.log if what == "open"}
    assert max(after - before for before, after in pairwise(reads)) <= 0.2 + 0.5 + 0.01
    assert tried == set(dead)


async def test_r38_the_wire_is_one_patience_a_units_where_others_wait_and_two_where_none_does() -> None:
    async with Bench(plan("a"), plan("b"), wire=FakeWire(fail={"b": Mute})) as bench:
        await asyncio.sleep(3)
        alone = {given for given in bench.wire.given_s if given[1] == "a"}
        shared = {given for given in bench.wire.given_s if given[1] == "b"}
        bench.wire.given_s.clear()
        bench.wire.fail.clear()
        await asyncio.sleep(6)
    assert alone == {("open", "a", 1.0), ("read", "a", 1.0)}
    assert shared == {("open", "b", 0.5)}
    assert {("read", "a", 0.5), ("read", "b", 0.5)} <= set(bench.wire.given_s)


async def test_on_a_wire_that_is_never_idle_a_unit_that_was_lost_has_its_turn_none_the_less() -> None:
    wire = FakeWire(slow=0.3, fail={"b": Refusing})
    async with Bench(plan("a", poll_s=0.2), plan("b", poll_s=0.2), wire=wire) as bench:
        await asyncio.sleep(1)
        wire.fail.clear()
        await asyncio.sleep(6)
        assert bench.endpoint.is_open("b")


async def test_a_stranger_is_not_read_or_written() -> None:
    async with Bench(wire=FakeWire(fail={"a": Stranger})) as bench:
        await asyncio.sleep(5)
        assert not bench.endpoint.is_open("a")
    assert {what for _, what, _ in bench.wire.log} == {"open"}
    assert bench.ear.said == [("Stranger", "a")]


async def test_missed_polls_are_skipped_and_not_caught_up() -> None:
    async with Bench(plan(poll_s=0.2)) as bench:
        bench.wire.slow = 1.0
        await asyncio.sleep(3)
        bench.wire.slow = 0.01
        bench.wire.log.clear()
        await asyncio.sleep(1.0)
    assert len(bench.wire.log) <= 7


async def test_after_missed_polls_a_unit_is_read_in_its_phase_again() -> None:
    """Otherwise what was late together stays together: the wires of a site would all speak at once from then on."""
    async with Bench(plan(poll_s=0.2)) as bench:
        await asyncio.sleep(1.0)
        phase = bench.wire.log[-1][0] % 0.2
        bench.wire.slow = 0.55
        await asyncio.sleep(1.0)
        bench.wire.slow = 0.01
        await asyncio.sleep(0.5)
        bench.wire.log.clear()
        await asyncio.sleep(2.0)
        phases = {round((at - phase + 0.1) % 0.2 - 0.1, 2) for at, what, _ in bench.wire.log if what == "read"}
    assert phases == {0.0}


async def test_a_heartbeat_that_stands_still_makes_every_reading_uncertain() -> None:
    frozen = Plan(unit=plan().unit, points=(IN, BEAT), heartbeat="beat", heartbeat_s=1.0)
    async with Bench(frozen) as bench:
        for beat in range(5):
            bench.wire.values["beat"] = beat
            await asyncio.sleep(0.5)
        qualities = [bench.ear.last["a"]["in"].quality]
        await asyncio.sleep(1.5)
        qualities.append(bench.ear.last["a"]["in"].quality)
        bench.wire.values["beat"] = 99
        await asyncio.sleep(0.5)
        qualities.append(bench.ear.last["a"]["in"].quality)
    assert qualities == [Quality.GOOD, Quality.UNCERTAIN, Quality.GOOD]


async def test_the_watchdog_of_a_unit_is_armed_on_opening_and_fed_with_changing_values() -> None:
    dog = Watchdog(arm=((DOG, 100),), feed=OUT, period_s=0.5)
    async with Bench(plan(watchdog=dog)) as bench:
        await asyncio.sleep(2.0)
    assert bench.wire.written[0] == ("dog", 100)
    fed = [value for name, value in bench.wire.written if name == "out"]
    assert len(fed) == 5
    assert len(set(fed)) == len(fed)


async def test_rule_8_a_write_that_a_reading_has_made_unwanted_is_not_sent() -> None:
    """A loop hears of a vehicle, its bollard hears of the loop in the next turn, and takes the start back in the one after."""

    class Deciding(Ear):
        bench: Bench
        taken_back: Write | None = None

        def heard(self, unit: str, readings: Readings) -> None:
            if self.taken_back is None:
                loop = asyncio.get_running_loop()
                self.taken_back = self.bench.endpoint.write("a", [(OUT, True)], now() + 5)
                loop.call_soon(loop.call_soon, self.taken_back.withdraw)

    async with Bench(plan()) as bench:
        bench.endpoint._listener = ear = Deciding()
        ear.bench = bench
        await asyncio.sleep(1)
        assert ear.taken_back is not None
        assert isinstance(ear.taken_back.done.exception(), Withdrawn)
    assert bench.wire.written == []


def watched() -> Plan:
    dog = Watchdog(arm=((DOG, 1),), status="status", expired=2)
    return Plan(unit=plan().unit, points=(IN, STATUS), watchdog=dog)


async def test_r26_a_watchdog_that_expires_under_supervision_stays_so_until_a_person_arms_it_again() -> None:
    async with Bench(watched()) as bench:
        bench.wire.values["status"] = 2
        await asyncio.sleep(60)
        assert not bench.endpoint.is_open("a")
        assert [name for name, _ in bench.wire.written] == ["dog"]
        refused = bench.endpoint.write("a", [(OUT, True)], now() + 5)
        assert isinstance(refused.done.exception(), Unreachable)
        bench.wire.values["status"] = 1
        assert bench.endpoint.rearm("a")
        await asyncio.sleep(2)
    assert bench.ear.said == [("up", "a"), ("Refusing", "a"), ("up", "a")]
    assert [name for name, _ in bench.wire.written] == ["dog", "dog"]


class Forgiving(FakeWire):
    """A unit whose expired watchdog is started again by the next feed, and whose answers tell how it was when they were asked."""

    pauses_in_flight = False

    async def read(self, unit: Unit, points: tuple[Point, ...], deadline: float) -> Readings:
        taken, values = asyncio.get_running_loop().time(), dict(self.values)
        if self.pauses_in_flight:
            self.pauses_in_flight = False
            self.expire_in_a_pause()
        await self._request("read", unit)
        return {p.name: good(values.get(p.name, False), taken) for p in points}

    async def write(
        self, unit: Unit, values: Sequence[tuple[Point, Value]], deadline: float, wanted: Wanted = always
    ) -> None:
        await super().write(unit, values, deadline)
        self.values["status"] = 1

    def expire_in_a_pause(self) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        loop.stand_still(5.0)
        self.values["status"] = 2


@pytest.mark.parametrize("in_flight", [False, True])
async def test_r26_an_expiry_while_the_controller_stood_still_is_seen_before_the_next_feed_hides_it(
    in_flight: bool,
) -> None:
    dog = Watchdog(arm=((DOG, 1),), feed=OUT, status="status", expired=2)
    fed, wire = Plan(unit=plan().unit, points=(IN, STATUS), watchdog=dog), Forgiving(values={"status": 1})
    async with Bench(fed, wire=wire) as bench:
        await asyncio.sleep(2)
        wire.pauses_in_flight = in_flight
        if not in_flight:
            wire.expire_in_a_pause()
        await asyncio.sleep(1)  # which the pause ends
        await asyncio.sleep(1)
        assert not bench.endpoint.is_open("a")
    assert bench.ear.said == [("up", "a"), ("Refusing", "a")]


async def test_a_unit_that_refuses_to_be_read_is_asked_with_each_poll_and_no_more_often() -> None:
    dog = Watchdog(arm=((DOG, 1),), feed=OUT, status="status", expired=2)
    async with Bench(Plan(unit=plan().unit, points=(IN, STATUS), watchdog=dog)) as bench:
        bench.wire.fail["a"] = Refusing
        await asyncio.sleep(10)
        asked = len([what for _, what, _ in bench.wire.log if what == "read"])
    assert asked <= 60


async def test_r26_a_unit_whose_watchdog_has_not_expired_needs_no_arming() -> None:
    async with Bench(watched()) as bench:
        await asyncio.sleep(1)
        assert not bench.endpoint.rearm("a")
    assert [name for name, _ in bench.wire.written] == ["dog"]


async def test_r26_a_unit_that_was_out_of_reach_is_armed_as_it_is_opened() -> None:
    async with Bench(watched()) as bench:
        bench.wire.fail["a"] = Mute
        await asyncio.sleep(10)
        del bench.wire.fail["a"]
        await asyncio.sleep(6)
    assert bench.ear.said == [("up", "a"), ("Mute", "a"), ("up", "a")]
    assert [name for name, _ in bench.wire.written] == ["dog", "dog"]


async def test_r26_an_expiry_while_it_was_out_of_reach_is_looked_for_and_told_before_it_is_armed() -> None:
    async with Bench(watched(), wire=Forgiving(values={"status": 1})) as bench:
        await asyncio.sleep(1)
        bench.wire.fail["a"] = Mute
        bench.wire.values["status"] = 2
        await asyncio.sleep(10)
        del bench.wire.fail["a"]
        await asyncio.sleep(6)
    assert bench.ear.said == [("up", "a"), ("Mute", "a"), ("expired", "a"), ("up", "a")]
    assert [name for name, _ in bench.wire.written] == ["dog", "dog"]


async def test_r26_an_expiry_before_the_start_or_that_a_person_has_looked_into_is_no_news() -> None:
    async with Bench(watched(), wire=Forgiving(values={"status": 2})) as bench:
        await asyncio.sleep(1)
        bench.wire.values["status"] = 2
        await asyncio.sleep(1)
        assert bench.endpoint.rearm("a")
        await asyncio.sleep(2)
    assert bench.ear.said == [("up", "a"), ("Refusing", "a"), ("up", "a")]


async def test_pushed_readings_are_heard_and_the_endpoint_sleeps_meanwhile() -> None:
    async with Bench(plan(polls=False, pushes=True)) as bench:
        bench.wire.sinks["a"]({"in": good(True, now())})
        assert bench.ear.last["a"]["in"].value is True
        requests = len(bench.wire.log)
        await asyncio.sleep(100)
        assert len(bench.wire.log) == requests
        assert bench.endpoint.busy_since(now()) == 0


async def test_a_failing_subscription_is_a_lost_unit_and_is_opened_again() -> None:
    class Failing(FakeWire):
        async def subscribe(self, unit: Unit, points: tuple[Point, ...], sink: Sink) -> None:
            await asyncio.sleep(1)
            raise ZeroDivisionError("no driver foresaw this")

    async with Bench(plan(polls=False, pushes=True), wire=Failing()) as bench:
        await asyncio.sleep(2.5)
    assert bench.ear.said[:3] == [("up", "a"), ("Garbled", "a"), ("up", "a")]


async def test_stopping_ends_every_open_write_and_closes_the_link() -> None:
    async with Bench(plan(poll_s=0.01), wire=FakeWire(slow=0.3)) as bench:
        await asyncio.sleep(0.5)
        writes = [bench.endpoint.write("a", [(OUT, True)], now() + 5) for _ in range(3)]
        bench.task.cancel()
        await asyncio.gather(bench.task, return_exceptions=True)
        for write in writes:
            with pytest.raises(Unreachable, match="stopping"):
                await write.done
        late = bench.endpoint.write("a", [(OUT, True)], now() + 5)
        with pytest.raises(Unreachable):
            await late.done
    assert bench.wire.closed == 1


async def test_a_write_cut_off_by_stopping_has_an_unknown_outcome() -> None:
    async with Bench(plan(polls=False), wire=FakeWire(slow=0.3)) as bench:
        await asyncio.sleep(0.5)
        write = bench.endpoint.write("a", [(OUT, True)], now() + 5)
        await asyncio.sleep(0.1)
        bench.task.cancel()
        with pytest.raises(Mute, match="not known"):
            await write.done


async def test_a_poll_whose_turn_came_too_late_is_skipped_and_the_wire_goes_on() -> None:
    class Late(FakeWire):
        late = False

        async def read(self, unit: Unit, points: tuple[Point, ...], deadline: float) -> Readings:
            if self.late:
                raise Expired("the deadline passed before sending")
            return await super().read(unit, points, deadline)

    wire = Late()
    async with Bench(wire=wire) as bench:
        wire.late = True
        await asyncio.sleep(1)
        wire.late = False
        before = len(bench.ear.times)
        await asyncio.sleep(1)
        assert len(bench.ear.times) > before
        assert bench.endpoint.errors["expired"] >= 4
    assert bench.ear.said == [("up", "a")]


def takes(in_flight: int) -> Plan:
    """Return a plan that is nearly always reading a unit that takes so many requests at a time."""
    return plan(poll_s=0.01, in_flight=in_flight)


@pytest.mark.parametrize(
    ("priority", "after_s"),
    [(Priority.EMERGENCY, 0.0), (Priority.RELEASE, 0.0), (Priority.COMMAND, GRACE_S)],
    ids=["emergency", "release", "command"],
)
async def test_a_write_does_not_wait_for_a_read_that_hangs_where_the_unit_takes_both(
    priority: Priority, after_s: float
):
    async with Bench(takes(2), wire=FakeWire(slow=0.3)) as bench:
        await asyncio.sleep(0.5)
        asked = now()
        await bench.endpoint.write("a", [(OUT, True)], now() + 5, priority).done
        began = next(at for at, what, _ in bench.wire.log if what == "write")
    assert began == pytest.approx(asked + after_s)
    assert bench.wire.most_in_flight == 2


async def reading_for(bench: Bench, seconds: float) -> None:
    """Wait until a read has been in flight for so long."""
    bench.wire.log.clear()
    while not bench.wire.log:  # noqa: ASYNC110 (in virtual time, and the wire tells nobody)
        await asyncio.sleep(0.001)
    await asyncio.sleep(bench.wire.log[0][0] + seconds - now())


async def test_a_command_that_the_read_in_flight_forbids_is_taken_back_before_it_overtakes():
    """Decision 15: a start is asked again before it is sent."""
    async with Bench(takes(2), wire=FakeWire(slow=0.3)) as bench:
        await reading_for(bench, 0.299)
        write = bench.endpoint.write("a", [(OUT, True)], now() + 5)
        bench.ear.heard = lambda unit, readings: write.withdraw()  # type: ignore[method-assign]
        with pytest.raises(Withdrawn):
            await write.done
    assert bench.wire.written == []


async def test_no_more_is_asked_of_a_unit_at_a_time_than_it_takes_and_the_order_is_kept():
    async with Bench(takes(3), wire=FakeWire(slow=0.3)) as bench:
        await reading_for(bench, 0.1)
        names = ("first", "second", "third", "fourth")
        writes = [bench.endpoint.write("a", [(Point(n, n), True)], now() + 5, Priority.EMERGENCY) for n in names]
        await asyncio.gather(*(write.done for write in writes))
    assert [name for name, _ in bench.wire.written] == list(names)
    assert bench.wire.most_in_flight == 3


async def test_a_unit_that_is_lost_by_a_write_beside_a_read_is_lost_once():
    async with Bench(takes(2), wire=FakeWire(slow=0.3)) as bench:
        await reading_for(bench, 0.1)
        bench.wire.fail["a"] = Garbled
        write = bench.endpoint.write("a", [(OUT, True)], now() + 5, Priority.EMERGENCY)
        with pytest.raises(Garbled):
            await write.done
        await asyncio.sleep(0.15)
        assert bench.endpoint.errors == {"garbled": 1}
        assert bench.ear.said == [("up", "a"), ("Garbled", "a")]


async def test_what_no_driver_foresaw_in_a_write_beside_a_read_ends_the_wire():
    async with Bench(takes(2), wire=FakeWire(slow=0.3)) as bench:
        await reading_for(bench, 0.1)
        bench.wire.fail["a"] = ZeroDivisionError  # type: ignore[assignment]
        write = bench.endpoint.write("a", [(OUT, True)], now() + 5, Priority.EMERGENCY)
        with pytest.raises(Mute):
            await write.done
        bench.wire.fail.clear()
        with pytest.raises(ZeroDivisionError):
            await bench.task


@pytest.mark.parametrize("priority", [Priority.EMERGENCY, Priority.COMMAND])
async def test_a_write_beside_a_read_is_ended_by_a_stop(priority: Priority):
    async with Bench(takes(2), wire=FakeWire(slow=0.3)) as bench:
        await reading_for(bench, 0.1)
        write = bench.endpoint.write("a", [(OUT, True)], now() + 5, priority)
        await asyncio.sleep(0.001)
    with pytest.raises((Mute, Unreachable)):
        await write.done


async def test_wires_wake_in_step_and_speak_at_different_times():
    reads: dict[str, list[float]] = {}
    for name in ("a", "b", "c", "d"):
        async with Bench(plan(name, poll_s=0.2), wire=FakeWire(slow=0.0)) as bench:
            bench.wire.log.clear()
            began = now()
            await asyncio.sleep(1.0)
        reads[name] = [round((at - began) % 0.2, 6) for at, what, _ in bench.wire.log if what == "read"]
    assert all(len(set(phases)) == 1 for phases in reads.values()), "each keeps its place in the period"
    assert len({phases[0] for phases in reads.values()}) > 1
