"""A deadman's handle: something happens when nothing else has for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

Now = Callable[[], float]


class Deadman:
    """Calls `expire` when `due()` has passed; asks again whenever poked."""

    def __init__(self, due: Callable[[], float | None], expire: Callable[[], None], now: Now) -> None:
        self._due, self._expire, self._now = due, expire, now
        self._timer: asyncio.TimerHandle | None = None

    def poke(self) -> None:
        """Look at `due()` again."""
        self.close()
        if (due := self._due()) is not None:
            wait = max(0.0, due - self._now())
            self._timer = asyncio.get_running_loop().call_later(wait, self._ring)

    def _ring(self) -> None:
        due = self._due()
        if due is not None and due <= self._now() + 0.001:
            self._expire()
        else:
            self.poke()

    def close(self) -> None:
        """Stop waiting."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
