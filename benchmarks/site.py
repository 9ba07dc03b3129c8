"""The site of the bench, generated: a row of road blockers and a radar at each endpoint, in one zone.

The rows are road blockers because steel that arrives within a second is believed of these: a bollard is a fault then (R01), and a
bench that waited for its three seconds would take an hour. One look at a unit is 16 discrete inputs and 8 registers.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

NAME = "bench"
ZONE = "promenade"
SLOWEST_HZ = 2.5
"""R38: limit switches are looked at every 0.4 s at least; a site that polls slower is refused."""
SHARED_PATIENCE_S = 0.1
"""R38 leaves no more where many units share a wire."""
FLAT_OUT_S = 0.001
"""A period that no contender can hold."""

UNIT = """\
profile: bench-io
title: The I/O module of the bench, 16 inputs, 2 relays and a radar's registers
protocol: modbus
source: "benchmarks/c/device.c"
gap: 8
in_flight: 4
points:
  di:
    title: Limit switches, eight raised and eight lowered
    table: discrete
    address: 0
    count: 16
    source: "benchmarks/c/device.c: limits"
  do:
    title: Raise and lower
    table: coil
    address: 0
    count: 2
    writable: true
    source: "benchmarks/c/device.c: drive"
  speed:
    title: Speed seen by the radar
    table: holding
    address: 0
    type: u16
    unit: km/h
    source: "benchmarks/c/device.c: held"
  self_test:
    title: The radar tests itself
    table: holding
    address: 7
    equals: 255
    source: "benchmarks/c/device.c: held"
"""

STEEL = """\
profile: bench-row
title: Row of eight road blockers on one drive
source: "benchmarks/c/device.c"
kind: road_blocker
secures_by: raising
drive:
  type: held
  source: "benchmarks/c/device.c: drive"
travel:
  seconds: 5
  source: "benchmarks/farm.py: TRAVEL_MS, and ample time for a loaded machine"
settle:
  seconds: 0.1
  source: "benchmarks/c/device.c: its limits do not bounce"
"""

HEAD = f"""\
site: {NAME}
title: The bench
timezone: Europe/Paris
zones:
  {ZONE}: {{title: Promenade}}
"""

ROW = """\
  {row}:
    kind: road_blocker
    title: Row {number}
    zone: {zone}
    profile: bench-row
    wiring:
      raise: {unit}.do0
      lower: {unit}.do1
      raised: [{raised}]
      lowered: [{lowered}]
    no_presence_accepted: {risk}
    no_warning_accepted: {risk}
"""
RADAR = """\
  radar-{number}:
    kind: radar
    title: Radar {number}
    zone: {zone}
    wiring: {{speed: {unit}.speed, self_test: {unit}.self_test}}
"""
RISK = "{who: The bench, when: 2026-01-01, why: nothing of it is of steel}"


def row(number: int) -> str:
    """Return the name of the row at endpoint `number`."""
    return f"row-{number}"


def unit(number: int) -> str:
    """Return the name of the unit at endpoint `number`."""
    return f"io-{number}"


def period_s(hz: float) -> float:
    """Return the period of polling at `hz`; 0 is flat out."""
    return 1 / hz if hz else FLAT_OUT_S


def generate(folder: Path, urls: Sequence[str], *, count: int, hz: float) -> Path:
    """Write a site of `count` units, polled at `hz` (0: flat out), into `folder` and return that.

    Each has a wire of its own, or they share the only one. On a serial one they have no radars: there is no room for them.
    """
    shared, form = len(urls) == 1 < count, ROW if urls[0].startswith("modbus+rtu:") else ROW + RADAR
    profiles = folder / "profiles"
    profiles.mkdir(parents=True)
    (profiles / "bench-io.yaml").write_text(UNIT, "utf-8")
    (profiles / "bench-row.yaml").write_text(STEEL, "utf-8")
    poll = f"poll_s: {period_s(hz):g}" + (f", patience_s: {SHARED_PATIENCE_S:g}" if shared else "")
    lines = [HEAD, "links:\n"]
    lines += [f'  link-{n}: {{url: "{url}", {poll}}}\n' for n, url in enumerate(urls)]
    lines += ["units:\n"]
    for n in range(count):
        link, address = (0, n + 1) if shared else (n, 1)
        lines += [f"  {unit(n)}: {{link: link-{link}, profile: bench-io, address: {address}}}\n"]
    lines += ["devices:\n"]
    lines += [_devices(n, form) for n in range(count)]
    (folder / "site.yaml").write_text("".join(lines), "utf-8")
    return folder


def _devices(number: int, form: str) -> str:
    inputs = [f"{unit(number)}.di{i}" for i in range(16)]
    return form.format(
        row=row(number), number=number, zone=ZONE, unit=unit(number), risk=RISK,
        raised=", ".join(inputs[:8]), lowered=", ".join(inputs[8:]),
    )  # fmt: skip
