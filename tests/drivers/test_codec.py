from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.readings import Value
from controller.ports import Point, PointType
from drivers.codec import decode, encode, width
from drivers.profile import Node, Register, Table


def word(kind: PointType, *, scale: float = 1.0, low_word_first: bool = False, **where: int) -> Point:
    return Point("p", Register(Table.HOLDING, 0, low_word_first=low_word_first, **where), kind, scale, writable=True)


@pytest.mark.parametrize(
    ("point", "raw", "value"),
    [
        (word(PointType.U16), [0xFFFF], 65535),
        (word(PointType.I16), [0xFFFF], -1),
        (word(PointType.U32), [0x0001, 0x86A0], 100_000),
        (word(PointType.U32, low_word_first=True), [0x86A0, 0x0001], 100_000),
        (word(PointType.I32), [0xFFFF, 0xFFFE], -2),
        (word(PointType.F32), [0x4148, 0x0000], 12.5),
        (word(PointType.F32, low_word_first=True), [0x0000, 0x4148], 12.5),
        (word(PointType.F32), [0x7FC0, 0x0000], None),
        (word(PointType.F32), [0xFF80, 0x0000], None),
        (word(PointType.U16, scale=0.1), [15], 1.5),
        (word(PointType.BOOL, bit=0), [0b01], True),
        (word(PointType.BOOL, bit=15), [0x7FFF], False),
        (word(PointType.U16, mask=0xFF00), [0x0122], 1),
        (word(PointType.U16, mask=0x00FF), [0x0122], 34),
        (word(PointType.U16, mask=0x0C00), [0x0822], 2),
        (Point("p", Register(Table.COIL, 0)), [1], True),
        (Point("p", Register(Table.DISCRETE, 0)), [0], False),
    ],
)
def test_decode(point: Point, raw: list[int], value: Value | None):
    decoded = decode(point, raw)
    assert decoded == value
    assert type(decoded) is type(value)


@pytest.mark.parametrize(
    ("where", "kind", "equals", "raw", "value"),
    [
        (Register(Table.INPUT, 0), PointType.U16, 3, [3], True),
        (Register(Table.INPUT, 0), PointType.U16, 3, [4], False),
        (Register(Table.INPUT, 0), PointType.BOOL, 3, [3], True),
        (Register(Table.INPUT, 0, mask=0x00FF), PointType.U16, 34, [0x0122], True),
        (Register(Table.INPUT, 0, bit=2), PointType.BOOL, False, [0b011], True),
        (Register(Table.DISCRETE, 0), PointType.BOOL, False, [1], False),
    ],
)
def test_a_point_with_equals_is_a_contact(where: Register, kind: PointType, equals: Value, raw: list[int], value: bool):
    assert decode(Point("p", where, kind, scale=10.0, equals=equals), raw) is value


@pytest.mark.parametrize("kind", [PointType.U16, PointType.I16, PointType.U32, PointType.I32])
@pytest.mark.parametrize("low_word_first", [False, True])
@given(data=st.data())
def test_whole_numbers_come_back_as_they_were_written(kind: PointType, low_word_first: bool, data: st.DataObject):
    bits = 32 if kind in (PointType.U32, PointType.I32) else 16
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if kind.startswith("i") else (0, 2**bits - 1)
    value = data.draw(st.integers(low, high))
    point = word(kind, low_word_first=low_word_first)
    raw = encode(point, value)
    assert len(raw) == width(point)
    assert decode(point, raw) == value


@given(value=st.floats(width=32, allow_nan=False, allow_infinity=False), low_word_first=st.booleans())
def test_fractions_come_back_as_they_were_written(value: float, low_word_first: bool):
    point = word(PointType.F32, low_word_first=low_word_first)
    assert decode(point, encode(point, value)) == value


@given(raw=st.integers(-(2**15), 2**15 - 1), scale=st.sampled_from([0.1, 0.01, 0.5, 10.0]))
def test_scaled_numbers_come_back_to_the_same_step(raw: int, scale: float):
    point = word(PointType.I16, scale=scale)
    assert encode(point, raw * scale) == encode(word(PointType.I16), raw)


@pytest.mark.parametrize(
    ("point", "value"),
    [
        (word(PointType.U16), -1),
        (word(PointType.U16), 65536),
        (word(PointType.I16), 40_000),
        (word(PointType.U16), 1.5),
        (word(PointType.I16, scale=0.1), 0.05),
        (word(PointType.U16), True),
        (word(PointType.U16), "5"),
        (word(PointType.F32), math.nan),
        (word(PointType.F32), math.inf),
        (word(PointType.F32), 1e39),
        (word(PointType.I32), math.inf),
        (Point("p", Register(Table.COIL, 0), writable=True), 2),
        (Point("p", Register(Table.COIL, 0), writable=True), "on"),
        (Point("p", Register(Table.COIL, 0)), True),
        (Point("p", Register(Table.HOLDING, 0), PointType.TEXT, writable=True), "x"),
        (Point("p", Register(Table.HOLDING, 0), PointType.BOOL, writable=True), True),
        (Point("p", Node("ns=2;s=Wedge.Up"), writable=True), True),
    ],
)
def test_what_does_not_fit_is_refused_by_name(point: Point, value: Value):
    with pytest.raises(ValueError, match="point p"):
        encode(point, value)


def test_a_float_register_is_the_ieee_754_single():
    assert encode(word(PointType.F32), 12.5) == struct.unpack(">2H", struct.pack(">f", 12.5))
