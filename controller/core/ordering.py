"""What becomes of an order to a mover: refused, or accepted, and then begun at once or once the way has been warned.

The securing motion begins when the signals that follow the mover show halt and its beacon is proven lit for long enough (R13,
R14, R15). Until then the order waits: nothing of it has been sent, the state stays what the limit switches show, and everything
that could refuse it is looked at anew when it begins. An emergency waits for no lamp; it waits for a vehicle to leave (R09), and
it latches whatever else becomes of it (R06). Nothing waits longer than its order lives.
"""

from __future__ import annotations

import math

from controller.core import forcing, two_persons
from controller.core.command import Life, Order, Output, Refusal, Rule, Switch
from controller.core.device import Device, Effect, Neighbours, Progress
from controller.core.modes import Holds, switched
from controller.core.mover import HOLD_S, MOTIONS, Mover, position
from controller.core.mover_table import TABLE, facts_of
from controller.core.refusals import interlocks, judge, outdated, too_late
from controller.core.replacing import replace
from controller.core.said import said, word
from controller.core.spec import Action
from controller.core.travel import moved, seen, tracked

AFTER_POWER_S = 5.0
"""How long automatic motion is warned of after its units, or their power, came back (R13, Nice WIDES p. 26)."""


def ordered(mover: Mover, order: Order, neighbours: Neighbours, now: float) -> tuple[Mover, list[Effect]]:
    """Take an order in: `mover` after it, and what is told of it."""
    if order.action is Action.STOP or order.emergency:
        # Whoever stops it, or sees a threat, does not want what was asked for before.
        mover = two_persons.taken_back(mover)
    order = two_persons.seconded(mover, order)
    if isinstance(order.action, Switch):
        return _switched(mover, order, now)
    if order.action is Output.SET:
        return forcing.forced(mover, order, neighbours, now)
    mover, told = forcing.given_way(mover, order, now)
    mover, answered = _moved_by(mover, order, neighbours, now)
    return mover, [*told, *answered]


def _moved_by(mover: Mover, order: Order, neighbours: Neighbours, now: float) -> tuple[Mover, list[Effect]]:
    if order.emergency and order.action is mover.spec.secures and now < order.expires:
        # It hangs on no button (R24): whoever fires it runs for cover, and some drives could not be held at all.
        return _emergency(mover, replace(order, hold=False), neighbours, now)
    refusals = judge(mover, order, neighbours, now)
    if [refusal.rule for refusal in refusals] == [Rule.TWO_PERSONS]:
        return _first(mover, order, now)
    if refusals:
        return mover, [Progress(order.id, Life.REFUSED, refusals[0].because, refusals)]
    return _accepted(mover, order, neighbours, now)


def _first(mover: Mover, order: Order, now: float) -> tuple[Mover, list[Effect]]:
    """Refuse what takes a second person, and keep in mind that the first has asked."""
    refusal = two_persons.missing(mover, order, now)
    return two_persons.asked(mover, order, now), [Progress(order.id, Life.REFUSED, refusal.because, (refusal,))]


def begun(mover: Mover, neighbours: Neighbours, now: float) -> tuple[Mover, list[Effect]]:
    """Let an order that waits begin, go on waiting, or end because its time is over or something forbids it now."""
    order = mover.order
    if order is None or not mover.waiting:
        return mover, []
    if now >= order.expires:
        because = said("nothing was sent: it waited for {what}", what=mover.waiting)
        return _dropped(mover), [Progress(order.id, Life.EXPIRED, because)]
    if order.hold and now >= mover.held_until:
        return _dropped(mover), [waiting_over(order, said("the button was let go (R24)"))]
    if mover.state == "fault" and mover.since > mover.waiting_since:
        # Only an order whose author could see a fault acknowledges it.
        why = said("fault while it waited: {fault}", fault=mover.fault and mover.fault.told)
        return _dropped(mover), [waiting_over(order, why)]
    if refusals := _hopeless(mover, order, neighbours, now):
        because = said("nothing was sent: {why}", why=refusals[0].told)
        return _dropped(mover), [Progress(order.id, Life.FAILED, because, refusals)]
    if waiting := _waits_for(mover, order, neighbours, now):
        return replace(mover, waiting=waiting), []
    return _started(_dropped(mover), order, now)


def waiting_over(order: Order, why: str) -> Progress:
    """Return the end of an order that waited and will not begin any more."""
    return Progress(order.id, Life.FAILED, said("nothing was sent: {why}", why=why))


def _switched(mover: Mover, order: Order, now: float) -> tuple[Mover, list[Effect]]:
    outcome: tuple[Holds, str] | Refusal = too_late(mover, order)
    if now < order.expires:
        shared = two_persons.needed(mover, order)
        # What takes two was seen by both: the first's wish is a change of the device too.
        if shared and (changed := outdated(mover, order)):
            return mover, [Progress(order.id, Life.REFUSED, changed[0].because, tuple(changed))]
        if shared and order.together_with is None:
            return _first(mover, order, now)
        outcome = switched(mover.holds, mover.mode, order, mover.spec.id)
    if isinstance(outcome, Refusal):
        if outcome.rule is Rule.EFO and order.together_with is not None:
            # Of the two who ask for a reset the second has the other role (R06): somebody of it may still follow.
            mover = two_persons.asked(mover, order, now)
        return mover, [Progress(order.id, Life.REFUSED, outcome.because, (outcome,))]
    holds, told = outcome
    effects: list[Effect] = [_agreed(order), Progress(order.id, Life.CONFIRMED, told)]
    return replace(mover, holds=holds), effects


def _agreed(order: Order) -> Progress:
    return Progress(order.id, Life.ACCEPTED, together_with=order.together_with)


def _emergency(mover: Mover, order: Order, neighbours: Neighbours, now: float) -> tuple[Mover, list[Effect]]:
    """Latch first: nobody opens from now on what could not be secured."""
    mover = replace(mover, holds=mover.holds.latched(order)).with_mode(now)
    met = interlocks(mover, mover.spec.secures, neighbours, now, emergency=True)
    if mover.returning and met:
        # Whoever fires once more must not stop what frees somebody from under the steel (R10).
        because = said("latched, but it is being taken back: {why}", why=met[0].told)
        return mover, [Progress(order.id, Life.ACCEPTED), Progress(order.id, Life.FAILED, because, tuple(met))]
    refusals = _hopeless(mover, order, neighbours, now)
    if not refusals:
        return _accepted(mover, order, neighbours, now)
    mover, told = _superseded(mover, order)
    because = said("latched, but not moved: {why}", why=refusals[0].told)
    failed = Progress(order.id, Life.FAILED, because, refusals)
    return mover, [Progress(order.id, Life.ACCEPTED), *told, failed]


def _hopeless(mover: Mover, order: Order, neighbours: Neighbours, now: float) -> tuple[Refusal, ...]:
    """Return what forbids the order and does not pass by waiting: of an emergency, everything but what is in the way."""
    refusals = judge(mover, replace(order, seen=None), neighbours, now)
    if not order.emergency:
        return refusals
    passing = interlocks(mover, Action(order.action), neighbours, now, emergency=True)
    if mover.holds.efo is None:
        refusals = (*refusals, Refusal(Rule.EFO, mover.spec.id, said("its emergency was reset")))
    return tuple(refusal for refusal in refusals if refusal not in passing)


def _superseded(mover: Mover, order: Order) -> tuple[Mover, list[Effect]]:
    if mover.order is None:
        return mover, []
    because = said("by a newer order of {who} to {action}", who=order.who, action=word(order.action))
    return _dropped(mover), [Progress(mover.order.id, Life.SUPERSEDED, because)]


def _dropped(mover: Mover) -> Mover:
    """Let go of the order under way."""
    return replace(mover, order=None, waiting="", returning="")


def _accepted(mover: Mover, order: Order, neighbours: Neighbours, now: float) -> tuple[Mover, list[Effect]]:
    effects: list[Effect] = [_agreed(order)]
    mover = two_persons.carried_out(mover, order)
    order = replace(order, life=Life.ACCEPTED)
    under_way = mover.state == MOTIONS.get(Action(order.action))
    # Whoever asks for the same once more does not make the way wait once more.
    since = mover.waiting_since if _asked_already(mover, order) else now
    mover, told = _superseded(mover, order)
    mover = replace(mover, held_until=now + HOLD_S, waiting_since=since)
    if not order.automatic and order.action is mover.spec.secures:
        mover = replace(mover, returns=0)
    effects += told
    waiting = "" if under_way else _waits_for(mover, order, neighbours, now)
    if not waiting:
        mover, told = _started(mover, order, now, under_way=under_way)
        return mover, [*effects, *told]
    if mover.moving:
        why = _by(order)
        mover = seen(moved(mover, TABLE.next(mover.state, Action.STOP), now, why), now, why)
    return replace(mover, order=order, waiting=waiting), effects


def _started(mover: Mover, order: Order, now: float, *, under_way: bool = False) -> tuple[Mover, list[Effect]]:
    state = TABLE.next(mover.state, order.action, facts_of(mover, now))
    mover = moved(replace(mover, order=order, returning=""), state, now, _by(order))
    if order.action is Action.STOP:
        return seen(replace(mover.doubted(), pulse_until=math.inf), now, mover.why), []
    mover = tracked(mover, position(mover, now), now)
    if not mover.moving:
        return replace(mover, order=None), [Progress(order.id, Life.CONFIRMED, said("it is there already"))]
    if not under_way:
        return mover, []
    if mover.starting:
        # What is being written dies with the order that it was for.
        return replace(mover, writing=None), []
    issued = Progress(order.id, Life.ISSUED, said("it is under way already"))
    return replace(mover, order=replace(order, life=Life.ISSUED)), [issued]


def _by(order: Order) -> str:
    wish = order.together_with
    if wish is None:
        return said("by order {order}", order=order.id)
    return said("by order {order}, of {who} together with {first}", order=order.id, who=order.who, first=wish.by)


def _waits_for(mover: Mover, order: Order, neighbours: Neighbours, now: float) -> str:
    """Say what the motion has to wait for; empty for nothing. Only the motion that blocks the way is warned of."""
    spec = mover.spec
    if order.action is not spec.secures or not _would_move(mover, order, now):
        return ""
    if order.emergency:
        vetoes = interlocks(mover, spec.secures, neighbours, now, emergency=True)
        if vetoes:
            return vetoes[0].told
        return said("its lead time") if now < mover.waiting_since + spec.efo_lead_s else ""
    for name in spec.signals:
        if not _shows(neighbours.get(name), "halt", now):
            return said("halt of {signal} (R14)", signal=name)
    if not spec.warning:
        return ""
    beacon = neighbours.get(spec.warning)
    if beacon is None or not _shows(beacon, "lit", now):
        return said("proof that {beacon} is lit (R15)", beacon=spec.warning)
    long_s = max(spec.warning_s, AFTER_POWER_S) if order.automatic and mover.cut_off else spec.warning_s
    if now >= _warned_since(mover, beacon) + long_s:
        return ""
    return said("{seconds:g} s of warning by {beacon} (R13)", seconds=long_s, beacon=spec.warning)


def _asked_already(mover: Mover, order: Order) -> bool:
    live = mover.order if mover.waiting else None
    return live is not None and (live.action, live.emergency) == (order.action, order.emergency)


def _would_move(mover: Mover, order: Order, now: float) -> bool:
    return TABLE.next(mover.state, order.action, facts_of(mover, now)) in MOTIONS.values()


def _warned_since(mover: Mover, beacon: Device) -> float:
    """Return since when the beacon warns of this order: one that was lit for another mover warns of that one."""
    return max(beacon.shown_since, mover.waiting_since)


def _shows(device: Device | None, state: str, now: float) -> bool:
    fresh = device is not None and all(device.trusts(signal, now) for signal in device.spec.inputs)
    return fresh and device is not None and device.state == state and device.shown_since <= now
