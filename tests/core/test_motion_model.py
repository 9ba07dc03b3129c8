"""Whatever happens in whatever order: what a mover never does, and what it always does in the end.

The machine plays everybody but the core: the wire, which is late, loses answers and fails half-way; the limit switches, which
may show anything; the loops, the key switch, the people. It checks after every event against what it knows itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from controller.core import kinds
from controller.core.command import Life, Order, may_follow
from controller.core.device import (
    Device,
    DriveTo,
    Event,
    Lost,
    Ordered,
    Progress,
    Restored,
    Sampled,
    Step,
    Ticked,
    Wrote,
)
from controller.core.modes import Mode
from controller.core.mover import Mover, Position, position
from controller.core.outputs import ANSWER_S, RELEASE_S, RETRY_S
from controller.core.readings import Quality, Reading, Value, good
from controller.core.refusals import CLEAR_S
from controller.core.spec import Action, MoverSpec
from tests.core.rig import ALL, BOLLARD, LOOP, MAX_AGE_S, seen

LOOPS = ("entry", "exit")
MOTION = {"raising": Action.RAISE, "lowering": Action.LOWER}
OTHER = replace(BOLLARD, id="other")
FAILURES = (Life.FAILED, Life.EXPIRED, Life.UNKNOWN)

pictures = st.sampled_from(["top", "bottom", "between", "between", "both"])
spans = st.sampled_from([0.0, 0.05, 0.2, 0.35, 0.6, 1.1, 3.0, 9.0])


class Anything(RuleBasedStateMachine):
    """Everything that can happen to one mover."""

    spec: MoverSpec = BOLLARD

    @initialize()
    def start(self) -> None:
        self.now = 100.0
        self.device = cast(Mover, kinds.new_device(self.spec, frozenset({"io", "io2"}), self.now))
        self.neighbours: dict[str, Device] = {}
        self.clear_since: dict[str, float | None] = dict.fromkeys(LOOPS)
        self.looked: dict[str, float] = dict.fromkeys(LOOPS, -1.0)
        self.wire: list[DriveTo] = []
        self.coils: dict[str, Value] = {}
        self.lives: dict[str, list[Life]] = {}
        self.orders: dict[str, Order] = {}
        self.started: set[str] = set()
        self.wake_at: float | None = None

    # What can happen.

    @rule(unit=st.sampled_from(["io", "io2"]))
    def lose(self, unit: str) -> None:
        self.wire.clear()
        self.give(Lost(unit, "mute"))

    @rule(unit=st.sampled_from(["io", "io2"]))
    def restore(self, unit: str) -> None:
        self.give(Restored(unit))

    @rule(picture=pictures, local=st.booleans())
    def find(self, picture: str, local: bool) -> None:
        """Bring the units up and say where the steel is, so that more than an unknown mover is seen."""
        for unit in sorted(self.device.down):
            self.give(Restored(unit))
        self.give(Sampled(seen(self.spec, picture, self.now, local=local and picture == "between")))

    @rule(
        data=st.data(), age=st.sampled_from([0.0, 0.0, 0.0, 0.1, 0.9, 2.0]), local=st.sampled_from([False] * 5 + [True])
    )
    def sample(self, data: st.DataObject, age: float, local: bool) -> None:
        picture = tuple(data.draw(pictures) for _ in self.spec.tops)
        self.give(Sampled(seen(self.spec, picture, self.now - age, local=local)))

    @rule(picture=pictures)
    def sample_alike(self, picture: str) -> None:
        self.give(Sampled(seen(self.spec, picture, self.now)))

    @rule(data=st.data(), quality=st.sampled_from([Quality.BAD, Quality.UNCERTAIN]))
    def sample_badly(self, data: st.DataObject, quality: Quality) -> None:
        name = data.draw(st.sampled_from(sorted(self.spec.inputs)))
        self.give(Sampled({name: Reading(True, quality, self.now)}))

    @rule(
        name=st.sampled_from(LOOPS),
        detect=st.sampled_from([False] * 3 + [True]),
        fault=st.sampled_from([False] * 5 + [True]),
    )
    def look(self, name: str, detect: bool, fault: bool) -> None:
        self._loop(name, {"detect": good(detect, self.now), "fault": good(fault, self.now)})
        clear = not detect and not fault
        fresh = self.now < self.looked[name] + MAX_AGE_S
        held = self.clear_since[name] if fresh else None
        self.clear_since[name] = (self.now if held is None else held) if clear else None
        self.looked[name] = self.now
        self.give(Ticked())

    @rule()
    def look_long(self) -> None:
        """Let both loops be clear for longer than a second, the steel unchanged."""
        for _ in range(3):
            self.now += 0.6
            for name in LOOPS:
                self._loop(name, {"detect": good(False, self.now), "fault": good(False, self.now)})
                held = self.clear_since[name] if self.now < self.looked[name] + MAX_AGE_S else None
                self.clear_since[name] = self.now if held is None else held
                self.looked[name] = self.now
            again = {name: replace(reading, taken=self.now) for name, reading in self.device.readings.items()}
            self.give(Sampled(again))

    @rule(picture=pictures)
    def see_other(self, picture: str) -> None:
        row = self.neighbours.get("other") or kinds.new_device(OTHER, frozenset(), self.now)
        event = Sampled(seen(OTHER, picture, self.now))
        shown = cast(Mover, kinds.step(row, event, {}, self.now).device)
        self.neighbours["other"] = kinds.step(shown, Wrote(shown.drive), {}, self.now).device
        self.give(Ticked())

    @rule(
        action=st.sampled_from(Action),
        expires_in_s=st.sampled_from([-1.0, 0.0, 0.3, 5.0, 5.0, 20.0]),
        seen=st.sampled_from([None, None, None, 0, -1]),
    )
    def order(self, action: Action, expires_in_s: float, seen: int | None) -> None:
        name = f"order-{len(self.orders)}"
        version = None if seen is None else self.device.version + seen
        order = Order(
            id=name, device="steel", action=action, principal="op", expires=self.now + expires_in_s, seen=version
        )
        self.orders[name] = order
        self.lives[name] = [Life.RECEIVED]
        self.give(Ordered(order))
        assert self.lives[name][1] in (Life.ACCEPTED, Life.REFUSED)

    @precondition(lambda self: self.wire)
    @rule()
    def acknowledge(self) -> None:
        drive = self.wire.pop(0)
        if self.now >= drive.deadline:
            self.give(Wrote(drive.number, Life.EXPIRED, "expired"))
            return
        self._switch(drive, len(drive.levels))
        self.give(Wrote(drive.number))

    @precondition(lambda self: self.wire)
    @rule(data=st.data(), life=st.sampled_from(FAILURES), told=st.sampled_from([True, True, False]))
    def fail(self, data: st.DataObject, life: Life, told: bool) -> None:
        """Let a write end half-way, with or without a word."""
        drive = self.wire.pop(0)
        if self.now < drive.deadline and life is not Life.EXPIRED:
            self._switch(drive, data.draw(st.integers(0, len(drive.levels))))
        if told:
            self.give(Wrote(drive.number, life, "failed"))

    @rule(number=st.integers(0, 30), life=st.sampled_from([None, *FAILURES]))
    def mistake(self, number: int, life: Life | None) -> None:
        """Let the fate of a write be told that is long over."""
        if self.device.writing is None or number != self.device.writing.number:
            self.give(Wrote(number, life, "late"))

    @rule(span=spans)
    def wait(self, span: float) -> None:
        self._check_rest(self.now + span)
        self.now += span
        self.give(Ticked())

    @rule()
    def sleep(self) -> None:
        """Let nothing happen but its own waking times: they never run hot."""
        until = self.now + 10.0
        wakes = 0
        while self.wake_at is not None and self.wake_at < until:
            before = self.now
            self._check_rest(self.wake_at)
            self.now = self.wake_at
            self.give(Ticked())
            assert self.now > before
            wakes += 1
            assert wakes <= 30, "it runs hot"

    # What is checked after every event.

    def give(self, event: Event) -> None:
        before = self.device
        step = kinds.step(before, event, self.neighbours, self.now)
        after = self.device = cast(Mover, step.device)
        self.wake_at = step.wake_at
        assert step.wake_at is None or step.wake_at > self.now
        self._check_change(before, after, event)
        for effect in step.effects:
            if isinstance(effect, DriveTo):
                self._check_drive(effect, before)
                # What has not gone out is taken back.
                self.wire = [drive for drive in self.wire[:1] if drive.number % 3 == 0] + [effect]
            else:
                self._check_progress(effect, before, event, step)

    def _check_rest(self, until: float) -> None:
        """Check that nothing was to be done before its next waking time."""
        end = until if self.wake_at is None else min(until, self.wake_at)
        step = kinds.step(self.device, Ticked(), self.neighbours, self.now + 0.999 * (end - self.now))
        assert step.device == self.device
        assert step.effects == ()

    def _check_change(self, before: Mover, after: Mover, event: Event) -> None:
        if after.state != before.state:
            if after.state in MOTION:
                assert isinstance(event, Ordered)
                assert event.order.action is MOTION[after.state]
            at = {"raised": Position.TOP, "lowered": Position.BOTTOM, "stopped": Position.BETWEEN}.get(after.state)
            assert at is None or position(after, self.now) is at
        shown = (before.state, before.mode, before.fault, bool(before.unwritten))
        if shown != (after.state, after.mode, after.fault, bool(after.unwritten)):
            assert after.version > before.version
        for name, reading in before.readings.items():
            assert after.readings[name].taken >= reading.taken

    def _check_drive(self, drive: DriveTo, before: Mover) -> None:
        after, levels = self.device, dict(drive.levels)
        assert not after.down
        assert drive.number > before.drive
        moved = {Action.RAISE: levels.get("raise") or levels.get("command") == 1}
        moved[Action.LOWER] = levels.get("lower") or levels.get("command") == 2
        towards = [action for action, on in moved.items() if on]
        if not towards:
            assert drive.order == ""
            assert drive.deadline == self.now + RELEASE_S
            return
        assert towards == [MOTION.get(after.state)]
        order = self.orders[drive.order]
        assert after.order is not None
        assert after.order.id == drive.order
        assert order.action is towards[0]
        assert self.now < drive.deadline == order.expires
        assert drive.order not in self.started, "a start is written once"
        self.started.add(drive.order)
        assert [bool(level) for _, level in drive.levels] == sorted(bool(level) for _, level in drive.levels)

    def _check_progress(self, told: Progress, before: Mover, event: Event, step: Step) -> None:
        life = self.lives[told.order]
        assert may_follow(life[-1], told.life), f"{life} then {told.life}"
        life.append(told.life)
        if told.life in (Life.FAILED, Life.REFUSED, Life.UNKNOWN, Life.EXPIRED, Life.SUPERSEDED):
            assert told.because
        if told.life is Life.REFUSED:
            assert told.refusals
            looked = kinds.step(before, Ticked(), self.neighbours, self.now)
            assert looked.device == step.device
            assert [e for e in step.effects if e is not told] == list(looked.effects)
        if told.life is Life.CONFIRMED and (order := self.orders[told.order]).action is not Action.STOP:
            assert self.device.state == {"raise": "raised", "lower": "lowered"}[order.action]

    @invariant()
    def what_is_shown_is_what_feedback_shows(self) -> None:
        device, at = self.device, position(self.device, self.now)
        if device.state in ("raised", "lowered"):
            proof = Position.TOP if device.state == "raised" else Position.BOTTOM
            assert at is proof or self._not_seen_since() or self.now < device.settle_due
        if device.state == "offline":
            assert device.down
        if device.down:
            assert device.state in ("unknown", "offline")

    @invariant()
    def a_motion_has_a_live_order_and_the_right_to_go_on(self) -> None:
        device = self.device
        if device.state in MOTION:
            assert device.order is not None
            assert device.order.action is MOTION[device.state]
            assert not self.lives[device.order.id][-1].ended
            assert device.mode is Mode.REMOTE
        elif device.order is not None:
            assert device.order.action is Action.STOP

    @invariant()
    def no_securing_motion_without_clear_loops_and_no_opening_with_the_airlock_open(self) -> None:
        device = self.device
        if device.state not in MOTION or self._not_seen_since():
            return
        if MOTION[device.state] is self.spec.secures:
            for name in self.spec.presence:
                clear = self.clear_since[name]
                assert clear is not None
                assert self.now >= clear + CLEAR_S
                assert self.now < self.looked[name] + MAX_AGE_S
        elif self.spec.airlock_with:
            assert self.neighbours["other"].state == OTHER.secured_state

    @invariant()
    def opposite_outputs_are_never_on_together(self) -> None:
        levels = {**self.device.acked, **self.device.pending}
        assert not (levels.get("raise") and levels.get("lower"))

    @invariant()
    def a_motion_is_the_only_reason_for_an_output(self) -> None:
        pending = self.device.pending
        assert not pending.get("raise") or self.device.state == "raising"
        assert not pending.get("lower") or self.device.state == "lowering"
        code = {"raising": 1, "lowering": 2}.get(self.device.state, 0)
        assert pending.get("command", code) == code

    # What is true in the end.

    def teardown(self) -> None:
        if not hasattr(self, "device"):
            return
        for unit in sorted(self.device.down):
            self.give(Restored(unit))
        self._end(answering=False)
        for name, life in self.lives.items():
            assert life[-1].ended, f"{name} {life}"
            assert sum(one.ended for one in life) == 1
        self._end(answering=True)
        released = {"command": 0} if "command" in self.spec.outputs else dict.fromkeys(self.spec.outputs, False)
        assert {name: self.coils.get(name, level) for name, level in released.items()} == released

    def _end(self, *, answering: bool) -> None:
        longest = 20.0 + ANSWER_S + self.spec.travel_s + RELEASE_S + RETRY_S
        until = self.now + longest
        while self.now < until:
            self.now += 0.5
            self.give(Sampled(seen(self.spec, "between", self.now)))
            while answering and self.wire:
                drive = self.wire.pop(0)
                self._switch(drive, len(drive.levels))
                self.give(Wrote(drive.number))

    # What the machine itself knows.

    def _loop(self, name: str, readings: dict[str, Reading]) -> None:
        loop = self.neighbours.get(name) or kinds.new_device(replace(LOOP, id=name), frozenset(), self.now)
        stale = kinds.step(loop, Ticked(), {}, self.now).device
        self.neighbours[name] = kinds.step(stale, Sampled(readings), {}, self.now).device

    def _switch(self, drive: DriveTo, count: int) -> None:
        """Let the wire set the first `count` levels of a write, one after the other."""
        for name, level in drive.levels[:count]:
            self.coils[name] = level
            assert sum(bool(self.coils.get(name)) for name in ("raise", "lower", "stop")) <= 1

    def _not_seen_since(self) -> bool:
        """Tell whether time has passed since the mover last looked."""
        return self.wake_at is not None and self.now >= self.wake_at


MACHINES = {
    **ALL,
    "bollard between loops": replace(BOLLARD, presence=LOOPS),
    "boom over loops": replace(ALL["boom"], presence=LOOPS),
    "row of an airlock": replace(BOLLARD, presence=LOOPS[:1], airlock_with="other"),
}


@pytest.mark.parametrize("spec", MACHINES.values(), ids=MACHINES)
def test_whatever_happens(spec: MoverSpec) -> None:
    machine = type("Machine", (Anything,), {"spec": spec})
    # A loaded machine is no fault of the core's.
    health = [HealthCheck.too_slow]
    run_state_machine_as_test(
        machine, settings=settings(max_examples=40, stateful_step_count=40, suppress_health_check=health)
    )
