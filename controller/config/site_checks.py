"""What a site's words refer to: wires, units, zones, time zone. The equipment itself is in device_checks.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, available_timezones

from controller.config.draft import Draft
from controller.config.located import Problem
from controller.config.plainwords import suggest, unknown
from controller.config.profiles import Library
from controller.config.readable import unreadable
from controller.config.schema import UnitFile
from controller.core.readings import Value
from controller.ports import Point
from drivers.profile import AnyUnitProfile, ModbusProfile, MqttProfile, OpcUaProfile, SerialProfile
from drivers.url import Url, parse_url

SCHEMES: Mapping[str, tuple[str, ...]] = {
    "modbus": ("modbus+tcp", "modbus+rtu"),
    "opcua": ("opc.tcp",),
    "mqtt": ("mqtt",),
    "serial": ("serial",),
}
PUSHING = ("mqtt", "serial")
"""On these wires nothing is polled: the equipment speaks when it will."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What the names of a draft stand for, as far as they stand for something."""

    draft: Draft
    library: Library
    urls: Mapping[str, Url]
    profiles: Mapping[str, AnyUnitProfile] = field(default_factory=dict)
    points: Mapping[str, Mapping[str, Point]] = field(default_factory=dict)
    mains: frozenset[str] = frozenset()
    """The contacts that movers hang on for the mains of their drives (R13)."""
    neighbours: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By link: its units, of those whose profile is known."""


def resolve(draft: Draft, library: Library) -> Resolved:
    """Look up what can be looked up."""
    urls = {name: url for name, link in draft.links.items() if (url := _url(link.url)) is not None}
    profiles: dict[str, AnyUnitProfile] = {}
    for name, unit in draft.units.items():
        loaded = library.get(unit.profile)
        if loaded is not None and isinstance(
            loaded.profile, ModbusProfile | OpcUaProfile | MqttProfile | SerialProfile
        ):
            profiles[name] = loaded.profile
    points = {name: profile.expanded(draft.units[name].address) for name, profile in profiles.items()}
    mains = frozenset(mover.mains for _, mover in draft.movers() if mover.mains is not None)
    neighbours: dict[str, list[str]] = {}
    for name in profiles:
        neighbours.setdefault(draft.units[name].link, []).append(name)
    on = {link: tuple(names) for link, names in neighbours.items()}
    return Resolved(draft, library, urls, profiles, points, mains, on)


def check_site(known: Resolved) -> Iterator[Problem]:
    """Return the problems of the site's frame: time zone, names, wires, units."""
    draft = known.draft
    if draft.timezone is not None and not _is_timezone(draft.timezone):
        near = suggest(draft.timezone, available_timezones())
        text = f"timezone: `{draft.timezone}` is not known{near} (expected an IANA name, e.g. Europe/Paris)"
        yield draft.doc.problem(("timezone",), text)
    yield from _check_names(draft)
    yield from _check_links(known)
    yield from _check_units(known)


def _check_names(draft: Draft) -> Iterator[Problem]:
    """Look for names that would leave open what an order to them is for."""
    zones, site = draft.names.get("zones") or frozenset(), draft.site
    taken = [("devices", name, "a zone") for name in sorted((draft.names.get("devices") or frozenset()) & zones)]
    # The name of the only zone stands for the same movers as that of the site.
    among = ("devices", "routes") if len(zones) == 1 else ("zones", "devices", "routes")
    taken += [(section, site, "the site") for section in among if site and site in (draft.names.get(section) or ())]
    for section, name, other in taken:
        text = f"{section}.{name}: {other} has this name too, so an order to `{name}` would be ambiguous: rename one"
        yield draft.doc.problem((section, name), text, key=True)


def _check_links(known: Resolved) -> Iterator[Problem]:
    draft, doc = known.draft, known.draft.doc
    used = {unit.link for unit in draft.units.values()}
    # While a unit is unread, or names a link that is none, an unused link may be the one it means.
    all_units_placed = draft.names.get("units") == frozenset(draft.units)
    all_units_placed &= not any(draft.lacks("links", link) for link in used)
    for name, link in draft.links.items():
        try:
            url = parse_url(link.url)
        except ValueError as error:
            yield doc.problem(("links", name, "url"), f"links.{name}.url: {error}")
            continue
        if "poll_s" in link.model_fields_set and url.scheme in PUSHING:
            text = f"links.{name}.poll_s: nothing is polled over {url.scheme}: remove it"
            yield doc.problem(("links", name, "poll_s"), text, key=True)
        if name not in used and all_units_placed:
            yield doc.problem(("links", name), f"links.{name}: no unit is on this link: remove it", key=True)
    yield from _same_wire(known)


def _same_wire(known: Resolved) -> Iterator[Problem]:
    first: dict[tuple[str, int, str], str] = {}
    for name, url in known.urls.items():
        peer = (url.host.lower(), url.port, "" if url.host else url.path)
        other = first.setdefault(peer, name)
        if other != name:
            text = f"links.{name}.url: is the same wire as the link `{other}`: put their units on one link"
            yield known.draft.doc.problem(("links", name, "url"), text)


def _check_units(known: Resolved) -> Iterator[Problem]:
    draft, doc = known.draft, known.draft.doc
    taken: dict[tuple[str, object], str] = {}
    for name, unit in draft.units.items():
        if draft.lacks("links", unit.link):
            text = unknown(f"units.{name}: the link", unit.link, draft.names["links"] or ())
            yield doc.problem(("units", name, "link"), text)
        other = taken.setdefault((unit.link, unit.address), name)
        if other != name:
            text = f"units.{name}: has the same link and address as the unit `{other}`"
            yield doc.problem(("units", name, "address"), text)
        yield from _check_unit_profile(known, name, unit)


def _check_unit_profile(known: Resolved, name: str, unit: UnitFile) -> Iterator[Problem]:
    doc, at = known.draft.doc, ("units", name, "profile")
    loaded = known.library.get(unit.profile)
    if loaded is None:
        yield doc.problem(at, f"units.{name}: {known.library.why_not(unit.profile, unit=True)}")
        return
    profile = known.profiles.get(name)
    if profile is None:
        if loaded.profile is not None:
            yield doc.problem(at, f"units.{name}: `{unit.profile}` is the profile of a device, not of a unit on a wire")
        return
    url = known.urls.get(unit.link)
    if url is not None and url.scheme not in SCHEMES[profile.protocol]:
        wanted = " or ".join(f"{scheme}://" for scheme in SCHEMES[profile.protocol])
        text = f"units.{name}: `{unit.profile}` speaks {profile.protocol} and needs a link with {wanted}, not {url.scheme}://"
        yield doc.problem(at, text)
    elif (wrong := _address(profile, unit.address, url)) is not None:
        yield doc.problem(("units", name, "address"), f"units.{name}.address: {wrong}")
    if isinstance(profile, SerialProfile) and url is not None and url.scheme == "serial":
        yield from _check_serial(known, name, unit, profile, url)
    yield from _check_expect(known, name, unit)


def _address(profile: AnyUnitProfile, address: int | str | None, url: Url | None) -> str | None:
    """Return what is wrong with a unit's address, None if nothing is."""
    match profile:
        case ModbusProfile():
            low, high = (1, 247) if url is not None and url.scheme == "modbus+rtu" else (0, 255)
            if not isinstance(address, int) or not low <= address <= high:
                return f"expected the Modbus unit id, {low} to {high}, found {_no_unit_id(address)}"
        case MqttProfile():
            if not isinstance(address, str) or not address or set("#+\0") & set(address):
                return f"expected the topic it publishes on, without + and #, found {_shown(address)}"
        case OpcUaProfile():
            prefixed = any("{prefix}" in row.node for row in profile.points.values())
            if prefixed and (not isinstance(address, str) or not address):
                return f"expected the prefix of its node ids, e.g. Ruhl.Wedge, found {_shown(address)}"
            if not prefixed and address is not None:
                return f"the profile's node ids have no {{prefix}}: remove the address {_shown(address)}"
        case SerialProfile():
            if address is not None:
                return f"a serial line has one peer: remove the address {_shown(address)}"
    return None


def _no_unit_id(address: int | str | None) -> str:
    if not isinstance(address, str):
        return _shown(address)
    quoted = ", which is not a number: take the quotes away" if address.strip().isdecimal() else ""
    return f"the text {_shown(address)}{quoted}"


def _check_serial(known: Resolved, name: str, unit: UnitFile, profile: SerialProfile, url: Url) -> Iterator[Problem]:
    doc = known.draft.doc
    if profile.baudrate is None and "baudrate" not in url.options:
        text = f"links.{unit.link}.url: `{unit.profile}` has no speed of its own: add the unit's, e.g. ?baudrate=9600"
        yield doc.problem(("links", unit.link, "url"), text)
    if unit.expect and not profile.always:
        text = f"units.{name}.expect: a unit that talks only on a target cannot prove it: remove it"
        yield doc.problem(("units", name, "expect"), text, key=True)


def _check_expect(known: Resolved, name: str, unit: UnitFile) -> Iterator[Problem]:
    doc, points = known.draft.doc, known.points[name]
    for point, value in unit.expect.items():
        at = ("units", name, "expect", point)
        if point not in points:
            yield doc.problem(at, unknown(f"units.{name}.expect: the point", point, points), key=True)
        elif (wrong := unreadable(points[point], value)) is not None:
            yield doc.problem(at, f"units.{name}.expect.{point}: {wrong}")


def _url(text: str) -> Url | None:
    try:
        return parse_url(text)
    except ValueError:
        return None


def _is_timezone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True


def _shown(value: Value | None) -> str:
    return "none" if value is None else f"`{value}`"
