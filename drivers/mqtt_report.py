"""From one published JSON report to readings. Pure: the time is an argument, and nothing in a report can raise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from controller.core.readings import Quality, Reading, Readings, Value, bad
from controller.ports import Point, Unit
from drivers.addresses import Key
from drivers.jsonpath import document, instant, lookup
from drivers.values import engineering


@dataclass(frozen=True, slots=True)
class Moment:
    """When a report arrived: monotonic seconds, the same in UTC, and the zone in which the device tells the time."""

    arrived: float
    utc: datetime
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says: its readings, what of its identity is not as expected, and what was of no use."""

    readings: Readings
    strange: Mapping[str, Value]
    useless: tuple[str, ...]


def read_report(payload: bytes, retained: bool, unit: Unit, points: tuple[Point, ...], moment: Moment) -> Report:
    """Read a report. No reading is good where the report does not show who it is from.

    A retained report, and one whose own time stamp is older than the point's `max_age_s`, ahead by as much, or missing
    where the profile names one, gives readings of uncertain quality (R32).
    """
    try:
        report = document(payload)
    except ValueError as error:
        return Report({point.name: bad(moment.arrived) for point in points}, {}, (str(error),))
    useless: list[str] = []
    strange: dict[str, Value] = {}
    proven = True
    for name, expected in unit.identity.items():
        found = _value(report, unit.points[name], useless)
        if found is None:
            proven = False
        elif found != expected:
            strange[name] = found
    age_s = _age_s(report, unit, moment, useless)
    readings = {}
    for point in points:
        value = _value(report, point, useless) if proven else None
        readings[point.name] = bad(moment.arrived) if value is None else _dated(value, retained, age_s, point, moment)
    return Report(readings, strange, tuple(useless))


def _value(report: object, point: Point, useless: list[str]) -> Value | None:
    path = point.address.path if isinstance(point.address, Key) else ""
    try:
        return engineering(lookup(report, path), point)
    except ValueError as error:
        useless.append(f"{point.name}: {error}")
        return None


def _age_s(report: object, unit: Unit, moment: Moment, useless: list[str]) -> float | None:
    """Return how old the report says it is, 0 where it need not say; None where it should and does not."""
    path = str(unit.options.get("time") or "")
    if not path:
        return 0.0
    try:
        stamp = instant(lookup(report, path), str(unit.options.get("time_format") or ""), moment.zone, moment.utc)
    except ValueError as error:
        useless.append(f"time: {error}")
        return None
    return (moment.utc - stamp).total_seconds()


def _dated(value: Value, retained: bool, age_s: float | None, point: Point, moment: Moment) -> Reading:
    reading = Reading(value, Quality.GOOD, moment.arrived - max(0.0, age_s or 0.0))
    if retained or age_s is None or abs(age_s) > point.max_age_s:
        return replace(reading, quality=Quality.UNCERTAIN)
    return reading
