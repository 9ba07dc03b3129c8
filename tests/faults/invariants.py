"""What must never happen, whatever befalls the site. Each is looked at after every event, against the world and the wire.

An invariant counts how often it was put to the test: one that never was proves nothing, and is reported as vacuous.
The letters are those of the issue that asks for them; `ALL` lists them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from controller.core.spec import Action
from controller.ledger import Command, Request
from tests.faults.knowledge import Knowledge
from tests.faults.trace import Witness
from tests.faults.wires import Frame

CLEAR_S = 1.0
ROUNDING_S = 1e-6
"""The sum of two moments is as exact as floating point is."""


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant that did not hold: when, which, where and how."""

    at: float
    invariant: str
    device: str
    detail: str

    def __str__(self) -> str:
        return f"at {self.at:.3f} s: ({self.invariant}) {self.device}: {self.detail}"


class Invariant(Witness):
    """One thing that must hold. `tried` counts how often it could have been broken."""

    letter: ClassVar[str]
    says: ClassVar[str]

    def __init__(self, known: Knowledge, broken: list[Broken]) -> None:
        self.known, self.bench, self._broken, self.tried = known, known.bench, broken, 0

    def breaks(self, device: str, detail: str) -> None:
        """Record that it did not hold."""
        self._broken.append(Broken(self.bench.now, self.letter, device, detail))

    def sent(self, frame: Frame) -> None:
        for mover, action in self.known.starts(frame):
            self.starts(mover, action, frame)

    def starts(self, mover: str, action: Action, frame: Frame) -> None:
        """A frame that orders a motion was sent."""

    def stale(self, mover: str, signals: Sequence[str]) -> list[str]:
        """Name the signals of which nothing fresh was delivered."""
        return [signal for signal in signals if not self.known.fresh(mover, signal)]


class Presence(Invariant):
    """(c): the securing motion is not started while something is in the way, or may be, or was until a second ago (R09, R29)."""

    letter, says = "c", "no raise while presence is true, unknown or cleared under a second ago"

    def starts(self, mover: str, action: Action, frame: Frame) -> None:
        spec, now = self.known.movers[mover], self.bench.now
        if action is not spec.secures:
            return
        for loop in spec.presence:
            self.tried += 1
            view, ages = self.known.loops[loop], self.known.spec(loop).inputs
            there = self.known.occupied_s(loop)
            if there > self.known.reaction_s(loop) + ROUNDING_S:
                self.breaks(mover, f"{action} sent while {loop} had been occupied for {there:.2f} s")
            if old := self.stale(loop, list(ages)):
                self.breaks(mover, f"{action} sent, and nothing fresh is known of {loop}'s {', '.join(old)}")
            elif view.state != "clear":
                self.breaks(
                    mover, f"{action} sent, and the wire has said for {now - view.since:.3f} s: {loop} {view.state}"
                )
            elif view.state == "clear" and now - view.since < CLEAR_S - ROUNDING_S:
                self.breaks(mover, f"{action} sent, and {loop} is clear for {now - view.since:.3f} s only")


class Strike(Invariant):
    """(c) in the world: steel that is driven does not meet a vehicle that the wire had shown for long enough."""

    letter, says = "c", "no steel driven against a vehicle that the wire shows"
    REACT_S = 0.6

    def __init__(self, known: Knowledge, broken: list[Broken]) -> None:
        super().__init__(known, broken)
        self._seen = 0

    def stepped(self, now: float) -> None:
        fresh, self._seen = self.bench.world.violations[self._seen :], len(self.bench.world.violations)
        for violation in fresh:
            if violation.kind == "strike" and violation.plant in self.known.movers:
                self._judge(violation.plant, violation.detail, now)

    def _judge(self, mover: str, detail: str, now: float) -> None:
        spec = self.known.movers[mover]
        self.tried += 1
        for loop in spec.presence:
            react = self.known.reaction_s(loop) + self.REACT_S
            calm = not self.known.disturbed(loop, react) and not self.known.disturbed(mover, react)
            driven = self.known.output_on(mover, spec.secures)
            if calm and self.bench.service.alive and driven and self.known.occupied_s(loop) > react:
                self.breaks(mover, f"{detail}, and {loop} had shown it for more than {react:.2f} s")


class Airlock(Invariant):
    """(d): the rows of an airlock are never both opened by command (PAS 69)."""

    letter, says = "d", "an airlock never opens both rows by command"

    def __init__(self, known: Knowledge, broken: list[Broken]) -> None:
        super().__init__(known, broken)
        self._left_by_command: dict[str, bool] = {}
        self._both: set[frozenset[str]] = set()

    def starts(self, mover: str, action: Action, frame: Frame) -> None:
        spec = self.known.movers[mover]
        other = self.known.movers.get(spec.airlock_with)
        if action is not spec.opens or other is None:
            return
        self.tried += 1
        limits = other.tops if other.secures is Action.RAISE else other.bottoms
        wrong = [signal for signal in limits if self.known.says(other.id, signal) is not True]
        if wrong:
            self.breaks(mover, f"{action} sent, and the wire does not show {other.id} secured ({', '.join(wrong)})")
        if self.known.output_on(other.id, other.opens):
            self.breaks(mover, f"{action} sent while the output that opens {other.id} is on")

    def stepped(self, now: float) -> None:
        for name, spec in self.known.movers.items():
            if not spec.airlock_with:
                continue
            if self.bench.world.secured(name):
                self._left_by_command.pop(name, None)
            else:
                self._left_by_command.setdefault(name, self.known.output_on(name, spec.opens))
        for name, spec in self.known.movers.items():
            pair = frozenset((name, spec.airlock_with))
            both = all(self._left_by_command.get(row) for row in pair)
            if both and pair not in self._both:
                self.breaks(name, f"it and {spec.airlock_with} are both open, and both were opened by command")
            (self._both.add if both else self._both.discard)(pair)


class Permitted(Invariant):
    """(e): no motion is started under maintenance, in local, or from a state that is not known (R18, R19)."""

    letter, says = "e", "no motion started under maintenance, local or unknown state"

    def starts(self, mover: str, action: Action, frame: Frame) -> None:
        spec = self.known.movers[mover]
        self.tried += 1
        if old := self.stale(mover, (*spec.tops, *spec.bottoms)):
            self.breaks(mover, f"{action} sent, and nothing fresh is known of {', '.join(old)}")
        if "local" in spec.inputs and self.known.says(mover, "local") is not False:
            self.breaks(mover, f"{action} sent, and the key switch is not known to be in remote")
        there = self.known.local_s(mover)
        if there > self.known.reaction_s(mover) + ROUNDING_S:
            self.breaks(mover, f"{action} sent, and the key switch had been in local for {there:.2f} s")
        self._held_by_people(mover, action)

    def _held_by_people(self, mover: str, action: Action) -> None:
        holds, order = self.known.holds, self.known.owner.get(mover)
        if owner := holds.locked(mover):
            self.breaks(mover, f"{action} sent, and {owner} has locked it out")
        if order is None or mover in self.known.returning:
            return
        if holds.latched(mover) and not order.emergency:
            self.breaks(mover, f"{action} sent for {order.id}, and an emergency is latched")
        if (tester := holds.tester(mover)) and order.who != tester:
            self.breaks(mover, f"{action} sent for {order.id} of {order.who}, and {tester} holds it in test")

    def answered(self, request: Request, command: Command | None) -> None:
        self._tell_wrongs()

    def crashed(self) -> None:
        self._tell_wrongs()

    def _tell_wrongs(self) -> None:
        wrongs, self.known.holds.wrongs = self.known.holds.wrongs, []
        for mover, detail in wrongs:
            self.breaks(mover, detail)


class Opposites(Invariant):
    """(k): opposite outputs are never on together."""

    letter, says = "k", "opposite outputs never on together"

    def arrived(self, frame: Frame) -> None:
        spec = self.known.movers.get(frame.device)
        if spec is None:
            return
        self.tried += 1
        if all(self.known.output_on(spec.id, action) for action in (Action.RAISE, Action.LOWER)):
            self.breaks(spec.id, "raise and lower are on together")
