"""Misfortune of what surrounds the equipment: its supply, and the street with its people and vehicles."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from simulators import schema
from simulators.build import Built
from simulators.errors import SimulationError
from simulators.mishaps.common import Mishap, Undo, again_and_again, plant
from simulators.mishaps.kinds import Options
from simulators.plants.sensors import Contact, Counter, Loop
from simulators.traffic import Traffic
from simulators.world import Vehicle

FIT = 0.8
"""A parked vehicle is this much shorter than its loop, so that it stands on nothing else."""


def park(name: str, target: str, loop: Loop, built: Built) -> Vehicle:
    """Put a vehicle on a loop. Raises SimulationError when it does not fit."""
    length = FIT * (loop.to_m - loop.from_m)
    middle = (loop.from_m + loop.to_m) / 2
    parked = Vehicle(name, loop.lane, middle + length / 2, length, parked=True)
    built.field.world.vehicles[parked.name] = parked
    built.field.settle()
    if not loop.occupied:
        del built.field.world.vehicles[parked.name]
        raise SimulationError(
            f"{target} did not become occupied: a vehicle does not fit between its {loop.from_m:g} m and {loop.to_m:g} m"
        )
    return parked


def _mains_loss(target: str, options: Options, built: Built) -> Undo:
    supply = _supply("mains-loss", target, built)
    battery = _contact(supply.battery, built)
    _switch(supply, built, False)
    wait = float(options.get("battery_s", supply.battery_s))
    timer = asyncio.get_running_loop().call_later(wait, _disturb, battery, True)

    def undo() -> None:
        timer.cancel()
        _switch(supply, built, True)
        _disturb(battery, False)

    return undo


def _brown_out(target: str, options: Options, built: Built) -> Undo:
    supply = _supply("brown-out", target, built)
    on = False
    _switch(supply, built, on)

    def turn() -> None:
        nonlocal on
        on = not on
        _switch(supply, built, on)
        built.field.settle()

    stop = again_and_again(lambda: options["every_s"] if on else options["dip_s"], turn)

    def undo() -> None:
        stop()
        _switch(supply, built, True)

    return undo


def _battery_low(target: str, options: Options, built: Built) -> Undo:
    supply = _supply("battery-low", target, built)
    battery = _contact(supply.battery, built)
    if battery is None:
        raise SimulationError(
            f"battery-low: simulation.yaml gives the supply {target} no `battery`: nobody could see it"
        )
    _disturb(battery, True)
    return lambda: _disturb(battery, False)


def _supply(kind: str, target: str, built: Built) -> schema.Supply:
    supply = built.plan.supplies.get(target)
    if supply is None:
        known = ", ".join(built.plan.supplies) or "(simulation.yaml defines none)"
        raise SimulationError(f"{kind}: there is no supply {target!r}: expected one of {known}")
    return supply


def _switch(supply: schema.Supply, built: Built, on: bool) -> None:
    for name in supply.feeds:
        built.field.wired[name].plant.power = on
    _disturb(_contact(supply.mains, built), not on)


def _contact(name: str | None, built: Built) -> Contact | None:
    found = None if name is None else built.field.wired[name].plant
    return found if isinstance(found, Contact) else None


def _disturb(contact: Contact | None, disturbed: bool) -> None:
    if contact is not None:
        contact.level = contact.normal ^ disturbed


def _parked(target: str, options: Options, built: Built) -> Undo:
    vehicle = park(f"broken-down-on-{target}", target, plant("parked", target, built, Loop), built)

    def tow() -> None:
        built.field.world.vehicles.pop(vehicle.name, None)

    return tow


def _speeding(target: str, options: Options, built: Built) -> Undo:
    return _traffic("speeding", target, built).hurry[target].begin(options["kmh"])


def _reckless(target: str, options: Options, built: Built) -> Undo:
    traffic = _traffic("reckless", target, built)
    if built.field.world.lanes[target].signal is None:
        raise SimulationError(f"reckless: lane {target} has no signal to go by: expected a lane with one")
    return traffic.reckless[target].begin(True)


def _traffic(kind: str, target: str, built: Built) -> Traffic:
    lanes = built.field.world.lanes
    if target not in lanes:
        raise SimulationError(
            f"{kind}: there is no lane {target!r}: expected one of {', '.join(lanes) or '(none here)'}"
        )
    return built.field.traffic


def _crowd(target: str, options: Options, built: Built) -> Undo:
    return plant("crowd", target, built, Counter).crowd.begin(options["people"])


STREET_KINDS: Mapping[str, Mishap] = {
    "mains-loss": _mains_loss,
    "brown-out": _brown_out,
    "battery-low": _battery_low,
    "parked": _parked,
    "speeding": _speeding,
    "reckless": _reckless,
    "crowd": _crowd,
}
