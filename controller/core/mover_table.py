"""Bollard (group), boom barrier and road blocker: steel that is driven between two limit switches.

The state is what the limit switches show, never what was ordered. `unknown` is the start, and where stale or bad data lead;
`offline` is a unit that does not answer; when it answers again nothing is known yet. From `unknown` one full fresh read of
every limit switch leads to `raised` (all members at their upper limit), `lowered` (all at their lower limit) or `stopped` (in
between, or members apart). An order leads to `raising` or `lowering`; only the limit switch ends it. A limit that is already
active when the motion begins ends it only when it is read after the outputs have been given in full: until then it shows where
the steel was, not where it goes. So it is with steel that was stopped on its way, or whose start is in doubt: it is `stopped`,
and a limit counts again once it is read after the outputs were released and the steel has come to rest.

What no order explains is a `fault`: steel that left its position by itself (R20), a member with both limits active (R20), a
travel that took too long (R01, R16), with neither limit seen named apart because it points to a cable (R16), a limit that shows
sooner than steel can have come from the other end (R01), which points to the switch, and steel that came back to where it
started, which is its own drive reversing. A motion is timed from when its outputs were acknowledged.

A fault of the feedback (both limits) ends with the feedback. Any other fault stays until a person orders a motion; that order
is the acknowledgement, and it needs feedback that can be trusted. In local mode somebody at the panel moves the steel: leaving
a position is then no fault, and the state is `stopped` until a limit is reached. A limit switch may bounce for a moment after
the steel arrived or left. Steel that was just stopped may coast to a limit for as long, counted from when its outputs were
released; a drive that cannot be stopped may use up its travel time.

A motion lasts only while nothing forbids it: presence in the way of steel that blocks it (R09), the other row of an airlock
(PAS 69), a mode in which its author may not move it (R18). A vehicle that is seen in the way of rising steel is the one thing
that starts a motion without an order: the steel returns to where it lets pass (R10, Gibidi DPT260 p. 25). Doubt only stops it.

The outputs are levels that follow from the state: `raising` holds the raise output (or pulses it, or writes its code),
`lowering` the other, every other state releases both. That is why a reconnect needs no memory of orders: the levels of the
present state are written, and the present state after a loss is never a motion.

This file holds the table and its guards. What the feedback says is in `mover.py`, what goes with a change of state in
`travel.py`, what becomes of an order in `ordering.py`, and what an event does to all of it in `motion.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from controller.core.command import Life, Order
from controller.core.modes import Mode
from controller.core.mover import GOALS, Fault, Mover, Position, position, read_last
from controller.core.said import said, word
from controller.core.spec import Action
from controller.core.table import Row, Silence, Table


@dataclass(frozen=True, slots=True)
class Facts:
    """What the guards may look at."""

    settled: bool
    coasted: bool
    local: bool
    arrived: bool
    too_soon: bool
    left: bool
    feedback_fault: bool
    seen: Position


def facts_of(mover: Mover, now: float) -> Facts:
    """Gather what the guards may look at. A key switch that cannot be read excuses no movement."""
    return Facts(
        settled=now >= mover.settle_due,
        coasted=mover.state == "stopped" and mover.writing is None and mover.coasted(now),
        local=mover.mode is Mode.LOCAL,
        arrived=mover.away or _given(mover, now),
        too_soon=_too_soon(mover, now),
        left=mover.left(now),
        feedback_fault=mover.fault is Fault.BOTH_LIMITS,
        seen=position(mover, now),
    )


def _given(mover: Mover, now: float) -> bool:
    """Tell whether the limit switches were read after the outputs of the motion have been given in full."""
    return now >= mover.given_due and read_last(mover) >= mover.given_due


def _too_soon(mover: Mover, now: float) -> bool:
    """Tell whether the way from end to end has taken less time than steel can (R01, R03); an emergency may be quicker."""
    if not mover.whole or mover.emergency or mover.returning:
        return False
    took = 0.0 if mover.moving_since is None else now - mover.moving_since
    return took < mover.spec.fastest_s


def settled(facts: Facts) -> bool:
    """It came to rest long enough ago that nothing bounces, and nobody moves it by hand."""
    return facts.settled and not facts.local


def coasted(facts: Facts) -> bool:
    """Its outputs were released long enough ago that it has stopped, and nobody moves it by hand."""
    return facts.coasted and not facts.local


def local(facts: Facts) -> bool:
    """Somebody at the panel may move it."""
    return facts.local


def arrived(facts: Facts) -> bool:
    """The limit shows where the motion has led, not where it began."""
    return facts.arrived


def too_soon(facts: Facts) -> bool:
    """The limit shows sooner than steel can have travelled from the other end."""
    return facts.too_soon


def left(facts: Facts) -> bool:
    """The motion has left its starting limit."""
    return facts.left


def feedback_fault(facts: Facts) -> bool:
    """The fault was one of the feedback itself."""
    return facts.feedback_fault


def at_top(facts: Facts) -> bool:
    """It stands at its upper limit."""
    return facts.seen is Position.TOP


def at_bottom(facts: Facts) -> bool:
    """It stands at its lower limit."""
    return facts.seen is Position.BOTTOM


STATES = ("unknown", "raised", "raising", "lowered", "lowering", "stopped", "fault", "offline")
EVENTS = (*Position, "lost", "restored", "raise", "lower", "stop", "return", "overdue", "vetoed", "undriven", "forced")
_AT_REST = ("raised", "lowered", "stopped")
_MOVING = ("raising", "lowering")
_BLIND = ("unknown", "offline")
_SHOWN = (Position.TOP, Position.BOTTOM, Position.BETWEEN, Position.CONTRADICTION)


def _others(*states: str) -> tuple[str, ...]:
    return tuple(s for s in STATES if s not in states)


TABLE = Table(
    name="mover",
    states=STATES,
    events=EVENTS,
    rows=(
        Row("lost", _others("offline"), "offline"),
        Row("restored", ("offline",), "unknown"),
        Row("unseen", (*_AT_REST, *_MOVING, "fault"), "unknown"),
        Row("contradiction", (*_AT_REST, *_MOVING, "unknown"), "fault"),
        Row("top", ("unknown",), "raised"),
        Row("bottom", ("unknown",), "lowered"),
        Row("between", ("unknown",), "stopped"),
        Row("top", ("raising",), "fault", (arrived, too_soon)),
        Row("bottom", ("lowering",), "fault", (arrived, too_soon)),
        Row("top", ("raising",), "raised", (arrived,)),
        Row("bottom", ("lowering",), "lowered", (arrived,)),
        Row("bottom", ("raising",), "fault", (left,)),
        Row("top", ("lowering",), "fault", (left,)),
        Row("between", ("raised", "lowered"), "fault", (settled,)),
        Row("between", ("raised", "lowered"), "stopped", (local,)),
        Row("bottom", ("raised",), "fault", (settled,)),
        Row("bottom", ("raised",), "lowered", (local,)),
        Row("top", ("lowered",), "fault", (settled,)),
        Row("top", ("lowered",), "raised", (local,)),
        Row("top", ("stopped",), "fault", (coasted,)),
        Row("top", ("stopped",), "raised"),
        Row("bottom", ("stopped",), "fault", (coasted,)),
        Row("bottom", ("stopped",), "lowered"),
        Row("top", ("fault",), "raised", (feedback_fault,)),
        Row("bottom", ("fault",), "lowered", (feedback_fault,)),
        Row("between", ("fault",), "stopped", (feedback_fault,)),
        Row("raise", ("fault",), "raised", (at_top,)),
        Row("lower", ("fault",), "lowered", (at_bottom,)),
        Row("raise", ("lowered", "stopped", "lowering", "fault"), "raising"),
        Row("lower", ("raised", "stopped", "raising", "fault"), "lowering"),
        Row("stop", _MOVING, "stopped"),
        Row("return", ("raising",), "lowering"),
        Row("return", ("lowering",), "raising"),
        Row("overdue", _MOVING, "fault"),
        Row("vetoed", _MOVING, "stopped"),
        Row("undriven", _MOVING, "unknown"),
        Row("forced", (*_AT_REST, "fault"), "unknown"),
    ),
    ignored=(
        Silence("lost", ("offline",), "it is offline already"),
        Silence("restored", _others("offline"), "it is not offline"),
        Silence("unseen", _BLIND, "nothing is known already"),
        *(Silence(shown, ("offline",), "a unit that does not answer shows nothing") for shown in _SHOWN),
        Silence("contradiction", ("fault",), "the first cause of a fault is kept"),
        Silence("top", ("raised",), "it is there"),
        Silence("bottom", ("lowered",), "it is there"),
        Silence("between", ("raising", "lowering", "stopped"), "that is where it is expected"),
        Silence("raise", ("raised", "raising"), "it is there, or on its way: the newer order takes over"),
        Silence("lower", ("lowered", "lowering"), "it is there, or on its way: the newer order takes over"),
        Silence("stop", (*_AT_REST, "fault", "unknown"), "it does not move by order; the outputs are released again"),
        Silence("return", _others(*_MOVING), "nothing moves by order"),
        Silence("overdue", _others(*_MOVING), "no motion is timed"),
        Silence("vetoed", _others(*_MOVING), "nothing moves by order"),
        Silence("undriven", _others(*_MOVING), "no motion was being driven"),
        Silence("forced", ("unknown",), "nothing is known already"),
    ),
    refused=(
        Silence("raise", _BLIND, said("its position is not known")),
        Silence("lower", _BLIND, said("its position is not known")),
        Silence("stop", ("offline",), said("it cannot be reached")),
        Silence("forced", ("offline",), said("it cannot be reached")),
        Silence("forced", _MOVING, said("a motion is under way")),
    ),
)


def outcome_of(order: Order, mover: Mover) -> tuple[Life, str]:
    """Tell how `order`, a motion, ended when the steel came to rest, or was lost sight of, as `mover` shows."""
    if mover.state in ("unknown", "offline"):
        return Life.UNKNOWN, mover.why or said("lost sight of it during the motion")
    if mover.returning:
        back = mover.state == mover.spec.open_state
        if back:
            return Life.FAILED, said("taken back: {why}", why=mover.returning)
        return Life.FAILED, said("taken back: {why}; but not to its end: {end}", why=mover.returning, end=mover.why)
    if mover.state == GOALS[Action(order.action)]:
        return Life.CONFIRMED, said("its limit switches show it")
    return Life.FAILED, mover.why or said("it is {state}", state=word(mover.state))
