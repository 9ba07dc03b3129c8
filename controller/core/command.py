"""An order and its life: received, refused or accepted, issued, moving, and one recorded end; and what can refuse it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from controller.core.said import Said, said
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


class Authority(IntEnum):
    """Whose order outranks whose: a live order gives way to one of its own rank or above, never to a lower one."""

    SCHEDULE = 1
    OPERATOR = 2
    LOCAL = 3
    EMERGENCY = 4


class Switch(StrEnum):
    """What changes who may move a device, and moves nothing by itself."""

    RELEASE = "release"
    LOCK_OUT = "lock-out"
    LIFT = "lift"
    TEST = "test"
    END_TEST = "end-test"


class Output(StrEnum):
    """What is done to one output by hand, while its wiring is proven."""

    SET = "set-output"


@dataclass(frozen=True, slots=True)
class Wish:
    """What one person asked for that takes two, with order `order`: it counts before `until` (monotonic s), and only for `about`.

    `about` is the emergency, or the lock-outs, that it would end or pass over.
    """

    action: Action | Switch | Output
    by: str
    order: str
    until: float
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One person's wish about one device. `expires` is monotonic seconds; `seen` the version its author looked at.

    `principal` is the credential that gave it, `role` what that credential is, `by` the person who says to be behind it. With
    `person` the principal is that person, who has proven it. `together_with` is the wish of another person that it carries out
    (`two_persons`), `of_zone` tells that it is one of several, into which a zone's order was divided.
    `hold` asks for a motion that lasts only while it is renewed (R24). `automatic` marks the securing motion that an authorised
    passage ends with (R12), `passage` the id of that passage. `point` is the output that is set by hand, `level` to what.
    """

    id: str
    device: str
    action: Action | Switch | Output
    principal: str
    expires: float
    reason: str = ""
    seen: int | None = None
    life: Life = Life.RECEIVED
    role: str = "operator"
    by: str = ""
    authority: Authority = Authority.OPERATOR
    hold: bool = False
    automatic: bool = False
    passage: str = ""
    point: str = ""
    level: bool | int = True
    person: bool = False
    together_with: Wish | None = None
    of_zone: bool = False

    @property
    def emergency(self) -> bool:
        """Tell whether this is emergency fast operation (EFO)."""
        return self.authority is Authority.EMERGENCY

    @property
    def who(self) -> str:
        """Return the person who is behind it: proven, or else said to be; where nobody is named, the credential."""
        return self.principal if self.person else self.by or self.principal


class Rule(StrEnum):
    """The rules that can refuse an order; a rule is named by its number where the requirements have one."""

    FRESH = "fresh-data"
    EXPIRED = "expired"
    SEEN = "changed-since-seen"
    CYCLES = "R04"
    EFO = "R06"
    PRESENCE = "R09"
    OBSTRUCTION = "R10"
    GIVEN_UP = "R11"
    WARNING = "R15"
    MODE = "R18"
    EXCLUSIVE = "R19"
    DETECTOR = "R29"
    TRAFFIC = "R31"
    AIRLOCK = "airlock"
    AUTHORITY = "authority"
    LOCKED_OUT = "lock-out"
    TEST = "test"
    HOLDS = "holds"
    FAULT = "fault"
    MAINS = "mains"
    JOURNAL = "journal"
    UNREACHABLE = "unreachable"
    CRASHED = "crashed"
    STOPPING = "stopping"
    BUSY = "busy"
    KIND = "kind"
    TWO_PERSONS = "two-persons"
    UNATTENDED = "R12"
    PASSAGE = "passage"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: the rule, the device whose reading forbids, and that reading in words."""

    rule: Rule
    device: str
    because: str

    def __str__(self) -> str:
        return self.told

    @property
    def told(self) -> Said:
        """Return the whole of it as one sentence."""
        return said("{rule} {device}: {because}", rule=self.rule, device=self.device, because=self.because)
