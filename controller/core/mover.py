"""A mover at one instant: what is known of the steel, and what its limit switches say together."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from controller.core.command import Order, Wish
from controller.core.device import Alarm, Device
from controller.core.modes import Holds
from controller.core.outputs import Driven
from controller.core.readings import Readings, truth
from controller.core.replacing import replace
from controller.core.said import Said, said, word
from controller.core.spec import Action, MoverSpec


class Position(StrEnum):
    """What the limit switches of all members say together; the values are events of the table."""

    TOP = "top"
    BOTTOM = "bottom"
    BETWEEN = "between"
    CONTRADICTION = "contradiction"
    UNSEEN = "unseen"


class Fault(StrEnum):
    """What a mover's fault is about."""

    BOTH_LIMITS = said("both limits active")
    NO_LIMIT = said("neither limit seen in time: a broken cable, or steel that is stuck")
    TRAVEL_TIME = said("travel time exceeded")
    TOO_SOON = said("it arrived sooner than steel can travel (R01): check its limit switches")
    LEFT_POSITION = said("left its position without a command")
    RETURNED = said("returned to where it started")

    @property
    def told(self) -> Said:
        """Return it as a sentence."""
        return word(self.value)


HOLD_S = 1.0
"""How long a motion, or a forced output, goes on after its button was last said to be held (R24)."""

REST = {"raised": Position.TOP, "lowered": Position.BOTTOM}
"""The states of rest that a limit switch proves, and what it must show."""

GOALS = {Action.RAISE: "raised", Action.LOWER: "lowered"}
MOTIONS = {Action.RAISE: "raising", Action.LOWER: "lowering"}
_DRIVEN = {state: action for action, state in MOTIONS.items()}


@dataclass(frozen=True, slots=True)
class Force:
    """An output that is forced: by which order, since when (monotonic s), acknowledged or not, and why it is over if it is."""

    order: Order
    since: float
    issued: bool = False
    over: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover(Driven):
    """A mover at one instant. Times are monotonic seconds.

    `moving_since` is when the outputs of the present motion, or the last one, were acknowledged: None before that.
    `away` tells that the present motion has been seen off its goal, `left_at` since when it is between its limits.
    `read_at` is when its limit switches were first read after its last motion was cut short, None until then: what they showed
    before tells where the steel was (R20, R25).
    A command pulse lasts until `pulse_until`: infinity until its outputs are acknowledged (R27).
    `unwatched` tells that it is offline and was moving when its unit was lost.

    `order` is the order under way: it drives the motion, or waits for what `waiting` says since `waiting_since` and nothing of it
    has been sent; one that asks for it moves until `held_until` (R24). `holds` is what people hold over the device,
    `wishes` what one person has asked for that takes two.
    `returning` says why the present motion takes the steel back (R10), `returns` counts those since it last secured (R11).
    `whole` tells that the present motion began at the other limit, `remark` what was wrong with the last one, `cycles` holds when
    it was secured in the last hour (R04), `cut_off` that it has not moved since its units, or the mains of its drive, were
    lost (R13). `unsecured` says why an emergency that was fired does not block its way, empty where it does or none was.
    `force` is the output that is forced, by hand and in test; one that asks to move or forces may be held until `held_until`.
    """

    spec: MoverSpec
    order: Order | None = None
    force: Force | None = None
    waiting: str = ""
    waiting_since: float = 0.0
    held_until: float = 0.0
    holds: Holds = field(default_factory=Holds)
    wishes: tuple[Wish, ...] = ()
    returning: str = ""
    returns: int = 0
    whole: bool = False
    remark: Alarm | None = None
    cycles: tuple[float, ...] = ()
    cut_off: bool = True
    unsecured: str = ""
    fault: Fault | None = None
    moving_since: float | None = None
    away: bool = False
    left_at: float | None = None
    read_at: float | None = 0.0
    pulse_until: float = 0.0
    unwatched: bool = False

    @property
    def motion(self) -> Action | None:
        """Return the motion that an order is driving."""
        return _DRIVEN.get(self.state)

    @property
    def moving(self) -> bool:
        """Tell whether an order is moving it."""
        return self.motion is not None

    @property
    def held_by(self) -> str:
        """Return the id of the order whose button is to be held: to move, or to force an output."""
        held = self.force.order if self.force is not None else self.order
        return held.id if held is not None else ""

    @property
    def emergency(self) -> bool:
        """Tell whether the order under way is emergency fast operation."""
        return self.order is not None and self.order.emergency

    @property
    def starting(self) -> bool:
        """Tell whether the outputs of the present motion are not acknowledged yet."""
        return self.moving and self.moving_since is None

    @property
    def travel_due(self) -> float | None:
        """Return when the present motion has taken too long."""
        return self.moving_since + self.spec.travel_s if self.moving and self.moving_since is not None else None

    @property
    def efo_due(self) -> float | None:
        """Return when an emergency has to block the way (R02)."""
        due = self.emergency and self.motion is self.spec.secures and self.moving_since is not None
        return self.moving_since + self.spec.efo_s if due and self.moving_since is not None else None

    @property
    def given_due(self) -> float:
        """Return when the outputs of the present motion have been given in full."""
        drive = self.spec.drive
        given_s = max(self.spec.settle_s, drive.pulse_s if drive.type == "pulsed" else 0.0)
        return math.inf if self.moving_since is None else self.moving_since + given_s

    @property
    def settle_due(self) -> float:
        """Return until when a limit switch may bounce after the last change of state."""
        return self.since + self.spec.settle_s

    def with_mode(self, now: float) -> Mover:
        """Return the mover in the mode that follows from what people hold over it and from its key switch."""
        local = self.truth("local", now) if "local" in self.spec.inputs else False
        mode = self.holds.mode(local=local)
        return self if mode is self.mode else replace(self, mode=mode)

    def coasted(self, at: float) -> bool:
        """Tell whether steel that was stopped had come to rest by `at`, given that its outputs are released.

        From where it was first read to be it may coast on, however late that was.
        """
        if self.read_at is not None and at < self.read_at + self.spec.settle_s:
            return False
        if not self.spec.stoppable:
            return at >= (self.since if self.moving_since is None else self.moving_since) + self.spec.travel_s
        return at >= self.since + self.spec.settle_s and at >= self.acked_at + self.spec.settle_s

    def left(self, now: float) -> bool:
        """Tell whether the motion has left its starting limit for longer than a limit switch bounces."""
        return self.left_at is not None and now >= self.left_at + self.spec.settle_s


def position(mover: Mover, now: float) -> Position:
    """Tell where the steel is known to be. A limit that was not read since its motion was cut short counts as between."""
    shown = limits(mover, now)
    return Position.BETWEEN if mover.read_at is None and shown in REST.values() else shown


def read_last(mover: Mover) -> float:
    """Return when the limit switch was read that was read longest ago."""
    return min(mover.readings[name].taken for name in (*mover.spec.tops, *mover.spec.bottoms))


def limits(mover: Mover, now: float) -> Position:
    """Classify the limit switches of all members; UNSEEN unless every one can be trusted and every unit answers."""
    global _classified
    last = _classified
    if last.readings is not mover.readings or last.now != now or last.spec is not mover.spec or last.down != mover.down:
        last = _classified = _Classified(mover.spec, mover.readings, mover.down, now, _classify(mover, now))
    return last.shown


class _Classified(NamedTuple):
    """What was found last, and of what: readings are never changed, a mover gets others."""

    spec: MoverSpec | None
    readings: Readings
    down: frozenset[str]
    now: float
    shown: Position


_classified = _Classified(None, {}, frozenset(), 0.0, Position.UNSEEN)


def _classify(mover: Mover, now: float) -> Position:
    readings, ages = mover.readings, mover.spec.inputs
    tops = [truth(readings.get(name), now, ages[name]) for name in mover.spec.tops]
    bottoms = [truth(readings.get(name), now, ages[name]) for name in mover.spec.bottoms]
    if mover.down or None in tops or None in bottoms:
        return Position.UNSEEN
    if any(top and bottom for top, bottom in zip(tops, bottoms, strict=True)):
        return Position.CONTRADICTION
    if all(tops):
        return Position.TOP
    return Position.BOTTOM if all(bottoms) else Position.BETWEEN


def blindness(mover: Mover, now: float) -> str:
    """Name the limit switches that have no fresh reading; empty where all have."""
    stale = [name for name in (*mover.spec.tops, *mover.spec.bottoms) if not mover.trusts(name, now)]
    return said("no fresh reading of {signals}", signals=", ".join(stale)) if stale else ""


def confirmed(device: Device | None, state: str, now: float) -> bool:
    """Tell whether `device` is a mover that rests in `state` and whose limit switches prove it at this instant."""
    return isinstance(device, Mover) and device.state == state and position(device, now) is REST.get(state)
