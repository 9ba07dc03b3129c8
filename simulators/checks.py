"""What simulation.yaml may get wrong beyond its form: names, addresses, channels, places. All is reported, nothing repaired."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from simulators import geometry, schema
from simulators.image import Image
from simulators.located import Mistake
from simulators.plants.base import Plant
from simulators.plants.bollard import Bollards
from simulators.plants.boom import Boom
from simulators.plants.sensors import Contact, Counter, Loop, Radar, TrafficController
from simulators.plants.signal import Beacon, Signal
from simulators.plants.wedge import Wedge
from simulators.servers.serial_radar import VOICES
from simulators.words import missing

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
    "beacon": Beacon,
    "traffic_controller": TrafficController,
    "loop": Loop,
    "radar": Radar,
    "counter": Counter,
    "contact": Contact,
}


def mistakes(plan: schema.Simulation, images: Mapping[str, Image]) -> Iterator[Mistake]:
    """Return each mistake of meaning."""
    yield from _names(plan)
    yield from geometry.mistakes(plan)
    yield from _addresses(plan, images)
    yield from _wiring(plan, images)
    yield from _timezone(plan)


def _names(plan: schema.Simulation) -> Iterator[Mistake]:
    yield from _known("units", "link", {n: u.link for n, u in plan.units.items()}, plan.links)
    lanes = {
        n: p.lane
        for n, p in plan.plants.items()
        if isinstance(p, schema.MoverPlant | schema.LoopPlant | schema.RadarPlant)
    }
    yield from _known("plants", "lane", lanes, plan.lanes)
    signals = [n for n, p in plan.plants.items() if isinstance(p, schema.SignalPlant)]
    yield from _known("lanes", "signal", {n: lane.signal for n, lane in plan.lanes.items()}, signals)
    movers = {n: p for n, p in plan.plants.items() if isinstance(p, schema.MoverPlant)}
    yield from _known("plants", "key_of", {n: p.key_of for n, p in movers.items()}, movers)
    bollards = {n: p for n, p in movers.items() if isinstance(p, schema.BollardPlant)}
    yield from _known("plants", "airlock_with", {n: p.airlock_with for n, p in bollards.items()}, bollards)
    yield from _supplies(plan)


def _supplies(plan: schema.Simulation) -> Iterator[Mistake]:
    contacts = [n for n, p in plan.plants.items() if isinstance(p, schema.ContactPlant)]
    yield from _known("supplies", "mains", {n: s.mains for n, s in plan.supplies.items()}, contacts)
    yield from _known("supplies", "battery", {n: s.battery for n, s in plan.supplies.items()}, contacts)
    for name, supply in plan.supplies.items():
        for fed in supply.feeds:
            yield from _known("supplies", "feeds", {name: fed}, plan.plants)


def _known(group: str, key: str, named: Mapping[str, str | None], known: Collection[str]) -> Iterator[Mistake]:
    for owner, name in named.items():
        if name is not None and name not in known:
            yield Mistake((group, owner, key), missing("there is no", name, known))


def _addresses(plan: schema.Simulation, images: Mapping[str, Image]) -> Iterator[Mistake]:
    taken: dict[tuple[str, object], str] = {}
    for name, unit in plan.units.items():
        if unit.link not in plan.links:
            continue
        protocol = plan.links[unit.link].protocol
        spoken = images[name].profile.protocol
        place = ("units", name, "address")
        if spoken != PROTOCOL_OF_LINK[protocol]:
            text = f"{unit.profile} speaks {spoken}, but link {unit.link} is {protocol}"
            yield Mistake(("units", name, "profile"), text)
        elif spoken == "modbus" and not (isinstance(unit.address, int) and 1 <= unit.address <= 247):
            yield Mistake(place, f"expected a unit id from 1 to 247, found {unit.address!r}")
        elif spoken in ("opcua", "mqtt") and not (isinstance(unit.address, str) and unit.address):
            yield Mistake(place, f"expected a {'node id prefix' if spoken == 'opcua' else 'topic'}")
        if spoken == "serial":
            yield from _dialect(name, unit, images[name].profile.dialect)
        if (other := taken.setdefault((unit.link, unit.address), name)) != name:
            yield Mistake(place, f"{unit.address!r} on link {unit.link} belongs to {other} already")


def _dialect(name: str, unit: schema.UnitEntry, dialect: str) -> Iterator[Mistake]:
    if dialect not in VOICES:
        text = missing(f"{unit.profile}: there is no simulation of the dialect", dialect, VOICES)
        yield Mistake(("units", name, "profile"), text)
    elif unit.message is not None and dialect != "icoms":
        yield Mistake(("units", name, "message"), f"{unit.profile} has one type of message: remove it")


def _wiring(plan: schema.Simulation, images: Mapping[str, Image]) -> Iterator[Mistake]:
    taken: dict[str, str] = {}
    for name, entry in plan.plants.items():
        kind = KINDS[entry.type]
        members = len(entry.members) if isinstance(entry, schema.MoverPlant) else 1
        channels = ("plants", name, "channels")
        by_code = Boom.PULSES if isinstance(entry, schema.BoomPlant) and "command" in entry.channels else frozenset()
        for role in sorted(by_code & entry.channels.keys()):
            text = f"a boom that takes a code by `command` takes no pulse: remove {role!r}, or `command`"
            yield Mistake((*channels, role), text, of_key=True)
        for role in sorted(kind.NEEDS - entry.channels.keys() - by_code):
            yield Mistake(channels, f"{role!r} is missing: a {entry.type} needs {', '.join(sorted(kind.NEEDS))}")
        for role, points in entry.channels.items():
            place = (*channels, role)
            if role not in kind.ORDERS | kind.SAYS:
                text = missing(f"a {entry.type} has no channel", role, sorted(kind.ORDERS | kind.SAYS))
                yield Mistake(place, text, of_key=True)
                continue
            limit = members if role in ("raised", "lowered") else 1
            if len(points) not in (1, limit):
                yield Mistake(place, f"{len(points)} channels for {limit} member(s): expected {limit}")
            for point in points:
                yield from _channel(place, point, role in kind.ORDERS, images)
                if (other := taken.setdefault(point, ".".join(place))) != ".".join(place):
                    yield Mistake(place, f"{point} is wired already, at {other}")


def _channel(place: tuple[str, ...], point: str, ordered: bool, images: Mapping[str, Image]) -> Iterator[Mistake]:
    unit, _, name = point.partition(".")
    if unit not in images:
        yield Mistake(place, missing("there is no unit", unit, images))
        return
    profile = images[unit].profile
    if name not in profile.points:
        yield Mistake(place, missing(f"{profile.name} has no point", name, profile.points))
    elif ordered and not profile.points[name].writable:
        yield Mistake(place, f"{point} is an input of {profile.name}: an order needs an output")
    elif not ordered and profile.points[name].writable:
        yield Mistake(place, f"{point} is an output of {profile.name}: a plant speaks through inputs")


def _timezone(plan: schema.Simulation) -> Iterator[Mistake]:
    try:
        ZoneInfo(plan.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        yield Mistake(("timezone",), f"{plan.timezone!r} is not known here: expected a name such as Europe/Paris")
