"""What the equipment of a site refers to: profiles, presence, airlock, signal. Its wires are in wire_checks.py."""

from __future__ import annotations

from collections.abc import Iterator

from controller.config.draft import is_mover, wiring
from controller.config.interlock_checks import check_beacon, check_interlocks
from controller.config.located import Key, Problem
from controller.config.plainwords import unknown
from controller.config.schema import DeviceFile, DirectionFile, MoverFile
from controller.config.site_checks import Resolved
from controller.config.wire_checks import check_all_wires, check_wires
from controller.core.spec import Kind
from drivers.profile import DriveType, MoverProfile, SensorProfile


def check_devices(known: Resolved) -> Iterator[Problem]:
    """Return the problems of the equipment."""
    draft = known.draft
    for name, device in draft.devices.items():
        if draft.lacks("zones", device.zone):
            text = unknown(f"devices.{name}: the zone", device.zone, draft.names["zones"] or ())
            yield draft.doc.problem(("devices", name, "zone"), text)
        yield from _check_profile(known, name, device)
        yield from check_wires(known, name, device)
        if isinstance(device, MoverFile):
            yield from _check_mover(known, name, device)
        if isinstance(device, DirectionFile):
            yield from _check_lane(known, name, device)
    yield from check_all_wires(known)
    for name, beacon in draft.beacons():
        yield from check_beacon(known, name, beacon)
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
        yield doc.problem(at, f"devices.{name}: {known.library.why_not(device.profile, unit=False)}")
    elif profile is not None and profile.kind != device.kind:
        text = f"devices.{name}: the profile `{device.profile}` is for a {profile.kind}, this is a {device.kind}"
        yield doc.problem(at, text)
    elif profile is None and loaded.profile is not None:
        text = f"devices.{name}: `{device.profile}` is the profile of a unit on a wire, not of a {device.kind}"
        yield doc.problem(at, text)


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
    yield from check_interlocks(known, name, device, profile if isinstance(profile, MoverProfile) else None)
    if device.airlock_with is not None:
        yield from _check_airlock(known, name, device.airlock_with)
        if isinstance(profile, MoverProfile) and profile.drive.type is DriveType.PULSED and "stop" not in signals:
            yield _unstoppable(known, name)


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
        if loop in device.presence[:i]:
            yield draft.doc.problem((*at, i), f"devices.{name}.presence: `{loop}` is named twice: remove one")
        else:
            yield from _must_be_loop(known, (*at, i), f"devices.{name}.presence", loop)
    if not device.presence and accepted is None and at[:2] not in draft.doubtful:
        text = (
            f"devices.{name}: nothing tells whether a vehicle stands over it: name the loops under `presence`, or say "
            "under `no_presence_accepted` who accepted that, when and why (ASTM E3211)"
        )
        yield draft.doc.problem(at[:2], text, key=True)
    if not device.presence and "no_show_s" in device.model_fields_set:
        text = (
            f"devices.{name}.no_show_s: without `presence` nothing closes it by itself, so it says nothing: remove it"
        )
        yield draft.doc.problem((*at[:2], "no_show_s"), text, key=True)
    if device.presence and accepted is not None:
        text = f"devices.{name}: `presence` names loops, so `no_presence_accepted` says nothing: remove it"
        yield draft.doc.problem((*at[:2], "no_presence_accepted"), text, key=True)


def _must_be_loop(known: Resolved, at: tuple[Key, ...], where: str, loop: str) -> Iterator[Problem]:
    draft = known.draft
    if draft.lacks("devices", loop):
        loops = [other for other, entry in draft.devices.items() if entry.kind == Kind.LOOP]
        yield draft.doc.problem(at, unknown(f"{where}: the loop", loop, loops))
    elif loop in draft.devices and draft.devices[loop].kind != Kind.LOOP:
        yield draft.doc.problem(at, f"{where}: `{loop}` is a {draft.devices[loop].kind}, not a loop")


def _check_lane(known: Resolved, name: str, device: DirectionFile) -> Iterator[Problem]:
    at = ("devices", name)
    for key, loop in (("entry", device.entry), ("exit", device.exit)):
        yield from _must_be_loop(known, (*at, key), f"devices.{name}.{key}", loop)
    if device.entry == device.exit:
        text = (
            f"devices.{name}.exit: is the entry loop, `{device.entry}`: one loop tells no direction, name the other one"
        )
        yield known.draft.doc.problem((*at, "exit"), text)


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


def _unstoppable(known: Resolved, name: str) -> Problem:
    """Refuse a row that opens to its end once its pulse was given, whatever becomes of the other row meanwhile."""
    text = (
        f"devices.{name}.airlock_with: its drive is started by a pulse and goes on by itself, so as a row of an airlock it opens "
        "to its end even where the other row must not find it open (PAS 69): wire its input `stop`, or give it a drive that stops"
    )
    return known.draft.doc.problem(("devices", name, "airlock_with"), text)


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
