"""Points to Modbus requests: contiguous points of one table share a request. Pure; a plan is made once and kept.

Limits: Modbus Application Protocol V1.1b3, 6.1 to 6.12.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from controller.core.readings import Value
from controller.ports import Point, Unit
from drivers.codec import BIT_TABLES, decode, encode, register_of, width
from drivers.profile import Register, Table

READ_FUNCTION: Mapping[Table, int] = {Table.COIL: 1, Table.DISCRETE: 2, Table.HOLDING: 3, Table.INPUT: 4}
WRITE_ONE: Mapping[Table, int] = {Table.COIL: 5, Table.HOLDING: 6}
WRITE_MANY: Mapping[Table, int] = {Table.COIL: 15, Table.HOLDING: 16}

MOST_READ: Mapping[Table, int] = {Table.COIL: 2000, Table.DISCRETE: 2000, Table.HOLDING: 125, Table.INPUT: 125}
MOST_WRITTEN: Mapping[Table, int] = {Table.COIL: 1968, Table.HOLDING: 123}


@dataclass(frozen=True, slots=True)
class Read:
    """One request that reads `count` addresses of a table, and the points that are in its answer."""

    table: Table
    address: int
    count: int
    points: tuple[Point, ...]

    @property
    def function(self) -> int:
        """The Modbus function code."""
        return READ_FUNCTION[self.table]

    @property
    def shape(self) -> tuple[int, int]:
        """What an answer to this looks like on a wire without transaction numbers: function and data bytes."""
        return self.function, (self.count + 7) // 8 if self.table in BIT_TABLES else 2 * self.count

    def values(self, raw: Sequence[int]) -> dict[str, Value | None]:
        """Decode the answer's `count` registers or bits."""
        found = {}
        for point in self.points:
            start = register_of(point).address - self.address
            found[point.name] = decode(point, raw[start : start + width(point)])
        return found

    def __str__(self) -> str:
        return f"read of {_range(self.table, self.address, self.count)}"


@dataclass(frozen=True, slots=True)
class Write:
    """One request that writes `raw` from `address` on."""

    table: Table
    address: int
    raw: tuple[int, ...]

    @property
    def function(self) -> int:
        """The Modbus function code: 5 or 6 for one address, 15 or 16 for more."""
        return (WRITE_ONE if len(self.raw) == 1 else WRITE_MANY)[self.table]

    @property
    def shape(self) -> tuple[int, int]:
        """What an answer to this looks like on a wire without transaction numbers: function and data bytes."""
        return self.function, 4

    def __str__(self) -> str:
        return f"write of {_range(self.table, self.address, len(self.raw))}"


def unit_id(unit: Unit, serial: bool) -> int:
    """Return the unit id; 255 where a TCP site gives none (Messaging on TCP/IP V1.0b, 4.4.2.2). Raises ValueError."""
    lowest = 1 if serial else 0
    address = 255 if unit.address is None and not serial else unit.address
    if not isinstance(address, int) or not lowest <= address <= 255:
        raise ValueError(f"unit {unit.name}: address {unit.address!r} is not a unit id from {lowest} to 255")
    return address


@lru_cache(maxsize=1024)
def plan_reads(points: tuple[Point, ...], gap: int = 0) -> tuple[Read, ...]:
    """Cover `points` with as few requests as contiguity allows, reading across at most `gap` unused addresses.

    Raises ValueError for a point that is not readable over Modbus.
    """
    requests: list[Read] = []
    for point in sorted(set(points), key=_place):
        where = register_of(point)
        end = where.address + width(point)
        last = requests[-1] if requests else None
        if last and last.table is where.table and where.address <= last.address + last.count + gap:
            count = max(last.count, end - last.address)
            if count <= MOST_READ[where.table]:
                requests[-1] = Read(last.table, last.address, count, (*last.points, point))
                continue
        requests.append(Read(where.table, where.address, end - where.address, (point,)))
    return tuple(requests)


def plan_writes(values: Iterable[tuple[Point, Value]]) -> tuple[Write, ...]:
    """Lay out writes in the order given; neighbours that follow each other upwards share a request.

    An order that goes down or jumps is split, so that no output is ever switched before one that was named earlier.
    Raises ValueError for a value that does not fit its point, or a point that cannot be written.
    """
    requests: list[Write] = []
    for point, value in values:
        where, raw = register_of(point), encode(point, value)
        if where.table not in MOST_WRITTEN:
            raise ValueError(f"point {point.name}: a {where.table} cannot be written")
        last = requests[-1] if requests else None
        if last and _follows(last, where) and len(last.raw) + len(raw) <= MOST_WRITTEN[where.table]:
            requests[-1] = Write(last.table, last.address, last.raw + raw)
        else:
            requests.append(Write(where.table, where.address, raw))
    return tuple(requests)


def _follows(last: Write, where: Register) -> bool:
    return last.table is where.table and last.address + len(last.raw) == where.address


def _place(point: Point) -> tuple[str, int, int, str]:
    where = register_of(point)
    return where.table, where.address, width(point), point.name


def _range(table: Table, address: int, count: int) -> str:
    return f"{table} {address}" if count == 1 else f"{table} {address}..{address + count - 1}"
