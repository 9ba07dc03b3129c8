"""The loop of a simulation: virtual time, blocking calls done on the spot, and tasks known in the order of their birth."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextvars import Context, ContextVar, copy_context
from heapq import heappop
from itertools import count
from typing import Any

from tests.virtual import Deadlock, VirtualLoop

OWNER: ContextVar[object] = ContextVar("owner", default=None)
"""On whose behalf a task runs: a task belongs to the owner of the one that made it."""


class SimLoop(VirtualLoop):
    """A virtual loop that has no threads and needs none: what would run in one runs between two callbacks.

    `blocking_s` says how long each such call takes; the simulated disk sets it.
    """

    _ready: deque[asyncio.Handle]
    _stopping: bool
    _clock_resolution: float

    def __init__(self) -> None:
        super().__init__()
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
        scheduled, ready = self._scheduled, self._ready
        while scheduled and scheduled[0]._cancelled:
            heappop(scheduled)
        if not ready and not self._stopping:
            if not scheduled:
                raise Deadlock("nothing is ready and no timer is set")
            self._now = max(self._now, scheduled[0].when())
        end = self._now + self._clock_resolution
        while scheduled and scheduled[0].when() < end:
            ready.append(heappop(scheduled))
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle._cancelled:
                handle._run()

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Count nothing: what was cancelled is passed over when its time comes."""

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
