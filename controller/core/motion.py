"""What happens around a mover's table: orders, timers, outputs, and what is told of them.

`step` is the whole of it: a mover, an event, the neighbours and the time go in; the mover after it, the effects and the next
waking time come out. Every change of state goes through the table. Effects follow from the state, so no transition can forget
one: the outputs are those that the state implies, and an order ends when the motion that it drives does.
"""

from __future__ import annotations

import math
from dataclasses import replace

from controller.core.command import Life, Order
from controller.core.device import (
    NOTHING_READ,
    Alarm,
    Effect,
    Event,
    Lost,
    Mode,
    Neighbours,
    Ordered,
    Progress,
    Restored,
    Sampled,
    Step,
    Wrote,
    soonest,
)
from controller.core.mover import GOALS, MOTIONS, REST, Fault, Mover, Position, blindness, position
from controller.core.mover_table import TABLE, facts_of, outcome_of
from controller.core.outputs import RELEASE_S, RETRY_S
from controller.core.readings import Value
from controller.core.refusals import interlocks, judge, mode_forbids
from controller.core.spec import Action


def step(mover: Mover, event: Event, neighbours: Neighbours, now: float) -> Step:
    """Return what `event` makes of `mover`."""
    after, effects = _taken_in(mover, event, now)
    after = _observed(after, neighbours, now)
    after, told = _concluded(after)
    effects += told
    if isinstance(event, Ordered):
        after, told = _ordered(after, event.order, neighbours, now)
        effects += told
    after, drive = _driven(after, now)
    return Step(after, (*effects, *drive), _wake_at(after, neighbours, now))


def _taken_in(mover: Mover, event: Event, now: float) -> tuple[Mover, list[Effect]]:
    match event:
        case Sampled(readings):
            mover = mover.heard(readings)
        case Lost(unit, why):
            mover = _cut_off(mover.lost(unit, now), now, why)
        case Restored(unit):
            if unit not in mover.down:
                mover = _cut_off(mover, now, f"{unit} has reconnected")
            mover = mover.restored(unit, now)
            if not mover.down:
                mover = _moved(mover, TABLE.next(mover.state, "restored"), now, NOTHING_READ)
        case Wrote() if mover.awaits(event):
            return _wrote(mover, event, now)
    silence = mover.unanswered(now)
    return (mover, []) if silence is None else _wrote(mover, silence, now)


def _cut_off(mover: Mover, now: float, why: str) -> Mover:
    """Let go of everything that was said over a connection that is gone."""
    if mover.moving:
        why = f"{why}; it was {mover.state} and may still move, and nothing here can stop it"
    lost = _moved(replace(mover.doubted(), pulse_until=0.0), TABLE.next(mover.state, "lost"), now, why)
    return replace(lost, unwatched=mover.moving or mover.unwatched)


def _wrote(mover: Mover, event: Wrote, now: float) -> tuple[Mover, list[Effect]]:
    """Take in the fate of the write under way."""
    order, starting = mover.order, mover.starting
    if event.failed is None:
        return _acknowledged(mover, now)
    mover = mover.failed(event.why, now + RETRY_S)
    if order is None or not (starting or order.action is Action.STOP):
        return mover, []
    # A start that failed changes the state, so what it may have switched on is released at once.
    mover = _moved(replace(mover, order=None), TABLE.next(mover.state, "undriven"), now, event.why)
    return _seen(mover, now, event.why), [Progress(order.id, event.failed, event.why)]


def _acknowledged(mover: Mover, now: float) -> tuple[Mover, list[Effect]]:
    starting, mover = mover.starting, mover.acknowledged(now)
    if math.isinf(mover.pulse_until):
        mover = replace(mover, pulse_until=now + mover.spec.drive.pulse_s)
    order = mover.order
    if order is not None and order.action is Action.STOP:
        return replace(mover, order=None), [Progress(order.id, Life.CONFIRMED, "its outputs are released")]
    if order is None or not starting:
        return mover, []
    return replace(mover, moving_since=now, order=replace(order, life=Life.ISSUED)), [Progress(order.id, Life.ISSUED)]


def _observed(mover: Mover, neighbours: Neighbours, now: float) -> Mover:
    """Let the table see the key switch, the feedback, what stands in the way and the clock, in this order."""
    mover, why = _with_mode(mover, now), ""
    if mover.moving and (key := mode_forbids(mover)):
        why = str(key[0])
        mover = _moved(mover, TABLE.next(mover.state, "stop"), now, why)
    mover = _seen(mover, now, why)
    if mover.motion is not None and (vetoes := interlocks(mover, mover.motion, neighbours, now)):
        why = str(vetoes[0])
        mover = _seen(_moved(mover, TABLE.next(mover.state, "vetoed"), now, why), now, why)
    if mover.travel_due is not None and now >= mover.travel_due:
        mover = _moved(mover, TABLE.next(mover.state, "overdue"), now)
    return mover


def _with_mode(mover: Mover, now: float) -> Mover:
    if "local" not in mover.spec.inputs:
        return mover
    key = mover.truth("local", now)
    mode = Mode.UNKNOWN if key is None else Mode.LOCAL if key else Mode.REMOTE
    return mover if mode is mover.mode else replace(mover, mode=mode, version=mover.version + 1)


def _seen(mover: Mover, now: float, why: str = "") -> Mover:
    """Let the table see the feedback; `why` the steel was just stopped goes with it to the limit where it is found."""
    seen = position(mover, now)
    mover = _tracked(mover, seen, now)
    why = blindness(mover, now) if seen is Position.UNSEEN else why
    return _moved(mover, TABLE.next(mover.state, seen, facts_of(mover, now)), now, why)


def _tracked(mover: Mover, seen: Position, now: float) -> Mover:
    """Follow a motion from its starting limit: what comes back to it at once has only bounced."""
    if mover.motion is None:
        return mover
    away = mover.away or seen is not REST[GOALS[mover.motion]]
    left_at = mover.left_at
    if mover.moving_since is not None and seen is Position.BETWEEN:
        left_at = now if left_at is None else left_at
    elif not mover.left(now):
        left_at = None
    return replace(mover, away=away, left_at=left_at)


def _moved(mover: Mover, state: str, now: float, why: str = "") -> Mover:
    """Enter `state` with what goes with it: the motion's clock, the pulse, the fault's name, outputs that await no old retry."""
    if state == mover.state:
        return mover
    fault = _fault(mover, now) if state == "fault" else None
    starts, halts = state in MOTIONS.values(), mover.moving and state in ("stopped", "unknown", "fault")
    return replace(
        mover.entered(state, now, str(fault) if fault else why),
        moving_since=None if starts else mover.moving_since,
        away=False,
        left_at=None,
        pulse_until=math.inf if starts or halts else 0.0 if mover.moving else mover.pulse_until,
        fault=fault,
        retry_at=0.0,
        unwatched=False,
    )


def _fault(mover: Mover, now: float) -> Fault:
    seen = position(mover, now)
    if seen is Position.CONTRADICTION:
        return Fault.BOTH_LIMITS
    if not mover.moving:
        return Fault.LEFT_POSITION
    if seen is not Position.BETWEEN and mover.left(now):
        return Fault.RETURNED
    limits = zip(mover.spec.tops, mover.spec.bottoms, strict=True)
    unseen = any(not mover.truth(top, now) and not mover.truth(bottom, now) for top, bottom in limits)
    return Fault.NO_LIMIT if unseen else Fault.TRAVEL_TIME


def _concluded(mover: Mover) -> tuple[Mover, list[Effect]]:
    """Tell what became of the order under way. An order to stop ends when its outputs are acknowledged, or can never be."""
    order = mover.order
    if order is None:
        return mover, []
    if order.action is Action.STOP:
        if mover.state != "offline":
            return mover, []
        return replace(mover, order=None), [Progress(order.id, Life.UNKNOWN, mover.why)]
    if not mover.moving:
        return replace(mover, order=None), [Progress(order.id, *outcome_of(order, mover))]
    if order.life is Life.ISSUED and mover.left_at is not None:
        return replace(mover, order=replace(order, life=Life.MOVING)), [Progress(order.id, Life.MOVING)]
    return mover, []


def _ordered(mover: Mover, order: Order, neighbours: Neighbours, now: float) -> tuple[Mover, list[Effect]]:
    refusals = judge(mover, order, neighbours, now)
    if refusals:
        return mover, [Progress(order.id, Life.REFUSED, refusals[0].because, refusals)]
    effects: list[Effect] = [Progress(order.id, Life.ACCEPTED)]
    if mover.order is not None:
        effects.append(Progress(mover.order.id, Life.SUPERSEDED, f"by a newer order to {order.action}, {order.id}"))
    under_way = mover.moving and mover.state == MOTIONS.get(order.action)
    state = TABLE.next(mover.state, order.action, facts_of(mover, now))
    mover = _moved(replace(mover, order=replace(order, life=Life.ACCEPTED)), state, now, f"by order {order.id}")
    if order.action is Action.STOP:
        return _seen(replace(mover.doubted(), pulse_until=math.inf), now, mover.why), effects
    mover = _tracked(mover, position(mover, now), now)
    if not mover.moving:
        return replace(mover, order=None), [*effects, Progress(order.id, Life.CONFIRMED, "it is there already")]
    if not under_way:
        return mover, effects
    if mover.starting:
        # What is being written dies with the order that it was for.
        return replace(mover, writing=None), effects
    issued = Progress(order.id, Life.ISSUED, "it is under way already")
    return replace(mover, order=replace(order, life=Life.ISSUED)), [*effects, issued]


def levels(mover: Mover, now: float) -> dict[str, Value]:
    """Return the output levels that follow from the state."""
    drive = mover.spec.drive
    if drive.type == "setpoint":
        return {"command": drive.codes[mover.motion or Action.STOP]}
    pulse = now < mover.pulse_until
    on = drive.type == "held" or pulse
    wanted: dict[str, Value] = {action.value: on and action is mover.motion for action in MOTIONS}
    if "stop" in mover.spec.outputs:
        wanted["stop"] = pulse and not mover.moving
    return wanted


def _driven(mover: Mover, now: float) -> tuple[Mover, list[Effect]]:
    """Ask for the outputs of the present state where the wire has not acknowledged them and no write of them is under way."""
    wanted = levels(mover, now)
    if mover.down or not mover.lacks(wanted):
        return mover, []
    if mover.order is not None and mover.starting:
        mover, drive = mover.asking(wanted, mover.order.expires, mover.order.id)
    elif now >= mover.retry_at:
        mover, drive = mover.asking(wanted, now + RELEASE_S)
    else:
        return mover, []
    return mover, [drive]


def _wake_at(mover: Mover, neighbours: Neighbours, now: float) -> float | None:
    due = [mover.travel_due, mover.answer_due, mover.next_stale(now)]
    timers = [mover.settle_due, mover.given_due, mover.pulse_until, mover.retry_at]
    due += [t for t in timers if now < t < math.inf]
    if mover.moving:
        heeded = (neighbours.get(name) for name in (*mover.spec.presence, mover.spec.airlock_with))
        due += [device.next_stale(now) for device in heeded if device is not None]
    return soonest(*due)


def alarms(mover: Mover) -> tuple[Alarm, ...]:
    """Return the conditions of this mover that a person must know of (R16, R20)."""
    found = []
    if mover.fault is not None:
        priority = 2 if mover.fault in (Fault.TRAVEL_TIME, Fault.NO_LIMIT, Fault.RETURNED) else 1
        found.append(Alarm(mover.fault.name.lower().replace("_", "-"), priority, str(mover.fault)))
    if mover.unwritten:
        found.append(Alarm("outputs", 2, f"its outputs cannot be written: {mover.unwritten}"))
    return tuple(found)
