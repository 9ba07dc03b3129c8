"""A write on its way to a wire: what it is, how urgent, until when, and how its outcome is told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from controller.core.readings import Value
from controller.ports import Point


class Priority(IntEnum):
    """Who goes first on the wire."""

    EMERGENCY = 0
    COMMAND = 1
    POLL = 2


class Withdrawn(Exception):
    """The write was taken back before a byte of it went out."""


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
