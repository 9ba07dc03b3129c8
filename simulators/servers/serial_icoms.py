"""What an Icoms TMA-296 sends: a line of text, in one of its message types (manual p. 14)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simulators.servers.serial_fields import Fields, number

EVERY_S = 0.1
"""Of the simulation's own choice."""


def _signed(fields: Fields) -> str:
    return f"{'+' if fields.get('approaching') else '-'}{number(fields, 'speed'):03}"


def _ranged(fields: Fields) -> str:
    return f"{_signed(fields)} km/h {number(fields, 'distance'):03} m"


TYPES: Mapping[int, Callable[[Fields], str]] = {
    1: lambda fields: f"{_signed(fields)} km/h",
    2: lambda fields: f"{number(fields, 'speed'):03}K{'I' if fields.get('approaching') else 'O'}",
    3: _signed,
    4: lambda fields: f"*S{number(fields, 'speed'):03}",
    6: _ranged,
}


def encode(fields: Fields, message: int) -> bytes:
    """Spell a message of this type."""
    return f"{TYPES[message](fields)}\r\n".encode("ascii")
