"""Which table, step and alarms belong to which kind of device, and which signals each kind has. The one place to add a kind."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from controller.core import (
    beacon,
    contact,
    counter,
    direction,
    driving,
    loop,
    motion,
    mover_table,
    radar,
    signal,
    traffic_controller,
)
from controller.core.beacon import Beacon
from controller.core.device import NOTHING_READ, Alarm, Device, Event, Neighbours, Step
from controller.core.lamps import Lamps
from controller.core.modes import Mode
from controller.core.mover import REST, Mover
from controller.core.readings import Quality, Reading, Readings, Value
from controller.core.replacing import replace
from controller.core.said import said
from controller.core.signal import Signal
from controller.core.spec import MOVERS, BeaconSpec, Kind, MoverSpec, SignalSpec, Spec
from controller.core.table import Table


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a kind of device is: its machine, what an event does to it, and what it alarms about."""

    table: Table
    step: Callable[[Any, Event, Neighbours, float], Step]
    alarms: Callable[[Any], tuple[Alarm, ...]]


@dataclass(frozen=True, slots=True)
class Signals:
    """The signals that a kind must, and may, be wired to. `members` are lists of equal length, one item a member."""

    inputs: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    optional_outputs: tuple[str, ...] = ()
    members: tuple[str, ...] = ()


_MOVER = Behaviour(mover_table.TABLE, motion.step, motion.alarms)

BEHAVIOURS: dict[Kind, Behaviour] = {
    **dict.fromkeys(sorted(MOVERS), _MOVER),
    Kind.SIGNAL: Behaviour(signal.TABLE, signal.step, signal.alarms),
    Kind.BEACON: Behaviour(beacon.TABLE, beacon.step, beacon.alarms),
    Kind.TRAFFIC_CONTROLLER: Behaviour(traffic_controller.TABLE, traffic_controller.step, traffic_controller.alarms),
    Kind.LOOP: Behaviour(loop.TABLE, loop.step, loop.alarms),
    Kind.RADAR: Behaviour(radar.TABLE, radar.step, radar.alarms),
    Kind.COUNTER: Behaviour(counter.TABLE, counter.step, counter.alarms),
    Kind.CONTACT: Behaviour(contact.TABLE, contact.step, contact.alarms),
    Kind.DIRECTION: Behaviour(direction.TABLE, direction.step, direction.alarms),
}

_MOVER_SIGNALS = Signals(
    inputs=("raised", "lowered"),
    optional=("local", "estop", "obstruction"),
    optional_outputs=("raise", "lower", "stop", "command"),
    members=("raised", "lowered"),
)

SIGNALS: dict[Kind, Signals] = {
    **dict.fromkeys(sorted(MOVERS), _MOVER_SIGNALS),
    Kind.SIGNAL: Signals(inputs=("halt_lamp", "go_lamp"), outputs=("halt", "go")),
    Kind.BEACON: Signals(inputs=("lamp",), outputs=("light",)),
    Kind.TRAFFIC_CONTROLLER: Signals(inputs=("flashing", "dark"), optional=("failure",)),
    Kind.LOOP: Signals(inputs=("detect",), optional=("fault",)),
    Kind.RADAR: Signals(inputs=("speed",), optional=("standby", "self_test")),
    Kind.COUNTER: Signals(inputs=("count",)),
    Kind.CONTACT: Signals(inputs=("contact",)),
    Kind.DIRECTION: Signals(),
}


def new_device(spec: Spec, units: frozenset[str], now: float) -> Device:
    """Make the device as it is at start: unknown, and none of its units heard of yet."""
    if isinstance(spec, MoverSpec):
        mode = Mode.UNKNOWN if "local" in spec.inputs else Mode.REMOTE
        return Mover(spec=spec, since=now, down=units, mode=mode)
    if isinstance(spec, SignalSpec):
        return Signal(spec=spec, since=now, asked_since=now, down=units)
    if isinstance(spec, BeaconSpec):
        return Beacon(spec=spec, since=now, asked_since=now, down=units)
    return Device(spec=spec, since=now, down=units)


def step(device: Device, event: Event, neighbours: Neighbours, now: float) -> Step:
    """Return what `event` makes of `device`, whatever its kind."""
    return BEHAVIOURS[device.spec.kind].step(device, event, neighbours, now)


def settled(device: Device) -> bool:
    """Tell whether a reading that says what the last one said changes nothing of `device` but its age.

    That is so of no mover under way, and of no lamp that shows what it was asked for and is not proven yet.
    """
    if isinstance(device, Mover):
        return device.order is None and device.state in REST
    return not isinstance(device, Lamps) or device.state != device.asked or device.shown_since < math.inf


def renewed(device: Device, readings: Readings, now: float) -> Device | None:
    """Return a settled `device` with `readings`, from which nothing follows but that they are younger; None where more may.

    That is so while the ones that they replace still count and say the same. What hangs on the time is a step's when it is due.
    """
    same = settled(device) and all(_says_so(device, name, reading, now) for name, reading in readings.items())
    return device.heard(readings) if same else None


def _says_so(device: Device, name: str, reading: Reading, now: float) -> bool:
    held = device.readings.get(name)
    if held is None or held.value != reading.value or reading.quality is not Quality.GOOD:
        return False
    return device.trusts(name, now)


def alarms(device: Device) -> tuple[Alarm, ...]:
    """Return the conditions of `device` that a person must know of."""
    own = BEHAVIOURS[device.spec.kind].alarms(device)
    if device.state == "offline":
        unwatched = isinstance(device, Mover) and device.unwatched
        return (Alarm("offline", 1 if unwatched else 3, said("cannot be reached: {why}", why=device.why)), *own)
    forced = isinstance(device, Mover) and device.force is not None
    if device.state == "unknown" and not forced and device.why not in ("", NOTHING_READ):
        return (Alarm("unknown", 3, said("its state is not known: {why}", why=device.why)), *own)
    return own


def at_rest(spec: Spec) -> dict[str, Value]:
    """Return the output levels that move nothing and let nobody pass: what a device gets when nobody thinks for it."""
    if isinstance(spec, MoverSpec):
        return driving.levels(Mover(spec=spec), now=0.0)
    if isinstance(spec, BeaconSpec):
        return beacon.levels("dark")
    return signal.levels("halt") if isinstance(spec, SignalSpec) else {}


def crashed(device: Device, why: str, now: float) -> Device:
    """Return the device as it is when its own logic failed: known by nothing but its failure. Its order is lost with it."""
    blank = new_device(device.spec, device.down, now)
    if isinstance(blank, Mover) and isinstance(device, Mover):
        unsecured = why if device.holds.efo is not None else ""
        blank = replace(blank, holds=device.holds, unsecured=unsecured).with_mode(now)
    return replace(blank, why=why, version=device.version + 1)
