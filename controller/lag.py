"""How late the event loop is, and who made it so: what stops the loop stops every wire.

A task looks at the clock every EVERY_S and observes how late it was woken. A thread beside it sees when the task has not been
woken for LATE_S, and looks at what the loop's thread is doing at that moment; the log tells it once the loop goes on.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

import structlog

log = structlog.get_logger("rempart.lag")

EVERY_S = 0.1
LATE_S = 0.25
"""A loop that stands still for longer is named: an order would wait for as long."""
DEEP = 4
"""How many calls are told, the innermost last."""


class Watch:
    """The thread that looks. It ends with the block."""

    def __init__(self, every_s: float = EVERY_S, late_s: float = LATE_S) -> None:
        self._every_s, self._late_s = every_s, late_s
        self._watched = threading.get_ident()
        self._ticked = time.monotonic()
        self._seen: tuple[float, str] | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lag", daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def tick(self) -> tuple[float, str] | None:
        """Tell that the loop goes on; return for how long it stood still and where, if it did."""
        before, now = self._ticked, time.monotonic()
        self._ticked, seen = now, self._seen
        self._seen = None
        return (now - before, seen[1]) if seen is not None and seen[0] == before else None

    def _run(self) -> None:
        while not self._over.wait(self._every_s):
            ticked = self._ticked
            if self._seen is None and time.monotonic() - ticked > self._late_s:
                frame = sys._current_frames().get(self._watched)  # noqa: SLF001 (documented, for exactly this)
                self._seen = ticked, _calls(frame)


def _calls(frame: FrameType | None) -> str:
    """Tell the innermost calls of a thread, the outermost of them first."""
    calls: list[str] = []
    while frame is not None and len(calls) < DEEP:
        code = frame.f_code
        calls.insert(0, f"{code.co_qualname} ({code.co_filename.rpartition('/')[2]}:{frame.f_lineno})")
        frame = frame.f_back
    return " > ".join(calls)


async def measure_lag(observe: Callable[[float], None], every_s: float = EVERY_S, late_s: float = LATE_S) -> None:
    """Observe the event loop's lag in seconds, and log what made it stand still, until cancelled."""
    loop = asyncio.get_running_loop()
    with Watch(every_s, late_s) as watch:
        while True:
            due = loop.time() + every_s
            await asyncio.sleep(every_s)
            observe(max(0.0, loop.time() - due))
            if stood := watch.tick():
                log.warning("the event loop stood still", seconds=round(stood[0] - every_s, 3), at=stood[1])
