"""Looking for records by what they say, at so many of them at a time: a journal of ten million must not keep a disk busy.

Blocking; called from threads only. What a filter has to read record by record is read within a window of `EXAMINED` records;
where that ends is told, and the next search begins there.
"""

from __future__ import annotations

import sqlite3

from controller.journal.chain import Row, storable, to_record
from controller.journal.database import COLUMNS
from controller.ports import Found, Search

EXAMINED = 10_000
"""How many records one search looks at: some 30 ms where they are in memory, and a second on a slow disk."""

LARGEST = 2**63 - 1

Conditions = dict[str, tuple[str, ...]]
"""Each with what fills its gaps."""

_TEXT = " OR ".join(f"{column} LIKE ? ESCAPE '!'" for column in ("body", "device", "command"))


def search(connection: sqlite3.Connection, wanted: Search) -> Found:
    """Return what is found, oldest first, and how far the search has come. Raises sqlite3.Error; ValueError for a bad body."""
    first, last = min(wanted.after, LARGEST - 1) + 1, (wanted.before or LARGEST) - 1
    indexed, read = _conditions(wanted)
    edge = _edge(connection, indexed, first, last, newest=wanted.newest) if read else None
    if edge is not None:
        first, last = (edge, last) if wanted.newest else (first, edge)
    rows = _rows(connection, {**indexed, **read}, first, last, wanted)
    if len(rows) == wanted.limit:
        edge = rows[-1].seq
    return Found([to_record(row) for row in (rows[::-1] if wanted.newest else rows)], edge)


def _conditions(wanted: Search) -> tuple[Conditions, Conditions]:
    """Return the conditions that an index answers, and those for which every record is read, each with what fills its gaps.

    One index answers, that of which there are the fewest: of one command dozens, of one device thousands, of one kind millions.
    """
    names = [name for name in ("command", "device", "kind") if getattr(wanted, name)]
    values = {name: (storable(getattr(wanted, name)),) for name in names}
    indexed: Conditions = {_BY_INDEX[name]: values[name] for name in names[:1]}
    read: Conditions = {f"+{name} = ?": values[name] for name in names[1:]}  # the plus keeps SQLite from the index
    if wanted.text:
        read[f"({_TEXT})"] = (_pattern(wanted.text),) * 3
    return indexed, read


# Without the second half SQLite does not see that a partial index serves.
_BY_INDEX = {"command": "command = ? AND command <> ''", "device": "device = ? AND device <> ''", "kind": "kind = ?"}


def _edge(connection: sqlite3.Connection, indexed: Conditions, first: int, last: int, *, newest: bool) -> int | None:
    """Return the number at which the window of one search ends; None where it holds all that is left."""
    where, values = _where(indexed, first, last)
    query = f"SELECT seq FROM journal WHERE {where} ORDER BY seq {_order(newest)} LIMIT 1 OFFSET ?"  # noqa: S608 (names and ?)
    found = connection.execute(query, (*values, EXAMINED - 1)).fetchone()
    return None if found is None else int(found[0])


def _rows(connection: sqlite3.Connection, conditions: Conditions, first: int, last: int, wanted: Search) -> list[Row]:
    where, values = _where(conditions, first, last)
    query = f"{COLUMNS} WHERE {where} ORDER BY seq {_order(wanted.newest)} LIMIT ?"
    return [Row._make(row) for row in connection.execute(query, (*values, wanted.limit))]


def _where(conditions: Conditions, first: int, last: int) -> tuple[str, tuple[object, ...]]:
    gaps = (value for values in conditions.values() for value in values)
    return " AND ".join(("seq BETWEEN ? AND ?", *conditions)), (first, last, *gaps)


def _order(newest: bool) -> str:
    return "DESC" if newest else "ASC"


def _pattern(text: str) -> str:
    for special in "!%_":
        text = text.replace(special, f"!{special}")
    return f"%{storable(text)}%"
