"""Probes a Modbus wire: listens where it is shared, finds out which units are there, and looks at each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from drivers.modbus_ends import NoConnection
from drivers.modbus_frames import hexed
from drivers.probing.findings import Bounds, Findings, Tell
from drivers.probing.modbus_scan import Rows, Scan, Silent, Spent, rows_of
from drivers.probing.modbus_unit import UnitFound, thing
from drivers.probing.modbus_wire import RtuWire, TcpWire, Wire
from drivers.probing.target import Target, ranges, settings, with_line
from drivers.profile import AnyUnitProfile
from drivers.url import SerialLine, serial_line

CONNECT_S = 3.0
OVERHEAR_S = 1.5
"""Another master asks more often than this, whatever it asks: a wire that is supervised is polled every second or sooner."""

COMMON_LINES = (
    ("19200", "E"),
    ("9600", "N"),
    ("9600", "E"),
    ("19200", "N"),
    ("38400", "N"),
    ("115200", "N"),
    ("4800", "N"),
)
ENOUGH_TO_TELL = 3
"""So many units, all that were asked, must answer before it is suspected that the device ignores the unit id."""

ENOUGH_GARBLED = 3
"""Where so many answers were garbled and none was good, either the line is set wrongly or this is no Modbus."""

NOBODYS = 199
"""A unit id outside of those asked; 200 where it is among them."""


async def probe(
    target: Target, profiles: Sequence[AnyUnitProfile], bounds: Bounds, found: Findings, tell: Tell
) -> None:
    """Fill in what there is at the wire. Raises NoConnection, Taken."""
    rows = rows_of(profiles)
    if target.url.scheme == "modbus+tcp":
        await _one_wire(TcpWire(target.url.host, target.url.port), target, rows, bounds, found, tell)
        return
    line = serial_line(target.url, baudrate=19200, parity="E")
    lines = _lines(line, bounds.try_lines)
    failures: list[NoConnection] = []
    for setting in lines:
        if bounds.try_lines:
            tell(f"{settings(setting)}:")
            found.link = with_line(target.link, setting)
        try:
            await _one_wire(RtuWire(setting), target, rows, bounds, found, tell)
        except NoConnection as error:
            failures.append(error)
            found.notes.append(f"{settings(setting)}: {error}")
        if found.things or found.heard or found.intruder:
            return
    found.link = target.link
    if len(failures) == len(lines):
        found.notes.clear()
        raise failures[0]


def _lines(line: SerialLine, try_lines: bool) -> Sequence[SerialLine]:
    if not try_lines:
        return [line]
    common = [replace(line, baudrate=int(rate), parity=parity) for rate, parity in COMMON_LINES]
    return list(dict.fromkeys([line, *common]))


async def _one_wire(wire: Wire, target: Target, rows: Rows, bounds: Bounds, found: Findings, tell: Tell) -> None:
    await wire.connect(CONNECT_S)
    try:
        if isinstance(wire, RtuWire):
            tell("listening, whether anybody else asks on this bus …")
        if said := await wire.overhear(OVERHEAR_S):
            found.intruder = hexed(said)
            return
        await _ask_around(Scan(wire, rows, bounds.patience_s, bounds.most), target, bounds, found, tell)
    finally:
        await wire.close()


async def _ask_around(scan: Scan, target: Target, bounds: Bounds, found: Findings, tell: Tell) -> None:
    there: list[int] = []
    try:
        tell(f"asking unit ids {ranges(target.units)}, {bounds.patience_s:g} s for each that is silent …")
        await _roll_call(scan, target.units, there, found, tell)
        await _look(scan, target, there, found, tell)
    except Spent:
        found.notes.append(f"stopped after {scan.sent} requests; --most N allows more")
    except NoConnection as error:
        if not there:
            raise
        found.notes.append(f"ended early: {error}")
    finally:
        found.facts["asked"] = f"unit ids {ranges(target.units)}; {scan.sent} requests"
        found.facts["answered"] = f"unit ids {ranges(there)}" if there else "none"
        if scan.lost and not there:
            found.notes.append(f"the connection was closed from there {scan.lost} times: does it speak Modbus?")


async def _roll_call(scan: Scan, units: Sequence[int], there: list[int], found: Findings, tell: Tell) -> None:
    garbled = 0
    for number, unit in enumerate(units, 1):
        tell(f"\runit {unit} ({number} of {len(units)}), {len(there)} found")
        try:
            if await scan.answers(unit):
                there.append(unit)
                found.heard = True
        except Silent as silent:
            garbled += 1
            found.notes.append(f"unit {unit}: {silent}")
            if garbled >= ENOUGH_GARBLED and not there:
                found.notes.append("nothing that came was Modbus, so no further unit was asked")
                return


async def _look(scan: Scan, target: Target, there: Sequence[int], found: Findings, tell: Tell) -> None:
    nobodys = NOBODYS if NOBODYS not in target.units else NOBODYS + 1
    every = len(there) == len(target.units) >= ENOUGH_TO_TELL and await _answers(scan, nobodys)
    looked: list[list[UnitFound]] = []
    ahead = list(there[:1] if every else there)
    try:
        while ahead:
            await _look_at(scan, ahead.pop(0), looked, found, tell)
    finally:
        if ahead:
            found.notes.append(f"answered, and not looked at any more: unit {ranges(ahead)}")
    if every:
        found.notes.append(
            f"every unit id that was asked answers, {nobodys} too: this device does not look at it, and one is shown"
        )


async def _look_at(scan: Scan, unit: int, looked: list[list[UnitFound]], found: Findings, tell: Tell) -> None:
    """Look at one unit, and put it with those that are alike; an interrupted probe tells what it has seen of the last one."""
    tell(f"unit {unit} answers: looking at what it holds …")
    one, whole = UnitFound(unit), False
    try:
        await scan.look(one)
        whole = True
    finally:
        alike = next((group for group in looked if whole and group[0].alike(one)), None)
        if alike is None:
            looked.append([one])
        else:
            alike.append(one)
        found.things[:] = [thing(group, _name(group)) for group in looked]


async def _answers(scan: Scan, unit: int) -> bool:
    try:
        return await scan.answers(unit)
    except Silent:
        return False


def _name(group: Sequence[UnitFound]) -> str:
    units = ranges([one.unit for one in group])
    return f"unit {units}" if len(group) == 1 else f"units {units} (which say and hold the same)"
