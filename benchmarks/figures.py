"""The arithmetic of the figures: quantiles of one measurement, medians and ratios over rounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the values lie: one of them, never in between. Raises ValueError for none."""
    if not values:
        raise ValueError("no values: nothing was measured")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some rounds, and the range of all of them."""

    middle: float
    least: float
    most: float
    rounds: int


def spread(values: Sequence[float | None]) -> Spread | None:
    """Return the spread of the rounds that gave a value, None where none did."""
    there = [value for value in values if value is not None]
    return Spread(median(there), min(there), max(there), len(there)) if there else None


def ratios(values: Sequence[float | None], to: Sequence[float | None]) -> list[float | None]:
    """Return the ratio in each round; None where one of the two is missing, or the reference is 0."""
    return [
        None if value is None or not reference else value / reference
        for value, reference in zip(values, to, strict=True)
    ]
