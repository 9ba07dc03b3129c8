"""A write on its way to a wire: what it is, how urgent, until when, and how its outcome is told."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from controller.core.command import Life
from controller.core.device import Wrote
from controller.core.readings import Value
from controller.ports import Expired, Garbled, LinkError, Mute, Point, Withdrawn


class Priority(IntEnum):
    """Who goes first on the wire."""

    EMERGENCY = 0
    COMMAND = 1
    POLL = 2


@dataclass(slots=True, eq=False)
class Write:
    """A write under way. `done` ends with None, or with Expired, Withdrawn or a LinkError."""

    unit: str
    values: Sequence[tuple[Point, Value]]
    deadline: float
    done: asyncio.Future[None]
    withdrawn: bool = False

    def withdraw(self) -> None:
        """Take it back if it has not begun; once on the wire it is finished."""
        self.withdrawn = True

    @property
    def unwanted(self) -> bool:
        """Tell whether it was taken back, or whoever waited for it has given up."""
        return self.withdrawn or self.done.cancelled()

    def end(self, error: Exception | None = None) -> None:
        """Tell the outcome, unless nobody waits for it any more."""
        if not self.done.done():
            self.done.set_result(None) if error is None else self.done.set_exception(error)


def fate_of(number: int, writes: Sequence[Write]) -> Wrote:
    """Return what became of the outputs of drive `number`, whose writes to one unit each have all ended.

    What went out in part, or may have, is `unknown`: neither `expired` nor `failed`, which say that nothing of it was done.
    """
    fates = [_fate(number, write.done.exception()) for write in writes]
    failed = [fate for fate in fates if fate.failed is not None]
    if not failed:
        return Wrote(number)
    told = next((fate for fate in failed if fate.failed is Life.UNKNOWN), failed[0])
    if len(failed) == len(fates):
        return told
    acknowledged = f"{len(fates) - len(failed)} of {len(fates)} units had acknowledged theirs"
    return Wrote(number, Life.UNKNOWN, f"{told.why}; {acknowledged}")


def _fate(number: int, error: BaseException | None) -> Wrote:
    match error:
        case None:
            return Wrote(number)
        case Mute() | Garbled() | Expired(part=True) | Withdrawn(part=True) | LinkError(part=True):
            return Wrote(number, Life.UNKNOWN, str(error))
        case Expired():
            return Wrote(number, Life.EXPIRED, str(error))
        case Withdrawn():
            return Wrote(number, Life.SUPERSEDED, "a newer order came before it went out")
    return Wrote(number, Life.FAILED, str(error))


class Queue:
    """Writes that wait for their wire: emergencies go before commands, and among each the first comes first."""

    def __init__(self) -> None:
        self._lines: dict[Priority, deque[Write]] = {Priority.EMERGENCY: deque(), Priority.COMMAND: deque()}

    def __bool__(self) -> bool:
        return any(self._lines.values())

    def append(self, write: Write, priority: Priority) -> None:
        """Let `write` wait its turn."""
        self._lines[priority].append(write)

    def next(self) -> Write | None:
        """Take out whose turn it is."""
        for line in self._lines.values():
            if line:
                return line.popleft()
        return None
