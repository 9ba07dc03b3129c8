"""Reading a journal file without the service: for the command line, an auditor, and a copy. Blocking.

All of it works beside a running controller, after one, and on a copy; nothing of it can write.
"""

from __future__ import annotations

import csv
import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import TextIO

from controller.journal.chain import START, Head, Row, Verdict, check, to_record
from controller.journal.database import all_rows, open_reader, select_rows, stored_head, unavailable
from controller.ports import Checked, JournalUnavailable, Record

FORMATS = ("json", "csv")
# 64 records take about 0.5 ms; after that the loop of the same process has its turn.
GENTLE_RECORDS = 64
GENTLE_S = 0.0005

PART = 50_000
"""How many records are checked at one request: a second's work."""


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """One unchanging view of the file, whatever a running controller adds meanwhile."""
    try:
        with closing(open_reader(path)) as reader:
            reader.execute("BEGIN")
            yield reader
    except sqlite3.Error as error:
        raise unavailable(path, error) from error
    except ValueError as error:
        raise JournalUnavailable(f"{path}: a record cannot be read: {error}; verify the journal") from error


def read(
    path: Path, after: int = 0, limit: int = 1000, *, device: str = "", kind: str = "", newest: bool = False
) -> Sequence[Record]:
    """As `Journal.select`, from a file. Raises JournalUnavailable."""
    with _reading(path) as reader:
        return [to_record(row) for row in select_rows(reader, after, limit, device, kind, newest)]


def verify(path: Path, expected_head: Head | None = None) -> Verdict:
    """Check the whole chain, against its own head and against one that was remembered elsewhere.

    A file that SQLite cannot read to its end is a bad verdict; raises JournalUnavailable when it cannot be opened at all.
    """
    return _verify(path, expected_head, lambda rows: rows)


def verify_gently(path: Path, expected_head: Head | None = None) -> Verdict:
    """As `verify`, for a thread beside a running loop."""
    return _verify(path, expected_head, _with_pauses)


def check_part(path: Path, start: Head) -> Checked:
    """Check the next `PART` records after `start`, for a thread beside a running loop; the last part against the head table too.

    Raises JournalUnavailable where the file cannot be opened.
    """
    reached = start
    with _reading(path) as reader:
        try:
            if not _holds(reader, start):
                why = (
                    f"record {start.seq} is not the one with the hash given: the chain was written anew at or before it"
                )
                return Checked(False, max(0, start.seq - 1), "", True, why)
            head = stored_head(reader)
            known = [("its head table", head)] if start.seq < head.seq <= start.seq + PART else []
            verdict = check(_with_pauses(islice(all_rows(reader, start.seq), PART)), known, start)
            reached = verdict.head
            ended = not verdict.ok or reached.seq < start.seq + PART
            if verdict.ok and ended:
                verdict = check((), [("its head table", head)], reached)
            return Checked(verdict.ok, reached.seq, reached.hash, ended, verdict.why)
        except sqlite3.DatabaseError as error:
            why = f"SQLite cannot read on after record {reached.seq}: {error}"
            return Checked(False, reached.seq, reached.hash, True, why)


def _holds(reader: sqlite3.Connection, head: Head) -> bool:
    if head == START:
        return True
    found = reader.execute("SELECT hash FROM journal WHERE seq = ?", (head.seq,)).fetchone()
    return found is not None and found[0] == head.hash


def _verify(path: Path, expected_head: Head | None, pace: Callable[[Iterable[Row]], Iterable[Row]]) -> Verdict:
    reached = 0

    def counted(rows: Iterable[Row]) -> Iterator[Row]:
        nonlocal reached
        for row in rows:
            reached = row.seq
            yield row

    with _reading(path) as reader:
        try:
            remembered = [("its head table", stored_head(reader))]
            if expected_head is not None:
                remembered.append(("the head given", expected_head))
            return check(counted(pace(all_rows(reader))), remembered)
        except sqlite3.DatabaseError as error:
            return Verdict(False, reached, reached + 1, f"SQLite cannot read on after record {reached}: {error}")


def _with_pauses(rows: Iterable[Row]) -> Iterator[Row]:
    for number, row in enumerate(rows, 1):
        yield row
        if number % GENTLE_RECORDS == 0:
            time.sleep(GENTLE_S)


def export(path: Path, out: TextIO, *, format: str = "json", after: int = 0) -> int:
    """Write every record above `after` to `out` and return how many: JSON, one object a line, or CSV with a head line.

    The body is written as it is stored, so that the hashes can be computed from the export too. For CSV open `out` with
    newline="". Raises JournalUnavailable; ValueError for another format.
    """
    if format not in FORMATS:
        raise ValueError(f"format {format!r}: expected one of {', '.join(FORMATS)}")
    lines = _csv_writer(out) if format == "csv" else _json_writer(out)
    number = 0
    with _reading(path) as reader:
        for number, row in enumerate(all_rows(reader, after), 1):  # noqa: B007 (the last number is the count)
            lines(row)
    return number


def _csv_writer(out: TextIO) -> Callable[[Row], object]:
    writer = csv.writer(out)
    writer.writerow(Row._fields)
    return writer.writerow


def _json_writer(out: TextIO) -> Callable[[Row], object]:
    def line(row: Row) -> None:
        fields = [f'"{name}":{json.dumps(value, ensure_ascii=False)}' for name, value in row._asdict().items()]
        fields[Row._fields.index("body")] = f'"body":{row.body}'
        out.write("{" + ",".join(fields) + "}\n")

    return line
