"""What goes with a mover's change of state: the motion's clock, the pulse, the fault's name, the count of cycles and returns."""

from __future__ import annotations

import math

from controller.core.mover import GOALS, MOTIONS, REST, Fault, Mover, Position, blindness, limits, position, read_last
from controller.core.mover_table import TABLE, facts_of
from controller.core.replacing import replace

HOUR_S = 3600.0


def moved(mover: Mover, state: str, now: float, why: str = "") -> Mover:
    """Enter `state` with what goes with it; the same mover if it is there already."""
    if state == mover.state:
        return mover
    fault = fault_of(mover, now) if state == "fault" else None
    starts, halts = state in MOTIONS.values(), mover.moving and state in ("stopped", "unknown", "fault")
    cut_short = mover.moving and not starts and state not in REST
    after = replace(
        mover.entered(state, now, fault.told if fault else why),
        moving_since=None if starts else mover.moving_since,
        away=False,
        left_at=None,
        read_at=None if cut_short else now if starts else mover.read_at,
        pulse_until=math.inf if starts or halts else 0.0 if mover.moving else mover.pulse_until,
        fault=fault,
        retry_at=0.0,
        unwatched=False,
    )
    if starts:
        return replace(after, whole=mover.state in GOALS.values(), remark=None, cut_off=False)
    if state == mover.spec.secured_state:
        # The way is blocked: what was wrong with the motion is over, however the steel came there.
        after = replace(after, remark=None)
    secured = mover.motion is mover.spec.secures and state == mover.spec.secured_state
    # One more cycle (R04), and nothing was in its way (R11).
    return replace(after, cycles=(*_of_the_last_hour(after, now), now), returns=0) if secured else after


def read(mover: Mover, now: float) -> Mover:
    """Let the limit switches count again once they were read after its motion was cut short and the steel has come to rest."""
    shown = limits(mover, now)
    if mover.read_at is not None or shown is Position.UNSEEN or mover.force is not None:
        return mover
    return replace(mover, read_at=now) if _rested(mover, read_last(mover), at_limit=shown in REST.values()) else mover


def _rested(mover: Mover, at: float, *, at_limit: bool) -> bool:
    """Tell whether it rested `at`: between its limits from the release of its outputs on, at one when it can coast no more."""
    if not mover.settled:
        # An output that cannot be released and moves it would have done so by then.
        return at >= mover.since + mover.spec.travel_s
    return at >= mover.since and at >= mover.acked_at and (not at_limit or mover.coasted(at))


def _of_the_last_hour(mover: Mover, now: float) -> tuple[float, ...]:
    return tuple(at for at in mover.cycles if at > now - HOUR_S)


def aged(mover: Mover, now: float) -> Mover:
    """Forget the cycles that are more than an hour ago."""
    if not mover.cycles or mover.cycles[0] > now - HOUR_S:
        return mover
    return replace(mover, cycles=_of_the_last_hour(mover, now))


def fault_of(mover: Mover, now: float) -> Fault:
    """Name the fault that `mover` enters."""
    shown = position(mover, now)
    if shown is Position.CONTRADICTION:
        return Fault.BOTH_LIMITS
    if not mover.moving:
        return Fault.LEFT_POSITION
    if mover.motion is not None and shown is REST[GOALS[mover.motion]]:
        return Fault.TOO_SOON
    if shown is not Position.BETWEEN and mover.left(now):
        return Fault.RETURNED
    limits = zip(mover.spec.tops, mover.spec.bottoms, strict=True)
    unseen = any(not mover.truth(top, now) and not mover.truth(bottom, now) for top, bottom in limits)
    return Fault.NO_LIMIT if unseen else Fault.TRAVEL_TIME


def seen(mover: Mover, now: float, why: str = "") -> Mover:
    """Let the table see the feedback; `why` the steel was just stopped goes with it to the limit where it is found."""
    shown = position(mover, now)
    mover = tracked(mover, shown, now)
    if shown is Position.UNSEEN:
        why = blindness(mover, now)
    elif mover.state == "stopped":
        why = why or mover.why
    if not TABLE.leads(mover.state, shown):
        return mover
    return moved(mover, TABLE.next(mover.state, shown, facts_of(mover, now)), now, why)


def tracked(mover: Mover, shown: Position, now: float) -> Mover:
    """Follow a motion from its starting limit: what comes back to it at once has only bounced."""
    if mover.motion is None:
        return mover
    away = mover.away or shown is not REST[GOALS[mover.motion]]
    left_at = mover.left_at
    if mover.moving_since is not None and shown is Position.BETWEEN:
        left_at = now if left_at is None else left_at
    elif not mover.left(now):
        left_at = None
    if away == mover.away and left_at is mover.left_at:
        return mover
    return replace(mover, away=away, left_at=left_at)
