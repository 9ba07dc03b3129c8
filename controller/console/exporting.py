"""A search of the journal as a file, made as it is sent: one page of the API after the other, at the pace of who takes it.

Nothing of it is kept in memory but one page. After each page the export waits for as long as that page took, so that the longest
export leaves the controller at least half of its time; `AT_ONCE` of them run, and a file ends after `RECORDS` records.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from typing import Any

from controller.console.records import Say, meaning

Told = Mapping[str, Any]
Fetch = Callable[[int], Awaitable[Told]]
"""Gives the page of the search that comes after a record."""

AT_ONCE = 2
PAGE = 1000
RECORDS = 100_000
REQUESTS = 1000
"""How many pages one file asks for at most: with a text that is rare a page may hold nothing."""

COLUMNS = ("seq", "at", "kind", "device", "command", "who", "what", "why", "body", "hash")

# With what a spreadsheet takes a cell for a formula, also in the width of East Asian letters.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


async def pages(fetch: Fetch, after: int) -> AsyncGenerator[tuple[Sequence[Told], int, bool], None]:
    """Yield the records of each page, the number to go on after, and whether nothing is left. Raises what `fetch` raises."""
    sent = 0
    for _ in range(REQUESTS):
        began = time.monotonic()
        page = await fetch(after)
        took = time.monotonic() - began
        ended = page["next"] == after
        after = page["next"]
        sent += len(page["records"])
        yield page["records"], after, ended
        if ended or sent >= RECORDS:
            return
        await asyncio.sleep(took)


async def as_json(fetch: Fetch, after: int) -> AsyncGenerator[bytes, None]:
    """Yield one JSON object: `records`, each as the API has it, then `next` and `complete`. A file that was cut off is none."""
    between, reached, complete = "\n", after, False
    yield b'{"records":['
    async for records, onward, ended in pages(fetch, after):
        for record in records:
            yield (between + json.dumps(record, ensure_ascii=False)).encode("utf-8", "backslashreplace")
            between = ",\n"
        reached, complete = onward, ended
    yield f'\n],"next":{reached},"complete":{json.dumps(complete)}}}\n'.encode()


async def as_csv(fetch: Fetch, after: int, say: Say) -> AsyncGenerator[bytes, None]:
    """Yield lines of CSV, UTF-8 with a mark that spreadsheets know it by. No cell is a formula."""
    yield b"\xef\xbb\xbf" + _lines([COLUMNS])
    async for records, _, _ in pages(fetch, after):
        if records:
            yield _lines([_row(record, say) for record in records])


def _lines(rows: Sequence[Sequence[object]]) -> bytes:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows([[harmless(str(cell)) for cell in row] for row in rows])
    return written.getvalue().encode("utf-8", "backslashreplace")


def _row(record: Told, say: Say) -> list[object]:
    told = meaning(record, say)
    body = json.dumps(record["body"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    given = {**record, "who": told.who, "what": told.what, "why": told.why, "body": body}
    return [given[name] for name in COLUMNS]


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: what begins like one begins with an apostrophe."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
