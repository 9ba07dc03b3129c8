"""Waiting: look again and again until what is wanted is there, under a deadline, and say what was seen where it never came."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from simulators.testing.errors import NotSeen

T = TypeVar("T")
LOOK_S = 0.05
STATE_S = 30.0
"""Whatever a device shows by then. Steel of a long stroke takes some 15 s from one end to the other."""
ORDER_S = 90.0
"""By then an order has ended: warning, travel, and its longest life before the first frame, 60 s."""


def until(look: Callable[[], T], within_s: float, what: str, told: Callable[[], str] | None = None) -> T:
    """Return what `look` gives once it is true. Raises NotSeen, with what `told` says of the site then."""
    __tracebackhide__ = True
    pause, deadline = threading.Event(), time.monotonic() + within_s
    while not (seen := look()):
        if time.monotonic() >= deadline:
            raise NotSeen(f"{what}: not within {within_s:g} s" + (f"\n{told()}" if told is not None else ""))
        pause.wait(LOOK_S)
    return seen
