"""What the API, the command line and the service itself ask of a journal, each some times, through the service's own reader.

    python -m benchmarks.records.ask FILE

It prints its figures as a line of JSON: for each question how long it took in the middle and at most, and how many records a
second the chain is walked at, from the first on.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from benchmarks.figures import quantile
from benchmarks.records.entries import command, device, unit
from controller.journal import SqliteJournal, read
from controller.journal.chain import check
from controller.journal.database import all_rows, open_reader
from controller.ports import Record

TIMES = 25
WALKED = 1_000_000
"""How much of the chain is walked at most: the rate is the same all along."""
SEED = 20260101

Question = Callable[[int], Awaitable[Sequence[Record]]]


def questions(path: Path, journal: SqliteJournal) -> Mapping[str, tuple[Question, bool | None]]:
    """Return by name what is asked, about record `n` where it is about one, and whether there is an answer (None: perhaps)."""

    async def shown(_: int) -> Sequence[Record]:
        return read(path, limit=20, newest=True)

    return {
        # `rempart journal show`, which opens the file each time.
        "show": (shown, True),
        # GET /api/v1/journal, as its parameters are.
        "last": (lambda n: journal.select(limit=100, newest=True), True),
        "page": (lambda n: journal.select(n, 1000), True),
        "device": (lambda n: journal.select(limit=100, device=device(n), newest=True), True),
        "device_after": (lambda n: journal.select(n // 2, 100, device=device(n)), True),
        "kind": (lambda n: journal.select(limit=100, kind="alarm", newest=True), True),
        "both": (lambda n: journal.select(limit=100, device=device(n), kind="alarm", newest=True), True),
        "both_rare": (lambda n: journal.select(limit=100, device=device(n), kind="mode", newest=True), None),
        # A frequent kind that the device has no record of.
        "neither": (lambda n: journal.select(limit=100, device=unit(n), kind="alarm", newest=True), False),
        # The service as it starts: what was locked out (controller/holds.py), and what was under way (controller/ledger.py).
        "rare": (lambda n: journal.select(0, 1000, kind="mode"), True),
        # An order whose id may have been used before (controller/ledger.py).
        "command": (lambda n: journal.of_command(command(n)), True),
        "unused": (lambda n: journal.of_command("0193c2a0-0000-7000-8000-ffffffffffff"), False),
    }


async def measured(path: Path) -> dict[str, float]:
    """Ask everything. Raises SystemExit where an answer is not what it must be."""
    journal = await SqliteJournal.open(path, utcnow=lambda: datetime.now(UTC))
    assert journal.head is not None
    chance, records = random.Random(SEED), journal.head.seq
    found: dict[str, float] = {"records_m": records / 1e6}
    for name, (ask, answered) in questions(path, journal).items():
        took = []
        for _ in range(TIMES):
            n = chance.randrange(1, records - 1)
            began = time.monotonic_ns()
            given = await ask(n)
            took.append((time.monotonic_ns() - began) / 1e6)
            if answered not in (None, bool(given)):
                raise SystemExit(f"{name}: {len(given)} records about {n}")
        found |= {f"{name}_p50_ms": quantile(took, 0.5), f"{name}_max_ms": max(took)}
    await journal.close()
    return {**found, "walked_per_s": walked(path)}


def walked(path: Path) -> float:
    """Return how many records a second the check of a chain takes. Raises SystemExit where it does not hold."""
    began = time.monotonic()
    with closing(open_reader(path)) as reader:
        verdict = check(islice(all_rows(reader), WALKED))
    if not verdict.ok:
        raise SystemExit(verdict.why)
    return verdict.records / (time.monotonic() - began)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measured(Path(sys.argv[1])))))
