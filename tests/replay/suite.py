"""Many misfortunes at once on one transport, and their total."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tests.replay.misfortune import Misfortune, sluggish
from tests.replay.peer import Peer
from tests.replay.run import Run, Setting
from tests.replay.sent import Sent

CHOICE = "REMPART_REPLAY_SEEDS"
"""Seeds to run instead of the suite's own: `REMPART_REPLAY_SEEDS=17,40-59 pytest tests/replay/test_opcua.py`."""
AT_ONCE = 20
FEW = list(range(24))
"""Enough for a link that is naive to be caught."""
SLUGGISH, SLUGGISH_AT_ONCE, SLOWER = 12, 3, (1, 2, 4)
"""Enough slow runs for a link that is careless to be caught: of their 96 orders one in seven is sent too late (measured).

Each slows the one loop for all: more at once, and every order is over before its turn.
"""


@dataclass(slots=True)
class Total:
    """What all runs have shown together."""

    runs: int = 0
    orders: int = 0
    frames: int = 0
    connections: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        counted = ", ".join(f"{count} {word}" for word, count in sorted(self.ends.items()))
        faults = ", ".join(f"{count} {word}" for word, count in sorted(self.faults.items()))
        return (
            f"{self.runs} instants ({faults}), {self.connections} connections, {self.orders} orders ({counted}), "
            f"{self.frames} frames of them sent, {len(self.wrong)} wrong"
        )


def seeds(count: int) -> list[int]:
    """Return the seeds to run: the first `count`, or those of the environment."""
    chosen = os.environ.get(CHOICE, "")
    if not chosen:
        return list(range(count))
    found: list[int] = []
    for part in chosen.split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


async def replay(
    setting: Setting,
    fates: Iterable[Misfortune],
    make_peer: Callable[[Misfortune], Peer],
    sent: Sent,
    at_once: int = AT_ONCE,
) -> Total:
    """Run all of them, some at once."""
    total, places = Total(), asyncio.Semaphore(at_once)

    async def one(fate: Misfortune) -> None:
        async with places:
            found = await Run(setting, make_peer(fate), fate, sent)()
        total.runs += 1
        total.orders += len(found.ends)
        total.frames += found.frames
        total.connections += found.connections
        total.ends.update(found.ends)
        total.faults[f"{fate.fault} by {fate.trigger}"] += 1
        total.wrong += [f"{CHOICE}={fate.seed}: {wrong}\n    {fate}" for wrong in found.wrong]

    async with asyncio.TaskGroup() as running:
        for fate in fates:
            running.create_task(one(fate))
    return total


async def seen_late(setting: Setting, make_peer: Callable[[Misfortune], Peer], sent: Sent) -> bool:
    """Tell whether an order is seen to be sent late in a slow process, slower where the machine is slow itself."""
    for slower in SLOWER:
        total = await replay(setting, sluggish(setting.name, SLUGGISH, slower), make_peer, sent, SLUGGISH_AT_ONCE)
        if any("after its deadline" in wrong for wrong in total.wrong):
            return True
    return False
