"""The figures by which an alarm system is judged, against the aims of ISA-18.2 and EEMUA 191. Values in, values out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Told = Mapping[str, Any]

RATES: Mapping[str, tuple[int, int]] = {"last_10_min": (1, 2), "last_hour": (6, 12)}
"""How many alarms one operator can take: acceptable, and manageable at most (ISA-18.2, 16.5; EEMUA 191: 1 in 10 min)."""
SHARES: Mapping[str, int] = {"1": 1, "2": 5, "3": 15, "4": 80}
"""What per cent of the alarms should have each priority (ISA-18.2, 16.7: 80, 15, 5 and less than 1)."""
STALE_MAX = 4
"""Stale alarms: fewer than 5 on any day (ISA-18.2, 16.6)."""


def rates(kpi: Told) -> list[dict[str, Any]]:
    """Return each rate with its aims, and whether it is `good`, `much` or `too-much`."""
    return [
        {"name": name, "value": kpi[name], "aim": aim, "most": most, "verdict": _verdict(kpi[name], aim, most)}
        for name, (aim, most) in RATES.items()
    ]


def _verdict(value: int, aim: int, most: int) -> str:
    if value <= aim:
        return "good"
    return "much" if value <= most else "too-much"


def shares(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return how many alarms each priority had, its share in per cent (None without any), and the share that is aimed at."""
    total = sum(counts.values())
    return [
        {"priority": name, "count": counts[name], "share": 100 * counts[name] / total if total else None, "aim": aim}
        for name, aim in SHARES.items()
    ]


def lists(kpi: Told) -> list[dict[str, Any]]:
    """Return what is stale, chattering or hidden, and whether that is `good` or `too-much`; "" where nothing is aimed at."""
    most = {"stale": STALE_MAX, "chattering": 0}
    return [
        {
            "name": name,
            "alarms": kpi[name],
            "verdict": "" if name not in most else "good" if len(kpi[name]) <= most[name] else "too-much",
        }
        for name in ("stale", "chattering", "shelved", "suppressed", "out_of_service")
    ]
