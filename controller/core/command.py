"""An order and its life: received, refused or accepted, issued, moving, and one recorded end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from controller.core.spec import Action


class Life(StrEnum):
    """Where an order stands. The last five are ends; `refused` is one too."""

    RECEIVED = "received"
    REFUSED = "refused"
    ACCEPTED = "accepted"
    ISSUED = "issued"
    MOVING = "moving"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    UNKNOWN = "unknown"

    @property
    def ended(self) -> bool:
        """Tell whether nothing more can come of the order."""
        return self in _ENDS


_ENDS = frozenset({Life.REFUSED, Life.CONFIRMED, Life.FAILED, Life.EXPIRED, Life.SUPERSEDED, Life.UNKNOWN})

_AFTER: dict[Life, frozenset[Life]] = {
    Life.RECEIVED: frozenset({Life.REFUSED, Life.ACCEPTED, Life.EXPIRED, Life.UNKNOWN}),
    Life.ACCEPTED: frozenset({Life.ISSUED, Life.MOVING}) | _ENDS - {Life.REFUSED},
    Life.ISSUED: frozenset({Life.MOVING}) | _ENDS - {Life.REFUSED},
    Life.MOVING: _ENDS - {Life.REFUSED, Life.EXPIRED},
}


def may_follow(before: Life, after: Life) -> bool:
    """Tell whether `after` can come right after `before` in an order's life."""
    return after in _AFTER.get(before, frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One person's wish to move one device. `expires` is monotonic seconds; `seen` the version its author looked at."""

    id: str
    device: str
    action: Action
    principal: str
    expires: float
    reason: str = ""
    seen: int | None = None
    life: Life = Life.RECEIVED


class Rule(StrEnum):
    """The rules that can refuse an order; a rule is named by its number where the requirements have one."""

    FRESH = "fresh-data"
    EXPIRED = "expired"
    SEEN = "changed-since-seen"
    MODE = "R18"
    PRESENCE = "R09"
    DETECTOR = "R29"
    AIRLOCK = "airlock"
    FAULT = "fault"
    JOURNAL = "journal"
    UNREACHABLE = "unreachable"
    CRASHED = "crashed"
    STOPPING = "stopping"
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: the rule, the device whose reading forbids, and that reading in words."""

    rule: Rule
    device: str
    because: str

    def __str__(self) -> str:
        return f"{self.rule} {self.device}: {self.because}"
