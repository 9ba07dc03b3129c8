"""Unit profiles read as data: what a simulated unit offers on its wire.

The files are those that drivers read; the code that reads them is not, so that a mistake cannot confirm itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from simulators import located
from simulators.errors import SimulationError
from simulators.words import missing

Value = bool | int | float | str
WIDE = ("u32", "i32", "f32")
PROTOCOLS = ("modbus", "opcua", "mqtt", "serial")


@dataclass(frozen=True, slots=True)
class PointRow:
    """One point: `where` holds the keys of the row that its protocol understands."""

    name: str
    type: str
    scale: float
    equals: Value | None
    writable: bool
    where: Mapping[str, Any]

    @property
    def idle(self) -> Value:
        """Return the value of a point that nothing drives."""
        if self.type == "bool" or self.equals is not None:
            return False
        return "" if self.type == "text" else 0

    def refuses(self, value: object) -> str:
        """Return why the point can never have this value, and nothing if it can."""
        if isinstance(self.idle, bool):
            fits, wanted = isinstance(value, bool), "true or false"
        elif self.type == "text":
            fits, wanted = isinstance(value, str), "text"
        else:
            fits, wanted = isinstance(value, int | float) and not isinstance(value, bool), "a number"
        return "" if fits else f"{value!r} is no value of a {self.type} point: expected {wanted}"


@dataclass(frozen=True, slots=True)
class UnitProfile:
    """A unit profile's points by name, in the order of the file."""

    name: str
    protocol: str
    gap: int
    points: Mapping[str, PointRow]
    heartbeat: str | None = None
    fed: str | None = None
    """The point that a controller writes to show that it lives."""
    identity: Mapping[str, Value] = field(default_factory=dict)
    """What points say by which a unit is known to be of this model."""
    dialect: str = ""
    """What a device that talks by itself on a serial line speaks."""
    talks: str = "always"
    """Whether such a device talks `always`, or `on-target` only."""


def folder() -> Path:
    """Return where the profiles lie, in a checkout and in an installed wheel alike."""
    spec = find_spec("drivers")
    places = spec.submodule_search_locations if spec is not None else None
    if not places:
        raise SimulationError("the package `drivers` with its profiles is not installed: reinstall rempart")
    return Path(next(iter(places))) / "profiles"


def read_yaml(path: Path) -> Any:
    """Read a YAML 1.2 file into plain data. Raises SimulationError."""
    return located.read(path).data


def load(name: str, site: Path | None = None) -> UnitProfile:
    """Read the unit profile `name`, from the site's own `profiles/` if it is there, else from the shipped ones.

    Raises SimulationError that lists the known ones when there is none.
    """
    places = [folder()] if site is None else [site / "profiles", folder()]
    found = [place / f"{name}.yaml" for place in places if (place / f"{name}.yaml").is_file()]
    if not found:
        files = sorted(path for place in places for path in place.glob("*.yaml"))
        known = ", ".join(path.stem for path in files if "protocol" in (read_yaml(path) or {}))
        where = " or ".join(str(place) for place in places)
        raise SimulationError(
            f"unknown unit profile {name!r}: there is no {name}.yaml in {where}; known are {known or 'none'}"
        )
    path = found[0]
    document = read_yaml(path)
    try:
        if document["protocol"] not in PROTOCOLS:
            raise ValueError(f"protocol {document['protocol']!r}: expected one of {', '.join(PROTOCOLS)}")
        points = {p.name: p for key, row in document["points"].items() for p in _expand(str(key), row)}
        fed = (document.get("watchdog") or {}).get("feed")
        return UnitProfile(
            name,
            document["protocol"],
            int(document.get("gap", 0)),
            points,
            document.get("heartbeat"),
            fed,
            _identity(document.get("identity") or {}, points),
            document.get("dialect", ""),
            document.get("talks", "always"),
        )
    except SimulationError as error:
        raise SimulationError(f"{path}: {error}") from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SimulationError(f"{path}: not a unit profile: {error!r}") from None


def _identity(given: object, points: Mapping[str, PointRow]) -> dict[str, Value]:
    if not isinstance(given, dict):
        raise SimulationError("identity: expected point: value")
    for name, value in given.items():
        if name not in points:
            raise SimulationError(f"identity: {missing('there is no point', name, points)}")
        if why := points[name].refuses(value):
            raise SimulationError(f"identity.{name}: {why}")
    return dict(given)


def _expand(key: str, row: Mapping[str, Any]) -> list[PointRow]:
    count = row.get("count")
    if count is None:
        return [_row(key, row, row)]
    width = 2 if row.get("type") in WIDE else 1
    return [_row(f"{key}{i}", row, {**row, "address": row["address"] + i * width}) for i in range(count)]


def _row(name: str, row: Mapping[str, Any], where: Mapping[str, Any]) -> PointRow:
    return PointRow(
        name=name,
        type=row.get("type", "bool"),
        scale=float(row.get("scale", 1.0)),
        equals=row.get("equals"),
        writable=bool(row.get("writable", False)),
        where=where,
    )
