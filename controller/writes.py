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
from controller.core.said import said
from controller.ports import Expired, Garbled, LinkError, Mute, Point, RempartError, Withdrawn


class Priority(IntEnum):
    """Who goes first on the wire."""

    EMERGENCY = 0
    RELEASE = 1
    COMMAND = 2
    POLL = 3


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
    why = said(
        "{why}; {count} of {units} units had acknowledged theirs",
        why=told.why,
        count=len(fates) - len(failed),
        units=len(fates),
    )
    return Wrote(number, Life.UNKNOWN, why)


def _fate(number: int, error: BaseException | None) -> Wrote:
    why = error.told if isinstance(error, RempartError) else str(error)
    match error:
        case None:
            return Wrote(number)
        case Mute() | Garbled() | Expired(part=True) | Withdrawn(part=True) | LinkError(part=True):
            return Wrote(number, Life.UNKNOWN, why)
        case Expired():
            return Wrote(number, Life.EXPIRED, why)
        case Withdrawn():
            return Wrote(number, Life.SUPERSEDED, said("a newer order came before it went out"))
    return Wrote(number, Life.FAILED, why)


CROWDED = 64
"""How many writes may wait in one line before those that were taken back, whose turn would be for nothing, make room."""


def taken_back(write: Write) -> Withdrawn:
    """Return how a write ends that nobody wants any more."""
    return Withdrawn(said("{unit}: taken back before its turn", unit=write.unit))


def too_late(link: str, write: Write) -> Expired:
    """Return how a write ends whose time was over before its turn on the wire `link`."""
    return Expired(
        said("{link}/{unit}: the deadline passed before its turn: nothing was sent", link=link, unit=write.unit)
    )


class Queue:
    """Writes that wait for their wire: emergencies, then releases, then commands, and among each the first comes first.

    Each device has the writes of one drive that is still wanted, so those are never more than the outputs on the wire; what they
    wait for too long ends by its deadline. Nobody is turned away: what grows is what was taken back, and that is let go.
    """

    def __init__(self) -> None:
        self._lines: tuple[deque[Write], ...] = (deque(), deque(), deque())
        """By priority, the highest first; a poll waits in none."""

    def __bool__(self) -> bool:
        return any(self._lines)

    def append(self, write: Write, priority: Priority) -> None:
        """Let `write` wait its turn."""
        line = self._lines[priority]
        if len(line) >= CROWDED:
            wanted = [waiting for waiting in line if not waiting.unwanted]
            for waiting in line:
                if waiting.unwanted:
                    waiting.end(taken_back(waiting))
            line.clear()
            line.extend(wanted)
        line.append(write)

    def next(self) -> Write | None:
        """Take out whose turn it is."""
        for line in self._lines:
            if line:
                return line.popleft()
        return None
