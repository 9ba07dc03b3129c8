"""What a peer pushed, in the order of its arrival, until it is taken."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Inbox(Generic[T]):
    """For one reader. When it is full, the oldest goes; `dropped` counts those."""

    def __init__(self, places: int) -> None:
        self.dropped = 0
        self._items: deque[T] = deque(maxlen=places)
        self._news = asyncio.Event()
        self._end: Exception | None = None

    def put(self, item: T) -> None:
        """Add one at the end."""
        self.dropped += len(self._items) == self._items.maxlen
        self._items.append(item)
        self._news.set()

    def end(self, error: Exception) -> None:
        """Let the reader have what is there, then `error`; only the first is told."""
        self._end = self._end or error
        self._news.set()

    async def next(self) -> T:
        """Return the oldest; wait for one if need be. Raises what `end` was given."""
        while not self._items:
            if self._end is not None:
                raise self._end
            self._news.clear()
            await self._news.wait()
        return self._items.popleft()
