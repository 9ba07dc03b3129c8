"""Which device models what was found could be, and why. Pure: profiles and findings in, verdicts out.

Only an identity can tell: a profile without one is at best *possible*, however many of its points could be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from controller.core.readings import Value
from controller.ports import PointType
from drivers.probing.findings import Absent, Read, Thing, plain
from drivers.profile import AnyUnitProfile

ENOUGH = 0.5
"""Of the points of a profile without identity at least so many must be readable before it is worth naming."""


class Fit(StrEnum):
    """How well a profile fits."""

    MATCHES = "matches"
    POSSIBLE = "possible"
    NOT = "does not fit"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One profile held against one thing, at one address; `why` says what decided.

    `expect`: texts by which a site can tell this very device, e.g. its serial number.
    """

    profile: str
    title: str
    fit: Fit
    address: int | str | None
    why: str
    values: Mapping[str, Value]
    unread: Mapping[str, str]
    expect: Mapping[str, Value]


def verdicts(thing: Thing, profiles: Iterable[AnyUnitProfile]) -> list[Verdict]:
    """Hold every profile of the thing's protocol against it, at each address that it could have; the best first."""
    judged = [
        judge(profile, address, thing.read)
        for profile in profiles
        if profile.protocol == thing.protocol
        for address in thing.addresses(profile)
    ]
    return sorted(judged, key=_rank)


def judge(profile: AnyUnitProfile, address: int | str | None, read: Read) -> Verdict:
    """Hold one profile against what was found."""
    points = profile.expanded(address)
    values: dict[str, Value] = {}
    unread: dict[str, str] = {}
    for name, point in points.items():
        found = read(point)
        if isinstance(found, Absent):
            unread[name] = found.why
        else:
            values[name] = found
    fit, why = _decide(profile.identity, values, unread)
    texts = {name: value for name, value in values.items() if points[name].type is PointType.TEXT}
    expect = {name: value for name, value in texts.items() if name not in profile.identity}
    return Verdict(profile.profile, profile.title, fit, address, why, values, unread, expect)


def _decide(identity: Mapping[str, Value], values: Mapping[str, Value], unread: Mapping[str, str]) -> tuple[Fit, str]:
    for name, expected in identity.items():
        if name in unread:
            return Fit.NOT, f"its {name} cannot be read: {unread[name]}"
        if values[name] != expected:
            return Fit.NOT, f"its {name} is {_shown(values[name])}, expected {_shown(expected)}"
    total = len(values) + len(unread)
    readable = f"{len(values)} of {total} points can be read"
    if identity:
        told = ", ".join(f"{name} is {_shown(value)}" for name, value in identity.items())
        return Fit.MATCHES, f"{told}, as it must be; {readable}"
    if len(values) < ENOUGH * total or not values:
        return Fit.NOT, f"only {readable}"
    return Fit.POSSIBLE, f"no identity to check; {readable}"


def _rank(verdict: Verdict) -> tuple[int, float, int, str]:
    total = len(verdict.values) + len(verdict.unread)
    share = len(verdict.values) / total if total else 0.0
    return list(Fit).index(verdict.fit), -share, -len(verdict.values), verdict.profile


def _shown(value: Value) -> str:
    return plain(str(value), 40)
