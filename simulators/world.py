"""Where things ARE: lanes, vehicles, steel, lamps and people. The oracle of a system test; it never asks a controller.

A lane is a line in metres from its beginning. A steel member's position is 0 lowered … 1 raised. `violations` lists what must
never happen: steel that rose under a vehicle, an airlock open at both ends, a drive ordered both ways.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

SECURE = 0.9
"""A member blocks the way from this part of its travel on."""
FREE = 0.05
"""A driver sees a way as free when no more than this part of the travel stands in it."""
ROW_HALF_WIDTH_M = 0.15


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane: speeds in km/h; a driver stops at `stop_line_m` unless `signal` shows go."""

    name: str
    length_m: float = 100.0
    limit_kmh: float = 30.0
    row_kmh: float = 12.0
    stop_line_m: float | None = None
    signal: str | None = None
    every_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Row:
    """Where a plant's steel crosses a lane, and which end of its travel blocks it."""

    plant: str
    lane: str
    at_m: float
    blocks_raised: bool = True


@dataclass(slots=True)
class Vehicle:
    """A vehicle; `front_m` is its foremost point, negative speed is reversing. A parked one stays where it was put."""

    name: str
    lane: str
    front_m: float
    length_m: float = 4.5
    speed_mps: float = 0.0
    cruise_mps: float = 0.0
    parked: bool = False
    reversing: bool = False
    waited_s: float = 0.0
    creeping: bool = False

    @property
    def rear_m(self) -> float:
        """Return the hindmost point."""
        return self.front_m - self.length_m

    def over(self, from_m: float, to_m: float) -> bool:
        """Tell whether any part of it is between two points of its lane."""
        return self.front_m > from_m and self.rear_m < to_m


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must never happen, did."""

    at: float
    kind: str
    plant: str
    detail: str


@dataclass(slots=True)
class World:
    """Everything that has a place."""

    lanes: Mapping[str, Lane] = field(default_factory=dict)
    rows: Mapping[str, Row] = field(default_factory=dict)
    airlocks: Iterable[tuple[str, str]] = ()
    now: float = 0.0
    vehicles: dict[str, Vehicle] = field(default_factory=dict)
    steel: dict[str, tuple[float, ...]] = field(default_factory=dict)
    lamps: dict[str, Mapping[str, bool]] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)
    _struck: set[tuple[str, str]] = field(default_factory=set)
    _both_open: set[tuple[str, str]] = field(default_factory=set)

    def occupied(self, lane: str, from_m: float, to_m: float) -> bool:
        """Tell whether any vehicle is between two points of a lane."""
        return any(v.lane == lane and v.over(from_m, to_m) for v in self.vehicles.values())

    def nearest(self, lane: str, at_m: float, range_m: float) -> Vehicle | None:
        """Return the vehicle nearest to a point of a lane, no further off than `range_m`."""
        near = [v for v in self.vehicles.values() if v.lane == lane and abs(v.front_m - at_m) <= range_m]
        return min(near, key=lambda v: abs(v.front_m - at_m), default=None)

    def secured(self, plant: str) -> bool:
        """Tell whether every member of a row blocks the way."""
        return all(_blocking(self.rows[plant], position) >= SECURE for position in self.steel[plant])

    def free(self, plant: str) -> bool:
        """Tell whether nothing of a row stands in the way."""
        return all(_blocking(self.rows[plant], position) <= FREE for position in self.steel[plant])

    def move_steel(self, plant: str, positions: tuple[float, ...]) -> None:
        """Put a plant's steel where it is now, and record what that does to vehicles and airlocks."""
        before, self.steel[plant] = self.steel.get(plant, positions), positions
        row = self.rows.get(plant)
        if row is None or (before == positions and not self._struck):
            return
        self._strike(row, before, positions)
        for pair in self.airlocks:
            if plant in pair:
                self._airlock(pair)

    def violate(self, kind: str, plant: str, detail: str) -> None:
        """Record what must never happen."""
        self.violations.append(Violation(round(self.now, 3), kind, plant, detail))

    def seen(self) -> dict[str, Any]:
        """Return all of it as plain data."""
        return {
            "now": round(self.now, 3),
            "steel": {plant: [round(p, 4) for p in positions] for plant, positions in self.steel.items()},
            "secured": {plant: self.secured(plant) for plant in self.rows if plant in self.steel},
            "vehicles": [
                {
                    "name": v.name,
                    "lane": v.lane,
                    "front_m": round(v.front_m, 2),
                    "length_m": v.length_m,
                    "kmh": round(v.speed_mps * 3.6, 1),
                    "parked": v.parked,
                }
                for v in self.vehicles.values()
            ],
            "lamps": {plant: dict(lamps) for plant, lamps in self.lamps.items()},
            "people": dict(self.people),
            "violations": [asdict(v) for v in self.violations],
        }

    def _strike(self, row: Row, before: tuple[float, ...], after: tuple[float, ...]) -> None:
        closing = any(_blocking(row, b) > _blocking(row, a) for a, b in zip(before, after, strict=True))
        for vehicle in self.vehicles.values():
            under = vehicle.lane == row.lane and vehicle.over(row.at_m - ROW_HALF_WIDTH_M, row.at_m + ROW_HALF_WIDTH_M)
            key = (row.plant, vehicle.name)
            if not under:
                self._struck.discard(key)
            elif closing and key not in self._struck:
                self._struck.add(key)
                self.violate("strike", row.plant, f"steel moved against {vehicle.name}, which stood in its way")

    def _airlock(self, pair: tuple[str, str]) -> None:
        both_open = all(plant in self.steel and not self.secured(plant) for plant in pair)
        if both_open and pair not in self._both_open:
            self.violate("airlock-open", pair[0], f"{pair[0]} and {pair[1]} were open at the same time")
        (self._both_open.add if both_open else self._both_open.discard)(pair)


def _blocking(row: Row, position: float) -> float:
    """Return how much of the travel stands in the way, 0 … 1."""
    return position if row.blocks_raised else 1.0 - position
