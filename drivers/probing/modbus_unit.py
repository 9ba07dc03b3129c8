"""What one Modbus unit was found to hold, table by table, and how a person reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from controller.core.readings import Value
from controller.ports import Point
from drivers.codec import BIT_TABLES, decode, register_of, width
from drivers.modbus_plan import READ_FUNCTION
from drivers.probing.findings import Absent, Thing
from drivers.profile import AnyUnitProfile, ModbusProfile, Table

NOTHING_SAID = "was not asked"
IN_A_ROW = 8
TITLES = {
    Table.COIL: "coils (function 1)",
    Table.DISCRETE: "inputs (function 2)",
    Table.HOLDING: "holding (function 3)",
    Table.INPUT: "input registers (4)",
}


@dataclass(slots=True)
class TableFound:
    """Addresses that answered, with their raw value; those that did not, with the reason; `closed`: none of them does."""

    values: dict[int, int] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    dead: set[int] = field(default_factory=set)
    """Addresses that were asked for on their own, or as the first of several, in vain."""
    closed: str = ""
    silences: int = 0

    def why(self, address: int) -> str:
        """Say why there is no value at `address`."""
        return self.refused.get(address) or self.closed or NOTHING_SAID

    def first_unknown(self, address: int, end: int) -> int:
        """Return the first address from `address` on, before `end`, that has not answered; `end` where all have."""
        while address < end and address in self.values:
            address += 1
        return address


@dataclass(slots=True)
class UnitFound:
    """One unit: what it says that it is, and its tables."""

    unit: int
    identification: dict[str, str] = field(default_factory=dict)
    no_identification: str = ""
    tables: dict[Table, TableFound] = field(default_factory=lambda: {table: TableFound() for table in Table})

    def read(self, point: Point) -> Value | Absent:
        """Look a profile's point up in what was found."""
        where = register_of(point)
        table = self.tables[where.table]
        places = range(where.address, where.address + width(point))
        for place in places:
            if place not in table.values:
                return Absent(table.why(place))
        value = decode(point, [table.values[place] for place in places])
        return Absent("holds no number") if value is None else value

    def alike(self, other: UnitFound) -> bool:
        """Tell whether another unit says and holds the very same."""
        return self.identification == other.identification and all(
            (self.tables[t].values, self.tables[t].closed) == (other.tables[t].values, other.tables[t].closed)
            for t in Table
        )


def thing(units: list[UnitFound], name: str) -> Thing:
    """Make what is told of units that are alike."""
    unit = units[0]

    def addresses(profile: AnyUnitProfile) -> list[int | str | None]:
        return [one.unit for one in units] if isinstance(profile, ModbusProfile) else []

    data: Mapping[str, Any] = {
        "units": [one.unit for one in units],
        "identification": unit.identification,
        "no_identification": unit.no_identification,
        "tables": {table: _data(found) for table, found in unit.tables.items()},
    }
    facts = dict(unit.identification) or {"identification": f"none: {unit.no_identification}"}
    return Thing(name, "modbus", facts, list(_rows(unit)), data, addresses, unit.read)


def _data(found: TableFound) -> dict[str, Any]:
    return {
        "closed": found.closed,
        "values": {str(address): value for address, value in sorted(found.values.items())},
        "refused": {str(address): why for address, why in sorted(found.refused.items())},
    }


def _rows(unit: UnitFound) -> Iterator[tuple[str, str]]:
    for table in sorted(Table, key=lambda table: READ_FUNCTION[table]):
        found = unit.tables[table]
        if not found.values:
            yield TITLES[table], found.closed or next(iter(found.refused.values()), NOTHING_SAID)
            continue
        parts = [_run(table, run, found.values) for run in runs(found.values)]
        for number, part in enumerate(parts):
            yield "" if number else TITLES[table], part


def runs(addresses: Iterable[int]) -> list[range]:
    """Divide addresses into contiguous runs."""
    found: list[range] = []
    for address in sorted(addresses):
        if found and address == found[-1].stop:
            found[-1] = range(found[-1].start, address + 1)
        else:
            found.append(range(address, address + 1))
    return found


def _run(table: Table, run: range, values: Mapping[int, int]) -> str:
    where = str(run.start) if len(run) == 1 else f"{run.start}-{run.stop - 1}"
    raw = [values[address] for address in run]
    if table in BIT_TABLES:
        bits = "".join(str(bit) for bit in raw)
        grouped = " ".join(bits[i : i + 8] for i in range(0, len(bits), 8))
        return f"{where} = {grouped}"
    if len(raw) > 1 and not any(raw):
        return f"{where} = all 0"
    shown = " ".join(str(word) for word in raw[:IN_A_ROW])
    return f"{where} = {shown}{' …' if len(raw) > IN_A_ROW else ''}"
