"""Simulated time: monotonic, and faster than the wall's by a constant factor."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic


class Clock:
    """Seconds since the simulation began. Steel, vehicles and people live by it; wires and watchdogs by wall time."""

    def __init__(self, speed: float = 1.0, source: Callable[[], float] = monotonic) -> None:
        if not speed > 0:
            raise ValueError(f"speed is {speed}: expected a factor above 0, e.g. 1 or 10")
        self.speed = speed
        self._source = source
        self._started = source()

    def now(self) -> float:
        """Return the simulated seconds since the start."""
        return (self._source() - self._started) * self.speed
