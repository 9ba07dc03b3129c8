"""What every server has in common: an address, a beginning, an end, and a gate through which each answer goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Gate:
    """What befalls an answer at this moment."""

    silent: bool = False
    """Nothing is done and nothing answered."""
    one_way: bool = False
    """It is done, and no answer comes."""
    delay_s: float = 0.0
    trickle_s: float = 0.0
    cut: bool = False
    reset: bool = False
    twice: bool = False
    exception: int | None = None
    wrong_unit: bool = False
    wrong_function: bool = False
    function_zero: bool = False
    short: bool = False
    old_transaction: bool = False
    bad_length: bool = False
    garbled: bool = False
    noise: int = 0
    echo: bool = False
    not_json: bool = False
    capitals: bool = False
    clock_s: float = 0.0
    """How far the clock of a counter is ahead."""


OPEN = Gate()
GateOf = Callable[[str], Gate]
"""Unit name → its gate, "" for what concerns the link alone."""


class Server(Protocol):
    """One link, served."""

    protocol: str

    @property
    def url(self) -> str:
        """Return where a controller finds it; stays the same over `down` and `up`."""
        ...

    async def up(self) -> None:
        """Begin, or begin again, to serve."""
        ...

    async def down(self) -> None:
        """Drop every connection and take no new one."""
        ...

    async def close(self) -> None:
        """End for good, and leave nothing behind."""
        ...

    def reboot(self, unit: str) -> None:
        """Lose what a unit loses with its power: outputs off, watchdogs as delivered."""
        ...


class Connections:
    """The tasks that serve connections, so that they can be ended together."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def enter(self) -> None:
        """Count the current task in."""
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def end(self) -> None:
        """Cancel them and wait until they are gone."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
