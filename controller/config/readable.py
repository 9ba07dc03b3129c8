"""What a point of a unit profile can read at all: the values, and the place that they come from."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from controller.core.readings import Value
from controller.ports import Point, PointType
from drivers.profile import Key, Node, Register, Table

_WHOLE = {
    PointType.U16: (0, 2**16 - 1),
    PointType.I16: (-(2**15), 2**15 - 1),
    PointType.U32: (0, 2**32 - 1),
    PointType.I32: (-(2**31), 2**31 - 1),
}
_GREATEST_F32 = 3.5e38


def unreadable(point: Point, value: Value) -> str | None:
    """Say why `value` can never be read from `point`, or None if it can: its peer would be taken for a stranger for ever."""
    if point.equals is not None or point.type is PointType.BOOL or _one_bit(point):
        wrong = None if isinstance(value, bool) else " that is true or false: expected true or false"
    elif point.type is PointType.TEXT:
        wrong = None if isinstance(value, str) else f" of type {point.type}: put it in quotes"
    elif isinstance(value, bool | str):
        wrong = f" of type {point.type}: expected a number"
    else:
        wrong = _no_such_number(point, value)
    return None if wrong is None else f"`{str(value)[:60]}` can never be read from a point{wrong}"


def place(point: Point) -> tuple[Hashable, Value | None]:
    """Return what two points share that always tell the same: their place, whatever they are called.

    Two values of one register are two facts; a bit and its opposite are one.
    """
    match point.address:
        case Register() as register:
            where: Hashable = replace(register, low_word_first=False)
        case Node(node=node):
            where = node
        case Key(path=path):
            where = path.casefold()
        case other:
            where = other
    return where, None if isinstance(point.equals, bool) or _one_bit(point) else point.equals


def _one_bit(point: Point) -> bool:
    at = point.address
    return isinstance(at, Register) and (at.bit is not None or at.table in (Table.COIL, Table.DISCRETE))


def _no_such_number(point: Point, value: int | float) -> str | None:
    of, scale = f" of type {point.type}", point.scale
    if point.type is PointType.F32:
        return None if abs(value) <= _GREATEST_F32 * abs(scale) else f"{of}: it is too great"
    low, high = _WHOLE[point.type]
    if isinstance(point.address, Register) and (mask := point.address.mask) is not None:
        high = mask // (mask & -mask)
    least, greatest = sorted((low * scale + 0.0, high * scale + 0.0))
    if not least <= value <= greatest:
        return f"{of}: it reads {least:.12g} to {greatest:.12g}"
    nearest = round(value / scale) * scale
    if nearest == value:
        return None
    return f"{of}: expected a whole number" if scale == 1 else f"{of}: the nearest is {nearest!r}"
