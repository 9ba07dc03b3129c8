"""The loop of a simulation: virtual time, blocking calls done on the spot, and tasks known in the order of their birth."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextvars import Context, ContextVar, copy_context
from heapq import heappop, heappush
from itertools import count
from typing import Any

from tests.virtual import Deadlock, VirtualLoop

OWNER: ContextVar[object] = ContextVar("owner", default=None)
"""On whose behalf a task runs: a task belongs to the owner of the one that made it."""


class _Timer(asyncio.TimerHandle):
    """A timer that nobody counts: one that was cancelled is passed over when its time comes."""

    __slots__ = ()

    def cancel(self) -> None:
        self._cancelled = True


class SimLoop(VirtualLoop):
    """A virtual loop that has no threads and needs none: what would run in one runs between two callbacks.

    `blocking_s` says how long each such call takes; the simulated disk sets it.
    """

    _ready: deque[asyncio.Handle]
    _stopping: bool
    _clock_resolution: float

    def __init__(self) -> None:
        super().__init__()
        self._timers: list[tuple[float, int, _Timer]] = []
        self.blocking_s: Callable[[], float] = lambda: 0.0005
        self._numbers = count()
        self._born: dict[asyncio.Task[Any], tuple[int, object]] = {}
        self.set_task_factory(self._make_task)

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:  # type: ignore[override]
        """Call `func` a moment later, and hand over what it returns or raises."""
        future = self.create_future()

        def work() -> None:
            try:
                result = func(*args)
            except Exception as error:  # noqa: BLE001 (it is the caller's)
                if not future.done():
                    future.set_exception(error)
            else:
                if not future.done():
                    future.set_result(result)

        self.call_later(self.blocking_s(), work)
        return future

    def owned(self, owner: object) -> list[asyncio.Task[Any]]:
        """Return every task of `owner` that has not ended, oldest first."""
        mine = [(number, task) for task, (number, of) in self._born.items() if of is owner]
        return [task for _, task in sorted(mine, key=lambda pair: pair[0])]

    def _run_once(self) -> None:
        """Do one turn as asyncio's own loop does, without a selector, slow-callback warnings and clean-ups of timers."""
        timers, ready = self._timers, self._ready
        while timers and timers[0][2]._cancelled:
            heappop(timers)
        if not ready and not self._stopping:
            if not timers:
                raise Deadlock("nothing is ready and no timer is set")
            self._now = max(self._now, timers[0][0])
        end = self._now + self._clock_resolution
        while timers and timers[0][0] < end:
            ready.append(heappop(timers)[2])
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle._cancelled:
                handle._run()

    def call_at(self, when: float, callback: Any, *args: Any, context: Context | None = None) -> Any:  # type: ignore[override]
        """Set a timer. Those of one instant ring in the order in which they were set."""
        timer = _Timer(when, callback, args, self, context)
        heappush(self._timers, (when, next(self._numbers), timer))
        return timer

    def call_later(self, delay: float, callback: Any, *args: Any, context: Context | None = None) -> Any:  # type: ignore[override]
        return self.call_at(self._now + delay, callback, *args, context=context)

    def _make_task(self, loop: Any, coro: Any, *, context: Context | None = None) -> asyncio.Task[Any]:
        context = copy_context() if context is None else context
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=loop, context=context)
        self._born[task] = next(self._numbers), context.get(OWNER)
        task.add_done_callback(self._forget)
        return task

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._born.pop(task, None)

    def _write_to_self(self) -> None:
        """Wake nobody: there is no thread that could sleep in a selector."""
