"""A site file with its shape checked: every entry that can be used, so that one mistake does not hide the next."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from controller.config.located import Document, Key, Problem
from controller.config.plainwords import explain, unknown_keys
from controller.config.schema import (
    AnyDevice,
    BeaconFile,
    DeviceFile,
    LinkFile,
    MoverFile,
    RouteFile,
    SignalFile,
    SiteFile,
    UnitFile,
    ZoneFile,
    adapter,
)
from controller.core.kinds import SIGNALS
from controller.core.spec import MOVERS, Kind

_ENTRIES: Mapping[str, TypeAdapter[Any]] = {
    "zones": TypeAdapter(ZoneFile),
    "links": TypeAdapter(LinkFile),
    "units": TypeAdapter(UnitFile),
    "devices": TypeAdapter(AnyDevice),
    "routes": TypeAdapter(RouteFile),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """What is usable of a site file. `names` are all that are written, good or not; None where a section is unusable.

    A misspelt key counts as the key that was meant; entries with a key that nothing explains are `doubtful`: what seems to be
    missing there may only be misspelt.
    """

    doc: Document
    problems: tuple[Problem, ...]
    names: Mapping[str, frozenset[str] | None] = field(default_factory=dict)
    zones: Mapping[str, ZoneFile] = field(default_factory=dict)
    links: Mapping[str, LinkFile] = field(default_factory=dict)
    units: Mapping[str, UnitFile] = field(default_factory=dict)
    devices: Mapping[str, DeviceFile] = field(default_factory=dict)
    routes: Mapping[str, RouteFile] = field(default_factory=dict)
    site: str | None = None
    timezone: str | None = None
    doubtful: frozenset[tuple[Key, ...]] = frozenset()
    whole: SiteFile | None = None

    def lacks(self, section: str, name: str) -> bool:
        """Tell whether `name` is surely not in `section`."""
        known = self.names.get(section)
        return known is not None and name not in known

    def movers(self) -> Iterator[tuple[str, MoverFile]]:
        """Return the movers by name."""
        return ((name, device) for name, device in self.devices.items() if isinstance(device, MoverFile))

    def signals(self) -> Iterator[tuple[str, SignalFile]]:
        """Return the traffic signals by name."""
        return ((name, device) for name, device in self.devices.items() if isinstance(device, SignalFile))

    def beacons(self) -> Iterator[tuple[str, BeaconFile]]:
        """Return the warning beacons by name."""
        return ((name, device) for name, device in self.devices.items() if isinstance(device, BeaconFile))


@dataclass(frozen=True, slots=True)
class Wired:
    """One wire of a device: its signal, where it is written, and what it is wired to."""

    device: str
    signal: str
    at: tuple[Key, ...]
    unit: str
    point: str
    output: bool


def wires(draft: Draft, name: str, device: DeviceFile) -> Iterator[Wired]:
    """Return every wire of a device, in the order of its signals."""
    known = SIGNALS[Kind(device.kind)]
    for signal, refs in wiring(device.wiring).items():
        for i, ref in enumerate(refs):
            at: tuple[Key, ...] = ("devices", name, "wiring", signal)
            unit, _, point = ref.partition(".")
            item = (*at, i)
            yield Wired(
                name,
                signal,
                item if item in draft.doc.values else at,
                unit,
                point,
                signal in (*known.outputs, *known.optional_outputs),
            )


def wiring(model: BaseModel) -> dict[str, tuple[str, ...]]:
    """Return the wired signals, each with its references."""
    given = ((name, getattr(model, name)) for name in type(model).model_fields)
    return {name: (value if isinstance(value, tuple) else (value,)) for name, value in given if value is not None}


def is_mover(device: DeviceFile) -> bool:
    """Tell whether a device moves steel."""
    return Kind(device.kind) in MOVERS


def draft(doc: Document) -> Draft:
    """Check the shape of a site file."""
    if not isinstance(doc.data, dict):
        wrong = () if doc.problems else (doc.problem((), "expected keys with values"),)
        return Draft(doc, doc.problems + wrong)
    shape = adapter("site")
    problems, whole = doc.problems, None
    unknown: dict[tuple[Key, ...], str | None] = {}
    try:
        whole = shape.validate_json(json.dumps(doc.data), strict=True)
    except ValidationError as error:
        problems += explain(error, doc, shape.json_schema())
        unknown = unknown_keys(error, doc.data, shape.json_schema())
    site, timezone = doc.data.get("site"), doc.data.get("timezone")
    return Draft(
        doc,
        problems,
        names={section: _names(doc.data, section) for section in _ENTRIES},
        **{section: _usable(doc.data, section, unknown) for section in _ENTRIES},
        site=site if isinstance(site, str) else None,
        timezone=timezone if isinstance(timezone, str) else None,
        doubtful=frozenset(at[:2] for at, meant in unknown.items() if meant is None),
        whole=whole,
    )


def _names(data: Mapping[str, Any], section: str) -> frozenset[str] | None:
    entries = data.get(section)
    return frozenset(entries) if isinstance(entries, dict) else None


def _usable(data: Mapping[str, Any], section: str, unknown: Mapping[tuple[Key, ...], str | None]) -> dict[str, Any]:
    entries = data.get(section)
    usable: dict[str, Any] = {}
    for name, entry in entries.items() if isinstance(entries, dict) else ():
        meant = _as_meant(entry, (section, name), unknown)
        try:
            usable[name] = _ENTRIES[section].validate_json(json.dumps(meant), strict=True)
        except ValidationError:
            continue
    return usable


def _as_meant(value: Any, at: tuple[Key, ...], unknown: Mapping[tuple[Key, ...], str | None]) -> Any:
    if not isinstance(value, dict):
        return value
    named = {unknown.get((*at, key), key): _as_meant(inner, (*at, key), unknown) for key, inner in value.items()}
    return {key: inner for key, inner in named.items() if key is not None}
