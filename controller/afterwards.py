"""What waits until the frames are out: records, alarms and events that tell of what has been decided already.

A lockdown makes every device decide in one turn of the loop, and each of them has more to tell than to send. So what is told
comes some turns later, in its order, and a little at a time: nobody waits for all of it. That it is on its wire by then is the
rule and no promise: a frame may wait for one in flight.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

TURNS = 12
"""In how many turns of the loop a durable order is on its wire: `endpoint.TURNS`, and those that wake its device and its wire."""

AT_ONCE, SHARE = 20, 8
"""How much is told in one turn of the loop: so many, or this part of what waits, where that is more, so that it ends."""

Work = Callable[[], None]


class Afterwards:
    """Does what it is given, in order, a few turns of the loop later. `failed` hears of what went wrong in it."""

    def __init__(self, failed: Callable[[Exception], None]) -> None:
        self._failed = failed
        self._waiting: deque[Work] = deque()
        self._turning = False

    def add(self, work: Work) -> None:
        """Let `work` be done once the frames are out."""
        self._waiting.append(work)
        if not self._turning:
            self._turning = True
            self._turn(TURNS)

    def flush(self) -> None:
        """Do everything that waits now: for what has to come after it."""
        self._do(len(self._waiting))

    def _turn(self, left: int) -> None:
        if left == 0:
            self._do(max(AT_ONCE, len(self._waiting) // SHARE))
        self._turning = bool(self._waiting)
        if self._turning:
            asyncio.get_running_loop().call_soon(self._turn, max(0, left - 1))

    def _do(self, count: int) -> None:
        for _ in range(count):
            if not self._waiting:
                return
            try:
                self._waiting.popleft()()
            except Exception as error:  # noqa: BLE001 (whatever cannot be told must not keep the rest from being told)
                self._failed(error)
