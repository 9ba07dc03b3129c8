"""What faults, people and vehicles can hit on a site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from controller.config.site import DeviceConfig, Site
from controller.core.spec import MOVERS, Kind


@dataclass(frozen=True, slots=True)
class Targets:
    """What can be hit on a site."""

    site: str
    links: tuple[str, ...]
    units: tuple[str, ...]
    points: tuple[str, ...]
    movers: tuple[str, ...]
    keyed: tuple[str, ...]
    loops: tuple[str, ...]
    lamps: tuple[tuple[str, str], ...]
    zones: tuple[str, ...]
    hangs_on: Mapping[str, frozenset[str]]
    """By mover: itself, its loops, their units and links, its zone and the site."""
    passages: tuple[tuple[str, str, tuple[str, ...]], ...]
    """Where one can pass, in which direction, and over which loops."""


def targets_of(site: Site) -> Targets:
    """Gather what can be hit on `site`, in the order of its file."""
    devices = site.devices.values()
    movers = [d for d in devices if d.kind in MOVERS]
    inputs = ("raised", "lowered", "local", "detect", "fault", "halt_lamp", "go_lamp", "lamp")
    wires = (wire for d in devices for name in inputs for wire in d.wiring.get(name, ()))
    return Targets(
        site=site.name,
        links=tuple(site.links),
        units=tuple(site.units),
        points=tuple(dict.fromkeys(f"{unit}.{point}" for unit, point in wires)),
        movers=tuple(d.id for d in movers),
        keyed=tuple(d.id for d in movers if "local" in d.wiring),
        loops=tuple(d.id for d in devices if d.kind is Kind.LOOP),
        lamps=tuple(
            (d.id, lamp)
            for d in devices
            for lamp in {Kind.SIGNAL: ("halt", "go"), Kind.BEACON: ("light",)}.get(d.kind, ())
        ),
        zones=tuple(zone for zone in site.zones if any(d.zone == zone for d in movers)),
        hangs_on={d.id: _hangs_on(site, d) for d in movers},
        passages=tuple(_passages(site)),
    )


def _hangs_on(site: Site, mover: DeviceConfig) -> frozenset[str]:
    devices = [mover, *(site.devices[loop] for loop in mover.presence)]
    units = {unit for d in devices for wires in d.wiring.values() for unit, _ in wires}
    links = {site.units[unit].unit.link for unit in units}
    return frozenset({*(d.id for d in devices), *units, *links, mover.zone, site.name, "controller"})


def _passages(site: Site) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    specs = {d.id: d for d in site.devices.values() if d.kind in MOVERS}
    for name, spec in specs.items():
        yield name, "", spec.presence
        if spec.airlock_with:
            yield name, "in", tuple(dict.fromkeys((*spec.presence, *specs[spec.airlock_with].presence)))
    for name, route in site.routes.items():
        yield name, "", specs[route.points[0]].presence
