"""What a work asks of whoever does it."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.farm import Farm, Layout
from benchmarks.processes import Process
from benchmarks.trouble import NotDone, NotPossible

RAISE, LOWER = 0, 1
"""The coils of a device of the farm."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a contender works: the farm, the rate it polls at (0: flat out), and a folder for what it writes."""

    farm: Farm
    hz: float
    folder: Path


class Running(ABC):
    """A contender at work. Times are CLOCK_MONOTONIC, ns."""

    process: Process
    refused: int = 0
    """How many orders it has answered with a refusal."""
    patience_s: float = 0.0
    """How long the last of its orders is waited for at the least, where it is known to be slower than a work expects."""

    @abstractmethod
    def order(self, device: int, coil: int) -> int:
        """Order the steel of a device to move, with the coil that is to be switched on; return when it was sent."""

    @abstractmethod
    def settle(self, within_s: float = 0.0) -> None:
        """Take in the answers to orders that have been sent, for at most so long."""

    @abstractmethod
    def order_all(self) -> int:
        """Order the steel of every device up, in one request where it knows such; return when the first was sent."""

    def emergency(self, device: int) -> int:
        """Order the steel of a device up with the highest urgency it knows."""
        return self.order(device, RAISE)

    @abstractmethod
    def rest(self) -> None:
        """Bring every device back to lowered, ready for the next order. Raises NotDone."""


class Contender(ABC):
    """Something that polls the farm and passes orders on."""

    name: str
    title: str
    layouts: frozenset[Layout] = frozenset({Layout.ENDPOINTS})
    """What it can poll."""
    long: bool = False
    """Whether it takes part in the full form only."""
    by_timers: bool = False
    """Whether it polls by timers, so that it has no figures flat out."""

    @abstractmethod
    def start(self, stage: Stage) -> AbstractContextManager[Running]:
        """Start it; the block ends it. Raises NotPossible where it does not come up."""

    def missing(self) -> str:
        """Say why it cannot be run here; empty where it can."""
        return ""

    def prepare(self, told: Callable[[str], None]) -> None:
        """Make ready what it needs, once before the first round; `told` hears what takes long. Raises NotPossible."""
        if missing := self.missing():
            raise NotPossible(missing)


def lower_all(running: Running, farm: Farm, within_s: float, pace_s: float = 0.0) -> None:
    """Order every device down until all are, whatever became of earlier orders; `pace_s` apart. Raises NotDone."""
    deadline = time.monotonic() + within_s
    while standing := [n for n, position in enumerate(farm.positions()) if position != "lowered"]:
        if time.monotonic() >= deadline:
            raise NotDone(f"{running.process.name}: {len(standing)} devices are not lowered within {within_s:g} s")
        for device in standing:
            running.order(device, LOWER)
            time.sleep(pace_s)
        running.settle(within_s)
        time.sleep(1.0)
