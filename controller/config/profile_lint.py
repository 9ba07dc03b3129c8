"""What is wrong with one profile beyond its form, whatever site uses it: `rempart check --profile`.

A mistake is what no site could use, or what would tell two things of one place. A warning is what a site has to know before it
relies on the profile: an output that nobody can look at, a contact that counts for too long to be a limit switch.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from pathlib import Path

from controller.config.located import Key, Problem
from controller.config.plainwords import unknown
from controller.config.profiles import Loaded, load
from controller.config.readable import place
from controller.config.site import DeviceProfile
from controller.config.wire_checks import LONGEST_AGE_S, LONGEST_PERMISSION_S, LONGEST_SPEED_S
from controller.ports import Point, PointType
from drivers.profile import AnyUnitProfile, ModbusProfile, MoverProfile, Register, Row, SensorProfile

NO_PLACE = re.compile(
    r"\W*(todo|tbd|fixme|unknown|none|n/?a|manual|the manual|datasheet|see manual|x+)?\W*", re.IGNORECASE
)
"""Sources that name nothing which somebody else could open."""
SPEEDS = frozenset({"km/h", "mph", "m/s"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in a profile, in the order of the file; `profile` is None where it cannot be used at all."""

    profile: AnyUnitProfile | DeviceProfile | None
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]

    @property
    def points(self) -> int:
        """Return how many points it describes; a device's profile describes none."""
        known = self.profile
        return 0 if known is None or isinstance(known, MoverProfile | SensorProfile) else len(known.expanded(""))


def lint(path: Path) -> Verdict:
    """Read one profile and check it on its own."""
    loaded = load(path)
    problems = [*loaded.problems, *_no_places(loaded)]
    warnings: list[Problem] = []
    profile = loaded.profile
    if profile is not None and not isinstance(profile, MoverProfile | SensorProfile):
        problems += [*_overlaps(loaded, profile), *_rows(loaded, profile)]
        warnings = [*_warnings(loaded, profile)]
    return Verdict(profile, tuple(sorted(set(problems))), tuple(sorted(set(warnings))))


def _no_places(loaded: Loaded) -> Iterator[Problem]:
    for at in loaded.doc.values:
        if at and at[-1] == "source":
            given = _at(loaded, at)
            if isinstance(given, str) and len(given) >= 3 and NO_PLACE.fullmatch(given):
                text = f"{_dotted(at)}: `{given}` names no place: give the manual and the page, so that somebody can compare"
                yield loaded.doc.problem(at, text)


def _at(loaded: Loaded, at: tuple[Key, ...]) -> object:
    node = loaded.doc.data
    for step in at:
        node = node[step]
    return node


def _dotted(at: tuple[Key, ...]) -> str:
    return ".".join(map(str, at))


def _overlaps(loaded: Loaded, profile: AnyUnitProfile) -> Iterator[Problem]:
    """Two rows of one place, of which one would be called by the other's name, or would tear a longer value apart."""
    there: dict[Hashable, list[tuple[str, Point]]] = {}
    told: set[tuple[str, str]] = set()
    for name, row in profile.points.items():
        for point in _points(profile, name, row):
            for part in _parts(point):
                for other, earlier in there.setdefault(part, []):
                    if other != name and (other, name) not in told and not _two_facts(earlier, point):
                        told.add((other, name))
                        text = (
                            f"points.{name}: `{point.name}` is the same place as `{earlier.name}` of the row `{other}`: "
                            "correct the address, or remove one of the two"
                        )
                        yield loaded.doc.problem(("points", name), text, key=True)
                there[part].append((name, point))


def _points(profile: AnyUnitProfile, name: str, row: Row) -> list[Point]:
    if isinstance(profile, ModbusProfile):
        return profile.points[name].points(name)
    return [row.point(name, profile.expanded("")[name].address)]


def _two_facts(one: Point, other: Point) -> bool:
    """Tell whether two points that share a place tell two things of it, e.g. a code and that the code is 3."""
    a, b = one.address, other.address
    begin_alike = not (isinstance(a, Register) and isinstance(b, Register)) or a.address == b.address
    return begin_alike and place(one) != place(other) and (one.equals is not None or other.equals is not None)


def _parts(point: Point) -> Iterator[Hashable]:
    """Yield what a point is made of on its wire: the bits of its registers, or the one node, path or field."""
    at = point.address
    if not isinstance(at, Register):
        yield place(point)[0]
        return
    wide = point.type in (PointType.U32, PointType.I32, PointType.F32)
    for address in range(at.address, at.address + (2 if wide else 1)):
        for bit in range(16):
            if (at.bit is None and (at.mask is None or at.mask >> bit & 1)) or at.bit == bit:
                yield at.table, address, bit


def _rows(loaded: Loaded, profile: AnyUnitProfile) -> Iterator[Problem]:
    for name, row in profile.points.items():
        at = ("points", name)
        if row.scale != 1 and not row.unit and row.type is not PointType.TEXT:
            text = f"points.{name}: `unit` is missing: a value with a scale ({row.scale:g}) is a quantity, say of what"
            yield loaded.doc.problem(at, text, key=True)
        limit = LONGEST_SPEED_S if row.unit in SPEEDS else LONGEST_AGE_S.get(name)
        if limit is not None and not row.writable and row.max_age_s > limit:
            what = "a speed" if row.unit in SPEEDS else f"what is called `{name}`"
            text = f"points.{name}.max_age_s: {row.max_age_s:g} s is too long for {what}: at most {limit:g} s"
            yield loaded.doc.problem((*at, "max_age_s"), text)
        if row.equals is not None and row.type is PointType.TEXT:
            text = (
                f"points.{name}.type: what equals `{row.equals}` or does not is a contact, and no text: remove `type`"
            )
            yield loaded.doc.problem((*at, "type"), text, key=True)
        if row.readback is None:
            continue
        if row.readback not in profile.points:
            yield loaded.doc.problem(
                (*at, "readback"), unknown(f"points.{name}.readback: the row", row.readback, profile.points)
            )
        elif not row.writable:
            text = f"points.{name}.readback: the row cannot be written, so there is nothing to read back: remove it"
            yield loaded.doc.problem((*at, "readback"), text, key=True)
        elif (found := _many(profile, row.readback)) != (wanted := _many(profile, name)):
            text = f"points.{name}.readback: `{row.readback}` has {found} points, expected {wanted}"
            yield loaded.doc.problem((*at, "readback"), text)


def _many(profile: AnyUnitProfile, name: str) -> int:
    return len(_points(profile, name, profile.points[name]))


def _warnings(loaded: Loaded, profile: AnyUnitProfile) -> Iterator[Problem]:
    own = _own_affairs(profile)
    for name, row in profile.points.items():
        names = {point.name for point in _points(profile, name, row)}
        if row.writable and row.readback is None and not names <= own:
            text = (
                f"points.{name}: no `readback`: nothing on this wire tells whether the output switched, "
                "so that only the feedback of the equipment does"
            )
            yield loaded.doc.problem(("points", name), text, key=True)
        contact = row.type is PointType.BOOL or row.equals is not None
        if contact and not row.writable and row.max_age_s > LONGEST_PERMISSION_S and name not in LONGEST_AGE_S:
            text = (
                f"points.{name}.max_age_s: {row.max_age_s:g} s: no limit switch, key, stop, edge or loop can be wired to it, "
                f"for what permits a motion counts for {LONGEST_PERMISSION_S:g} s at most"
            )
            yield loaded.doc.problem(("points", name, "max_age_s"), text)


def _own_affairs(profile: AnyUnitProfile) -> set[str]:
    """Return the points that its watchdog writes: whether they took effect is what the watchdog's status tells."""
    watchdog = profile.watchdog
    if watchdog is None:
        return set()
    return {name for name, _ in watchdog.arm} | ({watchdog.feed} if watchdog.feed is not None else set())
