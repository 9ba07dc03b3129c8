"""How a unit is spoken to over Modbus, of its address and its profile: looked up once, and not for each request."""

from __future__ import annotations

from typing import NamedTuple

from controller.ports import Unit
from drivers.modbus_plan import unit_id

PATIENCE_S = 0.5


class Manner(NamedTuple):
    """Of `unit`: its unit id, how many requests it takes at a time, and how long an answer may take."""

    unit: Unit
    address: int
    in_flight: int
    patience_s: float


def patience(unit: Unit) -> float:
    """Return how long an answer may take (s)."""
    return float(unit.options.get("patience_s", PATIENCE_S))


def manner(unit: Unit, *, serial: bool) -> Manner:
    """Return how `unit` is spoken to. Raises ValueError for an address that is no unit id."""
    return Manner(unit, unit_id(unit, serial), int(unit.options.get("in_flight", 1)), patience(unit))
