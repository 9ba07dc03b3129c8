"""One thing at a time on a wire, and each done to its end even when whoever asked for it has gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

T = TypeVar("T")
Clock = Callable[[], float]


class TooLate(Exception):
    """The deadline passed before the wire was free; nothing was begun."""


class Closed(Exception):
    """The wire was closed before it was begun."""


class Broken(Exception):
    """The wire was closed in the middle of it: what had been asked by then may be done."""


def loop_time() -> float:
    """Return the running loop's time, in which deadlines are given."""
    return asyncio.get_running_loop().time()


class Turns:
    """Whoever is cancelled while he waits has begun nothing; whoever is cancelled later leaves the wire alone."""

    def __init__(self, now: Clock) -> None:
        self._now = now
        self._free = asyncio.Lock()
        self._job: asyncio.Task[Any] | None = None
        self._closings = 0

    @property
    def busy(self) -> bool:
        """Whether something is being done."""
        return self._job is not None and not self._job.done()

    async def take(self, deadline: float, work: Callable[[], Awaitable[T]]) -> T:
        """Wait for the wire, then do `work`. Raises TooLate, Closed, Broken, and what `work` raises."""
        closings = self._closings
        try:
            async with asyncio.timeout(deadline - self._now()):
                await self._free.acquire()
        except TimeoutError:
            raise TooLate from None
        if closings != self._closings or self._now() >= deadline:
            self._free.release()
            raise Closed if closings != self._closings else TooLate
        job = asyncio.create_task(self._alone(work, closings))
        self._job = job
        job.add_done_callback(self._done)
        return await asyncio.shield(job)

    async def close(self, grace_s: float = 0.1) -> None:
        """End what is being done, and what waits for it; return when it has ended.

        What is being done may say within `grace_s` what became of it, once its wire is cut.
        """
        self._closings += 1
        job = self._job
        if job is not None and not job.done():
            await asyncio.wait({job}, timeout=grace_s)
            if not job.done():
                job.cancel()
                await asyncio.wait({job})

    async def _alone(self, work: Callable[[], Awaitable[T]], closings: int) -> T:
        try:
            return await work()
        except asyncio.CancelledError:
            if closings == self._closings:
                raise
            raise Broken from None

    def _done(self, job: asyncio.Task[Any]) -> None:
        self._free.release()
        if not job.cancelled():
            job.exception()  # whoever wanted to know may have gone
