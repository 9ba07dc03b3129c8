"""Which value changes next, and to what; and the pace at which it does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from math import gcd
from typing import Any

TURN = 19
"""Every so many changes one takes its value across the border of its states."""
QUIET, TARGET = 0.0, 10.0
BORDER = 4.0
"""Below it a radar of the service sees no target (controller/core/radar.py: SLOWEST_KMH)."""
STEPS, STEP = 7, 0.5
"""How a speed differs from the last one on the same side of the border; an f32 holds each of them exactly."""


@dataclass(frozen=True, slots=True)
class Change:
    """An item's new speed, and whether it is on the other side of the border than the last one."""

    item: int
    speed: float
    turned: bool


class Changes:
    """The changes of `count` items in turn: neighbours in time are far apart, and no speed is that of the change before."""

    def __init__(self, count: int) -> None:
        self.speeds = [TARGET] * count
        self._changed = [0] * count
        self._place = 0
        self._stride = next(n for n in range(max(1, count // 3), 2 * count + 2) if gcd(n, count) == 1)

    def next(self, *, turned: bool) -> Change:
        """Change the next item."""
        item = self._place
        self._place = (self._place + self._stride) % len(self.speeds)
        self._changed[item] += 1
        side = TARGET if (self.speeds[item] >= BORDER) is not turned else QUIET
        self.speeds[item] = side + self._changed[item] % STEPS * STEP
        return Change(item, self.speeds[item], turned)


async def play(
    changes: Changes, count: int, per_s: float, push: Callable[[Change], Awaitable[None]], *, turning: bool
) -> dict[str, Any]:
    """Make `count` changes, each when it is due whatever became of the last; return how long it took and the turns.

    A turn is its item and when it was made, just before it was pushed (wall clock, ns). What is late is caught up.
    """
    turns: list[tuple[int, int]] = []
    began = time.monotonic()
    for n in range(count):
        if (left := began + n / per_s - time.monotonic()) > 0:
            await asyncio.sleep(left)
        change = changes.next(turned=turning and n % TURN == 0)
        if change.turned:
            turns.append((change.item, time.time_ns()))
        await push(change)
    return {"took_s": time.monotonic() - began, "turns": turns, "speeds": changes.speeds}
