"""Values in registers as profiles lay them out."""

from __future__ import annotations

from typing import Any

import pytest

from simulators.image import Image
from simulators.profiles import PointRow, UnitProfile, Value
from simulators.servers.modbus_memory import ProfileMemory
from simulators.servers.modbus_pdu import answer


def memory(*rows: tuple[str, dict[str, Any]]) -> ProfileMemory:
    points = {}
    for name, row in rows:
        where = {"table": "holding", **row}
        kind, scale = row.get("type", "u16"), row.get("scale", 1.0)
        points[name] = PointRow(name, kind, scale, row.get("equals"), row.get("writable", True), where)
    return ProfileMemory(Image("unit", UnitProfile("plain", "modbus", 0, points)))


@pytest.mark.parametrize(
    ("row", "value", "registers"),
    [
        ({}, 0x1234, "1234"),
        ({"type": "i16"}, -2, "fffe"),
        ({"scale": 0.1}, 12.3, "007b"),
        ({"type": "u32"}, 0x12345678, "12345678"),
        ({"type": "u32", "low_word_first": True}, 0x12345678, "56781234"),
        ({"type": "i32"}, -1, "ffffffff"),
        ({"type": "f32"}, 1.5, "3fc00000"),
    ],
)
def test_a_value_is_written_and_read_in_its_layout(row: dict[str, Any], value: Value, registers: str):
    unit = memory(("x", {"address": 10, **row}))
    count = len(registers) // 4
    written = answer(unit, bytes.fromhex(f"10 000A 000{count} 0{count * 2} {registers}"))
    assert written.hex() == f"10000a000{count}"
    assert unit.image.read("x") == pytest.approx(value)
    assert answer(unit, bytes.fromhex(f"03 000A 000{count}")).hex() == f"030{count * 2}{registers}"


def test_points_share_the_bits_of_a_register():
    unit = memory(
        ("bit", {"address": 0, "type": "bool", "bit": 15}),
        ("low", {"address": 0, "mask": 0x000F}),
        ("middle", {"address": 0, "mask": 0x0FF0}),
    )
    unit.image.put({"bit": True, "low": 0x3, "middle": 0x12})
    assert answer(unit, bytes.fromhex("03 0000 0001")).hex() == "03028123"


@pytest.mark.parametrize(("equals", "off"), [(5, "0000"), (0, "0001")])
def test_a_contact_in_a_register_is_the_value_that_it_equals(equals: int, off: str):
    unit = memory(("contact", {"address": 0, "equals": equals, "writable": False}))
    assert answer(unit, bytes.fromhex("03 0000 0001")).hex() == f"0302{off}"
    unit.image.put({"contact": True})
    assert answer(unit, bytes.fromhex("03 0000 0001")).hex() == f"0302{equals:04x}"


@pytest.mark.parametrize("address", ["000A", "000B"])
def test_half_of_a_wide_value_cannot_be_written(address: str):
    unit = memory(("wide", {"address": 10, "type": "u32"}))
    assert answer(unit, bytes.fromhex(f"06 {address} 0001")).hex() == "8602"


def test_an_input_cannot_be_written():
    unit = memory(("x", {"address": 0, "writable": False}))
    assert answer(unit, bytes.fromhex("06 0000 0001")).hex() == "8602"
