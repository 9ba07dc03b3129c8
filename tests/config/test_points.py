"""What a point of a unit profile can tell: values that it can read, a place of its own, an age that still means something."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from controller.config.located import Problem

from .conftest import problems_of

WIRES: dict[str, tuple[str, int | str | None]] = {
    "modbus": ("modbus+tcp://192.0.2.1:502", 1),
    "opcua": ("opc.tcp://192.0.2.1:4840", None),
    "mqtt": ("mqtt://192.0.2.1:1883", "gate/io"),
    "serial": ("serial:///dev/serial/by-id/usb-x?baudrate=1200", None),
}
DISCRETE = {"table": "discrete", "address": 0}
HOLDING = {"table": "holding", "address": 5}
LOOP = {"kind": "loop", "wiring": {"detect": "io.a", "fault": "io.b"}}
Row = Mapping[str, Any]


def found(
    folder: Path,
    points: Mapping[str, Row],
    *devices: Row,
    protocol: str = "modbus",
    identity: Mapping[str, Any] | None = None,
    expect: Mapping[str, Any] | None = None,
) -> tuple[Problem, ...]:
    """The problems of a site with one unit, `io`, that has these points (JSON is YAML)."""
    url, address = WIRES[protocol]
    profile = {
        "profile": "io",
        "title": "I/O",
        "protocol": protocol,
        "source": "manual",
        "identity": identity or {},
        "points": {name: {"source": "manual, p. 1", **row} for name, row in points.items()},
        **({"dialect": "mph"} if protocol == "serial" else {}),
    }
    site = {
        "site": "gate",
        "title": "Gate",
        "timezone": "Europe/Rome",
        "zones": {"gate": {"title": "Gate"}},
        "links": {"wire": {"url": url}},
        "units": {"io": {"link": "wire", "profile": "io", "address": address, "expect": expect or {}}},
        "devices": {f"device{i}": {"title": "Device", "zone": "gate", **device} for i, device in enumerate(devices)},
    }
    (folder / "profiles").mkdir()
    (folder / "profiles" / "io.yaml").write_text(json.dumps(profile, indent=1), encoding="utf-8")
    (folder / "site.yaml").write_text(json.dumps(site, indent=1), encoding="utf-8")
    return problems_of(folder)


A_LOOP = {"kind": "loop", "wiring": {"detect": "io.a"}}


@pytest.mark.parametrize("scale", [0, 0.0, -0.0])
def test_a_scale_of_nothing_is_refused(tmp_path: Path, scale: float) -> None:
    number = {**HOLDING, "type": "u16", "scale": scale}
    (problem,) = found(tmp_path, {"a": DISCRETE, "volts": number}, A_LOOP, identity={"volts": 3})
    assert problem.path.endswith("io.yaml")
    assert problem.message == "points.volts.scale: 0 would make every reading 0: expected another number"


UNREADABLE = {
    "more than 16 bits": ({"type": "u16"}, 70000, "0 to 65535"),
    "negative, unsigned": ({"type": "u16"}, -1, "0 to 65535"),
    "a fraction": ({"type": "u16"}, 1.5, "a whole number"),
    "more than 15 bits and a sign": ({"type": "i16"}, 40000, "-32768 to 32767"),
    "negative, unsigned, 32 bits": ({"type": "u32"}, -1, "0 to 4294967295"),
    "more than 31 bits and a sign": ({"type": "i32"}, 2**31, "-2147483648 to 2147483647"),
    "more than the mask lets through": ({"type": "u16", "mask": 0x0FF0}, 256, "0 to 255"),
    "past the scaled range": ({"type": "u16", "scale": 0.5}, 32768, "0 to 32767.5"),
    "past the negative range": ({"type": "u16", "scale": -2}, 2, "-131070 to 0"),
    "between two steps": ({"type": "u16", "scale": 0.5}, 0.7, "the nearest is 0.5"),
    "beside what binary fractions give": ({"type": "u16", "scale": 0.1}, 0.3, "the nearest is 0.30000000000000004"),
    "more than any float": ({"type": "f32"}, 10**400, "of type f32"),
    "a number of one bit": ({"type": "u16", "bit": 3}, 1, "expected true or false"),
    "a number of a contact": ({"type": "u16", "equals": 3}, 3, "expected true or false"),
    "true of a number": ({"type": "u16"}, True, "of type u16"),
}


@pytest.mark.parametrize("key", ["identity", "expect"])
@pytest.mark.parametrize(("row", "value", "says"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_value_that_its_point_can_never_read_is_refused(
    tmp_path: Path, key: str, row: Row, value: Any, says: str
) -> None:
    points = {"a": DISCRETE, "code": {**HOLDING, **row}}
    said = {key: {"code": value}}
    (problem,) = found(tmp_path, points, A_LOOP, identity=said.get("identity"), expect=said.get("expect"))
    assert f"{key}.code: " in problem.message
    assert "can never be read from a point" in problem.message
    assert says in problem.message


READABLE = {
    "the greatest": ({"type": "u16"}, 65535),
    "the least": ({"type": "i16"}, -32768),
    "a whole number with a point": ({"type": "u16"}, 404.0),
    "all of the mask": ({"type": "u16", "mask": 0x0FF0}, 255),
    "a scaled step": ({"type": "i16", "scale": -0.5}, 2.5),
    "a fraction": ({"type": "f32"}, 0.5),
    "one bit": ({"bit": 3}, True),
    "a contact": ({"type": "u16", "equals": 3}, False),
}


@pytest.mark.parametrize(("row", "value"), READABLE.values(), ids=READABLE.keys())
def test_a_value_that_its_point_can_read_is_good(tmp_path: Path, row: Row, value: Any) -> None:
    assert found(tmp_path, {"a": DISCRETE, "code": {**HOLDING, **row}}, A_LOOP, identity={"code": value}) == ()


ONE_PLACE = {
    "one input": ("modbus", DISCRETE, DISCRETE),
    "one bit of a register": ("modbus", {**HOLDING, "bit": 2}, {**HOLDING, "bit": 2}),
    "one bit and its opposite": ("modbus", {**HOLDING, "bit": 2}, {**HOLDING, "bit": 2, "equals": False}),
    "one value of a register": ("modbus", {**HOLDING, "equals": 2}, {**HOLDING, "type": "u16", "equals": 2}),
    "one point of several": ("modbus", {**DISCRETE, "address": 3}, None),
    "one node": ("opcua", {"node": "ns=2;s=Up"}, {"node": "ns=2;s=Up", "variant": "Boolean"}),
    "one node and its opposite": ("opcua", {"node": "ns=2;s=Up"}, {"node": "ns=2;s=Up", "equals": False}),
    "one key": ("mqtt", {"path": "loop.on"}, {"path": "Loop.On"}),
    "one field": ("serial", {"field": "rfi"}, {"field": "rfi"}),
}


@pytest.mark.parametrize(("protocol", "a", "b"), ONE_PLACE.values(), ids=ONE_PLACE.keys())
def test_one_place_under_two_names_cannot_tell_a_device_two_things(
    tmp_path: Path, protocol: str, a: Row, b: Row | None
) -> None:
    points = {"a": a, "b": b} if b is not None else {"a": a, "di": {**DISCRETE, "count": 4}}
    second = "io.b" if b is not None else "io.di3"
    loop = {"kind": "loop", "wiring": {"detect": "io.a", "fault": second}}
    (problem,) = found(tmp_path, points, loop, protocol=protocol)
    assert problem.message == (
        f"devices.device0.wiring.fault: `{second}` is the same place on the wire as `io.a`, which is wired already, as "
        "device0.detect: wire it to another point, or correct the profile"
    )


TWO_PLACES = {
    "two bits": ("modbus", {**HOLDING, "bit": 2}, {**HOLDING, "bit": 3}),
    "two values of one register": ("modbus", {**HOLDING, "equals": 1}, {**HOLDING, "equals": 2}),
    "two parts of one register": (
        "modbus",
        {**HOLDING, "type": "u16", "mask": 3, "equals": 1},
        {**HOLDING, "type": "u16", "mask": 12, "equals": 1},
    ),
    "two tables": ("modbus", DISCRETE, {**DISCRETE, "table": "coil"}),
    "two values of one key": (
        "mqtt",
        {"path": "state", "equals": "on"},
        {"path": "state", "equals": "broken"},
    ),
}


@pytest.mark.parametrize(("protocol", "a", "b"), TWO_PLACES.values(), ids=TWO_PLACES.keys())
def test_two_facts_may_tell_a_device_two_things(tmp_path: Path, protocol: str, a: Row, b: Row) -> None:
    assert found(tmp_path, {"a": a, "b": b}, LOOP, protocol=protocol) == ()


COIL = {"table": "coil", "address": 0, "writable": True}


def signal(halt: str, go: str, halt_lamp: str, go_lamp: str) -> Row:
    wiring = {"halt": halt, "go": go, "halt_lamp": halt_lamp, "go_lamp": go_lamp}
    return {"kind": "signal", "profile": "traffic-signal-2-lamp", "follows": "boom", "wiring": wiring}


def test_two_outputs_of_one_coil_are_refused(tmp_path: Path) -> None:
    points = {"di": {**DISCRETE, "count": 2}, "halt": COIL, "go": COIL}
    problems = found(tmp_path, points, signal("io.halt", "io.go", "io.di0", "io.di1"))
    assert any("`io.go` is the same place on the wire as `io.halt`" in problem.message for problem in problems)


def test_the_echo_of_an_output_is_no_feedback(tmp_path: Path) -> None:
    points = {"di": DISCRETE, "do": {**COIL, "count": 2}, "echo": {"table": "coil", "address": 1}}
    problems = found(tmp_path, points, signal("io.do0", "io.do1", "io.di", "io.echo"))
    assert any("which is wired already, as device0.go" in problem.message for problem in problems)


def test_outputs_of_two_devices_on_one_coil_are_refused(tmp_path: Path) -> None:
    points = {"di": {**DISCRETE, "count": 4}, "do": {**COIL, "count": 3}, "spare": {**COIL, "address": 1}}
    first, second = (
        signal("io.do0", "io.do1", "io.di0", "io.di1"),
        signal("io.do2", "io.spare", "io.di2", "io.di3"),
    )
    problems = found(tmp_path, points, first, second)
    assert any("`io.spare` is the same place on the wire as `io.do1`" in problem.message for problem in problems)


BOOM = {
    "kind": "barrier",
    "profile": "boom-barrier-pulse",
    "wiring": {
        "raise": "io.do0",
        "lower": "io.do1",
        "raised": "io.raised",
        "lowered": "io.lowered",
        "local": "io.local",
    },
    "no_presence_accepted": {"who": "A. Martin", "when": "2026-03-01", "why": "no road there"},
    "no_warning_accepted": {"who": "A. Martin", "when": "2026-03-01", "why": "no people there"},
}
INPUTS = {name: {**DISCRETE, "address": i} for i, name in enumerate(("raised", "lowered", "local", "detect", "fault"))}
OUTPUTS = {"do": {**COIL, "count": 2}}
A_LOOP_THAT_FAILS = {"kind": "loop", "wiring": {"detect": "io.detect", "fault": "io.fault"}}


@pytest.mark.parametrize("name", INPUTS)
def test_a_reading_older_than_5_s_gives_no_permission(tmp_path: Path, name: str) -> None:
    points = {**INPUTS, **OUTPUTS, name: {**INPUTS[name], "max_age_s": 5.1}}
    (problem,) = found(tmp_path, points, BOOM, A_LOOP_THAT_FAILS)
    device = "device1" if name in ("detect", "fault") else "device0"
    assert problem.path.endswith("io.yaml")
    assert problem.message == (
        f"points.{name}.max_age_s: 5.1 s is too long for {device}.{name}, which gives permission to move: at most 5 s"
    )


def test_five_seconds_are_not_too_long(tmp_path: Path) -> None:
    points = {name: {**row, "max_age_s": 5} for name, row in INPUTS.items()}
    assert found(tmp_path, {**points, **OUTPUTS}, BOOM, A_LOOP_THAT_FAILS) == ()


def test_a_row_of_many_points_is_refused_once(tmp_path: Path) -> None:
    points = {"di": {**DISCRETE, "count": 2, "max_age_s": 60}}
    loop = {"kind": "loop", "wiring": {"detect": "io.di0", "fault": "io.di1"}}
    (problem,) = found(tmp_path, points, loop)
    assert problem.message.startswith("points.di.max_age_s: 60 s is too long for device0.detect")


def test_r28_a_speed_counts_for_8_s_at_most(tmp_path: Path) -> None:
    speed = {**HOLDING, "type": "u16", "max_age_s": 8.5}
    (problem,) = found(tmp_path, {"speed": speed}, {"kind": "radar", "wiring": {"speed": "io.speed"}})
    assert problem.message == "points.speed.max_age_s: 8.5 s is too long for device0.speed: at most 8 s (R28)"


def test_r13_the_mains_of_a_drive_give_permission_to_move(tmp_path: Path) -> None:
    points = {**INPUTS, **OUTPUTS, "mains": {**DISCRETE, "address": 9, "max_age_s": 5.1}}
    mains = {
        "kind": "contact",
        "profile": "contact-normally-closed",
        "wiring": {"contact": "io.mains"},
        "means": "mains",
    }
    (problem,) = found(tmp_path, points, {**BOOM, "mains": "device1"}, mains)
    assert problem.message == (
        "points.mains.max_age_s: 5.1 s is too long for device1.contact, which gives permission to move: at most 5 s"
    )


def test_what_only_informs_may_be_slow(tmp_path: Path) -> None:
    points = {
        "speed": {**HOLDING, "type": "u16", "max_age_s": 8},
        "standby": {**DISCRETE, "max_age_s": 120},
        "count": {**HOLDING, "address": 6, "type": "u16", "max_age_s": 120},
        "mains": {**DISCRETE, "address": 1, "max_age_s": 120},
    }
    radar = {"kind": "radar", "wiring": {"speed": "io.speed", "standby": "io.standby"}}
    counter = {"kind": "counter", "wiring": {"count": "io.count"}}
    contact = {"kind": "contact", "profile": "contact-normally-open", "wiring": {"contact": "io.mains"}}
    assert found(tmp_path, points, radar, counter, contact) == ()
