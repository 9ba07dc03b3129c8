"""What only looks: loops, radars, people counters, contacts."""

from __future__ import annotations

from math import cos, pi
from random import Random
from typing import ClassVar

from simulators.ill import Ill
from simulators.plants.base import Orders, Output, Still
from simulators.world import World

MPH_DEAF_BELOW = 4
MPH_TOP = 255
PHANTOM_S = 1.0
"""How long a vehicle that is not there stays."""


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
        self.shows: Ill[bool | None] = Ill(None)
        self.hears: Ill[Loop | None] = Ill(None)
        self.forgets_s: Ill[float | None] = Ill(None)
        self.dreams_s: Ill[float | None] = Ill(None)
        self._elsewhere = False
        self._clear_at = 0.0

    def sense(self, world: World) -> None:
        """Feel for a vehicle."""
        self.occupied = world.occupied(self.lane, self.from_m, self.to_m)
        other = self.hears.now
        self._elsewhere = other is not None and world.occupied(other.lane, other.from_m, other.to_m)

    def update(self, now: float, orders: Orders) -> Output:
        """Say what the detector says."""
        fault = self.broken or self.shorted or not self.power
        says = {"detect": self._detects(now) and not fault, "fault": fault, "open": self.broken, "short": self.shorted}
        return Output({role: (value,) for role, value in says.items()})

    def _detects(self, now: float) -> bool:
        if self.shows.now is not None:
            return self.shows.now
        seen = self.occupied or self._elsewhere
        if not seen:
            self._clear_at = now
        elif self.forgets_s.now is not None:
            seen = now - self._clear_at < self.forgets_s.now
        every_s = self.dreams_s.now
        return seen or (every_s is not None and now % every_s < min(PHANTOM_S, every_s / 2))


class Radar(Still):
    """A speed radar: whole km/h of the nearest vehicle in its range, 0 when none or too slow, and whether it comes nearer."""

    SAYS: ClassVar[frozenset[str]] = frozenset({"speed", "approaching"})
    NEEDS: ClassVar[frozenset[str]] = frozenset({"speed"})

    def __init__(self, name: str, lane: str, at_m: float, range_m: float) -> None:
        super().__init__(name)
        self.lane, self.at_m, self.range_m = lane, at_m, range_m
        self.kmh = 0
        self.approaching = False
        self.shows: Ill[int | None] = Ill(None)

    def sense(self, world: World) -> None:
        """Look for the nearest vehicle."""
        vehicle = world.nearest(self.lane, self.at_m, self.range_m)
        kmh = 0 if vehicle is None else round(abs(vehicle.speed_mps) * 3.6)
        self.kmh = 0 if kmh < MPH_DEAF_BELOW else min(kmh, MPH_TOP)
        comes = vehicle is not None and vehicle.speed_mps * (self.at_m - vehicle.front_m) > 0
        self.approaching = comes and self.kmh > 0

    def update(self, now: float, orders: Orders) -> Output:
        """Say the speed and the direction."""
        kmh = self.kmh if self.shows.now is None else self.shows.now
        comes = self.approaching if self.shows.now is None else kmh > 0
        return Output({"speed": (kmh,), "approaching": (comes,)})


class Counter(Still):
    """People on a square: a random walk about what is usual at that time of day. Starts `day_s` seconds after midnight."""

    SAYS: ClassVar[frozenset[str]] = frozenset({"count", "max"})
    NEEDS: ClassVar[frozenset[str]] = frozenset({"count"})
    EVERY_S = 1.0

    def __init__(self, name: str, usual: int, rng: Random, day_s: float) -> None:
        super().__init__(name)
        self.people = usual
        self.highest = usual
        self.crowd: Ill[int | None] = Ill(None)
        self.shows: Ill[int | None] = Ill(None)
        self.usual, self._rng, self._day_s = usual, rng, day_s
        self._next = 0.0

    @property
    def present(self) -> int:
        """Return how many there are: a crowd that comes, or else who comes and goes every day."""
        return self.people if self.crowd.now is None else self.crowd.now

    def update(self, now: float, orders: Orders) -> Output:
        """Let people come and go, once a second."""
        while self._next <= now:
            # Busiest in mid-afternoon, a third of that at night.
            expected = self.usual * (2 / 3 + cos((self._day_s + self._next - 54000) / 86400 * 2 * pi) / 3)
            drift = 0.05 * (expected - self.people)
            self.people = max(0, self.people + round(drift + self._rng.gauss(0, 1 + self.usual / 100)))
            self._next += self.EVERY_S
        self.highest = max(self.highest, self.present)
        if (shown := self.shows.now) is not None:
            return Output({"count": (shown,), "max": (shown,)})
        return Output({"count": (self.present,), "max": (self.highest,)})

    def act(self, world: World) -> None:
        """Let the world know how many there are."""
        world.people[self.name] = self.present


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
