"""The one stream out: what changed, numbered, and kept a while so that a client that lost its connection can go on."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

KEPT = 10_000
"""How many events a client may have missed and still resume."""

BEHIND = 1_000
"""How many events a client may be behind before it is told to start over: a slow reader never holds up the rest."""


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One change: its number in this run of the controller, its kind and what there is to know of it (JSON-ready)."""

    number: int
    kind: str
    data: Mapping[str, Any]


RESET = "reset"
"""The kind of the event that tells a client to fetch everything anew: events between are gone."""


class Stream:
    """Publish to every follower. Event ids are `boot-number`, so that an id of an earlier run is known for what it is."""

    def __init__(self, boot: str) -> None:
        self.boot = boot
        self._kept: deque[StreamEvent] = deque(maxlen=KEPT)
        self._number = 0
        self._followers: set[_Follower] = set()
        self._closed = False

    @property
    def last_id(self) -> str:
        """Return the id of the latest event: a follower from here on misses nothing that comes."""
        return f"{self.boot}-{self._number}"

    def publish(self, kind: str, data: Mapping[str, Any]) -> None:
        """Tell every follower; never waits."""
        self._number += 1
        event = StreamEvent(self._number, kind, data)
        self._kept.append(event)
        for follower in self._followers:
            follower.push(event)

    def close(self) -> None:
        """End every follower's stream."""
        self._closed = True
        for follower in self._followers:
            follower.end()

    async def follow(self, last_id: str = "") -> AsyncGenerator[StreamEvent, None]:
        """Yield what comes, after what was missed since `last_id`; a `reset` first where that is no longer known."""
        follower = _Follower(self._missed(last_id))
        self._followers.add(follower)
        if self._closed:
            follower.end()
        try:
            while (upcoming := await follower.next()) is not None:
                yield upcoming
        finally:
            self._followers.discard(follower)

    def _missed(self, last_id: str) -> list[StreamEvent]:
        if not last_id:
            return []
        boot, _, number = last_id.rpartition("-")
        oldest = self._kept[0].number if self._kept else self._number + 1
        # Python refuses to read numbers of thousands of digits; no stream gets to twenty.
        known = boot == self.boot and number.isdecimal() and len(number) < 20
        if not known or not oldest - 1 <= int(number) <= self._number:
            return [StreamEvent(self._number, RESET, {"why": "events since then are no longer kept"})]
        return [event for event in self._kept if event.number > int(number)]


class _Follower:
    def __init__(self, missed: Sequence[StreamEvent]) -> None:
        self._waiting: deque[StreamEvent | None] = deque(missed)
        self._most = BEHIND + len(missed)
        self._bell = asyncio.Event()

    def push(self, event: StreamEvent) -> None:
        if len(self._waiting) >= self._most:
            self._waiting.clear()
            event = StreamEvent(event.number, RESET, {"why": "this client read too slowly"})
        self._waiting.append(event)
        self._bell.set()

    def end(self) -> None:
        self._waiting.append(None)
        self._bell.set()

    async def next(self) -> StreamEvent | None:
        while not self._waiting:
            self._bell.clear()
            await self._bell.wait()
        return self._waiting.popleft()
