from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.readings import Value
from controller.ports import Point, PointType
from drivers.values import LIMITS, engineering, unscaled


def point(kind: PointType, scale: float = 1.0, equals: Value | None = None) -> Point:
    return Point("p", "anywhere", kind, scale, equals)


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (PointType.BOOL, True, True),
        (PointType.U16, 65535, 65535),
        (PointType.U16, 7.0, 7),
        (PointType.I32, -5, -5),
        (PointType.F32, 2, 2.0),
        (PointType.TEXT, "SW-450", "SW-450"),
    ],
)
def test_plain_value_of_its_type_is_taken(kind: PointType, raw: object, value: Value):
    got = engineering(raw, point(kind))
    assert got == value
    assert type(got) is type(value)


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (PointType.BOOL, 1),
        (PointType.BOOL, "true"),
        (PointType.U16, True),
        (PointType.U16, 65536),
        (PointType.U16, -1),
        (PointType.U32, 1.5),
        (PointType.U32, "10"),
        (PointType.I16, 10**400),
        (PointType.F32, math.nan),
        (PointType.F32, math.inf),
        (PointType.F32, 10**400),
        (PointType.TEXT, 5),
        (PointType.U32, None),
        (PointType.U32, [1]),
    ],
)
def test_value_of_another_type_or_range_is_refused(kind: PointType, raw: object):
    with pytest.raises(ValueError, match=f"is no {kind}"):
        engineering(raw, point(kind))


def test_scale_gives_the_engineering_value():
    assert engineering(25, point(PointType.U16, scale=0.1)) == pytest.approx(2.5)


@pytest.mark.parametrize(("raw", "value"), [(5, True), (5.0, True), (6, False), (True, False), ("5", False)])
def test_point_with_equals_is_a_contact(raw: object, value: bool):
    assert engineering(raw, point(PointType.BOOL, equals=5)) is value


def test_false_is_not_zero_for_equals():
    assert engineering(False, point(PointType.BOOL, equals=0)) is False


@given(st.sampled_from(sorted(LIMITS)), st.data())
def test_unscaled_gives_back_what_was_scaled(kind: PointType, data: st.DataObject):
    low, high = LIMITS[kind]
    raw = data.draw(st.integers(low, high))
    scaled = point(kind, scale=0.1)
    assert unscaled(engineering(raw, scaled), scaled) == raw


def test_value_that_the_type_cannot_hold_is_not_written():
    with pytest.raises(ValueError, match="70000 is no u16"):
        unscaled(70000, point(PointType.U16))
