"""What only looks: loops, radars, people counters, contacts."""

from __future__ import annotations

from math import cos, pi
from random import Random
from typing import ClassVar

from simulators.plants.base import Orders, Output, Still
from simulators.world import World

MPH_DEAF_BELOW = 4
MPH_TOP = 255


class Loop(Still):
    """An induction loop or photo-eye between two points of a lane.

    A broken or shorted loop shows its fault and detects nothing: the harder of the two ways that detectors fail.
    """

    SAYS: ClassVar[frozenset[str]] = frozenset({"detect", "fault", "open", "short"})
    NEEDS: ClassVar[frozenset[str]] = frozenset({"detect"})

    def __init__(self, name: str, lane: str, from_m: float, to_m: float) -> None:
        super().__init__(name)
        self.lane, self.from_m, self.to_m = lane, from_m, to_m
        self.broken = self.shorted = False
        self.occupied = False

    def sense(self, world: World) -> None:
        """Feel for a vehicle."""
        self.occupied = world.occupied(self.lane, self.from_m, self.to_m)

    def update(self, now: float, orders: Orders) -> Output:
        """Say what the detector says."""
        fault = self.broken or self.shorted or not self.power
        says = {"detect": self.occupied and not fault, "fault": fault, "open": self.broken, "short": self.shorted}
        return Output({role: (value,) for role, value in says.items()})


class Radar(Still):
    """A speed radar: the speed of the nearest vehicle in its range, in whole km/h, 0 when none or too slow."""

    SAYS: ClassVar[frozenset[str]] = frozenset({"speed"})
    NEEDS: ClassVar[frozenset[str]] = SAYS

    def __init__(self, name: str, lane: str, at_m: float, range_m: float) -> None:
        super().__init__(name)
        self.lane, self.at_m, self.range_m = lane, at_m, range_m
        self.kmh = 0

    def sense(self, world: World) -> None:
        """Look for the nearest vehicle."""
        vehicle = world.nearest(self.lane, self.at_m, self.range_m)
        kmh = 0 if vehicle is None else round(abs(vehicle.speed_mps) * 3.6)
        self.kmh = 0 if kmh < MPH_DEAF_BELOW else min(kmh, MPH_TOP)

    def update(self, now: float, orders: Orders) -> Output:
        """Say the speed."""
        return Output({"speed": (self.kmh,)})


class Counter(Still):
    """People on a square: a random walk about what is usual at that time of day. Starts `day_s` seconds after midnight."""

    SAYS: ClassVar[frozenset[str]] = frozenset({"count", "max"})
    NEEDS: ClassVar[frozenset[str]] = frozenset({"count"})
    EVERY_S = 1.0

    def __init__(self, name: str, usual: int, rng: Random, day_s: float) -> None:
        super().__init__(name)
        self.people = usual
        self.highest = usual
        self._usual, self._rng, self._day_s = usual, rng, day_s
        self._next = 0.0

    def update(self, now: float, orders: Orders) -> Output:
        """Let people come and go, once a second."""
        while self._next <= now:
            # Busiest in mid-afternoon, a third of that at night.
            expected = self._usual * (2 / 3 + cos((self._day_s + self._next - 54000) / 86400 * 2 * pi) / 3)
            drift = 0.05 * (expected - self.people)
            self.people = max(0, self.people + round(drift + self._rng.gauss(0, 1 + self._usual / 100)))
            self._next += self.EVERY_S
        self.highest = max(self.highest, self.people)
        return Output({"count": (self.people,), "max": (self.highest,)})

    def act(self, world: World) -> None:
        """Let the world know how many there are."""
        world.people[self.name] = self.people


class Contact(Still):
    """A dry contact: a door, the mains, a battery. `level` is the input's level, `normal` what it is undisturbed."""

    SAYS: ClassVar[frozenset[str]] = frozenset({"contact"})
    NEEDS: ClassVar[frozenset[str]] = SAYS

    def __init__(self, name: str, normal: bool) -> None:
        super().__init__(name)
        self.normal = normal
        self.level = normal

    def update(self, now: float, orders: Orders) -> Output:
        """Say the level."""
        return Output({"contact": (self.level,)})


class TrafficController(Still):
    """The return contacts of a traffic controller; `fails` says how it fails, empty while it is in normal operation."""

    WAYS = ("flashing", "dark", "failure")
    SAYS: ClassVar[frozenset[str]] = frozenset(WAYS)
    NEEDS: ClassVar[frozenset[str]] = frozenset({"flashing", "dark"})

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.fails = ""

    def update(self, now: float, orders: Orders) -> Output:
        """Say how it is. Without power its lamps are dark; the return contacts have a supply of their own."""
        fails = self.fails if self.power else "dark"
        return Output({way: (way == fails,) for way in self.WAYS})
