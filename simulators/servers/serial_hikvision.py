"""What Hikvision radars send: a speed in km/h, 0 for none, as the CSR-I (manual pp. 12, 14) and the DS-TD10N-1 (p. 11) put it."""

from __future__ import annotations

from simulators.servers.serial_fields import Fields, number

EVERY_S = 0.026
SLOWEST, FASTEST = 5, 240
CLOSING, AWAY, UNKNOWN = (0xF9, "+"), (0xF8, "-"), (0xF7, "*")


def encode_byte(fields: Fields) -> bytes:
    """One byte."""
    return bytes([_speed(fields)])


def encode_two_bytes(fields: Fields) -> bytes:
    """Direction and speed."""
    return bytes([_direction(fields)[0], _speed(fields)])


def encode_text(fields: Fields) -> bytes:
    """A sign and three digits."""
    return f"{_direction(fields)[1]}{_speed(fields):03}".encode("ascii")


def _speed(fields: Fields) -> int:
    speed = number(fields, "speed")
    return 0 if speed < SLOWEST else min(speed, FASTEST)


def _direction(fields: Fields) -> tuple[int, str]:
    approaching = fields.get("approaching")
    if approaching is None or not _speed(fields):
        return UNKNOWN
    return CLOSING if approaching else AWAY
