"""What MPH radars send: seven bytes between STX and ETX, every 250 ms, target or none (MPH radar protocol; DS4 manual p. 4)."""

from __future__ import annotations

from simulators.servers.serial_fields import Fields, number

EVERY_S = 0.25
STX, ETX = 0x02, 0x03
ALWAYS, FRONT_ANTENNA = 0x80, 0x04
FLAGS = {"low_voltage": 0x01, "rfi": 0x02, "self_test": 0x0C, "moving": 0x10, "alternative": 0x20, "opposite": 0x40}
SLOWEST, FASTEST = 4, 255
NONE = 1
"""How the protocol's own examples write what is not there: below 4, and neither STX nor ETX."""


def encode(fields: Fields) -> bytes:
    """Lay fields out as status, patrol, target, lock and alternative speed."""
    status = ALWAYS | (0 if fields.get("standby") else FRONT_ANTENNA)
    for field, bits in FLAGS.items():
        status |= bits if fields.get(field) else 0
    return _framed(status, fields, "patrol", "target", "lock", "alt")


def encode_ds4(fields: Fields) -> bytes:
    """Lay fields out as a DS4 does: no antennas, the range in tens of feet where others have the alternative speed."""
    return _framed(ALWAYS | (1 if fields.get("low_voltage") else 0), fields, "", "target", "", "range")


def _framed(status: int, fields: Fields, *names: str) -> bytes:
    values = (number(fields, name) for name in names)
    return bytes([STX, status, *(NONE if value < SLOWEST else min(value, FASTEST) for value in values), ETX])
