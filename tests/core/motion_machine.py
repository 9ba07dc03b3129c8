"""Everybody but the core, as a state machine.

The wire is late, loses answers and fails half-way; the limit switches may show anything, and so may loops, lamps and key switches;
people fire, reset, lock out, test and hold buttons as they like.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from controller.core import kinds
from controller.core.command import Authority, Life, Order, Switch
from controller.core.device import Held, Lost, Restored, Sampled, Ticked, Wrote
from controller.core.modes import Holds
from controller.core.motion import LOOK_S
from controller.core.outputs import ANSWER_S, RELEASE_S, RETRY_S
from controller.core.readings import Quality, Reading, good
from controller.core.spec import Action, MoverSpec
from tests.core import motion_checks as checks
from tests.core.motion_ledger import CALM, LOOPS
from tests.core.motion_world import World
from tests.core.rig import BOLLARD, seen

FAILURES = (Life.FAILED, Life.EXPIRED, Life.UNKNOWN)

pictures = st.sampled_from(["top", "bottom", "between", "between", "both"])
spans = st.sampled_from([0.0, 0.05, 0.2, 0.35, 0.35, 0.6, 0.6, 1.1, 3.0, 9.0, 3601.0])
people = st.sampled_from(["anna", "ben", "cleo"])
roles = st.sampled_from(["operator", "operator", "supervisor"])
seldom = st.sampled_from([False] * 5 + [True])
expiries = st.sampled_from([-1.0, 0.0, 0.3, 5.0, 20.0, 20.0])
pressed = st.sampled_from([()] * 5 + [("estop",), ("obstruction",)])


class Anything(RuleBasedStateMachine):
    """Everything that can happen to one mover."""

    spec: MoverSpec = BOLLARD

    @initialize(picture=st.sampled_from(["top", "bottom", "between", None]))
    def start(self, picture: str | None) -> None:
        """Begin with a mover that is not known yet, or that was found at rest with nothing in its way."""
        self.world = World(self.spec)
        if picture is not None:
            self.settle(picture)

    @rule(picture=st.sampled_from(["top", "bottom", "between"]))
    def settle(self, picture: str) -> None:
        """Put the steel here with nothing in its way and nobody's hand on it: most of what happens does not lead there."""
        for _ in range(2):
            self.find(picture, False)
            self.world.calm(1.8, held=False)
            self.world.answer()
        self.let_go()

    # The wire and the steel.

    @rule(unit=st.sampled_from(["io", "io2"]), lost=st.booleans())
    def reconnect(self, unit: str, lost: bool) -> None:
        """Lose a unit, or let one answer that was perhaps not missed."""
        if lost:
            self.world.wire.clear()
        self.world.give(Lost(unit, "mute") if lost else Restored(unit))

    @rule(picture=pictures, local=seldom)
    def find(self, picture: str, local: bool) -> None:
        """Bring the units up and say where the steel is, so that more than an unknown mover is seen."""
        world = self.world
        for unit in sorted(world.device.down):
            world.give(Restored(unit))
        world.give(Sampled(seen(self.spec, picture, world.now, local=local)))

    @rule(data=st.data(), age=st.sampled_from([0.0, 0.0, 0.0, 0.1, 0.9, 2.0]), local=seldom, pressed=pressed)
    def sample(self, data: st.DataObject, age: float, local: bool, pressed: tuple[str, ...]) -> None:
        picture = tuple(data.draw(pictures) for _ in self.spec.tops)
        self.world.give(Sampled(seen(self.spec, picture, self.world.now - age, local=local, pressed=pressed)))

    @rule(picture=pictures, pressed=pressed)
    def sample_alike(self, picture: str, pressed: tuple[str, ...]) -> None:
        self.world.give(Sampled(seen(self.spec, picture, self.world.now, pressed=pressed)))

    @rule(data=st.data(), quality=st.sampled_from([Quality.BAD, Quality.UNCERTAIN]))
    def sample_badly(self, data: st.DataObject, quality: Quality) -> None:
        name = data.draw(st.sampled_from(sorted(self.spec.inputs)))
        self.world.give(Sampled({name: Reading(True, quality, self.world.now)}))

    @precondition(lambda self: self.world.wire)
    @rule()
    def acknowledge(self) -> None:
        drive = self.world.wire.pop(0)
        if self.world.now >= drive.deadline:
            self.world.give(Wrote(drive.number, Life.EXPIRED, "expired"))
            return
        self.world.switch(drive, len(drive.levels))
        self.world.give(Wrote(drive.number))

    @precondition(lambda self: self.world.wire)
    @rule(data=st.data(), life=st.sampled_from(FAILURES), told=st.sampled_from([True, True, False]))
    def fail(self, data: st.DataObject, life: Life, told: bool) -> None:
        """Let a write end half-way, with or without a word."""
        drive = self.world.wire.pop(0)
        if self.world.now < drive.deadline and life in (Life.FAILED, Life.UNKNOWN):
            self.world.switch(drive, data.draw(st.integers(0, len(drive.levels))))
        if told:
            self.world.give(Wrote(drive.number, life, "failed"))

    @rule(number=st.integers(0, 30), life=st.sampled_from([None, *FAILURES]))
    def mistake(self, number: int, life: Life | None) -> None:
        """Let the fate of a write be told that is long over."""
        writing = self.world.device.writing
        if writing is None or number != writing.number:
            self.world.give(Wrote(number, life, "late"))

    @precondition(lambda self: self.world.device.moving)
    @rule(held=st.booleans(), seconds=st.sampled_from([0.6, 1.8]))
    def go_on(self, held: bool, seconds: float) -> None:
        """Let the wire answer and the steel be on its way."""
        self.world.answer()
        self.sample_alike("between", ())
        self.world.calm(seconds, held=held)

    @precondition(lambda self: self.world.device.moving)
    @rule()
    def arrive(self) -> None:
        """Let the wire answer and the steel reach its goal."""
        self.world.answer()
        self.sample_alike("top" if self.world.device.state == "raising" else "bottom", ())

    # What stands around it.

    @rule(data=st.data(), name=st.sampled_from(sorted(CALM)))
    def look(self, data: st.DataObject, name: str) -> None:
        inputs = {signal: usual ^ data.draw(seldom) for signal, usual in CALM[name].items()}
        self.world.look(name, inputs)
        self.world.give(Ticked())

    @rule(name=st.sampled_from([*LOOPS, "obstruction"]), fired=st.booleans(), answered=st.booleans())
    def run_into(self, name: str, fired: bool, answered: bool) -> None:
        """Let the securing motion meet something on its way."""
        self.secure(True, fired)
        self.world.calm(2.4, held=True)
        self.go_on(True, 0.6)
        self.meet(name)
        if answered:
            self.go_on(False, 0.6)

    @rule(name=st.sampled_from([*LOOPS, "obstruction"]))
    def meet(self, name: str) -> None:
        """Let something be in the way for sure."""
        if name in LOOPS:
            self.world.look(name, {"detect": True, "fault": False})
            self.world.give(Ticked())
        elif name in self.spec.inputs:
            self.world.give(Sampled({name: good(True, self.world.now)}))

    @rule(seconds=st.sampled_from([1.8, 1.8, 6.0]), held=st.booleans())
    def calm(self, seconds: float, held: bool) -> None:
        self.world.calm(seconds, held=held)

    @rule(picture=pictures, released=st.booleans())
    def see_other(self, picture: str, released: bool) -> None:
        self.world.see_other(picture, released=released)
        self.world.give(Ticked())

    # The people.

    @rule(
        action=st.sampled_from(Action),
        expires_in_s=expiries,
        seen=st.sampled_from([None, None, None, 0, -1]),
        by=people,
        authority=st.sampled_from([Authority.SCHEDULE, *[Authority.OPERATOR] * 3, Authority.LOCAL]),
        hold=seldom,
        automatic=seldom,
    )
    def order(self, action: Action, expires_in_s: float, seen: int | None, **more: object) -> None:
        version = None if seen is None else self.world.device.version + seen
        self._give(action, expires_in_s, seen=version, **more)

    @rule(settled=st.booleans(), fired=st.booleans(), by=people, hold=seldom, automatic=seldom)
    def secure(self, settled: bool, fired: bool, **more: object) -> None:
        """Order what a mover is for, from where it can be done."""
        if settled:
            self.settle("bottom" if self.spec.secures is Action.RAISE else "top")
        authority = Authority.EMERGENCY if fired else Authority.OPERATOR
        self._give(self.spec.secures, 20.0, authority=authority, **more)

    @rule(action=st.sampled_from([*Action, None, None, None]), expires_in_s=expiries, by=people, role=roles)
    def fire(self, action: Action | None, expires_in_s: float, by: str, role: str) -> None:
        self._give(action or self.spec.secures, expires_in_s, by=by, role=role, authority=Authority.EMERGENCY)

    @rule(
        switch=st.sampled_from(Switch),
        expires_in_s=expiries,
        by=people,
        role=roles,
        reason=st.sampled_from(["", "oil"]),
    )
    def switch(self, switch: Switch, expires_in_s: float, **more: object) -> None:
        self._give(switch, expires_in_s, **more)

    @precondition(lambda self: self.world.device.holds != Holds())
    @rule()
    def let_go(self) -> None:
        """Let the right people take back whatever they hold, so that more than a locked mover is seen."""
        for owner in dict.fromkeys(tag.owner for tag in self.world.device.holds.tags):
            self._give(Switch.LIFT, 1.0, by=owner)
        if (latch := self.world.device.holds.efo) is not None:
            self._give(Switch.RELEASE, 1.0, role="operator" if latch.role == "supervisor" else "supervisor")
        self._give(Switch.END_TEST, 1.0, role="supervisor")
        assert self.world.device.holds == Holds()

    def _give(self, action: Action | Switch, expires_in_s: float, **more: object) -> None:
        world, name = self.world, f"order-{len(self.world.orders)}"
        plain = Order(id=name, device="steel", action=action, principal="desk", expires=world.now + expires_in_s)
        order = replace(plain, **more)  # type: ignore[arg-type]
        world.order(order)
        if order.emergency and order.action is self.spec.secures and expires_in_s > 0:
            assert world.device.holds.efo is not None

    @precondition(lambda self: self.world.orders)
    @rule(data=st.data(), let_go=seldom)
    def hold(self, data: st.DataObject, let_go: bool) -> None:
        live = self.world.device.order
        names = [*self.world.orders, *([live.id] * 5 if live is not None else [])]
        self.world.give(Held(data.draw(st.sampled_from(names)), let_go))

    @rule(times=st.integers(1, 3), hurried=seldom, hold=st.booleans())
    def cycle(self, times: int, hurried: bool, hold: bool) -> None:
        """Let it open and secure again."""
        self.settle("top" if self.spec.secures is Action.RAISE else "bottom")
        for action in (self.spec.opens, self.spec.secures) * times:
            self._give(action, 20.0, hold=hold)
            self.world.calm(1.8, held=True)
            if self.world.device.moving:
                self.go_on(True, 0.6 if hurried else 3.0)
            if self.world.device.moving:
                self.arrive()
            self.world.answer()

    # Time.

    @rule(span=spans)
    def wait(self, span: float) -> None:
        self._check_rest(self.world.now + span)
        self.world.now += span
        self.world.give(Ticked())

    @rule()
    def sleep(self) -> None:
        """Let nothing happen but its own waking times: they never run hot."""
        world, wakes, looks = self.world, 0, 0
        until = world.now + 10.0
        while world.wake_at is not None and world.wake_at < until:
            before = world.now
            self._check_rest(world.wake_at)
            world.now = world.wake_at
            looks += bool(world.device.waiting)
            world.give(Ticked())
            assert world.now > before
            wakes += 1
            assert wakes <= 30 + looks <= 30 + 10.0 / LOOK_S + 30, "it runs hot"

    def _check_rest(self, until: float) -> None:
        """Check that nothing was to be done before its next waking time; one that waits looks again and again."""
        world = self.world
        end = until if world.wake_at is None else min(until, world.wake_at)
        if world.device.waiting or end < world.now + 1e-6:
            return
        step = kinds.step(world.device, Ticked(), world.neighbours, world.now + 0.999 * (end - world.now))
        # Cycles of more than an hour ago are forgotten without a word.
        assert replace(step.device, cycles=world.device.cycles) == world.device
        assert step.effects == ()

    # What is checked at every instant, and in the end.

    @invariant()
    def never(self) -> None:
        if hasattr(self, "world"):
            for check in (checks.feedback, checks.orders, checks.ways, checks.outputs):
                check(self.world)

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        world = self.world
        for unit in sorted(world.device.down):
            world.give(Restored(unit))
        self._end(answering=False)
        for name, life in world.lives.items():
            assert life[-1].ended, f"{name} {life}"
            assert sum(one.ended for one in life) == 1
        self._end(answering=True)
        released = {"command": 0} if "command" in self.spec.outputs else dict.fromkeys(self.spec.outputs, False)
        assert {name: world.coils.get(name, level) for name, level in released.items()} == released

    def _end(self, *, answering: bool) -> None:
        world = self.world
        until = world.now + 20.0 + ANSWER_S + 2 * self.spec.travel_s + RELEASE_S + RETRY_S
        while world.now < until:
            world.now += 0.5
            world.give(Sampled(seen(self.spec, "between", world.now)))
            if answering:
                world.answer()
