"""What simulation.yaml may get wrong beyond its form: names, addresses, channels. Everything is reported, nothing repaired."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from simulators import schema
from simulators.image import Image
from simulators.plants.base import Plant
from simulators.plants.bollard import Bollards
from simulators.plants.boom import Boom
from simulators.plants.sensors import Contact, Counter, Loop, Radar
from simulators.plants.signal import Signal
from simulators.plants.wedge import Wedge

PROTOCOL_OF_LINK = {
    "modbus-tcp": "modbus",
    "modbus-rtu": "modbus",
    "serial": "serial",
    "opcua": "opcua",
    "mqtt": "mqtt",
}
KINDS: Mapping[str, type[Plant]] = {
    "bollard": Bollards,
    "boom": Boom,
    "wedge": Wedge,
    "signal": Signal,
    "loop": Loop,
    "radar": Radar,
    "counter": Counter,
    "contact": Contact,
}


def mistakes(plan: schema.Simulation, images: Mapping[str, Image]) -> Iterator[str]:
    """Return each mistake as `where: what: what was expected`."""
    yield from _names(plan)
    yield from _addresses(plan, images)
    yield from _wiring(plan, images)
    yield from _timezone(plan)


def _names(plan: schema.Simulation) -> Iterator[str]:
    yield from _known("units", "link", {n: u.link for n, u in plan.units.items()}, plan.links)
    lanes = {
        n: p.lane
        for n, p in plan.plants.items()
        if isinstance(p, schema.MoverPlant | schema.LoopPlant | schema.RadarPlant)
    }
    yield from _known("plants", "lane", lanes, plan.lanes)
    yield from _known("lanes", "signal", {n: lane.signal for n, lane in plan.lanes.items()}, plan.plants)
    movers = {n: p for n, p in plan.plants.items() if isinstance(p, schema.MoverPlant)}
    yield from _known("plants", "key_of", {n: p.key_of for n, p in movers.items()}, movers)
    bollards = {n: p for n, p in movers.items() if isinstance(p, schema.BollardPlant)}
    yield from _known("plants", "airlock_with", {n: p.airlock_with for n, p in bollards.items()}, bollards)
    contacts = [n for n, p in plan.plants.items() if isinstance(p, schema.ContactPlant)]
    yield from _known("supplies", "mains", {n: s.mains for n, s in plan.supplies.items()}, contacts)
    yield from _known("supplies", "battery", {n: s.battery for n, s in plan.supplies.items()}, contacts)
    for name, supply in plan.supplies.items():
        for fed in supply.feeds:
            yield from _known("supplies", "feeds", {name: fed}, plan.plants)


def _known(
    group: str, key: str, named: Mapping[str, str | None], known: Mapping[str, object] | list[str]
) -> Iterator[str]:
    for owner, name in named.items():
        if name is not None and name not in known:
            yield f"{group}.{owner}.{key}: there is no {name!r}: expected one of {', '.join(known) or '(none defined)'}"


def _addresses(plan: schema.Simulation, images: Mapping[str, Image]) -> Iterator[str]:
    taken: dict[tuple[str, object], str] = {}
    for name, unit in plan.units.items():
        if unit.link not in plan.links:
            continue
        protocol = plan.links[unit.link].protocol
        spoken = images[name].profile.protocol
        if spoken != PROTOCOL_OF_LINK[protocol]:
            yield f"units.{name}.profile: {unit.profile} speaks {spoken}, but link {unit.link} is {protocol}"
        elif spoken == "modbus" and not (isinstance(unit.address, int) and 1 <= unit.address <= 247):
            yield f"units.{name}.address: expected a unit id from 1 to 247, found {unit.address!r}"
        elif spoken in ("opcua", "mqtt") and not (isinstance(unit.address, str) and unit.address):
            yield f"units.{name}.address: expected a {'node id prefix' if spoken == 'opcua' else 'topic'}"
        if (other := taken.setdefault((unit.link, unit.address), name)) != name:
            yield f"units.{name}.address: {unit.address!r} on link {unit.link} belongs to {other} already"


def _wiring(plan: schema.Simulation, images: Mapping[str, Image]) -> Iterator[str]:
    taken: dict[str, str] = {}
    for name, entry in plan.plants.items():
        kind = KINDS[entry.type]
        members = len(entry.members) if isinstance(entry, schema.MoverPlant) else 1
        for role in sorted(kind.NEEDS - entry.channels.keys()):
            yield f"plants.{name}.channels: {role!r} is missing: a {entry.type} needs {', '.join(sorted(kind.NEEDS))}"
        for role, points in entry.channels.items():
            place = f"plants.{name}.channels.{role}"
            if role not in kind.ORDERS | kind.SAYS:
                yield f"{place}: a {entry.type} has no such role: expected {', '.join(sorted(kind.ORDERS | kind.SAYS))}"
                continue
            limit = members if role in ("raised", "lowered") else 1
            if len(points) not in (1, limit):
                yield f"{place}: {len(points)} channels for {limit} member(s): expected {limit}"
            for point in points:
                yield from _channel(place, point, role in kind.ORDERS, images)
                if (other := taken.setdefault(point, place)) != place:
                    yield f"{place}: {point} is wired already, at {other}"


def _channel(place: str, point: str, ordered: bool, images: Mapping[str, Image]) -> Iterator[str]:
    unit, _, name = point.partition(".")
    if unit not in images:
        yield f"{place}: there is no unit {unit!r}: expected one of {', '.join(images)}"
        return
    profile = images[unit].profile
    if name not in profile.points:
        yield f"{place}: {profile.name} has no point {name!r}: expected one of {', '.join(profile.points)}"
    elif ordered and not profile.points[name].writable:
        yield f"{place}: {point} is an input of {profile.name}: an order needs an output"
    elif not ordered and profile.points[name].writable:
        yield f"{place}: {point} is an output of {profile.name}: a plant speaks through inputs"


def _timezone(plan: schema.Simulation) -> Iterator[str]:
    try:
        ZoneInfo(plan.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        yield f"timezone: {plan.timezone!r} is not known here: expected a name such as Europe/Paris"
