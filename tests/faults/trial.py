"""One schedule, tried: the site runs under it, the invariants watch, and the result is plain data."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import logging
import sqlite3
import traceback
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from controller.core.device import Device
from controller.core.mover import Mover
from controller.core.mover_table import TABLE
from tests.faults.afterwards import Commandable, Honest, Recorded
from tests.faults.bench import Bench, bench, folder_of, loaded
from tests.faults.closing import judged, recovered
from tests.faults.conduct import Conductor
from tests.faults.draw import draw
from tests.faults.emergency import Lockdown, Warned
from tests.faults.invariants import Airlock, Broken, Invariant, Opposites, Permitted, Presence, Strike
from tests.faults.knowledge import Knowledge
from tests.faults.loop import SimLoop
from tests.faults.ownership import OwnedMotion, Released
from tests.faults.schedule import LONGEST_S, Schedule
from tests.faults.trace import Witness

ALL: tuple[type[Invariant], ...] = (
    OwnedMotion, Released, Presence, Strike, Airlock, Permitted, Honest, Commandable, Lockdown,
    Opposites, Recorded, Warned
)  # fmt: skip
FAILED = "failed"
PAIRS = frozenset((source, row.dest) for row in TABLE.rows for source in row.sources if source != row.dest)
"""Every change of state that the mover's table knows."""


@dataclass(slots=True)
class Result:
    """What one schedule came to."""

    site: str
    seed: int
    seconds: float = 0.0
    faults: int = 0
    orders: int = 0
    broken: list[Broken] = field(default_factory=list)
    tried: dict[str, int] = field(default_factory=dict)
    pairs: set[tuple[str, str]] = field(default_factory=set)
    befallen: dict[str, int] = field(default_factory=dict)
    journal: str = ""
    """SHA-256 of every row of the journal."""


class Changes(Witness):
    """Collects which changes of state movers went through."""

    def __init__(self) -> None:
        self.pairs: set[tuple[str, str]] = set()

    def shown(self, before: Device, after: Device) -> None:
        if isinstance(after, Mover) and before.state != after.state:
            self.pairs.add((before.state, after.state))


Prepare = Callable[[Bench], None]


def attempt(schedule: Schedule, prepare: Prepare | None = None) -> Result:
    """Try `schedule` in a loop of its own. `prepare` may plant a defect in the bench before anything happens.

    What nobody foresaw, in the service or in the bench, is told as a violation of `FAILED`: a long run goes on.
    """
    quiet()
    try:
        with asyncio.Runner(loop_factory=SimLoop) as runner:
            return runner.run(_attempt(schedule, prepare))
    except Exception as error:  # noqa: BLE001 (told, with its traceback)
        broken = Broken(0.0, FAILED, "trial", "".join(traceback.format_exception(error)))
        return Result(schedule.site, schedule.seed, broken=[broken])


def of_seed(site: str, seed: int, longest_s: float = LONGEST_S) -> Schedule:
    """Return the schedule of a seed for a site."""
    return draw(loaded(folder_of(site)), site, seed, longest_s)


def quiet() -> None:
    """Let the service keep its log to itself: thousands of lost units are nothing to read about."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.getLogger("transitions").setLevel(logging.CRITICAL)
    # A run makes hundreds of thousands of small frozen values, hardly any of them in a circle.
    gc.set_threshold(50_000, 20, 50)


async def _attempt(schedule: Schedule, prepare: Prepare | None) -> Result:
    result = Result(schedule.site, schedule.seed)
    async with bench(schedule.site, seed=schedule.seed) as b:
        if prepare is not None:
            prepare(b)
        begin = b.now
        known, changes = Knowledge(b), Changes()
        judges = [judge(known, result.broken) for judge in ALL]
        b.trace.witnesses += [known, *judges, changes]
        conductor = Conductor(b, schedule)
        await conductor.perform()
        await recovered(b)
        records = await judged(b, judges)
        result.seconds, result.faults = b.now - begin, conductor.done
        result.orders = len({record.entry.command for record in records})
        result.tried, result.pairs = counted(judges), changes.pairs
        result.befallen, result.journal = dict(b.weather.befallen), await asyncio.to_thread(digest, b.journal_path)
    return result


def counted(judges: list[Invariant]) -> dict[str, int]:
    """Return how often each invariant was put to the test, by its letter."""
    tried: dict[str, int] = {}
    for judge in judges:
        counts = judge.counts if isinstance(judge, OwnedMotion) else {judge.letter: judge.tried}
        for letter, count in counts.items():
            tried[letter] = tried.get(letter, 0) + count
    return tried


def digest(journal: Path) -> str:
    """Return the SHA-256 of every row of a journal, hashes and times included."""
    with closing(sqlite3.connect(f"{journal.as_uri()}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT * FROM journal ORDER BY seq")
        whole = hashlib.sha256()
        for row in rows:
            whole.update(repr(row).encode())
        return whole.hexdigest()
