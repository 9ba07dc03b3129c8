"""The one stream out: what changed, numbered, and kept a while so that a client that lost its connection can go on.

To publish costs the same however many follow: they are woken together, a breath later, and take what has come until then. So an
order is on its wire before anybody is told of it, and a burst is one message to each.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

KEPT = 10_000
"""How many events a client may have missed and still resume."""

BEHIND = 1_000
"""How many events a client may be behind before it is told to start over: a slow reader never holds up the rest."""

AT_ONCE = 50
"""How many events a follower takes at most at once: the loop has other things to do between them."""

BREATH_S = 0.01
"""How long followers that wait are left to wait after an event: longer than an order takes to its wire."""


@dataclass(frozen=True, slots=True, eq=False)
class StreamEvent:
    """One change: its number in this run of the controller, its kind and what there is to know of it (JSON-ready).

    It is itself and equal to no other, so that what is made of it can be kept for all who follow.
    """

    number: int
    kind: str
    data: Mapping[str, Any]


RESET = "reset"
"""The kind of the event that tells a client to fetch everything anew: events between are gone."""


class Stream:
    """Publish to every follower. Event ids are `boot-number`, so that an id of an earlier run is known for what it is."""

    def __init__(self, boot: str) -> None:
        self.boot = boot
        self.closed = False
        self.number = 0
        self.followers = 0
        self._kept: deque[StreamEvent] = deque(maxlen=KEPT)
        self._bells: set[asyncio.Future[None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def last_id(self) -> str:
        """Return the id of the latest event: a follower from here on misses nothing that comes."""
        return f"{self.boot}-{self.number}"

    def publish(self, kind: str, data: Mapping[str, Any]) -> None:
        """Tell every follower; never waits."""
        self.number += 1
        self._kept.append(StreamEvent(self.number, kind, data))
        if self._bells and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(BREATH_S, self._ring)

    def close(self) -> None:
        """End every follower's stream."""
        self.closed = True
        self._ring()

    def follower(self, last_id: str = "") -> Follower:
        """Return a follower from `last_id` on; from now on without one."""
        return Follower(self, last_id)

    def since(self, number: int) -> list[StreamEvent]:
        """Return the events after this one that are kept, the oldest first, at most AT_ONCE."""
        count = min(self.number - number, len(self._kept))
        # Counted from the end, where nearly all are: thousands are kept, and from the left it would walk past all of them.
        return [self._kept[-n] for n in range(count, max(0, count - AT_ONCE), -1)]

    @property
    def oldest(self) -> int:
        """Return the number of the oldest event that is kept, or of the next one where none is."""
        return self._kept[0].number if self._kept else self.number + 1

    async def news(self) -> None:
        """Wait until something was published, and a breath."""
        bell = asyncio.get_running_loop().create_future()
        self._bells.add(bell)
        try:
            await bell
        finally:
            self._bells.discard(bell)

    def _ring(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for bell in self._bells:
            if not bell.done():
                bell.set_result(None)


class Follower:
    """Somebody who takes the events in their order; `batch` may be cancelled and asked again without a loss.

    As a context it counts among the stream's `followers` for as long as the block lasts.
    """

    def __init__(self, stream: Stream, last_id: str) -> None:
        self._stream = stream
        self._lost = ""
        self._at = stream.number
        if last_id:
            self._resume(last_id)
        self._most = BEHIND + stream.number - self._at

    def __enter__(self) -> Self:
        self._stream.followers += 1
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.followers -= 1

    def _resume(self, last_id: str) -> None:
        boot, _, number = last_id.rpartition("-")
        # Python refuses to read numbers of thousands of digits; no stream gets to twenty.
        known = boot == self._stream.boot and number.isdecimal() and len(number) < 20
        if known and self._stream.oldest - 1 <= int(number) <= self._stream.number:
            self._at = int(number)
        else:
            self._lost = "events since then are no longer kept"

    async def batch(self) -> Sequence[StreamEvent]:
        """Return what has come since, once something has; nothing once the stream is closed and everything was taken."""
        while not (found := self._take()) and not self._stream.closed:
            await self._stream.news()
        return found

    def _take(self) -> Sequence[StreamEvent]:
        stream = self._stream
        if stream.number - self._at > self._most or self._at < stream.oldest - 1:
            self._lost = "this client read too slowly"
        if self._lost:
            why, self._lost, self._at = self._lost, "", stream.number
            return [StreamEvent(stream.number, RESET, {"why": why})]
        found = stream.since(self._at)
        self._at += len(found)
        return found
