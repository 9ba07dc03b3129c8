"""What a Decatur SI-2 sends: direction, speed to a tenth, strength of the echo in dB (manual p. 81)."""

from __future__ import annotations

from simulators.servers.serial_fields import Fields, number

EVERY_S = 0.1
"""Of the simulation's own choice."""

DIRECTIONS = {True: "+", False: "-", None: "?"}


def encode(fields: Fields) -> bytes:
    """Spell a message."""
    approaching = fields.get("approaching")
    direction = DIRECTIONS[None if approaching is None else bool(approaching)]
    return f"*{direction}{float(fields.get('speed') or 0):05.1f},{number(fields, 'strength'):03}\r\n".encode("ascii")
