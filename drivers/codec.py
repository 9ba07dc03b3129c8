"""Registers and bits to values and back: the only place that knows how a number lies in sixteen-bit words.

Words are big-endian on the wire (Modbus Application Protocol V1.1b3, 4.2); 32-bit values span two registers, high word first
unless the row says `low_word_first`.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence

from controller.core.readings import Value
from controller.ports import Point, PointType
from drivers.profile import Register, Table

BIT_TABLES = (Table.COIL, Table.DISCRETE)

# struct's letter for each number, and how many registers it takes.
FORMATS = {PointType.U16: "H", PointType.I16: "h", PointType.U32: "I", PointType.I32: "i", PointType.F32: "f"}
WIDE = (PointType.U32, PointType.I32, PointType.F32)

# A value to be written must be this near to a whole number of raw steps: wide enough for binary fractions of 0.1 or 0.01.
STEP_TOLERANCE = 1e-6


def register_of(point: Point) -> Register:
    """Return the Modbus address of `point`. Raises ValueError for a point of another protocol, or a layout unknown here."""
    where = point.address
    if not isinstance(where, Register):
        raise ValueError(f"point {point.name}: {where!r} is not a Modbus address")
    if where.table in BIT_TABLES or where.bit is not None:
        return where
    if point.type is PointType.TEXT:
        raise ValueError(f"point {point.name}: text in registers is not supported")
    if point.type is PointType.BOOL and point.equals is None:
        raise ValueError(f"point {point.name}: a bool in a register needs `bit` or `equals`")
    return where


def width(point: Point) -> int:
    """Return how many addresses of its table the point takes."""
    where = register_of(point)
    return 2 if point.type in WIDE and where.table not in BIT_TABLES and where.bit is None else 1


def decode(point: Point, raw: Sequence[int]) -> Value | None:
    """Read a point's value from its `width` registers, or its one bit (0 or 1); None for what is not a number."""
    value = _raw(point, raw)
    if value is None:
        return None
    if point.equals is not None:
        return bool(value == point.equals)
    if isinstance(value, bool) or point.scale == 1:
        return value
    return value * point.scale


def encode(point: Point, value: Value) -> tuple[int, ...]:
    """Lay a value out for writing: registers, or one bit as 0 or 1. Raises ValueError for what does not fit."""
    where = register_of(point)
    if not point.writable:
        raise ValueError(f"point {point.name} is not writable")
    if where.table in BIT_TABLES:
        if value not in (0, 1):
            raise ValueError(f"point {point.name}: a {where.table} takes true or false, not {value!r}")
        return (int(value),)
    if isinstance(value, bool | str):
        raise ValueError(f"point {point.name}: a {point.type} takes a number, not {value!r}")
    return _words(_packed(point, value), where.low_word_first)


def _raw(point: Point, raw: Sequence[int]) -> bool | int | float | None:
    where = register_of(point)
    if where.table in BIT_TABLES:
        return bool(raw[0])
    if where.bit is not None:
        return bool(raw[0] >> where.bit & 1)
    if where.mask is not None:
        return (raw[0] & where.mask) >> (where.mask & -where.mask).bit_length() - 1
    words = raw[::-1] if where.low_word_first else raw
    number: int | float
    (number,) = struct.unpack(f">{FORMATS.get(point.type, 'H')}", struct.pack(f">{len(words)}H", *words))
    return number if math.isfinite(number) else None


def _packed(point: Point, value: int | float) -> bytes:
    number = value / point.scale if point.scale != 1 else value
    try:
        if point.type is PointType.F32:
            if not math.isfinite(number):
                raise ValueError("not a finite number")
            return struct.pack(">f", number)
        whole = round(number)
        if abs(whole - number) > STEP_TOLERANCE * max(1.0, abs(number)):
            raise ValueError(f"not a whole number of steps of {point.scale}")
        return struct.pack(f">{FORMATS[point.type]}", whole)
    except (struct.error, OverflowError, ValueError) as error:
        raise ValueError(f"point {point.name}: {value!r} does not fit {point.type}: {error}") from None


def _words(packed: bytes, low_word_first: bool) -> tuple[int, ...]:
    words: tuple[int, ...] = struct.unpack(f">{len(packed) // 2}H", packed)
    return words[::-1] if low_word_first else words
