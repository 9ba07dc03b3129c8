"""Bollard (group), boom barrier and road blocker: steel that is driven between two limit switches.

The state is what the limit switches show, never what was ordered. `unknown` is the start, and where stale or bad data lead;
`offline` is a unit that does not answer. From both, one full fresh read of every input leads to `raised` (all members at their
upper limit), `lowered` (all at their lower limit) or `stopped` (in between, or members apart). An order leads to `raising` or
`lowering`; only the limit switch ends it. What no order explains is a `fault`: steel that left its position by itself (R20), a
member with both limits active (R20), a travel that took too long (R01, R16), with neither limit seen named apart because it
points to a cable (R16), and steel that came back to where it started, which is its own drive reversing.

A fault of the feedback (both limits) ends with the feedback. Any other fault stays until a person orders a motion; that order is
the acknowledgement, and it needs feedback that can be trusted. In local mode somebody at the panel moves the steel: leaving a
position is then no fault, and the state is `stopped` until a limit is reached. Steel that was just stopped may coast to a limit
for as long as a limit switch may bounce.

The outputs are levels that follow from the state: `raising` holds the raise output (or pulses it, or writes its code),
`lowering` the other, every other state releases both. That is why a reconnect needs no memory of orders: the levels of the
present state are written, and the present state after a loss is never a motion.

This file holds the table, its guards and the classification of the feedback; what happens around it (orders, timers, outputs)
is in `motion.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from controller.core.command import Life, Order
from controller.core.device import Device
from controller.core.readings import Value
from controller.core.spec import Action, MoverSpec
from controller.core.table import Row, Silence, Table


class Position(StrEnum):
    """What the limit switches of all members say together; the values are events of the table."""

    TOP = "top"
    BOTTOM = "bottom"
    BETWEEN = "between"
    CONTRADICTION = "contradiction"
    UNSEEN = "unseen"


class Fault(StrEnum):
    """What a mover's fault is about."""

    BOTH_LIMITS = "both limits active"
    NO_LIMIT = "neither limit seen: possible cable fault"
    TRAVEL_TIME = "travel time exceeded"
    LEFT_POSITION = "left its position without a command"
    RETURNED = "returned to where it started"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover(Device):
    """A mover at one instant. Times are monotonic seconds.

    `left` tells that the present motion has left its starting limit. A command pulse lasts until `pulse_until` (R27).
    Write number `drive` is the latest one asked for; its levels are `pending` until its fate is known. `acked` are the levels
    that the wire acknowledged and that nothing has put in doubt since; after a failed write none is tried before `retry_at`.
    """

    spec: MoverSpec
    order: Order | None = None
    fault: Fault | None = None
    moving_since: float = 0.0
    left: bool = False
    pulse_until: float = 0.0
    drive: int = 0
    pending: Mapping[str, Value] = field(default_factory=dict)
    acked: Mapping[str, Value] = field(default_factory=dict)
    retry_at: float = 0.0

    @property
    def moving(self) -> bool:
        """Tell whether an order is moving it."""
        return self.state in ("raising", "lowering")

    @property
    def securing(self) -> bool:
        """Tell whether it is moving towards blocking the way, which is what can hit a vehicle."""
        return self.state == ("raising" if self.spec.secures is Action.RAISE else "lowering")

    @property
    def travel_due(self) -> float | None:
        """Return when the present motion has taken too long."""
        return self.moving_since + self.spec.travel_s if self.moving else None

    @property
    def settle_due(self) -> float:
        """Return until when a limit switch may bounce, or the steel coast, after the last change of state."""
        return self.since + self.spec.settle_s


@dataclass(frozen=True, slots=True)
class Facts:
    """What the guards may look at."""

    settled: bool
    local: bool
    left: bool
    securing: bool
    feedback_fault: bool


def position(mover: Mover, now: float) -> Position:
    """Classify the limit switches of all members; UNSEEN unless every one can be trusted and every unit answers."""
    if mover.down:
        return Position.UNSEEN
    tops = [mover.truth(name, now) for name in mover.spec.tops]
    bottoms = [mover.truth(name, now) for name in mover.spec.bottoms]
    if None in tops or None in bottoms:
        return Position.UNSEEN
    if any(top and bottom for top, bottom in zip(tops, bottoms, strict=True)):
        return Position.CONTRADICTION
    if all(tops):
        return Position.TOP
    return Position.BOTTOM if all(bottoms) else Position.BETWEEN


def settled(facts: Facts) -> bool:
    """It came to rest long enough ago that nothing bounces or coasts, and nobody moves it by hand."""
    return facts.settled and not facts.local


def local(facts: Facts) -> bool:
    """Somebody at the panel may move it."""
    return facts.local


def left(facts: Facts) -> bool:
    """The motion has left its starting limit."""
    return facts.left


def securing(facts: Facts) -> bool:
    """The motion blocks the way, so a vehicle in it would be hit."""
    return facts.securing


def feedback_fault(facts: Facts) -> bool:
    """The fault was one of the feedback itself."""
    return facts.feedback_fault


STATES = ("unknown", "raised", "raising", "lowered", "lowering", "stopped", "fault", "offline")
EVENTS = (*Position, "lost", "raise", "lower", "stop", "overdue", "obstructed", "undriven")
_AT_REST = ("raised", "lowered", "stopped")
_MOVING = ("raising", "lowering")
_BLIND = ("unknown", "offline")


def _others(*states: str) -> tuple[str, ...]:
    return tuple(s for s in STATES if s not in states)


TABLE = Table(
    name="mover",
    states=STATES,
    events=EVENTS,
    rows=(
        Row("lost", _others("offline"), "offline"),
        Row("unseen", (*_AT_REST, *_MOVING, "fault"), "unknown"),
        Row("contradiction", (*_AT_REST, *_MOVING, *_BLIND), "fault"),
        Row("top", _BLIND, "raised"),
        Row("bottom", _BLIND, "lowered"),
        Row("between", _BLIND, "stopped"),
        Row("top", ("raising",), "raised"),
        Row("bottom", ("lowering",), "lowered"),
        Row("bottom", ("raising",), "fault", (left,)),
        Row("top", ("lowering",), "fault", (left,)),
        Row("between", ("raised", "lowered"), "fault", (settled,)),
        Row("between", ("raised", "lowered"), "stopped", (local,)),
        Row("bottom", ("raised",), "fault", (settled,)),
        Row("bottom", ("raised",), "lowered", (local,)),
        Row("top", ("lowered",), "fault", (settled,)),
        Row("top", ("lowered",), "raised", (local,)),
        Row("top", ("stopped",), "fault", (settled,)),
        Row("top", ("stopped",), "raised"),
        Row("bottom", ("stopped",), "fault", (settled,)),
        Row("bottom", ("stopped",), "lowered"),
        Row("top", ("fault",), "raised", (feedback_fault,)),
        Row("bottom", ("fault",), "lowered", (feedback_fault,)),
        Row("between", ("fault",), "stopped", (feedback_fault,)),
        Row("raise", ("lowered", "stopped", "lowering", "fault"), "raising"),
        Row("lower", ("raised", "stopped", "raising", "fault"), "lowering"),
        Row("stop", _MOVING, "stopped"),
        Row("overdue", _MOVING, "fault"),
        Row("obstructed", _MOVING, "stopped", (securing,)),
        Row("undriven", _MOVING, "unknown"),
    ),
    ignored=(
        Silence("lost", ("offline",), "it is offline already"),
        Silence("unseen", _BLIND, "nothing is known already"),
        Silence("contradiction", ("fault",), "the first cause of a fault is kept"),
        Silence("top", ("raised",), "it is there"),
        Silence("bottom", ("lowered",), "it is there"),
        Silence("between", ("raising", "lowering", "stopped"), "that is where it is expected"),
        Silence("raise", ("raised", "raising"), "it is there, or on its way: the newer order takes over"),
        Silence("lower", ("lowered", "lowering"), "it is there, or on its way: the newer order takes over"),
        Silence("stop", (*_AT_REST, "fault", "unknown"), "it does not move by order; the outputs are released again"),
        Silence("overdue", _others(*_MOVING), "no motion is timed"),
        Silence("obstructed", _others(*_MOVING), "nothing moves by order"),
        Silence("undriven", _others(*_MOVING), "no motion was being driven"),
    ),
    refused=(
        Silence("raise", _BLIND, "its position is not known"),
        Silence("lower", _BLIND, "its position is not known"),
        Silence("stop", ("offline",), "it cannot be reached"),
    ),
)

GOALS = {Action.RAISE: "raised", Action.LOWER: "lowered"}
MOTIONS = {Action.RAISE: "raising", Action.LOWER: "lowering"}


def outcome_of(order: Order, mover: Mover) -> tuple[Life, str]:
    """Tell how `order`, a motion, ended when the steel came to rest, or was lost sight of, as `mover` shows."""
    if mover.state in ("unknown", "offline"):
        return Life.UNKNOWN, mover.why or "lost sight of it during the motion"
    if mover.state == GOALS[order.action]:
        return Life.CONFIRMED, "its limit switches show it"
    return Life.FAILED, mover.why or f"it is {mover.state}"
