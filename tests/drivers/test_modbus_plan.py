from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.readings import Value
from controller.ports import Point, PointType
from drivers.codec import BIT_TABLES, register_of, width
from drivers.modbus_plan import MOST_READ, MOST_WRITTEN, Read, plan_reads, plan_writes
from drivers.profile import Register, Table

KINDS = [PointType.U16, PointType.I16, PointType.U32, PointType.F32]


@st.composite
def points(draw: st.DrawFn, tables: Sequence[Table] = tuple(Table), top: int = 3000) -> tuple[Point, ...]:
    found = []
    for number in range(draw(st.integers(0, 40))):
        table = draw(st.sampled_from(tables))
        kind = PointType.BOOL if table in BIT_TABLES else draw(st.sampled_from(KINDS))
        address = draw(st.one_of(st.integers(0, 30), st.integers(0, top)))
        writable = table in (Table.COIL, Table.HOLDING)
        found.append(Point(f"p{number}", Register(table, address), kind, writable=writable))
    return tuple(found)


def covered(request: Read) -> set[int]:
    return {register_of(point).address + offset for point in request.points for offset in range(width(point))}


@given(points=points(), gap=st.integers(0, 20))
def test_every_point_is_in_exactly_one_request_of_its_table(points: tuple[Point, ...], gap: int):
    planned = [(request.table, point) for request in plan_reads(points, gap) for point in request.points]
    assert sorted(point.name for _, point in planned) == sorted(point.name for point in points)
    assert all(table is register_of(point).table for table, point in planned)


@given(points=points(), gap=st.integers(0, 20))
def test_a_request_begins_and_ends_with_a_point_and_keeps_to_limit_and_gap(points: tuple[Point, ...], gap: int):
    for request in plan_reads(points, gap):
        places = covered(request)
        assert min(places) == request.address
        assert max(places) == request.address + request.count - 1
        assert 1 <= request.count <= MOST_READ[request.table]
        steps = sorted(places)
        assert all(after - before <= gap + 1 for before, after in pairwise(steps))


@given(points=points(top=200), gap=st.integers(0, 20))
def test_no_two_requests_could_have_been_one(points: tuple[Point, ...], gap: int):
    requests = plan_reads(points, gap)
    for one, other in pairwise(requests):
        if one.table is other.table:
            together = max(one.address + one.count, other.address + other.count) - one.address
            assert other.address > one.address + one.count + gap or together > MOST_READ[one.table]


@given(points=points(top=500), gap=st.integers(0, 5))
def test_each_value_comes_from_its_own_address(points: tuple[Point, ...], gap: int):
    """A register gives its own number, a bit its number's lowest bit; what is decoded must show the address."""
    for request in plan_reads(points, gap):
        places = range(request.address, request.address + request.count)
        bits = request.table in BIT_TABLES
        values = request.values([place & 1 if bits else place for place in places])
        for point in request.points:
            address = register_of(point).address
            if bits:
                assert values[point.name] is bool(address & 1)
            elif point.type in (PointType.U16, PointType.I16):
                assert values[point.name] == address
            elif point.type is PointType.U32:
                assert values[point.name] == (address << 16) + address + 1


@given(points=points(tables=(Table.COIL, Table.HOLDING), top=100), data=st.data())
def test_writes_keep_the_order_given(points: tuple[Point, ...], data: st.DataObject):
    points = tuple(data.draw(st.permutations(points)))
    values: list[tuple[Point, Value]] = [(point, bool(i & 1)) if register_of(point).table is Table.COIL else (point, i)
                                         for i, point in enumerate(points)]  # fmt: skip
    written = [
        (request.table, request.address + place, raw)
        for request in plan_writes(values)
        for place, raw in enumerate(request.raw)
    ]
    one_by_one = [
        (request.table, request.address + place, raw)
        for value in values
        for request in plan_writes([value])
        for place, raw in enumerate(request.raw)
    ]
    assert written == one_by_one
    assert all(len(request.raw) <= MOST_WRITTEN[request.table] for request in plan_writes(values))


@pytest.mark.parametrize(("table", "most"), MOST_READ.items())
def test_the_longest_read_is_the_standards(table: Table, most: int):
    """Application Protocol V1.1b3, 6.1 to 6.4: 2000 bits, 125 registers."""
    assert most == (2000 if table in BIT_TABLES else 125)
    kind = PointType.BOOL if table in BIT_TABLES else PointType.U16
    many = tuple(Point(f"p{i}", Register(table, i), kind) for i in range(most + 1))
    assert [request.count for request in plan_reads(many)] == [most, 1]


@pytest.mark.parametrize(("table", "most"), [(Table.COIL, 1968), (Table.HOLDING, 123)])
def test_the_longest_write_is_the_standards(table: Table, most: int):
    """Application Protocol V1.1b3, 6.11 and 6.12: 0x7B0 bits, 0x7B registers."""
    kind = PointType.BOOL if table is Table.COIL else PointType.U16
    many: list[tuple[Point, Value]] = [
        (Point(f"p{i}", Register(table, i), kind, writable=True), kind is PointType.BOOL or i) for i in range(most + 1)
    ]
    assert [len(request.raw) for request in plan_writes(many)] == [most, 1]


def test_a_value_of_two_registers_is_never_torn_over_two_requests():
    single = tuple(Point(f"p{i}", Register(Table.INPUT, i), PointType.U16) for i in range(124))
    wide = Point("wide", Register(Table.INPUT, 124), PointType.U32)
    assert [(r.address, r.count) for r in plan_reads((*single, wide))] == [(0, 124), (124, 2)]


def test_a_plan_is_made_once():
    some = (Point("a", Register(Table.COIL, 0)), Point("b", Register(Table.COIL, 1)))
    assert plan_reads(some, 0) is plan_reads(tuple(some), 0)


@pytest.mark.parametrize(("request_", "text"), [
    (Read(Table.COIL, 3, 1, ()), "read of coil 3"),
    (Read(Table.HOLDING, 3, 2, ()), "read of holding 3..4"),
])  # fmt: skip
def test_a_request_reads_as_text(request_: Read, text: str):
    assert str(request_) == text


def test_a_discrete_input_that_is_called_writable_is_refused():
    with pytest.raises(ValueError, match="discrete cannot be written"):
        plan_writes([(Point("p", Register(Table.DISCRETE, 0), writable=True), True)])
