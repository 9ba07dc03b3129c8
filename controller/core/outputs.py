"""What is known of a device's outputs, and what becomes of the writes that set them.

Outputs are levels that follow from the device's state. A level counts as set only when its write was acknowledged and nothing
has put it in doubt since: a lost unit, a failed write, or a newer write of the same output. The latest write alone matters: it
names every output that is not surely as wanted, so an older one that is late or was taken back says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from controller.core.command import Life
from controller.core.device import Device, DriveTo, Wrote
from controller.core.readings import Value
from controller.core.replacing import replace
from controller.core.said import said

RELEASE_S = 2.0
"""How long a release of outputs may wait for the wire: past that the unit is lost and the levels are derived anew."""

RETRY_S = 0.5
"""How long to wait before a release that failed is written again."""

ANSWER_S = 5.0
"""How long past its deadline a write's fate may stay untold before it counts as unknown; any wire's patience is shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Driven(Device):
    """A device with outputs. Times are monotonic seconds.

    `drive` numbers the writes; `writing` is the latest while its fate is not known, last acknowledged at `acked_at`.
    `unwritten` says why the outputs could not be written, empty once they are; no release is tried again before `retry_at`.
    """

    drive: int = 0
    writing: DriveTo | None = None
    acked: Mapping[str, Value] = field(default_factory=dict)
    acked_at: float = 0.0
    retry_at: float = 0.0
    unwritten: str = ""

    @property
    def pending(self) -> dict[str, Value]:
        """Return the levels that are being written."""
        return {} if self.writing is None else dict(self.writing.levels)

    @property
    def settled(self) -> bool:
        """Tell whether every output has been acknowledged as it was last asked for, and nothing has put one in doubt since."""
        return self.writing is None and all(name in self.acked for name in self.spec.outputs)

    @property
    def answer_due(self) -> float | None:
        """Return when the write under way has gone unanswered for too long."""
        return None if self.writing is None else self.writing.deadline + ANSWER_S

    def awaits(self, event: Wrote) -> bool:
        """Tell whether `event` is the fate of the write under way."""
        return self.writing is not None and self.writing.number == event.drive

    def unanswered(self, now: float) -> Wrote | None:
        """Return what the silence about the write under way has to be taken for, None while it is not too long."""
        if self.writing is None or now < self.writing.deadline + ANSWER_S:
            return None
        return Wrote(self.writing.number, Life.UNKNOWN, said("nothing was heard of the write of its outputs"))

    def acknowledged(self, now: float) -> Self:
        """Take the levels of the write under way as set."""
        version = self.version + bool(self.unwritten)
        acked = {**self.acked, **self.pending}
        return replace(self, acked=acked, writing=None, acked_at=now, unwritten="", version=version)

    def failed(self, why: str, retry_at: float) -> Self:
        """Put every output in doubt after a failed write."""
        version = self.version + (not self.unwritten)
        return replace(self.doubted(), retry_at=retry_at, unwritten=why or said("no reason given"), version=version)

    def doubted(self) -> Self:
        """Put every output in doubt; all of them are to be written again, at once."""
        return replace(self, writing=None, acked={}, retry_at=0.0)

    def lacks(self, wanted: Mapping[str, Value]) -> bool:
        """Tell whether an output is neither as wanted nor being made so."""
        coming = {**self.acked, **self.pending}
        return any(coming.get(name) != level for name, level in wanted.items())

    def asking(
        self,
        wanted: Mapping[str, Value],
        deadline: float,
        order: str = "",
        *,
        urgent: bool = False,
        at_rest: bool = False,
    ) -> tuple[Self, DriveTo]:
        """Ask for the outputs that are not surely as `wanted`, those to switch off first, so that opposites never meet."""
        todo = {name: level for name, level in wanted.items() if self.acked.get(name) != level}
        levels = tuple(sorted(todo.items(), key=lambda item: bool(item[1])))
        drive = DriveTo(self.drive + 1, levels, deadline, order, urgent=urgent, at_rest=at_rest)
        sure = {name: level for name, level in self.acked.items() if name not in todo}
        return replace(self, drive=drive.number, writing=drive, acked=sure), drive
