"""What happens around a mover's table: orders, timers, outputs, and what is told of them.

`step` is the whole of it: a mover, an event, the neighbours and the time go in; the mover after it, the effects and the next
waking time come out. Every change of state goes through the table. Effects follow from the state, so no transition can forget
one: the outputs are those that the state implies, and an order ends when the motion that it drives does.
"""

from __future__ import annotations

import math

from controller.core import forcing, lockdown, two_persons
from controller.core.command import Life, Output, Rule, Switch
from controller.core.device import (
    NOTHING_READ,
    Alarm,
    Effect,
    Event,
    Held,
    Lost,
    Neighbours,
    Ordered,
    Progress,
    Recalled,
    Restored,
    Sampled,
    Step,
    Wrote,
    soonest,
)
from controller.core.driving import driven
from controller.core.mover import HOLD_S, Fault, Mover
from controller.core.mover_table import TABLE, outcome_of
from controller.core.ordering import begun, ordered
from controller.core.outputs import RETRY_S
from controller.core.refusals import interlocks, mains_forbid, mode_forbids, returnable, struck
from controller.core.replacing import replace
from controller.core.said import said, word
from controller.core.spec import Action
from controller.core.travel import aged, moved, read, seen

LOOK_S = 0.1
"""How often an order that waits looks at what it waits for, beside every change of it."""


def step(mover: Mover, event: Event, neighbours: Neighbours, now: float) -> Step:
    """Return what `event` makes of `mover`."""
    after, effects = decided(mover, event, neighbours, now)
    return Step(after, effects, _wake_at(after, neighbours, now))


def decided(mover: Mover, event: Event, neighbours: Neighbours, now: float) -> tuple[Mover, tuple[Effect, ...]]:
    """Return what `event` makes of `mover` and its effects: all of a step but when to look again."""
    before = mover
    after, effects = _taken_in(mover, event, now)
    after, told = _followed(after, neighbours, now)
    effects += told
    if isinstance(event, Ordered):
        after, told = ordered(after, event.order, neighbours, now)
        effects += told
        if isinstance(event.order.action, Switch | Output) or event.order.emergency:
            # A lock-out, or a latch, ends the motion under way that it forbids at once, and not at the next event.
            after, told = _followed(after, neighbours, now)
            effects += told
    after, told = begun(after, neighbours, now)
    effects += told
    # An order that took over a motion is told to move at once where the steel was seen to.
    after, told = _concluded(after)
    effects += told
    after, drive = driven(lockdown.minded(before, after, event, effects), now)
    if after.version == before.version and _shown(after) != _shown(before):
        after = replace(after, version=after.version + 1)
    return after, (*effects, *drive)


def _shown(mover: Mover) -> tuple[object, ...]:
    """Return what people see of it beside its state."""
    held = mover.mode, mover.holds, mover.wishes
    told = mover.remark, mover.returning, mover.returns, mover.waiting, mover.unsecured
    return *held, *told, mover.read_at is None


def _followed(mover: Mover, neighbours: Neighbours, now: float) -> tuple[Mover, list[Effect]]:
    mover, told = forcing.watched(two_persons.living(mover.with_mode(now), now), neighbours, now)
    mover, ended = _concluded(_observed(mover, neighbours, now))
    return mover, [*told, *ended]


def _taken_in(mover: Mover, event: Event, now: float) -> tuple[Mover, list[Effect]]:
    match event:
        case Sampled(readings):
            mover = read(mover.heard(readings), now)
        case Lost(unit, why):
            mover = _cut_off(mover.lost(unit, now), now, why)
        case Restored(unit):
            if unit not in mover.down:
                mover = _cut_off(mover, now, said("{unit} has reconnected", unit=unit))
            mover = mover.restored(unit, now)
            if not mover.down:
                mover = moved(mover, TABLE.next(mover.state, "restored"), now, NOTHING_READ)
        case Held(order, let_go) if mover.held_by == order and now < mover.held_until:
            mover = replace(mover, held_until=now if let_go else now + HOLD_S)
        case Recalled(holds):
            mover = replace(mover, holds=mover.holds.joined(holds))
        case Wrote() if mover.awaits(event):
            return _wrote(mover, event, now)
    silence = mover.unanswered(now)
    return (mover, []) if silence is None else _wrote(mover, silence, now)


def _cut_off(mover: Mover, now: float, why: str) -> Mover:
    """Let go of everything that was said over a connection that is gone.

    A drive that was started by a pulse goes on without it: once it can be reached again it is given its pulse to stop (R27).
    """
    driven = word(mover.state) if mover.moving else said("driven by hand") if mover.force is not None else ""
    goes_on = bool(driven) or mover.unwatched
    if driven:
        why = said("{why}; it was {driven} and may still move, and nothing here can stop it", why=why, driven=driven)
    lost = moved(replace(mover.doubted(), cut_off=True), TABLE.next(mover.state, "lost"), now, why)
    return replace(lost, unwatched=goes_on, pulse_until=math.inf if goes_on else 0.0)


def _wrote(mover: Mover, event: Wrote, now: float) -> tuple[Mover, list[Effect]]:
    """Take in the fate of the write under way."""
    order, starting = mover.order, mover.starting
    if event.failed is None:
        return _acknowledged(mover, now)
    mover = mover.failed(event.why, now + RETRY_S)
    if mover.force is not None:
        return forcing.undriven(mover, mover.force, event)
    if order is None or not (starting or order.action is Action.STOP):
        return mover, []
    # A start that failed changes the state, so what it may have switched on is released at once.
    ended = Progress(order.id, event.failed, event.why)
    if mover.returning:
        # Its order has moved: nothing of it can expire any more.
        life = Life.UNKNOWN if event.failed is Life.UNKNOWN else Life.FAILED
        because = said("it could not be taken back ({met}): {why}", met=mover.returning, why=event.why)
        ended = Progress(order.id, life, because)
    mover = moved(replace(mover, order=None, returning=""), TABLE.next(mover.state, "undriven"), now, event.why)
    return seen(mover, now, event.why), [ended]


def _acknowledged(mover: Mover, now: float) -> tuple[Mover, list[Effect]]:
    starting, mover = mover.starting, mover.acknowledged(now)
    if math.isinf(mover.pulse_until):
        mover = replace(mover, pulse_until=now + mover.spec.drive.pulse_s)
    if mover.force is not None:
        return forcing.acknowledged(mover)
    order = mover.order
    if order is not None and order.action is Action.STOP:
        return replace(mover, order=None), [Progress(order.id, Life.CONFIRMED, said("its outputs are released"))]
    if order is None or not starting:
        return mover, []
    mover = replace(mover, moving_since=now)
    if mover.returning:
        return mover, []
    return replace(mover, order=replace(order, life=Life.ISSUED)), [Progress(order.id, Life.ISSUED)]


def _observed(mover: Mover, neighbours: Neighbours, now: float) -> Mover:
    """Let the table see the mode, the feedback, what stands in the way and the clock, in this order."""
    mover, why = _powered(aged(mover, now).with_mode(now), neighbours, now), ""
    if mover.moving and (why := _halts(mover, neighbours, now)):
        mover = moved(mover, TABLE.next(mover.state, "stop"), now, why)
    if mover.force is None:
        mover = seen(mover, now, why)
    vetoes = [] if mover.motion is None else interlocks(mover, mover.motion, neighbours, now, emergency=mover.emergency)
    if vetoes:
        mover = _vetoed(mover, neighbours, now, vetoes[0].told)
    if mover.travel_due is not None and now >= mover.travel_due:
        mover = moved(mover, TABLE.next(mover.state, "overdue"), now)
    if mover.efo_due is not None and now >= mover.efo_due and mover.remark is None:
        mover = replace(mover, remark=lockdown.late(mover))
    return mover


def _powered(mover: Mover, neighbours: Neighbours, now: float) -> Mover:
    """Take note that the mains of its drive are, or may be, gone: a motion after them is one after power came back (R13)."""
    gone = not mover.cut_off and mains_forbid(mover.spec, neighbours, now)
    return replace(mover, cut_off=True) if gone else mover


def _halts(mover: Mover, neighbours: Neighbours, now: float) -> str:
    """Say why the present motion may not go on whatever is in its way.

    Whose turn it is to move the steel does not stop what frees somebody from under it (R10), nor do mains that are lost: once
    they are back it goes on.
    """
    forbidden = mode_forbids(mover, now, mover.order)
    if mover.returning:
        forbidden = [refusal for refusal in forbidden if refusal.rule not in (Rule.EFO, Rule.TEST)]
    elif not mover.emergency:
        forbidden += mains_forbid(mover.spec, neighbours, now)
    if forbidden:
        return forbidden[0].told
    let_go = mover.order is not None and mover.order.hold and not mover.returning and now >= mover.held_until
    return said("its button was let go (R24)") if let_go else ""


def _vetoed(mover: Mover, neighbours: Neighbours, now: float, why: str) -> Mover:
    """Take the steel back from what is surely in its way (R10); stop it where that is only feared."""
    met = struck(mover, neighbours, now)
    if not met or not returnable(mover, neighbours, now):
        return seen(moved(mover, TABLE.next(mover.state, "vetoed"), now, why), now, why)
    back = moved(mover, TABLE.next(mover.state, "return"), now, met)
    return seen(replace(back, returning=met, returns=mover.returns + 1), now)


def _concluded(mover: Mover) -> tuple[Mover, list[Effect]]:
    """Tell what became of the order under way. An order to stop ends when its outputs are acknowledged, or can never be."""
    order = mover.order
    if order is None or mover.waiting:
        return mover, []
    if order.action is Action.STOP:
        if mover.state != "offline":
            return mover, []
        return replace(mover, order=None), [Progress(order.id, Life.UNKNOWN, mover.why)]
    if not mover.moving:
        ended = Progress(order.id, *outcome_of(order, mover))
        return replace(mover, order=None, returning=""), [ended]
    if order.life is Life.ISSUED and mover.left_at is not None:
        return replace(mover, order=replace(order, life=Life.MOVING)), [Progress(order.id, Life.MOVING)]
    return mover, []


def _wake_at(mover: Mover, neighbours: Neighbours, now: float) -> float | None:
    due = [mover.travel_due, mover.answer_due, mover.next_stale(now), *(wish.until for wish in mover.wishes)]
    timers = [mover.settle_due, mover.given_due, mover.pulse_until, mover.retry_at, mover.efo_due or 0.0]
    if mover.force is not None or (mover.order is not None and mover.order.hold):
        timers.append(mover.held_until)
    if mover.force is not None:
        timers.append(mover.force.since + forcing.LONGEST_S)
    due += [t for t in timers if now < t < math.inf]
    if mover.waiting and mover.order is not None:
        due.append(min(now + LOOK_S, mover.order.expires))
    if mover.moving or mover.force is not None:
        heeded = (neighbours.get(name) for name in (*mover.spec.presence, mover.spec.airlock_with, mover.spec.mains))
        due += [device.next_stale(now) for device in heeded if device is not None]
    return soonest(*due)


def alarms(mover: Mover) -> tuple[Alarm, ...]:
    """Return the conditions of this mover that a person must know of (R01, R02, R07, R11, R16, R20)."""
    found = []
    if mover.holds.efo is not None:
        # Every emergency is a duress alarm (R07, NAVFAC ITG FY03-03 p. 27).
        found.append(Alarm("duress", 1, said("emergency fired by {who}", who=mover.holds.efo.by)))
    found += lockdown.alarms(mover)
    if mover.fault is not None:
        priority = 2 if mover.fault in (Fault.TRAVEL_TIME, Fault.NO_LIMIT, Fault.TOO_SOON, Fault.RETURNED) else 1
        found.append(Alarm(mover.fault.name.lower().replace("_", "-"), priority, mover.fault.told))
    if mover.remark is not None:
        found.append(mover.remark)
    if mover.returns >= mover.spec.give_up:
        text = said("taken back {times} times: it stays open until ordered anew (R11)", times=mover.returns)
        found.append(Alarm("given-up", 2, text))
    if mover.unwritten and not mover.down:
        found.append(Alarm("outputs", 2, said("its outputs cannot be written: {why}", why=mover.unwritten)))
    return tuple(found)
