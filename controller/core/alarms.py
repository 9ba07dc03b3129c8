"""An alarm's seven states (ISA-18.2), what leads from one to another, and which alarms may be hidden from a person.

An alarm is a condition that a person must know of. It comes and goes with its condition; a person acknowledges it, shelves it
for a while, or takes it out of service; the design suppresses what another alarm says already. Whatever is hidden is still
followed, so that it is annunciated anew when it is brought back and its condition stands.

The numbers are those of Beckhoff's MTP alarm block: states normal 1, unacknowledged 2, acknowledged 3, returned-unacknowledged 4,
shelved 5, suppressed 6, out-of-service 7; commands acknowledge 2, shelve 4, unshelve 8, remove 16, return 32 (R34).

A latching alarm that nobody has acknowledged stays when its condition is over, as returned-unacknowledged; another one leaves.
What tells of movement without a command can be neither shelved, suppressed nor removed: it is acknowledged, or it stands (R20).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from controller.core.device import Alarm
from controller.core.replacing import replace
from controller.core.said import said
from controller.core.table import Row, Silence, Table

SHELVE_MAX_S = 8 * 3600.0
"""How long an alarm may be shelved at most: a shift. It can be shelved anew, by somebody who says why anew."""

STALE_S = 24 * 3600.0
"""An alarm that has been active for longer is stale (R36)."""

UNCOMMANDED = frozenset({"left-position", "both-limits", "forced"})
"""Alarms of movement without a command, and of limits that cannot be (R20): nobody hides them."""


class AlarmState(StrEnum):
    """Where an alarm stands (ISA-18.2, states A to G)."""

    NORMAL = "normal"
    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RETURNED_UNACKNOWLEDGED = "returned-unacknowledged"
    SHELVED = "shelved"
    SUPPRESSED = "suppressed"
    OUT_OF_SERVICE = "out-of-service"


STATE_CODES: Mapping[AlarmState, int] = {state: number for number, state in enumerate(AlarmState, start=1)}
COMMAND_CODES: Mapping[str, int] = {"acknowledge": 2, "shelve": 4, "unshelve": 8, "remove": 16, "return": 32}

HIDDEN = frozenset({AlarmState.SHELVED, AlarmState.SUPPRESSED, AlarmState.OUT_OF_SERVICE})
"""States in which an alarm is not annunciated."""

UNSEEN = frozenset({AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED_UNACKNOWLEDGED})
"""States in which nobody has acknowledged it; one that sounds does so in these."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """By design: the alarm `effect` of a device is suppressed while the alarm `cause` of a unit that it hangs on is active."""

    effect: str
    cause: str


SUPPRESSIONS = (Suppression(effect="offline", cause="no-answer"), Suppression(effect="unknown", cause="no-answer"))
"""What is suppressed by design, and why: a unit that does not answer is one alarm, not one for each device behind it.

A device is unknown from when its readings grow too old until its unit is found not to answer, and offline from then on.
Never an alarm of priority 1, such as a mover that was in motion when its unit was lost.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One alarm and where it stands. `source` is whose conditions it belongs to; `device` is "" for the site.

    `active` tells that its condition stands, whatever its state. `since` (RFC 3339 UTC) and `came_at` (monotonic s) are when it
    last came. `by` and `reason` are who last did something about it and why; `until` (RFC 3339 UTC) and `due` (monotonic s) are
    when its shelving ends.
    """

    id: str
    source: str
    device: str
    alarm: Alarm
    zone: str = ""
    state: AlarmState = AlarmState.NORMAL
    active: bool = False
    since: str = ""
    came_at: float = 0.0
    by: str = ""
    reason: str = ""
    until: str = ""
    due: float | None = None

    @property
    def text(self) -> str:
        """Return what it says: once its condition is over, what has taken its place where that is known."""
        return self.alarm.text if self.active or not self.alarm.over else self.alarm.over

    @property
    def sounding(self) -> bool:
        """Tell whether it sounds: until a person acknowledges it, over or not (R23)."""
        return bool(self.alarm.sound) and self.state in UNSEEN

    def stale(self, now: float) -> bool:
        """Tell whether it has been active for longer than STALE_S."""
        return self.active and now - self.came_at > STALE_S


def active(standing: Standing) -> bool:
    """Its condition stands."""
    return standing.active


def latching(standing: Standing) -> bool:
    """It stays until somebody has acknowledged it, also when its condition is over."""
    return standing.alarm.latching


def may_be_hidden(standing: Standing) -> bool:
    """It does not tell of movement without a command (R20)."""
    return standing.alarm.name not in UNCOMMANDED


_SHOWN = ("unacknowledged", "acknowledged", "returned-unacknowledged")
_OPEN = ("normal", *_SHOWN)
_HIDDEN = ("shelved", "suppressed", "out-of-service")

TABLE = Table(
    name="alarm",
    states=tuple(str(state) for state in AlarmState),
    events=("comes", "goes", "acknowledge", "shelve", "unshelve", "suppress", "unsuppress", "remove", "return"),
    rows=(
        Row("comes", ("normal", "returned-unacknowledged"), "unacknowledged"),
        Row("goes", ("unacknowledged",), "returned-unacknowledged", (latching,)),
        Row("goes", ("unacknowledged", "acknowledged"), "normal"),
        Row("acknowledge", ("unacknowledged",), "acknowledged"),
        Row("acknowledge", ("returned-unacknowledged",), "normal"),
        Row("shelve", (*_SHOWN, "shelved"), "shelved", (may_be_hidden,)),
        Row("unshelve", ("shelved",), "unacknowledged", (active,)),
        Row("unshelve", ("shelved",), "normal"),
        Row("suppress", _OPEN, "suppressed", (may_be_hidden,)),
        Row("unsuppress", ("suppressed",), "unacknowledged", (active,)),
        Row("unsuppress", ("suppressed",), "normal"),
        Row("remove", (*_SHOWN, "shelved", "suppressed"), "out-of-service", (may_be_hidden,)),
        Row("return", ("out-of-service",), "unacknowledged", (active,)),
        Row("return", ("out-of-service",), "normal"),
    ),
    ignored=(
        Silence("comes", ("unacknowledged", "acknowledged"), "it stands already"),
        Silence("comes", _HIDDEN, "it is followed, and annunciated when it is brought back"),
        Silence("goes", ("normal", "returned-unacknowledged"), "it is over already"),
        Silence("goes", _HIDDEN, "it is followed, and stays hidden until it is brought back"),
        Silence("acknowledge", ("acknowledged",), "it has been seen already"),
        Silence("suppress", _HIDDEN, "it is hidden already"),
        Silence("unsuppress", (*_OPEN, "shelved", "out-of-service"), "the design does not hide it"),
    ),
    refused=(
        Silence("acknowledge", ("normal",), said("it does not stand")),
        Silence("acknowledge", ("shelved",), said("it is shelved: unshelve it first")),
        Silence(
            "acknowledge", ("suppressed",), said("it is suppressed by design: acknowledge the alarm that suppresses it")
        ),
        Silence("acknowledge", ("out-of-service",), said("it is out of service: return it first")),
        Silence("shelve", ("normal",), said("it does not stand")),
        Silence("shelve", ("suppressed",), said("it is suppressed by design already")),
        Silence("shelve", ("out-of-service",), said("it is out of service already")),
        Silence("unshelve", (*_OPEN, "suppressed", "out-of-service"), said("it is not shelved")),
        Silence("remove", ("normal",), said("it does not stand")),
        Silence("remove", ("out-of-service",), said("it is out of service already")),
        Silence("return", (*_OPEN, "shelved", "suppressed"), said("it is not out of service")),
    ),
    initial="normal",
)


def refusal(standing: Standing, event: str) -> str:
    """Return why a person's `event` is refused; empty where it is not."""
    if event in ("shelve", "remove") and not may_be_hidden(standing):
        return said("it tells of movement without a command, which nobody may hide (R20)")
    return TABLE.refusal(standing.state, event) or ""


def step(standing: Standing, event: str, *, by: str = "", reason: str = "") -> Standing:
    """Return the alarm after `event`, done by `by` for `reason` where a person did it; the same alarm where it changes nothing.

    Who did something last, and why, is kept when the condition is over, and forgotten when it comes anew.
    """
    followed = replace(standing, active=event == "comes") if event in ("comes", "goes") else standing
    state = AlarmState(TABLE.next(str(standing.state), event, followed))
    renewed = event == "shelve" and state is AlarmState.SHELVED
    if state is standing.state and not renewed:
        return followed
    if event == "goes":
        return replace(followed, state=state)
    return replace(followed, state=state, by=by, reason=reason, until="", due=None)


def shelved(standing: Standing, now: float, for_s: float, until: str, *, by: str, reason: str) -> Standing:
    """Return the alarm shelved for `for_s` seconds. Raises ValueError for a time that is not above 0 and at most SHELVE_MAX_S."""
    if not 0 < for_s <= SHELVE_MAX_S:
        raise ValueError(f"an alarm is shelved for more than 0 and at most {SHELVE_MAX_S:g} s, not for {for_s:g} s")
    return replace(step(standing, "shelve", by=by, reason=reason), until=until, due=now + for_s)
