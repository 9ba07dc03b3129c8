"""What the profile of steel may say: its times within the windows that the rules allow."""

from __future__ import annotations

from collections.abc import Iterator

from controller.config.located import Document, Key, Problem
from drivers.profile import EFO_S, WARNING_S, DriveType, MoverProfile

SHORTEST_TRAVEL_S = 2.0
"""Deployment is never taken as shorter (UFC 4-022-01, R22)."""
ORDER_LIFE_S = 5.0
"""How long an order may wait unless its author says otherwise; a pulse must be over by then (R27)."""


def check_steel(doc: Document, profile: MoverProfile) -> Iterator[Problem]:
    """Return what the profile of a mover says and may not."""
    yield from _check_travel(doc, profile)
    yield from _check_emergency(doc, profile)
    if profile.crash_beam and profile.kind != "barrier":
        text = f"crash_beam: a crash beam is a barrier, this is a {profile.kind}: remove it"
        yield doc.problem(("crash_beam",), text, key=True)
    # The order waits for the warning and has to be alive when it ends.
    if not WARNING_S <= profile.warning_s < ORDER_LIFE_S:
        text = (
            f"{profile.warning_s:g} s is not possible: at least {WARNING_S:g} s (R13), and less than the "
            f"{ORDER_LIFE_S:g} s that an order lives"
        )
        yield _wrong(doc, "warning", text)


def _check_travel(doc: Document, profile: MoverProfile) -> Iterator[Problem]:
    travel, (least, longest) = profile.travel.seconds, profile.window
    rule = "R01" if profile.kind == "bollard" else "R03" if profile.crash_beam else "R16"
    shortest = max(SHORTEST_TRAVEL_S, least)
    if not shortest <= travel <= longest:
        yield _wrong(doc, "travel", f"{travel:g} is not possible: {shortest:g} to {longest:g} s ({rule})")
    elif travel <= profile.fastest_s:
        text = (
            f"{travel:g} s is the longest travel and must be longer than the shortest, {profile.fastest_s:g} s ({rule})"
        )
        yield _wrong(doc, "travel", text)
    if profile.fastest_s < least:
        yield _wrong(doc, "fastest", f"{profile.fastest_s:g} is not possible: at least {least:g} s ({rule})")
    if profile.settle.seconds >= travel:
        yield _wrong(doc, "settle", f"must be shorter than the travel of {travel:g} s")
    if profile.drive.type is DriveType.PULSED and profile.drive.pulse_s >= min(travel, ORDER_LIFE_S):
        text = (
            f"drive.pulse_s: a pulse of {profile.drive.pulse_s:g} s is too long: it must end within the travel of "
            f"{travel:g} s and within the {ORDER_LIFE_S:g} s that an order lives"
        )
        yield doc.problem(("drive", "pulse_s"), text)


def _check_emergency(doc: Document, profile: MoverProfile) -> Iterator[Problem]:
    if not 0 < profile.efo_s <= EFO_S:
        yield _wrong(doc, "efo", f"{profile.efo_s:g} is not possible: above 0, at most {EFO_S:g} s (R02)")
    if profile.efo_lead_s >= ORDER_LIFE_S:
        text = f"{profile.efo_lead_s:g} s is too long: an order lives {ORDER_LIFE_S:g} s, and would be over by then"
        yield _wrong(doc, "efo_lead", text)


def _wrong(doc: Document, key: str, text: str) -> Problem:
    at: tuple[Key, ...] = (key, "seconds")
    return doc.problem(at, f"{key}.seconds: {text}")
