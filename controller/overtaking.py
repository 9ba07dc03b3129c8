"""Writes that go out beside the read in flight, where their unit takes more than one request at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from controller.ports import LinkError
from controller.writes import Priority, Write

GRACE_S = 0.002
"""For how long a command lets a read in flight go first: what that tells may forbid it, and a device that is well is quicker."""


class Overtaking:
    """The read in flight on one wire, and the writes beside it, each a task.

    `perform` sends a write and tells its end; `stopped` is the end of one that the stop of the controller comes before.
    """

    def __init__(
        self, perform: Callable[[Write], Coroutine[None, None, None]], stopped: Callable[[Write], LinkError]
    ) -> None:
        self.tasks: set[asyncio.Task[None]] = set()
        self._failure: BaseException | None = None
        self._perform, self._stopped = perform, stopped
        self._reading = False
        self._read: asyncio.Future[None] | None = None

    def reading(self) -> None:
        """Take note that a read goes out."""
        self._reading = True

    def read(self) -> None:
        """Take note that the read has ended, whatever it gave."""
        self._reading = False
        read, self._read = self._read, None
        if read is not None:
            read.set_result(None)

    def may(self, in_flight: int) -> bool:
        """Tell whether a write to a unit that takes so many requests at a time need not wait for the read in flight."""
        return self._reading and 1 + len(self.tasks) < in_flight

    def start(self, write: Write, priority: Priority) -> None:
        """Send a write beside the read in flight. A command lets it answer first, if it is as quick as most are."""
        task = asyncio.create_task(self._overtake(write, priority), name=f"{write.unit}: a write beside a read")
        self.tasks.add(task)
        task.add_done_callback(self._ended)

    def check(self) -> None:
        """Raise what no driver foresaw in one of them, so that it ends the wire's task as it would have there."""
        if self._failure is not None:
            raise self._failure

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled():
            self._failure = self._failure or task.exception()

    async def _overtake(self, write: Write, priority: Priority) -> None:
        if priority is Priority.COMMAND and self._reading:
            # Made for those who wait for it: most reads nobody does.
            self._read = self._read or asyncio.get_running_loop().create_future()
            try:
                await asyncio.wait({self._read}, timeout=GRACE_S)
            except asyncio.CancelledError:
                write.end(self._stopped(write))
                raise
        await self._perform(write)
