"""The figures that a report makes of travel times. Pure.

The median is the middle value, or the mean of the two in the middle. A percentile is of the nearest rank: the smallest measured
value that at least so many percent of the measured values do not exceed. It is
always a value that was measured, and of fewer than 20 values the 95th percentile is the largest: it never flatters.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figures:
    """What is said of some durations, in seconds."""

    number: int
    least: float
    median: float
    p95: float
    most: float


def median(values: Sequence[float]) -> float:
    """Return the median; raises ValueError for no value."""
    ordered = _ordered(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the percentile of the nearest rank; `percent` is a whole number of 1 to 100. Raises ValueError."""
    ordered = _ordered(values)
    if not 1 <= percent <= 100:
        raise ValueError(f"percentile {percent}: expected 1 to 100")
    rank = -(-percent * len(ordered) // 100)  # rounded up without a float: 0.95 * 20 is not 19 in binary
    return ordered[rank - 1]


def figures(values: Iterable[float]) -> Figures | None:
    """Return the figures of `values`; None where there are none."""
    ordered = sorted(values)
    if not ordered:
        return None
    return Figures(len(ordered), ordered[0], median(ordered), percentile(ordered, 95), ordered[-1])


def _ordered(values: Sequence[float]) -> list[float]:
    if not values:
        raise ValueError("no values: expected at least one duration")
    if not all(map(math.isfinite, values)):
        raise ValueError("a value that is not finite: expected durations in seconds")
    return sorted(values)
