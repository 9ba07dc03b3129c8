"""The site of the bench whose devices are heard, generated: a radar for each item.

A radar because its state is told by one value, changes at a speed of 4 km/h without an alarm, and has no other use for it: each
update is one step of one state machine.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.pushed.names import UNIT_ITEMS, Protocol, topic_of
from benchmarks.site import HEAD, ZONE

PUBLISH_S = 0.1
"""The publishing interval, as that of drivers/profiles/plc-road-blocker.yaml."""
CHANGES_KEPT = 10
"""What the service asks of the queue of an item (drivers/opcua_session.py)."""
POLL_S = 4.0
"""An OPC UA unit is read beside its subscription; more seldom than that a reading of 8 s would not live for two reads."""


PROFILE_HEAD = """\
profile: bench-{protocol}
title: Radars of the bench
protocol: {protocol}
source: "benchmarks/pushed"
patience_s: 2.0
"""
OPCUA_POINT = """\
  speed{n}:
    title: Speed seen by a radar
    node: "ns=2;s={{prefix}}.Speed{n}"
    type: f32
    unit: km/h
    max_age_s: 8.0
    source: "benchmarks/pushed/names.py: node_of"
"""
MQTT_POINT = """\
  speed0:
    title: Speed seen by a radar
    path: speed
    type: f32
    unit: km/h
    max_age_s: 8.0
    source: "benchmarks/pushed/mqtt_publisher.py: report"
"""
RADAR = """\
  {radar}: {{kind: radar, title: Radar {item}, zone: {zone}, wiring: {{speed: unit-{unit}.speed{point}}}}}
"""


def radar(item: int) -> str:
    """Return the name of the radar that an item belongs to."""
    return f"radar-{item}"


def generate(folder: Path, protocol: Protocol, url: str, count: int) -> Path:
    """Write a site of `count` radars on one wire into `folder`, and return that."""
    opcua = protocol is Protocol.OPCUA
    each = UNIT_ITEMS if opcua else 1
    head = PROFILE_HEAD.format(protocol=protocol.value) + (f"publish_s: {PUBLISH_S:g}\n" if opcua else "")
    points = "".join(OPCUA_POINT.format(n=n) for n in range(each)) if opcua else MQTT_POINT
    profiles = folder / "profiles"
    profiles.mkdir(parents=True)
    (profiles / f"bench-{protocol.value}.yaml").write_text(f"{head}points:\n{points}", "utf-8")
    poll = f", poll_s: {POLL_S:g}" if opcua else ""
    lines = [HEAD, f'links:\n  wire: {{url: "{url}"{poll}}}\nunits:\n']
    for unit in range(-(-count // each)):
        address = f"Plc{unit}" if opcua else topic_of(unit)
        lines += [f"  unit-{unit}: {{link: wire, profile: bench-{protocol.value}, address: {address}}}\n"]
    lines += ["devices:\n"]
    for item in range(count):
        unit, point = divmod(item, each)
        lines += [RADAR.format(radar=radar(item), item=item, zone=ZONE, unit=unit, point=point)]
    (folder / "site.yaml").write_text("".join(lines), "utf-8")
    return folder
