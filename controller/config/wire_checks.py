"""What the signals of a site are wired to: points that are there, fit, are told apart, and are read often enough."""

from __future__ import annotations

from collections.abc import Iterator

from controller.config.draft import Wired, wires
from controller.config.located import Problem
from controller.config.missed_inputs import FAST, check_missed, tells_of_mains
from controller.config.plainwords import unknown
from controller.config.readable import place
from controller.config.schema import DeviceFile
from controller.config.site_checks import PUSHING, Resolved
from controller.ports import Point, PointType
from drivers.profile import AnyUnitProfile, ModbusProfile

NUMBERS = frozenset({"speed", "count", "command"})
"""The signals that are numbers; all others are contacts."""

FEWEST_POLLS = 2
"""A reading must live for this many polls, or it is stale before the next can come."""

LONGEST_PERMISSION_S = 5.0
LONGEST_SPEED_S = 8.0
"""As long as a radar may be silent that tests itself (R28)."""
LAMPS = frozenset({"halt_lamp", "go_lamp", "lamp", "flashing", "dark", "failure"})
LONGEST_AGE_S = {**dict.fromkeys(FAST | LAMPS, LONGEST_PERMISSION_S), "speed": LONGEST_SPEED_S}
"""How old a reading may be that still counts: these permit a motion, or tell its speed; others only inform."""


def check_wires(known: Resolved, name: str, device: DeviceFile) -> Iterator[Problem]:
    """Return the problems of one device's wires, each by itself."""
    for wire in wires(known.draft, name, device):
        yield from _check_wire(known, wire)
    yield from _check_outputs(known, name, device)


def check_all_wires(known: Resolved) -> Iterator[Problem]:
    """Return the problems of wires with each other, with their links and with the ages of their readings."""
    yield from _shared_points(known)
    yield from _slow_polls(known)
    yield from check_missed(known, _inputs(known))
    yield from _old_readings(known)


def _check_wire(known: Resolved, wire: Wired) -> Iterator[Problem]:
    draft, at = known.draft, wire.at
    if draft.lacks("units", wire.unit):
        yield draft.doc.problem(at, unknown(f"{_where(wire)}: the unit", wire.unit, draft.names["units"] or ()))
        return
    points = known.points.get(wire.unit)
    if points is None:
        return
    point = points.get(wire.point)
    if point is None:
        of = f"{_where(wire)}: `{draft.units[wire.unit].profile}` has no such point; the point"
        yield draft.doc.problem(at, unknown(of, wire.point, points))
    elif (wrong := _unfit(wire, point)) is not None:
        yield draft.doc.problem(at, f"{_where(wire)}: {wrong}")


def _check_outputs(known: Resolved, name: str, device: DeviceFile) -> Iterator[Problem]:
    """Outputs that must never be on together hang on one unit: only there are they written in the order given."""
    outputs = [wire for wire in wires(known.draft, name, device) if wire.output]
    for wire in outputs[1:]:
        if wire.unit != outputs[0].unit:
            first = outputs[0]
            text = (
                f"devices.{name}.wiring: `{wire.signal}` is on the unit `{wire.unit}`, `{first.signal}` on `{first.unit}`: "
                "wire all outputs of a device to one unit, so that one is off before the other is on"
            )
            yield known.draft.doc.problem(wire.at, text)


def _unfit(wire: Wired, point: Point) -> str | None:
    ref = f"{wire.unit}.{wire.point}"
    if wire.output and not point.writable:
        return f"`{wire.signal}` is an output, but `{ref}` cannot be written: wire it to an output point"
    if not wire.output and point.writable:
        return f"`{wire.signal}` is an input, but `{ref}` is an output: wire it to an input point"
    number = point.equals is None and point.type not in (PointType.BOOL, PointType.TEXT)
    if (wire.signal in NUMBERS) != number or point.type is PointType.TEXT:
        wanted = "a number" if wire.signal in NUMBERS else "true or false"
        return f"`{wire.signal}` is {wanted}, but `{ref}` is of type {point.type}"
    return None


def _shared_points(known: Resolved) -> Iterator[Problem]:
    """An output has one master; one input may tell several devices, but never a device two things."""
    first: dict[tuple[object, ...], Wired] = {}
    for name, device in known.draft.devices.items():
        for wire in wires(known.draft, name, device):
            point = _point(known, wire)
            at = (wire.unit, wire.point if point is None else place(point))
            scopes: list[tuple[str, ...]] = [(name,), ()] if wire.output else [(name,)]
            others = [first.setdefault((*scope, *at), wire) for scope in scopes]
            for other in [other for other in others if other is not wire][:1]:
                yield known.draft.doc.problem(wire.at, f"{_where(wire)}: {_taken(wire, other)}")


def _taken(wire: Wired, other: Wired) -> str:
    ref, by = f"{wire.unit}.{wire.point}", f"is wired already, as {other.device}.{other.signal}"
    if wire.point == other.point:
        return f"`{ref}` {by}"
    return (
        f"`{ref}` is the same place on the wire as `{other.unit}.{other.point}`, which {by}: "
        "wire it to another point, or correct the profile"
    )


def _slow_polls(known: Resolved) -> Iterator[Problem]:
    """A reading must not grow too old before the next poll can renew it."""
    draft = known.draft
    told: set[tuple[str, str]] = set()
    for wire, point in _inputs(known):
        unit = draft.units[wire.unit]
        if unit.link not in known.urls:
            continue
        poll, key = draft.links[unit.link].poll_s, (unit.link, unit.profile)
        polled = known.urls[unit.link].scheme not in PUSHING
        if polled and point.max_age_s < FEWEST_POLLS * poll and key not in told:
            told.add(key)
            text = (
                f"links.{unit.link}.poll_s: {poll:g} s is too slow: `{unit.profile}.{wire.point}` counts for "
                f"{point.max_age_s:g} s only; poll at least every {point.max_age_s / FEWEST_POLLS:g} s"
            )
            yield draft.doc.problem(("links", unit.link, "poll_s"), text)


def _old_readings(known: Resolved) -> Iterator[Problem]:
    """A reading must not count for so long that what it permits may no longer be so."""
    told: set[tuple[str, str]] = set()
    for wire, point in _inputs(known):
        profile, limit = known.profiles[wire.unit], LONGEST_AGE_S.get(wire.signal)
        if tells_of_mains(known, wire):
            limit = LONGEST_PERMISSION_S
        loaded = known.library.get(profile.profile)
        if limit is None or point.max_age_s <= limit or loaded is None:
            continue
        row = _row(profile, wire.point)
        if (profile.profile, row) in told:
            continue
        told.add((profile.profile, row))
        why = f": at most {limit:g} s (R28)"
        if limit == LONGEST_PERMISSION_S:
            why = f", which gives permission to move: at most {limit:g} s"
        text = f"points.{row}.max_age_s: {point.max_age_s:g} s is too long for {wire.device}.{wire.signal}{why}"
        yield loaded.doc.problem(("points", row, "max_age_s"), text)


def _inputs(known: Resolved) -> Iterator[tuple[Wired, Point]]:
    for name, device in known.draft.devices.items():
        for wire in wires(known.draft, name, device):
            point = _point(known, wire)
            if point is not None and not wire.output:
                yield wire, point


def _point(known: Resolved, wire: Wired) -> Point | None:
    return known.points.get(wire.unit, {}).get(wire.point)


def _row(profile: AnyUnitProfile, point: str) -> str:
    """Return the row that makes a point: many Modbus points may come from one."""
    if isinstance(profile, ModbusProfile):
        return next(row for row, many in profile.points.items() if point in (one.name for one in many.points(row)))
    return point


def _where(wire: Wired) -> str:
    return ".".join(str(step) for step in wire.at)
