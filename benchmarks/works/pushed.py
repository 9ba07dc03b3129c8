"""Wires on which the peer speaks: what an update costs, and how long it takes from the write at the peer to its state machine."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from benchmarks.contenders.base import Contender
from benchmarks.contenders.rempart import Rempart
from benchmarks.figures import quantile
from benchmarks.pushed import hearing
from benchmarks.pushed.hearing import Hearing
from benchmarks.pushed.names import Protocol
from benchmarks.pushed.source import Played, Source, Turn, playing
from benchmarks.trouble import NotDone
from benchmarks.works.scene import Figures, Size

KNOWN_S, AGAIN_S = 60.0, 2.0
"""How long it may take until every item is known; after what is pushed, how long that is waited for before it is pushed anew."""
IDLE_S = 2.0
LAST_S = 10.0
"""How long an update may take before it counts as lost."""
SETTLED_S = 0.3
"""What is under way at the end of a window has been worked off then, where nobody has fallen behind."""
LOOK_S = 0.1


def opcua(contender: Contender, size: Size, folder: Path) -> Figures:
    """Let monitored items of an OPC UA server change."""
    return _heard(contender, Protocol.OPCUA, size.items, size, folder)


def mqtt(contender: Contender, size: Size, folder: Path) -> Figures:
    """Let devices publish reports through a broker."""
    return _heard(contender, Protocol.MQTT, size.devices, size, folder)


def matched_ms(turns: Iterable[Turn], heard: Iterable[Turn]) -> list[float | None]:
    """Return for each turn how long it took until it was heard, None where it never was; nothing heard serves two."""
    queues: dict[int, deque[int]] = defaultdict(deque)
    for it in heard:
        queues[it.item].append(it.at)
    return [(queues[it.item].popleft() - it.at) / 1e6 if queues[it.item] else None for it in turns]


def _heard(contender: Contender, protocol: Protocol, items: int, size: Size, folder: Path) -> Figures:
    with playing(protocol, items, folder) as source, _hearer(contender, source, folder) as who:
        _await_known(source, who, size.per_s)
        idle = _share(who, IDLE_S)
        who.reset()
        used = who.process.cpu_s()
        played = source.play(size.updates, size.per_s)
        _await(lambda: len(who.told() or who.turns()) >= len(played.turns), LAST_S)
        time.sleep(SETTLED_S)
        used = who.process.cpu_s() - used
        _await(lambda: list(who.speeds()) == played.speeds, LAST_S)
        return _figures(played, who, size.updates, used, idle)


def _hearer(contender: Contender, source: Source, folder: Path) -> AbstractContextManager[Hearing]:
    if isinstance(contender, Rempart):
        return hearing.service(contender, source, folder)
    return hearing.bare(contender.name, source, folder)


def _await_known(source: Source, who: Hearing, per_s: float) -> None:
    """Push every item, again and again, until the contender knows all of them. Raises NotDone."""
    deadline = time.monotonic() + KNOWN_S
    while who.process.alive() and time.monotonic() < deadline:
        speeds = source.play(source.count, per_s, turning=False).speeds
        if _await(lambda: list(who.speeds()) == speeds, AGAIN_S):  # noqa: B023 (called before the next round)
            return
    there = sum(it is not None for it in who.speeds())
    raise NotDone(f"{who.process.name}: knows {there} of {source.count} items after {KNOWN_S:g} s")


def _share(who: Hearing, seconds: float) -> float:
    """Return how much of a CPU it takes while nothing changes, %."""
    used, began = who.process.cpu_s(), time.monotonic()
    time.sleep(seconds)
    return (who.process.cpu_s() - used) / (time.monotonic() - began) * 100


def _await(done: Callable[[], bool], within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while not (found := done()) and time.monotonic() < deadline:
        time.sleep(LOOK_S)
    return found


def _figures(played: Played, who: Hearing, updates: int, used: float, idle: float) -> Figures:
    taken, told = matched_ms(played.turns, who.turns()), matched_ms(played.turns, who.told())
    differ = sum(known != speed for known, speed in zip(who.speeds(), played.speeds, strict=True))
    return {
        "cpu_us": used / updates * 1e6,
        "idle_percent": idle,
        "updates_per_s": updates / played.took_s,
        "turns": len(played.turns),
        "lost": taken.count(None) + differ,
        **_quantiles("", taken),
        **_quantiles("event_", told),
    }


def _quantiles(name: str, latencies: Sequence[float | None]) -> Figures:
    came = [it for it in latencies if it is not None]
    return {
        f"{name}p50_ms": quantile(came, 0.5) if came else None,
        f"{name}p99_ms": quantile(came, 0.99) if came else None,
        f"{name}max_ms": max(came, default=None),
    }
