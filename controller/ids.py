"""Identifiers that sort by time and are unique without asking anybody: UUID version 7 (RFC 9562, 5.7).

Within one sequence each id is greater than the one before, also within a millisecond and when the clock was set back
(RFC 9562, 6.2, method 2: the 74 random bits serve as a counter that grows by a random step).
"""

from __future__ import annotations

import secrets
import threading
import uuid
from collections.abc import Callable

TAIL_BITS = 74
# A step of up to 2^32 leaves room for 2^40 ids in a millisecond and cannot be guessed from the id before.
STEP_BITS = 32


class Uuid7:
    """One rising sequence of ids. Any thread may take from it."""

    def __init__(self) -> None:
        self._last = (0, 0)
        self._lock = threading.Lock()

    def __call__(self, now_ms: int, random: Callable[[int], int] = secrets.randbits) -> str:
        """Return the next id; `now_ms` is Unix time in milliseconds, `random(n)` gives n random bits."""
        with self._lock:
            self._last = self._after(now_ms, random)
            return _layout(*self._last)

    def _after(self, now_ms: int, random: Callable[[int], int]) -> tuple[int, int]:
        last_ms, tail = self._last
        if now_ms > last_ms:
            # The topmost bit stays free, so that a millisecond's counter starts far from its end.
            return now_ms, random(TAIL_BITS - 1)
        tail += 1 + random(STEP_BITS)
        return (last_ms, tail) if tail < 1 << TAIL_BITS else (last_ms + 1, random(TAIL_BITS - 1))


def _layout(ms: int, tail: int) -> str:
    high, low = tail >> 62, tail & ((1 << 62) - 1)
    return str(uuid.UUID(int=(ms & ((1 << 48) - 1)) << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low))


# The sequence of this process. A replay that must give the same ids again makes a sequence of its own.
uuid7 = Uuid7()
