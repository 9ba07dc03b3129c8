"""The library of device models: finds, reads and checks the profiles that a site names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from controller.config.located import Document, Key, Problem, read
from controller.config.plainwords import explain, unknown
from controller.config.readable import unreadable
from controller.config.schema import adapter
from controller.config.site import DeviceProfile
from controller.config.steel_checks import check_steel
from controller.ports import Point
from drivers.profile import (
    AnyUnitProfile,
    ModbusProfile,
    MoverProfile,
    MqttProfile,
    OpcUaProfile,
    SensorProfile,
    SerialProfile,
    Watchdog,
    describes_unit,
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A profile's file and what it describes; `profile` is None where the file is refused."""

    doc: Document
    profile: AnyUnitProfile | DeviceProfile | None
    problems: tuple[Problem, ...]


def shipped() -> Path:
    """Return the folder of the profiles that come with rempart."""
    return Path(str(files("drivers"))) / "profiles"


def shown(path: Path) -> str:
    """Return a path as a person at this prompt would write it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


class Library:
    """The profiles in some folders; a name that stands in two of them is refused, never shadowed."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self.loaded: dict[str, Loaded | None] = {}

    def names(self, *, unit: bool | None = None) -> list[str]:
        """Return the names of all profiles, or of those that describe a unit, or none. A file that cannot be read may be any."""
        paths = [path for folder in self._folders for path in folder.glob("*.yaml")]
        return sorted({path.stem for path in paths if unit is None or _is_unit(path) in (unit, None)})

    def get(self, name: str) -> Loaded | None:
        """Return the profile of this name, None where there is none. Each file is read once."""
        if name not in self.loaded:
            self.loaded[name] = self._load(name)
        return self.loaded[name]

    def why_not(self, name: str, *, unit: bool | None = None) -> str:
        """Say that there is no such profile, of a unit or of a device."""
        return unknown("the profile", name, self.names(unit=unit))

    def _load(self, name: str) -> Loaded | None:
        paths = [path for folder in self._folders if (path := folder / f"{name}.yaml").is_file()]
        if not paths:
            return None
        loaded = load(paths[0])
        if len(paths) == 1:
            return loaded
        twice = loaded.doc.problem((), f"the profile `{name}` stands in {shown(paths[1])} too: rename one")
        return Loaded(loaded.doc, loaded.profile, (*loaded.problems, twice))


def _is_unit(path: Path) -> bool | None:
    """Tell a unit's profile from a device's; None for what is no profile."""
    data = read(path, shown(path)).data
    return describes_unit(data) if isinstance(data, dict) else None


def load(path: Path) -> Loaded:
    """Read and check one profile."""
    doc = read(path, shown(path))
    if not isinstance(doc.data, dict):
        wrong = () if doc.problems else (doc.problem((), "expected keys with values"),)
        return Loaded(doc, None, doc.problems + wrong)
    shape = adapter("unit-profile" if describes_unit(doc.data) else "device-profile")
    try:
        profile: AnyUnitProfile | DeviceProfile = shape.validate_json(json.dumps(doc.data), strict=True)
    except ValidationError as error:
        return Loaded(doc, None, doc.problems + explain(error, doc, shape.json_schema()))
    return Loaded(doc, profile, (*doc.problems, *_check(doc, profile, path.stem)))


def _check(doc: Document, profile: AnyUnitProfile | DeviceProfile, stem: str) -> Iterator[Problem]:
    if profile.profile != stem:
        yield doc.problem(("profile",), f"profile: must be `{stem}`, the name of the file, found `{profile.profile}`")
    match profile:
        case ModbusProfile() | OpcUaProfile() | MqttProfile() | SerialProfile():
            yield from _check_unit(doc, profile)
        case MoverProfile():
            yield from check_steel(doc, profile)
        case SensorProfile():
            yield from _check_sensor(doc, profile)


def _check_unit(doc: Document, profile: AnyUnitProfile) -> Iterator[Problem]:
    points = profile.expanded("")
    for name, row in profile.points.items():
        if not row.scale:
            text = f"points.{name}.scale: 0 would make every reading 0: expected another number"
            yield doc.problem(("points", name, "scale"), text)
    for name, value in profile.identity.items():
        if name not in points:
            yield doc.problem(("identity", name), unknown("identity: the point", name, points), key=True)
        elif points[name].scale and (wrong := unreadable(points[name], value)) is not None:
            yield doc.problem(("identity", name), f"identity.{name}: {wrong}")
    if profile.heartbeat is not None and profile.heartbeat not in points:
        yield doc.problem(("heartbeat",), unknown("heartbeat: the point", profile.heartbeat, points))
    if profile.watchdog is not None:
        yield from _check_watchdog(doc, profile.watchdog, points)
    if isinstance(profile, ModbusProfile):
        yield from _check_rows(doc, profile)
    if isinstance(profile, SerialProfile):
        yield from _check_fields(doc, profile)


def _check_watchdog(doc: Document, watchdog: Watchdog, points: Mapping[str, Point]) -> Iterator[Problem]:
    named: list[tuple[tuple[Key, ...], str | None]] = [
        (("arm", i, 0), name) for i, (name, _) in enumerate(watchdog.arm)
    ]
    named += [(("feed",), watchdog.feed), (("status",), watchdog.status)]
    for at, name in named:
        if name is None:
            continue
        if name not in points:
            yield doc.problem(("watchdog", *at), unknown(f"watchdog.{at[0]}: the point", name, points))
        elif at[0] != "status" and not points[name].writable:
            yield doc.problem(("watchdog", *at), f"watchdog.{at[0]}: the point `{name}` cannot be written")


def _check_rows(doc: Document, profile: ModbusProfile) -> Iterator[Problem]:
    of: dict[str, str] = {}
    for row_name, row in profile.points.items():
        for point in row.points(row_name):
            if point.name in of:
                other = of[point.name]
                text = (
                    f"points.{row_name}: the point `{point.name}` is there already, from the row `{other}`: rename one"
                )
                yield doc.problem(("points", row_name), text, key=True)
            of[point.name] = row_name
        if row.last_address > 65535:
            text = f"points.{row_name}: reaches address {row.last_address}, past 65535"
            yield doc.problem(("points", row_name, "address"), text)


def _check_fields(doc: Document, profile: SerialProfile) -> Iterator[Problem]:
    for name, row in profile.points.items():
        if row.field not in profile.fields:
            text = unknown(f"points.{name}.field: the field", row.field, profile.fields)
            yield doc.problem(("points", name, "field"), text)
    if profile.identity and not profile.always:
        text = "identity: a unit that talks only on a target cannot prove it: remove it"
        yield doc.problem(("identity",), text, key=True)


_OF_KIND = {
    "lamp_proof": ("signal", "beacon"),
    "active_when": ("contact",),
    "means": ("contact",),
    "plausible_max": ("counter",),
    "overspeed_kmh": ("radar",),
    "presence_limit_min": ("loop",),
    "absence_limit_h": ("loop",),
}


def _check_sensor(doc: Document, profile: SensorProfile) -> Iterator[Problem]:
    for name, kinds in _OF_KIND.items():
        if name in profile.model_fields_set and profile.kind not in kinds:
            of = " or a ".join(kinds)
            yield doc.problem((name,), f"`{name}` belongs to a {of}, this is a {profile.kind}: remove it", key=True)
    if profile.kind in _OF_KIND["lamp_proof"] and profile.lamp_proof is None:
        text = f"`lamp_proof` is missing: a {profile.kind}'s lamps must prove themselves (R15)"
        yield doc.problem((), text)
    if profile.kind == "contact" and "active_when" not in profile.model_fields_set:
        yield doc.problem((), "`active_when` is missing: say which input level means active")
