"""What a work is done on: a farm, a contender that polls it, and how much of it is wanted."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders.base import Contender, Running, Stage
from benchmarks.farm import ILL, Farm, Health, Layout

Figures = Mapping[str, float | None]
"""What a work has measured, by name; the unit is the end of the name."""

DEAD_SHARE = 0.3
"""60 of 200."""
NOTICED_S = 3.0
"""How long a contender has to notice that devices have died before the measurement begins."""
HEALED_S = 90.0
"""How long it may take to have every device back."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much of a work is done in a round: `window_s` of polling, so many orders, so many lockdowns.

    Where the peer speaks: so many `items` of OPC UA (MQTT: `devices`), and `updates` at `per_s` a second. Of the journal: so
    many `appends`, and so many `records` to ask among.
    """

    devices: int = 200
    window_s: float = 4.0
    orders: int = 60
    lockdowns: int = 2
    items: int = 1000
    updates: int = 10_000
    per_s: float = 1000.0
    appends: int = 2000
    records: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Scene:
    """A contender at work; `start_s` is how long its first scan of every device took from the start of its process."""

    stage: Stage
    running: Running
    size: Size
    start_s: float

    @property
    def farm(self) -> Farm:
        """The farm it polls."""
        return self.stage.farm

    def kill(self, kinds: tuple[Health, ...] = ILL) -> list[int]:
        """Let nearly a third of the devices die, in these ways in turn, and return those that live."""
        count = self.farm.count
        dead = [n for n in range(count) if int(n * DEAD_SHARE) != int((n + 1) * DEAD_SHARE)]
        for i, device in enumerate(dead):
            self.farm.fall_ill(device, kinds[i % len(kinds)])
        time.sleep(NOTICED_S)
        return sorted(set(range(count)) - set(dead))

    def restore(self) -> None:
        """Heal every device, and wait until all are polled again and lowered. Raises NotDone."""
        self.farm.heal()
        self.farm.reset()
        self.farm.await_full_scan(self.running.process, HEALED_S)
        self.running.rest()


@dataclass(frozen=True, slots=True)
class Work:
    """One thing to do and to measure, at a rate of polling in Hz (0: flat out).

    `who` names the contenders that can do it, all where it is empty; `devices` is how many it is about, the size's where 0.
    `long` works are part of the full form only.
    """

    name: str
    title: str
    hz: float
    do: Callable[[Scene], Figures]
    who: tuple[str, ...] = ()
    devices: int = 0
    long: bool = False
    layout: Layout = Layout.ENDPOINTS


@dataclass(frozen=True, slots=True)
class Apart:
    """A work that needs no farm: `do` starts whatever it needs, in a folder of its own. Otherwise as a `Work`."""

    name: str
    title: str
    do: Callable[[Contender, Size, Path], Figures]
    who: tuple[str, ...]
    long: bool = True
