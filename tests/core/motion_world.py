"""Everybody but the core, for the model of a mover: the wire, the switches, the neighbours, the people, and what they know.

What is known here is known without the core: which lamp has shown what since when, who gave which order, what went out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import cast

from controller.core import kinds
from controller.core.command import Life, Order, Switch
from controller.core.device import (
    Device,
    DriveTo,
    Event,
    Held,
    Lost,
    Ordered,
    Progress,
    Restored,
    Sampled,
    Step,
    Wrote,
)
from controller.core.mover import Mover
from controller.core.readings import Value, good
from controller.core.spec import Action, Kind, MoverSpec, Spec
from tests.core import motion_checks as checks
from tests.core.motion_ledger import CALM, LOOPS, Ledger, Trip, Wear, Wires
from tests.core.rig import BEACON, BOLLARD, LOOP, MAX_AGE_S, SIGNAL, answered, seen

OTHER = replace(BOLLARD, id="other")
CROSSING = Spec(
    id="crossing", kind=Kind.TRAFFIC_CONTROLLER, inputs=dict.fromkeys(("flashing", "dark", "failure"), MAX_AGE_S)
)
HELD_S = 1.0
NEIGHBOURS: dict[str, Spec] = {
    **{name: replace(LOOP, id=name) for name in LOOPS},
    "beacon": BEACON,
    "signal": SIGNAL,
    "crossing": CROSSING,
}


@dataclass(frozen=True)
class Sight:
    """What a neighbour's inputs have said without a gap since `since`, last at `looked`."""

    inputs: dict[str, bool]
    since: float
    looked: float


class World:
    """One mover, what stands around it, and what has been said."""

    def __init__(self, spec: MoverSpec) -> None:
        self.spec, self.now = spec, 100.0
        self.device = cast(Mover, kinds.new_device(spec, frozenset({"io", "io2"}), self.now))
        self.neighbours: dict[str, Device] = {}
        self.sights: dict[str, Sight] = {}
        self.wire: list[DriveTo] = []
        self.coils: dict[str, Value] = {}
        self.lives: dict[str, list[Life]] = {}
        self.orders: dict[str, Order] = {}
        self.started: set[str] = set()
        self.taken_back: set[str] = set()
        self.agreed: set[str] = set()
        self.held_until: dict[str, float] = {}
        self.born: dict[str, int] = {}
        self.wires, self.ledger = Wires(spec, {"io", "io2"}), Ledger()
        self.trip, self.wear = Trip(), Wear()
        self.other: tuple[str, float] = ("unseen", 0.0)
        self.other_released = False
        self.asked_since = 0.0
        self.cut_off, self.cut_short, self.read_again = True, False, True
        self.off_since = self.cut_at = math.inf
        self.wake_at: float | None = None
        self.broken = False

    # What can happen.

    def give(self, event: Event) -> None:
        """Let one event happen now, and check what becomes of it."""
        before, self.broken = self.device, True
        off = all(self.coils.get(name, True) in (False, 0) for name in self.spec.outputs if name != "stop")
        self.off_since = min(self.off_since, self.now) if off else math.inf
        step = kinds.step(before, event, self.neighbours, self.now)
        self._learn(before, event, step)
        rested_at = min(self.off_since, self.cut_at + self.spec.travel_s)
        self.read_again = self.read_again or self.wires.read_since(rested_at)
        self.device, self.wake_at = cast(Mover, step.device), step.wake_at
        checks.wakes(self)
        checks.change(self, before, event)
        self._went(before)
        for effect in step.effects:
            if isinstance(effect, Progress):
                checks.progress(self, effect, before, event, step)
            else:
                checks.drive(self, effect, before)
                # What has not gone out is taken back.
                self.wire = [drive for drive in self.wire[:1] if drive.number % 3 == 0] + [effect]
                self.trip.drive = effect.number if any(level for _, level in effect.levels) else self.trip.drive
        if isinstance(event, Ordered):
            self._heard(event.order)
        for check in (checks.people, checks.feedback, checks.orders, checks.ways, checks.outputs):
            check(self)
        self.broken = False

    def _learn(self, before: Mover, event: Event, step: Step) -> None:
        self.wires.learn(event, self.now)
        if isinstance(event, Lost) or (isinstance(event, Restored) and event.unit not in before.down):
            # What a unit does with its outputs while it is gone is not known (R26).
            self.cut_off, self.coils = True, {}
        if isinstance(event, Wrote) and event.drive == self.trip.drive and event.failed is None:
            self.trip.acked_at = self.now if self.trip.acked_at is None else self.trip.acked_at
        if isinstance(event, Held) and self.now < self.held_until.get(event.order, 0.0):
            self.held_until[event.order] = self.now if event.let_go else self.now + HELD_S
        if isinstance(event, Ordered):
            order, live = event.order, before.order if before.waiting else None
            self.held_until[order.id], self.born[order.id] = self.now + HELD_S, self.wires.epoch
            lives = [told.life for told in step.effects if isinstance(told, Progress) and told.order == order.id]
            if isinstance(order.action, Switch) or Life.ACCEPTED not in lives:
                return
            same = live is not None and (live.action, live.emergency) == (order.action, order.emergency)
            self.asked_since = self.asked_since if same else self.now

    def _went(self, before: Mover) -> None:
        """Keep the clock of the motion, and count what was secured and what was taken back."""
        after = self.device
        if after.state == before.state:
            return
        if before.motion is self.spec.secures and after.state == self.spec.secured_state:
            self.wear.secured.append(self.now)
            self.wear.returns = 0
        arrived = {"raising": "raised", "lowering": "lowered"}.get(before.state) == after.state
        if before.moving or after.moving or after.state in ("raised", "lowered"):
            self.cut_short = before.moving and not after.moving and not arrived
            self.read_again, self.cut_at = not self.cut_short, self.now
        if after.moving:
            self.trip, self.cut_off = Trip(whole=before.state in ("raised", "lowered")), False
            self.wear.returns += bool(after.returning)

    def _heard(self, order: Order) -> None:
        """Write down what the order changed beside the steel."""
        if self.now < order.expires and order.emergency and order.action is self.spec.secures:
            self.ledger.fires(order)
        obeyed = self.lives[order.id][-1] not in (Life.REFUSED, Life.FAILED)
        if obeyed and order.action is self.spec.secures and not order.automatic:
            self.wear.returns = 0

    def order(self, order: Order) -> None:
        """Give an order; it is accepted or refused at once."""
        self.orders[order.id], self.lives[order.id] = order, [Life.RECEIVED]
        if order.emergency or order.action is Action.STOP:
            self.ledger.wishes = {}
        taken = None
        if isinstance(order.action, Switch):
            taken = self.now < order.expires and self.ledger.takes(order, self.now, free=self.says("local") is False)
        self.give(Ordered(order))
        assert self.lives[order.id][1] in (Life.ACCEPTED, Life.REFUSED)
        assert taken is None or taken is (self.lives[order.id][-1] is Life.CONFIRMED)

    def look(self, name: str, inputs: dict[str, bool]) -> None:
        """Let the inputs of a neighbour say this."""
        spec = NEIGHBOURS[name]
        device = self.neighbours.get(name) or kinds.new_device(spec, frozenset(), self.now)
        event = Sampled({signal: good(level, self.now) for signal, level in inputs.items()})
        around = {**self.neighbours, self.spec.id: self.device}
        self.neighbours[name] = answered(device, event, around, self.now)
        held = self.sights.get(name)
        same = held is not None and held.inputs == inputs and self.now < held.looked + MAX_AGE_S
        self.sights[name] = Sight(inputs, held.since if held is not None and same else self.now, self.now)

    def see_other(self, picture: str, *, released: bool = True) -> None:
        """Put the other row of the airlock where `picture` says, its outputs released, or not known to be."""
        row = self.neighbours.get("other") or kinds.new_device(OTHER, frozenset(), self.now)
        shown = cast(Mover, kinds.step(row, Sampled(seen(OTHER, picture, self.now)), {}, self.now).device)
        if released:
            shown = cast(Mover, kinds.step(shown, Wrote(shown.drive), {}, self.now).device)
        self.neighbours["other"] = shown
        self.other, self.other_released = (picture, self.now), released or self.other_released

    def calm(self, seconds: float, *, held: bool, but: str = "") -> None:
        """Let time pass with the steel where it is and nothing in the way; of `but` nothing is heard.

        The button of the live order is held or not.
        """
        for _ in range(round(seconds / 0.6)):
            self.now += 0.6
            for name, inputs in CALM.items():
                if name != but:
                    self.look(name, inputs)
            if self.spec.airlock_with and but != "other":
                self.see_other("top")
            again = {name: replace(reading, taken=self.now) for name, reading in self.device.readings.items()}
            calm = {name: good(False, self.now) for name in ("estop", "obstruction") if name in self.spec.inputs}
            self.give(Sampled({name: reading for name, reading in {**again, **calm}.items() if name != but}))
            if held and self.device.order is not None:
                self.give(Held(self.device.order.id))

    def answer(self) -> None:
        """Let the wire set all that was asked for, and say so."""
        while self.wire:
            drive = self.wire.pop(0)
            late = self.now >= drive.deadline
            self.switch(drive, 0 if late else len(drive.levels))
            self.give(Wrote(drive.number, Life.EXPIRED, "expired") if late else Wrote(drive.number))

    def switch(self, drive: DriveTo, count: int) -> None:
        """Let the wire set the first `count` levels of a write, one after the other."""
        for name, level in drive.levels[:count]:
            self.coils[name] = level
            assert sum(bool(self.coils.get(name)) for name in ("raise", "lower", "stop")) <= 1

    # What is known.

    def shows(self, name: str, **inputs: bool) -> bool:
        """Tell whether the neighbour says this, freshly."""
        sight = self.sights.get(name)
        return sight is not None and self.now < sight.looked + MAX_AGE_S and sight.inputs == inputs

    def says(self, signal: str) -> bool | None:
        """Read an input of the mover; one that it does not have is never active."""
        return self.wires.says(signal, self.now)

    @property
    def place(self) -> str:
        """Say where the limit switches put the steel."""
        return self.wires.place(self.now)

    def met(self, order: Order) -> bool:
        """Tell whether something is surely in the way, other than what `order` may ignore."""
        ignored = order.emergency and self.spec.efo_ignores_presence
        there = (self.sights.get(name) for name in self.spec.presence if not ignored)
        fresh = [s.inputs for s in there if s is not None and self.now < s.looked + MAX_AGE_S]
        return bool(self.says("obstruction")) or any(inputs == {"detect": True, "fault": False} for inputs in fresh)

    @property
    def other_secured(self) -> bool:
        """Tell whether the other row of the airlock surely blocks the way and will go on to."""
        picture, taken = self.other
        return picture == "top" and self.now < taken + MAX_AGE_S and self.other_released
