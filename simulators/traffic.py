"""Drivers: they keep to the limit, obey the signal, stop before steel, lose patience and turn back."""

from __future__ import annotations

from math import sqrt
from random import Random

from simulators.ill import Ill
from simulators.world import ROW_HALF_WIDTH_M, Lane, Vehicle, World

BRAKING = 3.0
"""Comfortable braking and pulling away, m/s²."""
GAP_M = 1.0
"""What a driver leaves to steel and to others."""
LINE_M = 0.5
"""What a driver leaves to a stop line."""
SLOW_ZONE_M = 12.0
"""A driver has come down to the speed of the row this far before it."""
WAIT_AT_LINE_S = 8.0
WAIT_AT_STEEL_S = 3.0
REVERSE_MPS = 2.0
FASTEST = 1.8
"""One driver in ten goes this many times the limit."""


class Traffic:
    """Sends vehicles down the lanes and drives them. One at a time in a lane, and at `on` False only those sent by hand."""

    def __init__(self, world: World, rng: Random, on: bool = True) -> None:
        self.on = on
        self._world = world
        self._rng = rng
        self.hurry: dict[str, Ill[float | None]] = {name: Ill(None) for name in world.lanes}
        """By lane, how fast everybody goes in km/h, whatever the limit."""
        self.reckless = {name: Ill(False) for name in world.lanes}
        """By lane, whether nobody stops at the signal."""
        self._sent = 0
        self._due = {lane.name: rng.uniform(2.0, lane.every_s) for lane in world.lanes.values()}

    def step(self, seconds: float) -> None:
        """Let everybody drive for a moment, shorter than a driver's reaction."""
        for lane in self._world.lanes.values():
            self._spawn(lane, seconds)
        for vehicle in list(self._world.vehicles.values()):
            if not vehicle.parked:
                self._drive(vehicle, seconds)

    def send(self, lane: str, kmh: float | None = None, length_m: float = 4.5, name: str | None = None) -> Vehicle:
        """Start a vehicle at the beginning of a lane."""
        self._sent += 1
        speed = (self._world.lanes[lane].limit_kmh if kmh is None else kmh) / 3.6
        vehicle = Vehicle(name or f"vehicle-{self._sent}", lane, 0.0, length_m, speed, speed)
        self._world.vehicles[vehicle.name] = vehicle
        return vehicle

    def _spawn(self, lane: Lane, seconds: float) -> None:
        if not self.on or any(v.lane == lane.name for v in self._world.vehicles.values()):
            return
        self._due[lane.name] -= seconds
        if self._due[lane.name] <= 0:
            self._due[lane.name] = lane.every_s * self._rng.uniform(0.5, 1.5)
            haste = FASTEST if self._rng.random() < 0.1 else self._rng.uniform(0.8, 1.05)
            self.send(lane.name, lane.limit_kmh * haste, self._rng.choice((4.2, 4.5, 5.5, 7.0)))

    def _drive(self, vehicle: Vehicle, seconds: float) -> None:
        lane = self._world.lanes[vehicle.lane]
        if vehicle.reversing:
            self._back(vehicle, seconds)
        else:
            self._forward(vehicle, lane, seconds)
        if vehicle.front_m < 0 or vehicle.rear_m > lane.length_m:
            del self._world.vehicles[vehicle.name]

    def _forward(self, vehicle: Vehicle, lane: Lane, seconds: float) -> None:
        room = self._room_ahead(vehicle, lane)
        wanted = min(sqrt(2 * BRAKING * max(0.0, room)), self._speed_here(vehicle, lane))
        _pull(vehicle, wanted, seconds)
        if wanted < 0.2 and room < 0.1:
            vehicle.speed_mps = 0.0
            vehicle.waited_s += seconds
            self._impatience(vehicle, lane)
        elif vehicle.speed_mps > 1.0:
            vehicle.waited_s = 0.0

    def _impatience(self, vehicle: Vehicle, lane: Lane) -> None:
        at_line = _before_line(vehicle, lane)
        if at_line and not vehicle.creeping:
            if vehicle.waited_s > WAIT_AT_LINE_S:
                vehicle.creeping, vehicle.waited_s = True, 0.0
        elif vehicle.waited_s > WAIT_AT_STEEL_S and self._room_behind(vehicle) > vehicle.front_m:
            vehicle.reversing = True

    def _back(self, vehicle: Vehicle, seconds: float) -> None:
        wanted = min(REVERSE_MPS, sqrt(2 * BRAKING * max(0.0, self._room_behind(vehicle))))
        vehicle.speed_mps = -wanted
        vehicle.front_m -= wanted * seconds

    def _speed_here(self, vehicle: Vehicle, lane: Lane) -> float:
        if (kmh := self.hurry[lane.name].now) is not None:
            return kmh / 3.6
        slow = min(lane.row_kmh / 3.6, vehicle.cruise_mps)
        rows = [r.at_m for r in self._world.rows.values() if r.lane == lane.name and vehicle.rear_m < r.at_m]
        if not rows:
            return vehicle.cruise_mps
        before = max(0.0, min(rows) - SLOW_ZONE_M - vehicle.front_m)
        return min(vehicle.cruise_mps, sqrt(slow**2 + 2 * BRAKING * before))

    def _room_ahead(self, vehicle: Vehicle, lane: Lane) -> float:
        """Return the metres to the first thing that this driver stops for."""
        stops = [
            r.at_m - ROW_HALF_WIDTH_M - GAP_M
            for r in self._world.rows.values()
            if r.lane == lane.name and r.at_m - ROW_HALF_WIDTH_M > vehicle.front_m and not self._world.free(r.plant)
        ]
        if lane.stop_line_m is not None and _before_line(vehicle, lane) and not self._may_go(vehicle, lane):
            stops.append(lane.stop_line_m - LINE_M)
        stops += [
            v.rear_m - GAP_M
            for v in self._world.vehicles.values()
            if v.lane == lane.name and v is not vehicle and v.front_m > vehicle.front_m
        ]
        return min((stop - vehicle.front_m for stop in stops), default=lane.length_m)

    def _may_go(self, vehicle: Vehicle, lane: Lane) -> bool:
        if vehicle.creeping or lane.signal is None or self.reckless[lane.name].now:
            return True
        return bool(self._world.lamps.get(lane.signal, {}).get("go"))

    def _room_behind(self, vehicle: Vehicle) -> float:
        """Return the metres to the first steel or vehicle behind; more than its way back when there is none."""
        walls = [
            r.at_m + ROW_HALF_WIDTH_M + GAP_M
            for r in self._world.rows.values()
            if r.lane == vehicle.lane and r.at_m + ROW_HALF_WIDTH_M <= vehicle.rear_m and not self._world.free(r.plant)
        ]
        walls += [
            v.front_m + GAP_M
            for v in self._world.vehicles.values()
            if v.lane == vehicle.lane and v is not vehicle and v.front_m < vehicle.rear_m
        ]
        return max(0.0, vehicle.rear_m - max(walls)) if walls else vehicle.front_m + 1.0


def _before_line(vehicle: Vehicle, lane: Lane) -> bool:
    return lane.stop_line_m is not None and vehicle.front_m <= lane.stop_line_m


def _pull(vehicle: Vehicle, wanted: float, seconds: float) -> None:
    change = BRAKING * seconds
    if wanted > vehicle.speed_mps:
        vehicle.speed_mps = min(wanted, vehicle.speed_mps + change)
    else:
        vehicle.speed_mps = max(wanted, vehicle.speed_mps - 2 * change)
    vehicle.front_m += vehicle.speed_mps * seconds
