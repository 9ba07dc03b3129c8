"""From the plain value that JSON, OPC UA or a decoded frame gives to a point's engineering value, and back."""

from __future__ import annotations

import math

from controller.core.readings import Value
from controller.ports import Point, PointType

LIMITS = {
    PointType.U16: (0, 2**16 - 1),
    PointType.I16: (-(2**15), 2**15 - 1),
    PointType.U32: (0, 2**32 - 1),
    PointType.I32: (-(2**31), 2**31 - 1),
}


def engineering(raw: object, point: Point) -> Value:
    """Check `raw` against the point's type, then apply `scale`; or compare it with `equals`. Raises ValueError."""
    if point.equals is not None:
        if isinstance(raw, bool | int | float | str):
            return isinstance(raw, bool) is isinstance(point.equals, bool) and raw == point.equals
        raise _unlike(raw, point)
    value = _typed(raw, point)
    if point.scale == 1 or isinstance(value, bool | str):
        return value
    return value * point.scale


def unscaled(value: Value, point: Point) -> Value:
    """Return what must be written so that the point reads `value`. Raises ValueError where the type cannot hold it."""
    if point.scale == 1 or isinstance(value, bool | str):
        return _typed(value, point)
    raw = value / point.scale
    return _typed(raw if point.type is PointType.F32 else round(raw), point)


def _typed(raw: object, point: Point) -> Value:
    kind = point.type
    if kind is PointType.BOOL and isinstance(raw, bool):
        return raw
    if kind is PointType.TEXT and isinstance(raw, str):
        return raw
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        if kind is PointType.F32 and abs(raw) <= 3.5e38:  # NaN and infinity fail this too
            return float(raw)
        if kind in LIMITS and (isinstance(raw, int) or (math.isfinite(raw) and raw.is_integer())):
            low, high = LIMITS[kind]
            if low <= raw <= high:
                return int(raw)
    raise _unlike(raw, point)


def _unlike(raw: object, point: Point) -> ValueError:
    shown = repr(raw)
    return ValueError(f"{shown if len(shown) <= 40 else shown[:37] + '...'} is no {point.type}")
