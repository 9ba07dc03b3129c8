"""The simulated world as `rempart trouble world` tells it: one line a plant, a vehicle, a violation. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def lines(world: Mapping[str, Any]) -> list[str]:
    """Say where everything is, in the order of the simulation."""
    plants = [
        *((name, _steel(world, name)) for name in world["steel"]),
        *((name, _lamps(lamps)) for name, lamps in world["lamps"].items()),
        *((name, "occupied" if occupied else "clear") for name, occupied in world["loops"].items()),
        *((name, f"{number} people") for name, number in world["people"].items()),
    ]
    longest = max((len(name) for name, _ in plants), default=0)
    told = [f"{name:<{longest}}  {what}" for name, what in plants]
    told += [_vehicle(vehicle) for vehicle in world["vehicles"]] or ["no vehicles"]
    told += [_violation(violation) for violation in world["violations"]] or ["no violations"]
    return told


def _steel(world: Mapping[str, Any], name: str) -> str:
    positions = " ".join(f"{position:.2f}" for position in world["steel"][name])
    secured = world["secured"].get(name)
    stands = "" if secured is None else ", blocks the way" if secured else ", does not block the way"
    return f"steel at {positions}{stands}{', in local' if world['local'].get(name) else ''}"


def _lamps(lamps: Mapping[str, bool]) -> str:
    return f"lit: {', '.join(name for name, lit in lamps.items() if lit) or 'no lamp'}"


def _vehicle(vehicle: Mapping[str, Any]) -> str:
    speed = "parked" if vehicle["parked"] else f"{vehicle['kmh']:g} km/h"
    front, rear = vehicle["front_m"], vehicle["front_m"] - vehicle["length_m"]
    return f"vehicle {vehicle['name']}: lane {vehicle['lane']}, {rear:.1f} to {front:.1f} m, {speed}"


def _violation(violation: Mapping[str, Any]) -> str:
    return f"VIOLATION {violation['kind']} {violation['plant']}: {violation['detail']} (at {violation['at']:.1f} s)"
