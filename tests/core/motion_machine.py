"""Everything that can happen to a mover: its field, and people, who fire, reset, lock out, test and hold as they like."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    precondition,
    rule,
)

from controller.core import kinds
from controller.core.command import Authority, Order, Switch
from controller.core.device import Held, Restored, Sampled, Ticked
from controller.core.modes import Holds
from controller.core.motion import LOOK_S
from controller.core.mover import Mover
from controller.core.outputs import ANSWER_S, RELEASE_S, RETRY_S
from controller.core.readings import bad
from controller.core.spec import Action
from tests.core.motion_field import Field, seldom
from tests.core.motion_ledger import LOOPS
from tests.core.motion_world import World
from tests.core.rig import seen

spans = st.sampled_from([0.0, 0.05, 0.2, 0.35, 0.35, 0.6, 0.6, 1.1, 3.0, 9.0, 3601.0])
people = st.sampled_from(["anna", "ben", "cleo"])
roles = st.sampled_from(["operator", "operator", "supervisor"])
expiries = st.sampled_from([-1.0, 0.0, 0.3, 5.0, 20.0, 20.0])
things = st.sampled_from([*LOOPS, "obstruction"])
usually = st.sampled_from([True] * 3 + [False])
authorities = st.sampled_from([Authority.SCHEDULE, Authority.OPERATOR, Authority.LOCAL])


class Anything(Field):
    """Everything that can happen to one mover, and what is checked of it."""

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

    @rule(name=things, fired=st.booleans(), acked=usually, blind=seldom, again=st.booleans())
    def run_into(self, name: str, fired: bool, acked: bool, blind: bool, again: bool) -> None:
        """Let the securing motion meet something on its way, and perhaps begin again by itself."""
        self.secure(True, fired)
        self.world.calm(2.4, held=True)
        if acked:
            self.go_on(True, 0.6)
        self.meet(name)
        if blind and "obstruction" in self.spec.inputs:
            self.world.give(Sampled({"obstruction": bad(self.world.now)}))
        if again:
            self.go_on(False, 0.6)
            self.secure(True, False, automatic=True)
            self.world.calm(6.0, held=False)
            self.go_on(False, 3.0)
            if self.world.device.moving:
                self.arrive()

    # The people.

    @rule(
        action=st.sampled_from(Action),
        expires_in_s=expiries,
        seen=st.sampled_from([None, None, None, 0, -1]),
        by=people,
        authority=st.sampled_from([Authority.SCHEDULE, *[Authority.OPERATOR] * 3, Authority.LOCAL]),
        hold=seldom,
        automatic=seldom,
        person=st.booleans(),
    )
    def order(self, action: Action, expires_in_s: float, seen: int | None, **more: object) -> None:
        version = None if seen is None else self.world.device.version + seen
        self.give_order(action, expires_in_s, seen=version, **more)

    @rule(settled=st.booleans(), fired=st.booleans(), by=people, hold=seldom, automatic=seldom)
    def secure(self, settled: bool, fired: bool, **more: object) -> None:
        """Order what a mover is for, from where it can be done."""
        if settled:
            self.settle("bottom" if self.spec.secures is Action.RAISE else "top")
        authority = Authority.EMERGENCY if fired else Authority.OPERATOR
        self.give_order(self.spec.secures, 20.0, authority=authority, **more)

    @rule(action=st.sampled_from([*Action, None, None, None]), expires_in_s=expiries, by=people, role=roles)
    def fire(self, action: Action | None, expires_in_s: float, by: str, role: str) -> None:
        self.give_order(action or self.spec.secures, expires_in_s, by=by, role=role, authority=Authority.EMERGENCY)

    @rule(
        switch=st.sampled_from(Switch),
        expires_in_s=expiries,
        by=people,
        role=roles,
        reason=st.sampled_from(["", "oil"]),
        person=st.booleans(),
    )
    def switch(self, switch: Switch, expires_in_s: float, **more: object) -> None:
        self.give_order(switch, expires_in_s, **more)

    @rule(
        how=st.sampled_from([Switch.LOCK_OUT, Switch.TEST, Switch.RELEASE]),
        moved=st.booleans(),
        action=st.sampled_from([Action.RAISE, Action.LOWER]),
        undone=st.integers(0, 2),
        by=people,
        then=people,
        role=roles,
        authority=authorities,
    )
    def meddle(self, how: Switch, moved: bool, action: Action, undone: int, by: str, **other: object) -> None:
        """Let somebody lock it out, test it or fire, in motion or at rest, and another undo that and order as if nothing were."""
        then, role, authority = (other[name] for name in ("then", "role", "authority"))
        if moved:
            self.secure(True, False)
            self.world.calm(2.4, held=True)
            self.go_on(True, 0.6)
            self.give_order(action, 20.0, by=then, authority=authority)
        else:
            self.settle("bottom" if action is Action.RAISE else "top")
        fired = how is Switch.RELEASE
        if fired:
            self.give_order(self.spec.secures, 20.0, by=by, authority=Authority.EMERGENCY)
        else:
            self.give_order(how, 20.0, by=by, reason="oil")
        undo = {Switch.LOCK_OUT: Switch.LIFT, Switch.TEST: Switch.END_TEST}.get(how, how)
        for _ in range(undone):
            self.give_order(undo, 20.0, by=then, role=role)
        self.give_order(action, 20.0, by=then, authority=authority)
        self.world.calm(1.8, held=True)

    @rule(
        action=st.sampled_from(["open", "open", Switch.RELEASE, Switch.LIFT]),
        asked=st.lists(st.tuples(people, roles, st.sampled_from([0.0, 1.0, 59.0, 61.0])), min_size=2, max_size=4),
        fired=st.booleans(),
        works=seldom,
    )
    def together(self, action: str, asked: list[tuple[str, str, float]], fired: bool, works: bool) -> None:
        """Let people who have proven who they are ask for the same, one after the other, of a mover that blocks its way."""
        self.settle("bottom" if self.spec.secures is Action.LOWER else "top")
        if fired:
            self.give_order(self.spec.secures, 20.0, by="dan", authority=Authority.EMERGENCY)
        if works:
            self.give_order(Switch.LOCK_OUT, 20.0, by="luc", reason="oil")
        for by, role, then_s in asked:
            motion = self.spec.opens if action == "open" else Switch(action)
            self.give_order(motion, 20.0, by=by, role=role, person=True)
            self.world.calm(then_s, held=True)
        self.go_on(True, 0.6)

    @precondition(lambda self: self.world.device.holds != Holds())
    @rule()
    def let_go(self) -> None:
        """Let the right people take back whatever they hold, so that more than a locked mover is seen."""
        for owner in dict.fromkeys(tag.owner for tag in self.world.device.holds.tags):
            self.give_order(Switch.LIFT, 1.0, by=owner)
        if (latch := self.world.device.holds.efo) is not None:
            self.give_order(Switch.RELEASE, 1.0, role="operator" if latch.role == "supervisor" else "supervisor")
        self.give_order(Switch.END_TEST, 1.0, role="supervisor")
        assert self.world.device.holds == Holds()

    def give_order(self, action: Action | Switch, expires_in_s: float, **more: object) -> None:
        world, name = self.world, f"order-{len(self.world.orders)}"
        plain = Order(id=name, device="steel", action=action, principal="desk", expires=world.now + expires_in_s)
        order = replace(plain, **more)  # type: ignore[arg-type]
        order = replace(order, principal=order.by) if order.person else order
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
            self.give_order(action, 20.0, hold=hold)
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
        assert replace(cast(Mover, step.device), cycles=world.device.cycles) == world.device
        assert step.effects == ()

    # What is checked in the end.

    def teardown(self) -> None:
        if not hasattr(self, "world") or self.world.broken:
            # What has failed already would only be hidden by what fails because of it.
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
        assert {name: world.coils.get(name) for name in released} == released

    def _end(self, *, answering: bool) -> None:
        world = self.world
        until = world.now + 20.0 + ANSWER_S + 2 * self.spec.travel_s + RELEASE_S + RETRY_S
        while world.now < until:
            world.now += 0.5
            world.give(Sampled(seen(self.spec, "between", world.now)))
            if answering:
                world.answer()
