"""The journal's one writer: it takes what has come in since its last commit and makes it durable in one go.

`Writer` is what it does, step by step; `WriterThread` does it in a thread of its own, so that no disk holds up the loop.

A commit with synchronous=FULL costs a disk flush (0.3 ms and more) whatever it holds, a further row a few microseconds.

When a commit fails, nothing of its batch is recorded. Every append that waits is refused at once, also one that came
after the batch was taken, because records keep their order; notes stay in memory and lead the next attempt, which comes
with the next append or after RETRY_S. Memory holds NOTES_KEPT of them; once it is full the newest are lost, not the
oldest: what happened when the trouble began explains the rest. The first record after an outage says since when nothing
could be written, why, how many appends were refused and how many notes were lost.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path

from controller.journal.chain import START, Draft, Head, Row, draft, label, seal
from controller.journal.database import Database, unavailable
from controller.ports import Entry, JournalUnavailable

RETRY_S = 1.0
STALLED_S = 2.0
NOTES_KEPT = 10_000
# A batch of this size holds the interpreter for about 5 ms in all, in pieces; the loop goes on beside it.
BATCH_LINES = 512


@dataclass(eq=False, slots=True)
class Job:
    """What one caller handed in. Of an `append` somebody waits for the outcome; a note is kept until it is written."""

    drafts: tuple[Draft, ...]
    awaited: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of jobs: their rows, or the error that all of them share. `head` is the last durable record."""

    done: Sequence[tuple[Job, Sequence[Row]]]
    head: Head
    error: JournalUnavailable | None = None


@dataclass(slots=True)
class _Outage:
    since: str
    why: str
    refused: int = 0


class Writer:
    """Owns the connection that writes. `submit` and `close` may be called from any thread; who runs it calls the rest.

    It is run so: `begin`, then `take` and `perform` for as long as there is a batch, then `end`.
    """

    def __init__(
        self,
        path: Path,
        utcnow: Callable[[], datetime],
        tell: Callable[[Outcome], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`tell` is called once after the first opening, then after every batch, by who runs it. It must not raise."""
        self._path, self._utcnow, self._tell, self._now = path, utcnow, tell, now
        self._wake = threading.Condition()
        self._jobs: deque[Job] = deque()
        self._notes = self._awaited = self._lost_since = 0
        self._closing = False
        self._database: Database | None = None
        self._outage: _Outage | None = None
        self._head = START
        self._busy_since: float | None = None
        self.lost = 0

    def start(self) -> None:
        """Begin to run. For whoever says where and when."""
        raise AssertionError("abstract")

    def join(self, seconds: float) -> None:
        """Wait, after `close`, until everything is written; no longer than `seconds`."""
        raise AssertionError("abstract")

    @property
    def trouble(self) -> str:
        """Why the last attempt to write failed, or that one is taking too long; empty if all is well."""
        outage, busy_since = self._outage, self._busy_since
        if outage:
            return outage.why
        if busy_since is not None and self._now() - busy_since > STALLED_S:
            return f"{self._path}: the disk has not answered for more than {STALLED_S:g} s; check the disk"
        return ""

    def submit(self, *jobs: Job) -> bool:
        """Take `jobs`; False when the writer is closing or, for a note, when memory is full: then it is counted as lost."""
        with self._wake:
            taken = [self._take_in(job) for job in jobs]
            self._wake.notify()
            return all(taken)

    def _take_in(self, job: Job) -> bool:
        full = not job.awaited and self._notes + len(job.drafts) > NOTES_KEPT
        if self._closing or full:
            if not job.awaited:
                self.lost += len(job.drafts)
                self._lost_since += len(job.drafts)
            return False
        self._jobs.append(job)
        self._count(job, 1)
        return True

    def close(self) -> None:
        """Let it write what it holds, once, and end."""
        with self._wake:
            self._closing = True
            self._wake.notify()

    def _count(self, job: Job, sign: int) -> None:
        if job.awaited:
            self._awaited += sign
        else:
            self._notes += sign * len(job.drafts)

    def begin(self) -> None:
        """Open the file."""
        self._busy_since = self._now()
        self._tell(self._attempt([], self._open))

    @property
    def due(self) -> bool:
        """Whether there is something that cannot wait: in an outage notes wait for RETRY_S to pass. Call it under the lock."""
        return self._closing or bool(self._awaited if self._outage else self._jobs)

    def take(self) -> list[Job] | None:
        """Return the next batch, which may be empty; None when there is nothing left to do."""
        with self._wake:
            if self._closing and not self._jobs:
                return None
            batch: list[Job] = []
            lines = 0
            while self._jobs and (not batch or lines + len(self._jobs[0].drafts) <= BATCH_LINES):
                job = self._jobs.popleft()
                batch.append(job)
                lines += len(job.drafts)
            self._busy_since = self._now()
            return batch

    def perform(self, batch: list[Job]) -> None:
        """Make a batch durable, or none of it, and tell."""
        self._tell(self._attempt(batch, partial(self._write, batch)))

    def end(self) -> None:
        """Release the file."""
        if self._database:
            with suppress(sqlite3.Error):
                self._database.close()
            self._database = None

    def _attempt(self, batch: list[Job], work: Callable[[], Outcome]) -> Outcome:
        try:
            outcome = work()
        except (sqlite3.Error, OSError) as error:
            return self._failed(batch, unavailable(self._path, error))
        except JournalUnavailable as error:
            return self._failed(batch, error)
        except Exception as error:  # noqa: BLE001 (the writer's root: a journal that died silently would be worse)
            return self._failed(batch, JournalUnavailable(f"{self._path}: a defect of rempart: {error!r}"))
        finally:
            self._busy_since = None
        self._outage = None
        with self._wake:
            for job in batch:
                self._count(job, -1)
        return outcome

    def _open(self) -> Outcome:
        self._database = Database(self._path, create=self._head == START)
        if not self._database.holds(self._head):
            raise JournalUnavailable(
                f"{self._path}: record {self._head.seq}, which was durable, is not in it any more: the file was replaced "
                "or rolled back; keep a copy as evidence and restart the service"
            )
        self._head = self._database.head
        return Outcome((), self._head)

    def _write(self, batch: list[Job]) -> Outcome:
        if self._database is None:
            self._open()
        assert self._database is not None  # noqa: S101 (for the type checker)
        lost = self._lost_since
        rows = seal(self._head, [*self._confession(lost), *(line for job in batch for line in job.drafts)])
        if rows:
            self._database.write(rows)
        self._head = self._database.head
        with self._wake:
            self._lost_since -= lost
        rest = iter(rows[len(rows) - sum(len(job.drafts) for job in batch) :])
        return Outcome([(job, tuple(islice(rest, len(job.drafts)))) for job in batch], self._head)

    def _confession(self, lost: int) -> list[Draft]:
        """The record of an outage, which is over if it can be written."""
        if not self._outage and not lost:
            return []
        now = self._utcnow()
        outage = self._outage or _Outage(label(now), "more was noted than the disk could take")
        body = {"since": outage.since, "why": outage.why, "appends_refused": outage.refused, "notes_lost": lost}
        return [draft(Entry("journal-recovered", body=body), now)]

    def _failed(self, batch: list[Job], error: JournalUnavailable) -> Outcome:
        self.end()
        with self._wake:
            everything = [*batch, *self._jobs]
            refused = [job for job in everything if job.awaited]
            self._awaited = 0
            self._jobs = deque(job for job in everything if not job.awaited)
            if self._closing:
                self.lost += self._notes
                self._jobs.clear()
        if self._outage is None:
            self._outage = _Outage(label(self._utcnow()), str(error))
        self._outage.why = str(error)
        self._outage.refused += len(refused)
        return Outcome([(job, ()) for job in refused], self._head, error)


class WriterThread(Writer):
    """Runs in a thread of its own."""

    def __init__(self, path: Path, utcnow: Callable[[], datetime], tell: Callable[[Outcome], None]) -> None:
        super().__init__(path, utcnow, tell)
        self.thread = threading.Thread(target=self._run, name="journal-writer", daemon=True)

    def start(self) -> None:
        self.thread.start()

    def join(self, seconds: float) -> None:
        self.thread.join(seconds)

    def _run(self) -> None:
        self.begin()
        while (batch := self._next_batch()) is not None:
            self.perform(batch)
        self.end()

    def _next_batch(self) -> list[Job] | None:
        """Wait for work, or in an outage for the time of the next attempt."""
        with self._wake:
            self._wake.wait_for(lambda: self.due, RETRY_S if self._outage else None)
        return self.take()
