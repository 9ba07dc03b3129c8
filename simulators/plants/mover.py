"""Steel that moves between two limit switches: what bollards, booms and wedges share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from simulators.plants.base import Orders, Output
from simulators.plants.ills import ENDS, Ills
from simulators.plants.limit_switch import LimitSwitch
from simulators.world import World

END = 0.001
"""The part of the travel within which a limit switch is made."""


@dataclass(frozen=True, slots=True)
class Steel:
    """How it is built: seconds from end to end, each member's speed relative to that, and where it stands at first."""

    travel_s: float
    speeds: Sequence[float] = (1.0,)
    start: float = 0.0
    bounce_s: float = 0.03


@dataclass(slots=True)
class Key:
    """The panel at the equipment, a key switch and an emergency stop, which several drives may share."""

    local: bool = False
    stopped: bool = False


class Mover:
    """Positions, limit switches, the local key, the emergency stop, a pressed edge, a hand pump.

    A subclass says which way its drive pushes. A pressed edge only tells; the emergency stop cuts the drive by itself.
    """

    ORDERS: ClassVar[frozenset[str]] = frozenset()
    SAYS: ClassVar[frozenset[str]] = frozenset({"raised", "lowered", "local", "estop", "obstruction", "position"})
    NEEDS: ClassVar[frozenset[str]] = frozenset({"raised", "lowered"})

    def __init__(self, name: str, steel: Steel, rng: Random) -> None:
        self.name = name
        self.power = True
        self.key = Key()
        self.jammed: set[int] = set()
        self.obstructed = False
        self.by_hand: float | None = None
        self.positions = [steel.start] * len(steel.speeds)
        self.ills = Ills(len(self.positions))
        self._steel = steel
        self._last = 0.0
        self._limits = {
            end: [LimitSwitch(rng, steel.bounce_s, self._at(end, p)) for p in self.positions] for end in ENDS
        }
        self._wrongs: list[tuple[str, str]] = []

    @property
    def members(self) -> int:
        """Return how many pieces of steel move together."""
        return len(self.positions)

    def sense(self, world: World) -> None:
        """Feel nothing: a drive without loops of its own."""

    def direction(self, now: float, orders: Orders) -> int:
        """Return +1 to raise, -1 to lower, 0 to hold; called only while remote and powered."""
        raise AssertionError("abstract")

    def rest(self, orders: Orders) -> None:
        """Take note of orders that cannot act: local mode, a pressed emergency stop, or no power."""

    def update(self, now: float, orders: Orders) -> Output:
        """Move since the last time as then ordered, and say where the limit switches are."""
        elapsed, self._last = now - self._last, now
        if self.key.local or self.key.stopped or not self.power:
            self.rest(orders)
            push = 0
        else:
            push = self.ills.driven(self.direction(now, orders))
        push = -1 if self.ills.released.now else self.ills.coasted(now, push)
        for member, speed in enumerate(self._steel.speeds):
            self._move(member, push, elapsed * speed / self._steel.travel_s, elapsed)
        wrongs, self._wrongs = tuple(self._wrongs), []
        says = {
            "raised": self._made("raised", now),
            "lowered": self._made("lowered", now),
            "local": (self.key.local,),
            "estop": (self.key.stopped,),
            "obstruction": (self.obstructed,),
            "position": (round(100 * sum(self.positions) / len(self.positions)),),
        }
        return Output(says, wrongs)

    def act(self, world: World) -> None:
        """Stand where it stands."""
        world.move_steel(self.name, tuple(self.positions))

    def wrong(self, kind: str, detail: str) -> None:
        """Take note that something was done to the drive that must never be."""
        self._wrongs.append((kind, detail))

    def _made(self, end: str, now: float) -> tuple[bool, ...]:
        late_s = self.ills.late_s[end].now
        switches = zip(self._limits[end], self.positions, strict=True)
        return tuple(switch.read(now, self._at(end, p), late_s) for switch, p in switches)

    def _at(self, end: str, position: float) -> bool:
        """Tell whether the limit switch of an end is reached."""
        within = max(END, self.ills.early[end].now)
        return position >= 1 - within if end == "raised" else position <= within

    def _move(self, member: int, push: int, step: float, elapsed: float) -> None:
        at = self.positions[member]
        if member in self.jammed:
            return
        step *= self.ills.strength[member].now
        if (held := self.ills.pushed.now) is not None:
            self.positions[member] = round(at + max(-step, min(step, held - at)), 9)
        elif self.by_hand is not None:
            gap = self.by_hand - at
            self.positions[member] = at + max(-step, min(step, gap))
            if all(abs(p - self.by_hand) < END / 2 for p in self.positions):
                self.by_hand = None
        elif push:
            # Rounded, so that many small steps end where one large one does.
            self.positions[member] = round(self.ills.moved(at, max(0.0, min(1.0, at + push * step))), 9)
        elif self.ills.sinks.now:
            self.positions[member] = round(max(0.0, at - self.ills.sinks.now * elapsed), 9)
