"""The composition root: a checked site becomes links, plans and fitted devices. The only place that names a driver.

A driver is imported with the first wire that speaks its protocol: the library of OPC UA alone takes a second to import, and a
site without it must not wait for that while its steel is unsupervised.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from controller.config.site import DeviceConfig, LinkConfig, Site, UnitConfig
from controller.core.kinds import SIGNALS
from controller.core.spec import (
    Action,
    BeaconSpec,
    ContactSpec,
    CounterSpec,
    DirectionSpec,
    Drive,
    Kind,
    MoverSpec,
    RadarSpec,
    SignalSpec,
    Spec,
)
from controller.peer import Plan, Watchdog
from controller.plant import Fitting, Plant, Wire
from controller.ports import Link, Point
from drivers.profile import MoverProfile, SensorProfile
from drivers.url import parse_url

LAMP_PROOF_S = 5.0
"""How soon lamps must prove what was asked for, unless their profile says otherwise (R15)."""

_PROTOCOLS = {"modbus": (True, False), "opcua": (True, True), "mqtt": (False, True), "serial": (False, True)}
"""By protocol: does it answer polls, does it push?"""


def utcnow() -> datetime:
    """Return the wall clock, for labels only."""
    return datetime.now(UTC)


PLAN, PLAN_MAX = "plan.svg", 1024 * 1024
"""The drawing of a site, in its folder, and how many bytes it may have."""

MakeLink = Callable[[LinkConfig], Link]


def compose(site: Site, make: MakeLink | None = None) -> Plant:
    """Wire up `site`; nothing is opened yet. Must be called within the loop that will run it.

    `make` makes the link of each wire: the driver that speaks its URL unless told otherwise.
    """
    used, make = _used_points(site), make or partial(_driver, site.timezone)
    return Plant(
        name=site.name,
        title=site.title,
        zones=dict(site.zones),
        wires=tuple(_wire(site, link, make(link), used) for link in site.links.values()),
        fittings=fittings(site),
        routes=site.routes,
        simulated=site.simulated,
        revision=site.source,
        plan=_plan_of(site),
        timezone=site.timezone,
    )


def _plan_of(site: Site) -> str:
    """Return the drawing of the site; nothing where there is none, it is too large, or it is no text: it is for looks only."""
    try:
        with (site.folder / PLAN).open("rb") as file:
            drawn = file.read(PLAN_MAX + 1)
        return drawn.decode() if len(drawn) <= PLAN_MAX else ""
    except (OSError, UnicodeDecodeError):
        return ""


def fittings(site: Site) -> tuple[Fitting, ...]:
    """Return every device of `site` with its wiring."""
    return tuple(_fitting(site, device) for device in site.devices.values())


def make_link(name: str, url: str, *, timezone: str) -> Link:
    """Make the link that speaks the scheme of `url`. Raises ValueError for one that no driver speaks."""
    now = asyncio.get_running_loop().time
    scheme = parse_url(url).scheme
    if scheme in ("modbus+tcp", "modbus+rtu"):
        from drivers.modbus import ModbusLink

        return ModbusLink(name, url, now=now)
    if scheme == "opc.tcp":
        from drivers.opcua import OpcUaLink

        return OpcUaLink(name, url, now=now)
    if scheme == "mqtt":
        from drivers.mqtt import MqttLink

        return MqttLink(name, url, now=now, timezone=timezone, utcnow=utcnow)
    from drivers.serial import SerialLink

    return SerialLink(name, url, now=now)


def _driver(timezone: str, link: LinkConfig) -> Link:
    return make_link(link.name, link.url, timezone=timezone)


def _used_points(site: Site) -> dict[str, set[str]]:
    used: dict[str, set[str]] = {name: set() for name in site.units}
    for device in site.devices.values():
        for signal, wires in device.wiring.items():
            if not _is_output(device.kind, signal):
                for unit, point in wires:
                    used[unit].add(point)
    return used


def _wire(site: Site, config: LinkConfig, link: Link, used: Mapping[str, set[str]]) -> Wire:
    plans = [_plan(config, unit, used[name]) for name, unit in site.units.items() if unit.unit.link == config.name]
    return Wire(name=config.name, url=config.url, link=link, plans=tuple(plans), simulated=config.simulated)


def _plan(link: LinkConfig, config: UnitConfig, used: set[str]) -> Plan:
    profile, points = config.profile, config.unit.points
    polls, pushes = _PROTOCOLS[profile.protocol]
    watchdog = None
    if (given := profile.watchdog) is not None:
        watchdog = Watchdog(
            arm=tuple((points[name], value) for name, value in given.arm),
            feed=points[given.feed] if given.feed else None,
            period_s=given.period_s,
            status=given.status or "",
            expired=given.expired,
        )
    proofs = {profile.heartbeat or "", watchdog.status if watchdog else ""} - {""}
    return Plan(
        unit=config.unit,
        points=tuple(points[name] for name in sorted(used | proofs, key=list(points).index)),
        poll_s=link.poll_s,
        polls=polls,
        pushes=pushes,
        heartbeat=profile.heartbeat or "",
        heartbeat_s=profile.heartbeat_s,
        watchdog=watchdog,
        # On a bus there is one frame at a time, whatever a unit could take.
        profile=profile.profile,
        in_flight=int(config.unit.options.get("in_flight", 1)) if link.url.startswith("modbus+tcp:") else 1,
    )


def _is_output(kind: Kind, signal: str) -> bool:
    return signal in (*SIGNALS[kind].outputs, *SIGNALS[kind].optional_outputs)


def _fitting(site: Site, device: DeviceConfig) -> Fitting:
    feeds: dict[tuple[str, str], list[str]] = {}
    ages: dict[str, float] = {}
    outputs: dict[str, tuple[str, str, Point]] = {}
    for signal, wires in device.wiring.items():
        for name, (unit, point) in zip(_members(signal, len(wires)), wires, strict=True):
            found = site.point((unit, point))
            if _is_output(device.kind, signal):
                outputs[name] = (site.units[unit].unit.link, unit, found)
            else:
                feeds.setdefault((unit, point), []).append(name)
                ages[name] = found.max_age_s
    return Fitting(
        spec=_spec(site, device, ages, tuple(outputs)),
        inputs={wire: tuple(names) for wire, names in feeds.items()},
        outputs=outputs,
        profile=device.profile.profile if device.profile is not None else "",
    )


def _members(signal: str, count: int) -> list[str]:
    return [signal] if count == 1 else [f"{signal}_{i}" for i in range(1, count + 1)]


def _spec(site: Site, device: DeviceConfig, inputs: Mapping[str, float], outputs: tuple[str, ...]) -> Spec:
    common: dict[str, Any] = {
        "id": device.id,
        "kind": device.kind,
        "title": device.title,
        "zone": device.zone,
        "inputs": inputs,
        "outputs": outputs,
    }
    profile = device.profile
    if isinstance(profile, MoverProfile):
        return MoverSpec(
            **common,
            tops=tuple(_members("raised", len(device.wiring["raised"]))),
            bottoms=tuple(_members("lowered", len(device.wiring["lowered"]))),
            secures=_secures(profile),
            drive=Drive(
                type=str(profile.drive.type),
                pulse_s=profile.drive.pulse_s,
                codes={str(k): v for k, v in profile.drive.codes.items()},
            ),
            travel_s=profile.travel.seconds,
            settle_s=profile.settle.seconds,
            no_show_s=device.no_show_s,
            **_interlocks(site, device, profile),
        )
    return _sensor_spec(site, device, profile, common)


def _interlocks(site: Site, device: DeviceConfig, profile: MoverProfile) -> dict[str, Any]:
    return {
        "fastest_s": profile.fastest_s,
        "efo_s": profile.efo_s if device.slow_efo is None else device.slow_efo.within_s,
        "efo_lead_s": profile.efo_lead_s,
        "presence": device.presence,
        "efo_ignores_presence": device.efo_ignores_presence_accepted is not None,
        "airlock_with": device.airlock_with,
        "signals": tuple(other.id for other in site.devices.values() if other.follows == device.id),
        "warning": device.warning,
        "warning_s": profile.warning_s,
        "traffic": device.traffic,
        "mains": device.mains,
        "cycles_per_hour": profile.cycles_per_hour,
        "give_up": profile.give_up,
        "accepted": device.accepted,
    }


def _sensor_spec(site: Site, device: DeviceConfig, profile: SensorProfile | None, common: dict[str, Any]) -> Spec:
    proof = profile.lamp_proof.seconds if profile is not None and profile.lamp_proof else LAMP_PROOF_S
    if device.kind is Kind.BEACON:
        return BeaconSpec(**common, warns=device.warns, lamp_proof_s=proof)
    if device.kind is Kind.SIGNAL:
        mover = site.devices[device.follows].profile
        go_state = "lowered" if isinstance(mover, MoverProfile) and _secures(mover) is Action.RAISE else "raised"
        return SignalSpec(**common, follows=device.follows, go_state=go_state, lamp_proof_s=proof)
    if device.kind is Kind.CONTACT:
        return ContactSpec(
            **common, active_when=profile.active_when if profile is not None else True, means=device.means
        )
    if device.kind is Kind.COUNTER:
        return CounterSpec(**common, plausible_max=profile.plausible_max if profile is not None else None)
    if device.kind is Kind.RADAR:
        return (
            RadarSpec(**common)
            if device.overspeed_kmh is None
            else RadarSpec(**common, overspeed_kmh=device.overspeed_kmh)
        )
    if device.kind is Kind.DIRECTION:
        return DirectionSpec(**common, entry=device.entry, exit=device.exit)
    return Spec(**common, limits=_limits(device))


def _limits(device: DeviceConfig) -> dict[str, float]:
    """Return how many seconds a loop may be occupied or clear before its detector is to be looked at (R29)."""
    given = {
        "occupied": device.presence_limit_min and device.presence_limit_min * 60.0,
        "clear": device.absence_limit_h and device.absence_limit_h * 3600.0,
    }
    return {state: limit for state, limit in given.items() if limit is not None}


def _secures(profile: MoverProfile) -> Action:
    return Action.RAISE if profile.secures_by == "raising" else Action.LOWER
