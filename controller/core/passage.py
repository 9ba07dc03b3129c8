"""A passage at one instant: one or more movers opened for a vehicle and secured again, as one authorised act.

Three forms are composed of the same point (`passage_table.py`). A single passage has one. An airlock has two: the second row
begins only when the first has let a vehicle in and is confirmed secured, so that never both are open (PAS 69). A route has many,
opened one after the other without waiting for anybody (the fire brigade), held open until a person ends it or its time is over,
and then secured one at a time, each only while its loops are clear; a point that a vehicle stands on does not keep others open.

What happens to a passage is in `passing.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from controller.core.command import Life, Refusal
from controller.core.device import Alarm, Progress
from controller.core.passage_table import ENDS
from controller.core.said import Said, said, together, word
from controller.core.spec import Action


class Form(StrEnum):
    """How the points of a passage hang together."""

    SINGLE = "single"
    AIRLOCK = "airlock"
    ROUTE = "route"


class Release(StrEnum):
    """Why a route is held open no longer."""

    PERSON = said("the route was ended")
    TIME = said("the time of the route is over")

    @property
    def told(self) -> Said:
        """Return it as a sentence."""
        return word(self.value)


_PRESENT = ("held", "securing", "opening", "occupied", "cleared", "open", "requested")
"""The states of points that live, what most needs a person first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One point of a passage. `since` is when its state was entered (monotonic s).

    `order` is the last order that it gave, `life`, `because` and `refusals` what became of that, `orders` how many it has given.
    `seen` tells whether a vehicle was on a loop while it was open, `returns` how often its steel came back (R10).
    """

    mover: str
    state: str = "requested"
    since: float = 0.0
    why: str = ""
    order: str = ""
    life: Life = Life.RECEIVED
    because: str = ""
    refusals: tuple[Refusal, ...] = ()
    orders: int = 0
    seen: bool = False
    returns: int = 0

    @property
    def ended(self) -> bool:
        """Tell whether nothing more can come of it."""
        return self.state in ENDS

    @property
    def decided(self) -> bool:
        """Tell whether its order to open was answered, or it ended without one."""
        return self.state not in ("requested", "opening") or self.life is not Life.RECEIVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A passage at one instant. `hold_until` is when a route is held no longer (monotonic s), `release` why it is not now."""

    id: str
    form: Form
    legs: tuple[Leg, ...]
    hold_until: float | None = None
    release: Release | None = None

    @property
    def ended(self) -> bool:
        """Tell whether every point has ended."""
        return all(leg.ended for leg in self.legs)

    @property
    def decided(self) -> bool:
        """Tell whether every point that opens at once was answered."""
        return all(leg.decided for leg in (self.legs if self.form is Form.ROUTE else self.legs[:1]))

    @property
    def holding(self) -> bool:
        """Tell whether it is a route that is held open, vehicles or not."""
        return self.form is Form.ROUTE and self.release is None

    @property
    def stage(self) -> str:
        """Return where it stands as a whole.

        While it lives that is the state of the point which most needs to be known; at the end `done` if every point is done, else
        what became of the others, which for a route is `failed` where they ended in different ways or some points worked.
        """
        states = [leg.state for leg in self.legs]
        if not self.ended:
            return next(state for state in _PRESENT if state in states)
        missed = [state for state in states if state != "done"]
        if not missed:
            return "done"
        if set(states) == {missed[0]} or set(missed) == {"cancelled"}:
            return missed[0]
        # What was refused as a whole has moved nothing: the second row of an airlock comes too late for that.
        late = missed[0] == "refused" and states[0] == "done"
        return "failed" if self.form is Form.ROUTE or late else missed[0]

    @property
    def why(self) -> str:
        """Return the causes of its stage: those of the points that did not go as wanted, or of the one that is at its stage."""
        if self.ended and (missed := [leg for leg in self.legs if leg.state != "done"]):
            ends = [(leg.mover, word(leg.state), leg.why) for leg in missed]
            return together(
                [said("{point} {stage}: {why}", point=point, stage=stage, why=why) for point, stage, why in ends]
            )
        return next((leg.why for leg in reversed(self.legs) if leg.state == self.stage), "")


# What can happen, beside the progress of its own orders.


@dataclass(frozen=True, slots=True)
class Looked:
    """Time passed, or a device changed."""


@dataclass(frozen=True, slots=True)
class TookOver:
    """Somebody else's order `order` to `mover` was accepted: a person decides there now."""

    mover: str
    order: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A person ends it."""

    why: str


Event = Looked | TookOver | Ended | Progress


# What may be asked for.


@dataclass(frozen=True, slots=True)
class Give:
    """Give this order; `automatic` marks the securing that nobody orders at that moment."""

    order: str
    mover: str
    action: Action
    automatic: bool


@dataclass(frozen=True, slots=True)
class Reached:
    """The point at `mover` has come to `state`."""

    mover: str
    state: str
    why: str


Effect = Give | Reached


@dataclass(frozen=True, slots=True)
class Step:
    """The passage after an event, what to order and tell, and when to look again if nothing happens (monotonic s)."""

    passage: Passage
    effects: tuple[Effect, ...] = ()
    wake_at: float | None = None


def alarms(passage: Passage, mover: str) -> tuple[Alarm, ...]:
    """Return what a person must know of the point at `mover`: that it does not close without them."""
    return tuple(
        Alarm("passage", 2, said("the passage cannot close it: {why}; secure it when the way is clear", why=leg.why))
        for leg in passage.legs
        if leg.mover == mover and leg.state == "held"
    )
