"""Steel that moves between two limit switches: what bollards, booms and wedges share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from simulators.plants.base import Orders, Output
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
    SAYS: ClassVar[frozenset[str]] = frozenset({"raised", "lowered", "local", "estop", "obstruction"})
    NEEDS: ClassVar[frozenset[str]] = frozenset({"raised", "lowered"})

    def __init__(self, name: str, steel: Steel, rng: Random) -> None:
        self.name = name
        self.power = True
        self.key = Key()
        self.jammed: set[int] = set()
        self.obstructed = False
        self.by_hand: float | None = None
        self.positions = [steel.start] * len(steel.speeds)
        self._steel = steel
        self._last = 0.0
        self._raised = [LimitSwitch(rng, steel.bounce_s, p >= 1 - END) for p in self.positions]
        self._lowered = [LimitSwitch(rng, steel.bounce_s, p <= END) for p in self.positions]
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
            push = self.direction(now, orders)
        for member, speed in enumerate(self._steel.speeds):
            self._move(member, push, elapsed * speed / self._steel.travel_s)
        wrongs, self._wrongs = tuple(self._wrongs), []
        says = {
            "raised": tuple(s.read(now, p >= 1 - END) for s, p in zip(self._raised, self.positions, strict=True)),
            "lowered": tuple(s.read(now, p <= END) for s, p in zip(self._lowered, self.positions, strict=True)),
            "local": (self.key.local,),
            "estop": (self.key.stopped,),
            "obstruction": (self.obstructed,),
        }
        return Output(says, wrongs)

    def act(self, world: World) -> None:
        """Stand where it stands."""
        world.move_steel(self.name, tuple(self.positions))

    def wrong(self, kind: str, detail: str) -> None:
        """Take note that something was done to the drive that must never be."""
        self._wrongs.append((kind, detail))

    def _move(self, member: int, push: int, step: float) -> None:
        at = self.positions[member]
        if member in self.jammed:
            return
        if self.by_hand is not None:
            gap = self.by_hand - at
            self.positions[member] = at + max(-step, min(step, gap))
            if all(abs(p - self.by_hand) < END / 2 for p in self.positions):
                self.by_hand = None
        elif push:
            # Rounded, so that many small steps end where one large one does.
            self.positions[member] = round(max(0.0, min(1.0, at + push * step)), 9)
