"""What a mover's interlocks refer to, beside its loops and its airlock: beacon, traffic controller, mains, emergency, response.

A rule is relaxed only by somebody who took that on themselves: an acceptance that relaxes nothing is refused like a missing one.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.config.draft import is_mover
from controller.config.located import Problem
from controller.config.plainwords import unknown
from controller.config.schema import BeaconFile, ContactFile, MoverFile, ResponseFile
from controller.config.site_checks import Resolved
from controller.core.spec import Kind, Meaning
from drivers.profile import MoverProfile, SensorProfile

SHORTEST_DEPLOYMENT_S = 2.0
SHORTEST_REACTION_S = 3.0
SHORTEST_APPROVED_REACTION_S = 1.0
"""R22, UFC 4-022-01: what a response budget may count on; the last with a recorded approval only."""


def check_interlocks(known: Resolved, name: str, device: MoverFile, profile: MoverProfile | None) -> Iterator[Problem]:
    """Return the problems of what one mover says of its interlocks."""
    yield from _check_warning(known, name, device)
    if device.traffic is not None:
        yield from must_be(known, name, "traffic", device.traffic, Kind.TRAFFIC_CONTROLLER)
    if device.mains is not None:
        yield from _check_mains(known, name, device.mains)
    if device.efo_ignores_presence_accepted is not None and not device.presence:
        text = f"devices.{name}: no loop stands under `presence`, so `efo_ignores_presence_accepted` says nothing: remove it"
        yield known.draft.doc.problem(("devices", name, "efo_ignores_presence_accepted"), text, key=True)
    if device.slow_efo is not None and profile is not None:
        yield from _check_slow_efo(known, name, device.slow_efo.within_s, profile)
    if device.response is not None:
        yield from _check_response(known, name, device, device.response, profile)


def check_beacon(known: Resolved, name: str, beacon: BeaconFile) -> Iterator[Problem]:
    """Return the problems of the movers that one beacon warns of."""
    draft, at = known.draft, ("devices", name, "warns")
    if not beacon.warns:
        yield draft.doc.problem(at, f"devices.{name}.warns: it warns of nothing: name its movers")
    for i, mover in enumerate(beacon.warns):
        of = f"devices.{name}.warns"
        if draft.lacks("devices", mover):
            yield draft.doc.problem((*at, i), unknown(f"{of}: the mover", mover, [m for m, _ in draft.movers()]))
            continue
        found = draft.devices.get(mover)
        if mover in beacon.warns[:i]:
            yield draft.doc.problem((*at, i), f"{of}: `{mover}` is named twice: remove one")
        elif found is not None and not is_mover(found):
            text = f"{of}: `{mover}` is a {found.kind}: expected a bollard, barrier or road blocker"
            yield draft.doc.problem((*at, i), text)
        elif isinstance(found, MoverFile) and _is_warned_otherwise(known, name, mover, found):
            text = f"{of}: `{mover}` does not say `warning: {name}`: a beacon and its movers name each other"
            yield draft.doc.problem((*at, i), text)


def must_be(known: Resolved, name: str, key: str, other: str, kind: Kind) -> Iterator[Problem]:
    """Return what is wrong with `key` of the device `name`, which must name a device of `kind`."""
    draft, at = known.draft, ("devices", name, key)
    words = kind.value.replace("_", " ")
    if draft.lacks("devices", other):
        fitting = [found for found, entry in draft.devices.items() if entry.kind == kind]
        yield draft.doc.problem(at, unknown(f"devices.{name}.{key}: the {words}", other, fitting))
    elif other in draft.devices and draft.devices[other].kind != kind:
        text = f"devices.{name}.{key}: `{other}` is a {draft.devices[other].kind}, not a {words}"
        yield draft.doc.problem(at, text)


def _is_warned_otherwise(known: Resolved, beacon: str, name: str, mover: MoverFile) -> bool:
    """Tell whether a mover says that something else warns of it, or nothing. What it says wrongly it is told of itself."""
    if ("devices", name) in known.draft.doubtful:
        return False
    if mover.warning is None:
        return mover.no_warning_accepted is not None
    return mover.warning != beacon and isinstance(known.draft.devices.get(mover.warning), BeaconFile)


def _check_warning(known: Resolved, name: str, device: MoverFile) -> Iterator[Problem]:
    draft, at, accepted = known.draft, ("devices", name), device.no_warning_accepted
    if device.warning is None:
        if accepted is None and at not in draft.doubtful:
            text = (
                f"devices.{name}: nothing warns before it moves: name its beacon under `warning`, or say under "
                "`no_warning_accepted` who accepted that, when and why (R13, ASTM E3211)"
            )
            yield draft.doc.problem(at, text, key=True)
        return
    if accepted is not None:
        text = f"devices.{name}: `warning` names a beacon, so `no_warning_accepted` says nothing: remove it"
        yield draft.doc.problem((*at, "no_warning_accepted"), text, key=True)
    yield from must_be(known, name, "warning", device.warning, Kind.BEACON)
    beacon = draft.devices.get(device.warning)
    if not isinstance(beacon, BeaconFile) or not beacon.warns or ("devices", device.warning) in draft.doubtful:
        return
    if name not in beacon.warns:
        text = (
            f"devices.{name}.warning: `{device.warning}` does not name `{name}` under `warns`: "
            "a beacon and its movers name each other"
        )
        yield draft.doc.problem((*at, "warning"), text)


def _check_mains(known: Resolved, name: str, contact: str) -> Iterator[Problem]:
    """Require a contact that means the mains: that they are lost is an alarm of its own then (R21, R39)."""
    yield from must_be(known, name, "mains", contact, Kind.CONTACT)
    found = known.draft.devices.get(contact)
    if not isinstance(found, ContactFile) or ("devices", contact) in known.draft.doubtful:
        return
    loaded = known.library.get(found.profile)
    profile = loaded.profile if loaded is not None else None
    if not isinstance(profile, SensorProfile):
        return
    means = profile.means if found.means is None else found.means
    if means != Meaning.MAINS:
        says = "says nothing about what it means" if means is None else f"means `{means}`"
        text = f"devices.{name}.mains: `{contact}` {says}: name the contact of the drive's mains, and say `means: mains` there"
        yield known.draft.doc.problem(("devices", name, "mains"), text)


def _check_slow_efo(known: Resolved, name: str, within_s: float, profile: MoverProfile) -> Iterator[Problem]:
    """Require a time that is slower than the profile's, and quicker than what is a fault of any travel."""
    of, named, travel = f"devices.{name}.slow_efo", profile.profile, profile.travel.seconds
    if within_s <= profile.efo_s:
        text = f"{of}: {within_s:g} s is no longer than the {profile.efo_s:g} s of `{named}`, so it says nothing: remove it"
        yield known.draft.doc.problem(("devices", name, "slow_efo"), text, key=True)
    elif within_s > travel:
        text = f"{within_s:g} s is too long: `{named}` is in fault when any travel takes {travel:g} s"
        yield known.draft.doc.problem(("devices", name, "slow_efo", "within_s"), f"{of}.within_s: {text}")


def _check_response(
    known: Resolved, name: str, device: MoverFile, response: ResponseFile, profile: MoverProfile | None
) -> Iterator[Problem]:
    at, of = ("devices", name, "response"), f"devices.{name}.response"
    reaction, deployment = response.reaction_s, response.deployment_s
    if wrong := _reaction(reaction, approved=response.approved is not None):
        yield known.draft.doc.problem((*at, "reaction_s"), f"{of}.reaction_s: {wrong}")
    if response.approved is not None and reaction >= SHORTEST_REACTION_S:
        text = f"{of}: a reaction within {reaction:g} s needs no approval, so `approved` says nothing: remove it"
        yield known.draft.doc.problem((*at, "approved"), text, key=True)
    if deployment < SHORTEST_DEPLOYMENT_S:
        text = f"{deployment:g} s is not possible: at least {SHORTEST_DEPLOYMENT_S:g} s (R22)"
        yield known.draft.doc.problem((*at, "deployment_s"), f"{of}.deployment_s: {text}")
        return
    if profile is None:
        return
    efo_s = profile.efo_s if device.slow_efo is None else device.slow_efo.within_s
    if deployment < (needed := profile.efo_lead_s + efo_s):
        text = (
            f"{deployment:g} s is too short: `{profile.profile}` needs {profile.efo_lead_s:g} s for the signals and "
            f"{efo_s:g} s to block the way (R02, R22): at least {needed:g} s"
        )
        yield known.draft.doc.problem((*at, "deployment_s"), f"{of}.deployment_s: {text}")


def _reaction(reaction: float, *, approved: bool) -> str:
    """Say what is wrong with a reaction time; empty where nothing is."""
    if reaction < SHORTEST_APPROVED_REACTION_S:
        return (
            f"{reaction:g} s is not possible: nobody reacts within less than {SHORTEST_APPROVED_REACTION_S:g} s (R22)"
        )
    if reaction < SHORTEST_REACTION_S and not approved:
        return (
            f"{reaction:g} s is less than {SHORTEST_REACTION_S:g} s: count on more, or say under `approved` who approved "
            "that, when and why (R22)"
        )
    return ""
