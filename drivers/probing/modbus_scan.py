"""Looks at the units of a Modbus wire: who answers, what he says that he is, which addresses of which table can be read.

Politely: one question at a time, a pause before each, one patience for a unit that is silent, and an end to the questions.
Only functions that read are sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from drivers.codec import BIT_TABLES
from drivers.modbus_ends import Declined, Lost, NoAnswer
from drivers.modbus_exceptions import meaning
from drivers.modbus_frames import Unfit
from drivers.modbus_pdu import raw_of
from drivers.modbus_plan import MOST_READ, READ_FUNCTION, Read
from drivers.probing import modbus_identity as identity
from drivers.probing.modbus_unit import TableFound, UnitFound, runs
from drivers.probing.modbus_wire import Wire, read_request
from drivers.profile import AnyUnitProfile, ModbusProfile, Table

PAUSE_S = 0.02
"""Between an answer and the next question, so that who else uses a gateway gets his turn."""

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3
NOBODY = frozenset({10, 11})
"""Exceptions by which a gateway says that the unit is not there."""

# Where tables begin as a rule, looked at after the addresses of the known profiles, and how far it is looked from there.
BIT_BASES = (0, 0x10, 0x64, 0x100, 0x200, 1000, 0x1000, 0x2000)
WORD_BASES = (0, 10, 100, 0x100, 0x200, 1000, 0x1000, 0x2000, 3000, 0x8000, 40000)
BIT_SPAN, WORD_SPAN = 32, 16
MOST_SILENCES = 2
"""A function that was met with silence so often, and with no value, is not asked for again."""

Rows = Mapping[Table, Sequence[range]]


class Spent(Exception):
    """As many requests were sent as are allowed."""


class Silent(Exception):
    """Why a question has no value for an answer; `code` is that of an exception answer, 0 where there was none."""

    def __init__(self, why: str, code: int = 0) -> None:
        super().__init__(why)
        self.code = code


def rows_of(profiles: Iterable[AnyUnitProfile]) -> Rows:
    """Return the addresses that the profiles have points at, in runs that one request can read, the longest from each first."""
    found: dict[Table, set[tuple[int, int]]] = {table: set() for table in Table}
    for profile in profiles:
        if isinstance(profile, ModbusProfile):
            for row in profile.points.values():
                found[row.table].add((row.address, row.last_address + 1))
    rows: dict[Table, list[range]] = {}
    for table, spans in found.items():
        # Single registers that follow each other are asked together.
        single = runs(start for start, stop in spans if stop == start + 1)
        whole = {(run.start, run.stop) for run in single} | {span for span in spans if span[1] > span[0] + 1}
        ordered = sorted(whole, key=lambda span: (span[0], -span[1]))
        most = MOST_READ[table]
        rows[table] = [range(at, min(at + most, stop)) for start, stop in ordered for at in range(start, stop, most)]
    return rows


class Scan:
    """Questions to the units of one wire, at most `most`; counts those that were sent, and the connections lost over them."""

    def __init__(self, wire: Wire, rows: Rows, patience_s: float, most: int) -> None:
        self._wire, self._rows, self._patience_s, self._most = wire, rows, patience_s, most
        self.sent = 0
        self.lost = 0

    async def answers(self, unit: int) -> bool:
        """Tell whether a unit is there: a value or a refusal of its own. Raises Silent where what came was no answer."""
        try:
            await self._read(unit, Table.HOLDING, 0, 1)
        except Silent as silent:
            if silent.code == 0 and isinstance(silent.__cause__, Unfit):
                raise
            return silent.code != 0 and silent.code not in NOBODY
        return True

    async def look(self, found: UnitFound) -> None:
        """Fill in what a unit says that it is, and what it holds."""
        await self._identify(found)
        for table in sorted(Table, key=lambda table: READ_FUNCTION[table]):
            await self._table(found.unit, table, found.tables[table])

    async def _identify(self, found: UnitFound) -> None:
        level, first = identity.BASIC, 0
        # Seven objects and a few of its own: who has more to say, or says it over and over, is cut short.
        for _ in range(8):
            try:
                answer = await self._ask(found.unit, identity.request(level, first))
            except Silent as silent:
                found.no_identification = found.no_identification or str(silent)
                return
            objects, more, regular = identity.objects(answer)
            found.identification.update(objects)
            if more is not None:
                first = more
            elif level == identity.BASIC and regular:
                level, first = identity.REGULAR, 0
            else:
                return

    async def _table(self, unit: int, table: Table, found: TableFound) -> None:
        for row in self._rows[table]:
            await self._span(unit, table, row, found)
        bases, span = (BIT_BASES, BIT_SPAN) if table in BIT_TABLES else (WORD_BASES, WORD_SPAN)
        for base in bases:
            # What answers at its beginning is looked at further on.
            await self._span(unit, table, range(base, base + 1), found)
            if base in found.values:
                await self._span(unit, table, range(base, base + span), found)

    async def _span(self, unit: int, table: Table, span: range, found: TableFound) -> None:
        """Ask for as much of a span as has not been asked for, and if it is refused find out up to where it is not."""
        start = found.first_unknown(span.start, span.stop)
        if found.closed or start == span.stop or start in found.dead:
            return
        stop = span.stop
        refused = await self._try(unit, table, start, stop - start, found)
        if refused is None or found.closed:
            return
        good = 0
        if refused.code in (ILLEGAL_ADDRESS, ILLEGAL_VALUE):
            bad = stop - start
            while bad - good > 1:
                middle = (good + bad) // 2
                if await self._try(unit, table, start, middle, found) is None:
                    good = middle
                else:
                    bad = middle
        found.dead.add(start + good)
        for address in range(start + good, stop):
            found.refused.setdefault(address, str(refused))

    async def _try(self, unit: int, table: Table, start: int, count: int, found: TableFound) -> Silent | None:
        try:
            values = await self._read(unit, table, start, count)
        except Silent as silent:
            addressed = silent.code in (ILLEGAL_ADDRESS, ILLEGAL_VALUE)
            found.silences += not addressed
            if not found.values and (silent.code == ILLEGAL_FUNCTION or found.silences >= MOST_SILENCES):
                found.closed = str(silent)
            return silent
        found.values.update(enumerate(values, start))
        return None

    async def _read(self, unit: int, table: Table, address: int, count: int) -> Sequence[int]:
        request = Read(table, address, count, ())
        return raw_of(request, await self._ask(unit, read_request(request.function, address, count)))

    async def _ask(self, unit: int, pdu: bytes) -> bytes:
        if self.sent >= self._most:
            raise Spent
        self.sent += 1
        await asyncio.sleep(PAUSE_S)
        try:
            return await self._wire.ask(unit, pdu, self._patience_s)
        except Declined as error:
            raise Silent(f"exception {error.code} ({meaning(error.code)})", error.code) from error
        except (NoAnswer, Lost) as error:
            self.lost += isinstance(error, Lost)
            raise Silent(str(error)) from error
        except Unfit as error:
            raise Silent(f"garbled: {error}") from error
