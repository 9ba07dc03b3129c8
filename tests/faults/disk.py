"""A disk in virtual time: the journal's own writer, run by the loop, on a file in memory, with a latency that a seed decides."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PosixPath
from random import Random

from controller.journal.writer import RETRY_S, Job, Outcome, Writer

FASTEST_S, SLOWEST_S = 0.0003, 0.003


class JournalPath(PosixPath):
    """The place of a journal, told by its name alone: a folder made for one run must not show in what is recorded."""

    def __format__(self, _: str) -> str:
        return self.name


@dataclass
class Disk:
    """How the disk is doing: `slow_s` is added to every access; a `full` one takes no record; an access ends at `busy_until`."""

    random: Random
    slow_s: float = 0.0
    full: bool = False
    busy_until: float = 0.0
    durable: list[Callable[[], None]] = field(default_factory=list)
    """Called after every commit."""

    def access_s(self) -> float:
        """Return how long the next access takes."""
        return self.random.uniform(FASTEST_S, SLOWEST_S) + self.slow_s


class LoopWriter(Writer):
    """The journal's writer, with the loop in the place of its thread. Each batch is durable when the disk's latency is over."""

    def __init__(self, disk: Disk, path: Path, utcnow: Callable[[], datetime], tell: Callable[[Outcome], None]) -> None:
        self._loop = asyncio.get_running_loop()
        super().__init__(path, utcnow, tell, self._loop.time)
        self._disk = disk
        self._timer: asyncio.Handle | None = None
        self._batch: list[Job] | None = None
        self._begun = self._killed = False

    def start(self) -> None:
        self._timer = self._loop.call_later(self._disk.access_s(), self._begin)

    def join(self, seconds: float) -> None:
        """Do at once what is left, unless the disk is too slow for it."""
        if self._killed or self._disk.slow_s > seconds:
            return
        self._idle()
        batch = self._batch if self._batch is not None else self.take()
        while batch is not None:
            self.perform(batch)
            batch = self.take()
        self.end()
        self._killed = True

    def submit(self, *jobs: Job) -> bool:
        taken = not self._killed and super().submit(*jobs)
        self._look()
        return taken

    def close(self) -> None:
        super().close()
        self._look()

    def kill(self) -> None:
        """End as a process does: what has not reached the disk never will; of what was on its way either nothing or all."""
        self._idle()
        if self._batch and self._disk.random.random() < 0.5:
            self._tell = lambda _: None
            self.perform(self._batch)
        self._killed, self._batch = True, None
        self.end()

    def _begin(self) -> None:
        self._timer, self._begun = None, True
        self.begin()
        self._look()

    def _look(self) -> None:
        """See to it that work is taken up: with the loop's next turn, in an outage when it is time to try again."""
        if self._killed or not self._begun or self._batch is not None or not self._jobs:
            return
        if self.due:
            self._idle()
            self._timer = self._loop.call_soon(self._take_up)
        elif self._timer is None:
            self._timer = self._loop.call_later(RETRY_S, self._take_up)

    def _take_up(self) -> None:
        self._timer = None
        self._batch = self.take()
        if self._batch is not None:
            self._disk.busy_until = self._loop.time() + self._disk.access_s()
            self._timer = self._loop.call_at(self._disk.busy_until, self._finish, self._batch)

    def _finish(self, batch: list[Job]) -> None:
        self._timer = self._batch = None
        self.perform(batch)
        for hear in self._disk.durable:
            hear()
        self._look()

    def _idle(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

    def _write(self, batch: list[Job]) -> Outcome:
        if self._disk.full:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorname = "SQLITE_FULL"
            raise error
        return super()._write(batch)
