"""What a simulated device has to say: field of its dialect → value; None, or no such field, where it does not know."""

from __future__ import annotations

from collections.abc import Mapping

from simulators.image import Image
from simulators.profiles import Value

Fields = Mapping[str, Value | None]


def number(fields: Fields, name: str) -> int:
    """Return a field in whole units, 0 where there is none."""
    return round(float(fields.get(name) or 0))


def fields_of(image: Image) -> Fields:
    """Return what a unit's points say by field, as the wire counts: before the profile's `scale`."""
    return {row.where["field"]: _raw(image.read(name), row.scale) for name, row in image.profile.points.items()}


def _raw(value: Value, scale: float) -> Value:
    return value if isinstance(value, bool | str) or scale == 1 else value / scale
