"""What the equipment of a site refers to: profiles, wiring, presence, airlock, signal."""

from __future__ import annotations

from collections.abc import Iterator

from controller.config.draft import Wired, is_mover, wires, wiring
from controller.config.located import Problem
from controller.config.plainwords import unknown
from controller.config.schema import DeviceFile, MoverFile
from controller.config.site_checks import PUSHING, Resolved
from controller.core.spec import Kind
from controller.ports import Point, PointType
from drivers.profile import DriveType, MoverProfile, SensorProfile

NUMBERS = frozenset({"speed", "count", "command"})
"""The signals that are numbers; all others are contacts."""

FEWEST_POLLS = 2
"""A reading must live for this many polls, or it is stale before the next can come."""


def check_devices(known: Resolved) -> Iterator[Problem]:
    """Return the problems of the equipment."""
    draft = known.draft
    for name, device in draft.devices.items():
        if draft.lacks("zones", device.zone):
            text = unknown(f"devices.{name}: the zone", device.zone, draft.names["zones"] or ())
            yield draft.doc.problem(("devices", name, "zone"), text)
        yield from _check_profile(known, name, device)
        for wire in wires(draft, name, device):
            yield from _check_wire(known, wire)
        yield from _check_outputs(known, name, device)
        if isinstance(device, MoverFile):
            yield from _check_mover(known, name, device)
    yield from _shared_points(known)
    yield from _ages(known)
    for name, signal in draft.signals():
        yield from _must_be_mover(known, name, "follows", signal.follows)


def device_profile(known: Resolved, device: DeviceFile) -> MoverProfile | SensorProfile | None:
    """Return a device's profile if it has one that is good for something."""
    loaded = known.library.get(device.profile) if device.profile is not None else None
    profile = loaded.profile if loaded is not None else None
    return profile if isinstance(profile, MoverProfile | SensorProfile) else None


def _check_profile(known: Resolved, name: str, device: DeviceFile) -> Iterator[Problem]:
    if device.profile is None:
        return
    doc, at = known.draft.doc, ("devices", name, "profile")
    loaded, profile = known.library.get(device.profile), device_profile(known, device)
    if loaded is None:
        yield doc.problem(at, f"devices.{name}: {known.library.why_not(device.profile)}")
    elif profile is not None and profile.kind != device.kind:
        text = f"devices.{name}: the profile `{device.profile}` is for a {profile.kind}, this is a {device.kind}"
        yield doc.problem(at, text)
    elif profile is None and loaded.profile is not None:
        text = f"devices.{name}: `{device.profile}` is the profile of a unit on a wire, not of a {device.kind}"
        yield doc.problem(at, text)


def _check_wire(known: Resolved, wire: Wired) -> Iterator[Problem]:
    draft, at = known.draft, wire.at
    where = ".".join(str(step) for step in at)
    if draft.lacks("units", wire.unit):
        yield draft.doc.problem(at, unknown(f"{where}: the unit", wire.unit, draft.names["units"] or ()))
        return
    points = known.points.get(wire.unit)
    if points is None:
        return
    point = points.get(wire.point)
    if point is None:
        of = f"{where}: `{draft.units[wire.unit].profile}` has no such point; the point"
        yield draft.doc.problem(at, unknown(of, wire.point, points))
    elif (wrong := _unfit(wire, point)) is not None:
        yield draft.doc.problem(at, f"{where}: {wrong}")


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


def _check_mover(known: Resolved, name: str, device: MoverFile) -> Iterator[Problem]:
    doc = known.draft.doc
    signals = wiring(device.wiring)
    at = ("devices", name, "wiring")
    if len(signals["raised"]) != len(signals["lowered"]):
        text = (
            f"devices.{name}.wiring: {len(signals['raised'])} raised and {len(signals['lowered'])} lowered: "
            "each member needs one limit switch of both"
        )
        yield doc.problem((*at, "lowered"), text)
    profile = device_profile(known, device)
    if isinstance(profile, MoverProfile):
        yield from _check_drive(known, name, set(signals), profile)
    yield from _check_presence(known, name, device)
    if device.airlock_with is not None:
        yield from _check_airlock(known, name, device.airlock_with)


def _check_drive(known: Resolved, name: str, signals: set[str], profile: MoverProfile) -> Iterator[Problem]:
    drive = profile.drive.type
    setpoint = drive is DriveType.SETPOINT
    needed, refused = ({"command"}, {"raise", "lower", "stop"}) if setpoint else ({"raise", "lower"}, {"command"})
    of = f"devices.{name}.wiring: `{profile.profile}` has a {drive} drive"
    doc, at = known.draft.doc, ("devices", name, "wiring")
    for signal in sorted(needed - signals):
        if at[:2] not in known.draft.doubtful:
            yield doc.problem(at, f"{of} and needs the output `{signal}`: add it", key=True)
    for signal in sorted(refused & signals):
        yield doc.problem((*at, signal), f"{of} and takes no `{signal}`: remove it", key=True)


def _check_presence(known: Resolved, name: str, device: MoverFile) -> Iterator[Problem]:
    draft, accepted = known.draft, device.no_presence_accepted
    at = ("devices", name, "presence")
    for i, loop in enumerate(device.presence):
        if draft.lacks("devices", loop):
            loops = [other for other, entry in draft.devices.items() if entry.kind == Kind.LOOP]
            yield draft.doc.problem((*at, i), unknown(f"devices.{name}.presence: the loop", loop, loops))
        elif loop in draft.devices and draft.devices[loop].kind != Kind.LOOP:
            text = f"devices.{name}.presence: `{loop}` is a {draft.devices[loop].kind}, not a loop"
            yield draft.doc.problem((*at, i), text)
        elif loop in device.presence[:i]:
            yield draft.doc.problem((*at, i), f"devices.{name}.presence: `{loop}` is named twice: remove one")
    if not device.presence and accepted is None and at[:2] not in draft.doubtful:
        text = (
            f"devices.{name}: nothing tells whether a vehicle stands over it: name the loops under `presence`, or say "
            "under `no_presence_accepted` who accepted that, when and why (ASTM E3211)"
        )
        yield draft.doc.problem(at[:2], text, key=True)
    if device.presence and accepted is not None:
        text = f"devices.{name}: `presence` names loops, so `no_presence_accepted` says nothing: remove it"
        yield draft.doc.problem((*at[:2], "no_presence_accepted"), text, key=True)


def _check_airlock(known: Resolved, name: str, other: str) -> Iterator[Problem]:
    draft, at = known.draft, ("devices", name, "airlock_with")
    if other == name:
        yield draft.doc.problem(
            at, f"devices.{name}.airlock_with: a mover is no airlock with itself: name the other one"
        )
        return
    yield from _must_be_mover(known, name, "airlock_with", other)
    back = draft.devices.get(other)
    if isinstance(back, MoverFile) and back.airlock_with != name and ("devices", other) not in draft.doubtful:
        text = f"devices.{name}.airlock_with: `{other}` does not say `airlock_with: {name}`: an airlock is mutual"
        yield draft.doc.problem(at, text)


def _must_be_mover(known: Resolved, name: str, key: str, other: str) -> Iterator[Problem]:
    draft, at = known.draft, ("devices", name, key)
    if draft.lacks("devices", other):
        movers = [mover for mover, _ in draft.movers()]
        yield draft.doc.problem(at, unknown(f"devices.{name}.{key}: the mover", other, movers))
    elif other in draft.devices and not is_mover(draft.devices[other]):
        kind = draft.devices[other].kind
        yield draft.doc.problem(
            at, f"devices.{name}.{key}: `{other}` is a {kind}: expected a bollard, barrier or road blocker"
        )


def _shared_points(known: Resolved) -> Iterator[Problem]:
    """An output has one master; one input may tell several devices, but never a device two things."""
    first: dict[tuple[str, ...], Wired] = {}
    for name, device in known.draft.devices.items():
        for wire in wires(known.draft, name, device):
            scope = () if wire.output else (name,)
            other = first.setdefault((*scope, wire.unit, wire.point), wire)
            if other is not wire:
                where = ".".join(str(step) for step in wire.at)
                text = f"{where}: `{wire.unit}.{wire.point}` is wired already, as {other.device}.{other.signal}"
                yield known.draft.doc.problem(wire.at, text)


def _ages(known: Resolved) -> Iterator[Problem]:
    """A reading must not grow too old before the next poll can renew it."""
    draft = known.draft
    told: set[tuple[str, str]] = set()
    for name, device in draft.devices.items():
        for wire in wires(draft, name, device):
            unit, point = draft.units.get(wire.unit), known.points.get(wire.unit, {}).get(wire.point)
            if unit is None or point is None or wire.output or unit.link not in known.urls:
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
