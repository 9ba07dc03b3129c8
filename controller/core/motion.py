"""What happens around a mover's table: orders, timers, outputs, and what is told of them.

`step` is the whole of it: a mover, an event, the neighbours and the time go in; the mover after it, the effects and the next
waking time come out. Effects follow from the difference between before and after, so no transition can forget one.
"""

from __future__ import annotations

from dataclasses import replace

from controller.core.command import Life, Order, Refusal
from controller.core.device import (
    Alarm,
    DriveTo,
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
    Ticked,
    Wrote,
    soonest,
)
from controller.core.mover import GOALS, MOTIONS, TABLE, Facts, Fault, Mover, Position, outcome_of, position
from controller.core.readings import Value
from controller.core.refusals import judge, presence_forbids
from controller.core.spec import Action

RELEASE_S = 2.0
"""How long a release of outputs may wait for the wire: past that the unit is lost and the levels are derived anew."""


RETRY_S = 0.5
"""How long to wait before outputs that a unit refused are written again."""


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
            mover = replace(mover.lost(unit, now, mover.spec.inputs), pending={}, acked={})
            mover = _moved(mover, TABLE.next(mover.state, "lost"), now, why)
        case Restored(unit):
            mover = replace(mover, down=mover.down - {unit}, pending={}, acked={})
        case Wrote():
            return _wrote(mover, event, now)
        case Ordered() | Ticked():
            pass
    return mover, []


def _wrote(mover: Mover, event: Wrote, now: float) -> tuple[Mover, list[Effect]]:
    """Take in the fate of a write. One that is not the latest says nothing about the present outputs."""
    if event.drive != mover.drive:
        return mover, []
    order = mover.order
    if event.failed is not None:
        told = [] if order is None else [Progress(order.id, event.failed, event.why)]
        mover = replace(mover, pending={}, acked={}, retry_at=now + RETRY_S, order=None)
        return _moved(mover, TABLE.next(mover.state, "undriven"), now, event.why), [*told]
    mover = replace(mover, acked={**mover.acked, **mover.pending}, pending={})
    if order is None or order.life is not Life.ACCEPTED:
        return mover, []
    if order.action is Action.STOP:
        return replace(mover, order=None), [Progress(order.id, Life.CONFIRMED, "its outputs are released")]
    return replace(mover, order=replace(order, life=Life.ISSUED)), [Progress(order.id, Life.ISSUED)]


def _observed(mover: Mover, neighbours: Neighbours, now: float) -> Mover:
    """Let the table see the key switch, the feedback, an obstruction and the clock, in this order."""
    mover = _with_mode(mover, now)
    if mover.moving and mover.mode is not Mode.REMOTE:
        mover = _moved(mover, TABLE.next(mover.state, "stop"), now, "R18: the key switch left remote")
    seen = position(mover, now)
    if mover.moving and seen is Position.BETWEEN and now >= mover.settle_due:
        mover = replace(mover, left=True)
    why = "a limit switch is not fresh" if seen is Position.UNSEEN else ""
    mover = _moved(mover, TABLE.next(mover.state, seen, _facts(mover, now)), now, why)
    if mover.securing and (vetoes := _vetoes(mover, neighbours, now)):
        why = f"{vetoes[0].rule} {vetoes[0].device}: {vetoes[0].because}"
        mover = _moved(mover, TABLE.next(mover.state, "obstructed", _facts(mover, now)), now, why)
    if mover.travel_due is not None and now >= mover.travel_due:
        mover = _moved(mover, TABLE.next(mover.state, "overdue"), now)
    return mover


def _vetoes(mover: Mover, neighbours: Neighbours, now: float) -> list[Refusal]:
    return [r for name in mover.spec.presence for r in presence_forbids(name, neighbours.get(name), now)]


def _with_mode(mover: Mover, now: float) -> Mover:
    if "local" not in mover.spec.inputs:
        return mover
    key = mover.truth("local", now)
    mode = Mode.UNKNOWN if key is None else Mode.LOCAL if key else Mode.REMOTE
    return mover if mode is mover.mode else replace(mover, mode=mode, version=mover.version + 1)


def _facts(mover: Mover, now: float) -> Facts:
    return Facts(
        settled=now >= mover.settle_due,
        local=mover.mode is not Mode.REMOTE,
        left=mover.left,
        securing=mover.securing,
        feedback_fault=mover.fault is Fault.BOTH_LIMITS,
    )


def _moved(mover: Mover, state: str, now: float, why: str = "") -> Mover:
    """Enter `state` with what goes with it: the motion's clock, the pulse, the fault's name."""
    if state == mover.state:
        return mover
    fault = _fault(mover, now) if state == "fault" else None
    moving = state in MOTIONS.values()
    return replace(
        mover.entered(state, now, str(fault) if fault else why),
        moving_since=now if moving else mover.moving_since,
        left=False,
        pulse_until=now + mover.spec.drive.pulse_s if moving or mover.moving else mover.pulse_until,
        fault=fault,
    )


def _fault(mover: Mover, now: float) -> Fault:
    seen = position(mover, now)
    if seen is Position.CONTRADICTION:
        return Fault.BOTH_LIMITS
    if not mover.moving:
        return Fault.LEFT_POSITION
    if mover.left and seen is not Position.BETWEEN:
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
    if mover.left and order.life is not Life.MOVING:
        return replace(mover, order=replace(order, life=Life.MOVING)), [Progress(order.id, Life.MOVING)]
    return mover, []


def _ordered(mover: Mover, order: Order, neighbours: Neighbours, now: float) -> tuple[Mover, list[Effect]]:
    refusals = judge(mover, order, neighbours, now)
    if refusals:
        return mover, [Progress(order.id, Life.REFUSED, refusals[0].because, refusals)]
    effects: list[Effect] = [Progress(order.id, Life.ACCEPTED)]
    if mover.order is not None:
        effects.append(Progress(mover.order.id, Life.SUPERSEDED, f"by order {order.id}"))
    accepted = replace(order, life=Life.ACCEPTED)
    if order.action is Action.STOP:
        stopped = _moved(mover, TABLE.next(mover.state, order.action), now, f"by order {order.id}")
        return replace(stopped, order=accepted, acked={}, pending={}), effects
    if position(mover, now) is (Position.TOP if order.action is Action.RAISE else Position.BOTTOM):
        there = _moved(mover, GOALS[order.action], now)
        return replace(there, order=None), [*effects, Progress(order.id, Life.CONFIRMED, "it was there already")]
    return replace(_moved(mover, TABLE.next(mover.state, order.action), now), order=accepted), effects


def levels(mover: Mover, now: float) -> dict[str, Value]:
    """Return the output levels that follow from the state; those to release come first, so opposites never meet."""
    drive = mover.spec.drive
    pulse = now < mover.pulse_until
    if drive.type == "setpoint":
        action = next((action for action, motion in MOTIONS.items() if motion == mover.state), Action.STOP)
        return {"command": drive.codes[action]}
    on = drive.type == "held" or pulse
    wanted = {action.value: on and mover.state == motion for action, motion in MOTIONS.items()}
    if "stop" in mover.spec.outputs:
        wanted["stop"] = pulse and not mover.moving
    return dict(sorted(wanted.items(), key=lambda item: item[1]))


def _driven(mover: Mover, now: float) -> tuple[Mover, list[Effect]]:
    """Ask for the outputs of the present state where the wire has not acknowledged them and no write of them is under way."""
    wanted = levels(mover, now)
    coming = {**mover.acked, **mover.pending}
    if mover.down or all(coming.get(name) == level for name, level in wanted.items()):
        return mover, []
    if now < mover.retry_at and not mover.moving:
        return mover, []
    todo = {name: level for name, level in wanted.items() if mover.acked.get(name) != level}
    starts = mover.moving and (mover.spec.drive.type == "setpoint" or any(todo.values()))
    order = mover.order if starts else None
    drive = DriveTo(
        number=mover.drive + 1,
        levels=tuple(todo.items()),
        deadline=order.expires if order else now + RELEASE_S,
        order=order.id if order else "",
    )
    sure = {name: level for name, level in mover.acked.items() if name not in todo}
    return replace(mover, drive=drive.number, pending=todo, acked=sure), [drive]


def _wake_at(mover: Mover, neighbours: Neighbours, now: float) -> float | None:
    due = [mover.travel_due, mover.next_stale(now)]
    due += [t for t in (mover.settle_due, mover.pulse_until, mover.retry_at) if t > now]
    if mover.securing:
        due += [loop.next_stale(now) for name in mover.spec.presence if (loop := neighbours.get(name)) is not None]
    return soonest(*due)


def alarms(mover: Mover) -> tuple[Alarm, ...]:
    """Return the conditions of this mover that a person must know of (R16, R20)."""
    if mover.state == "offline":
        return (Alarm("offline", 3, f"cannot be reached: {mover.why}"),)
    if mover.fault is None:
        return ()
    priority = 2 if mover.fault in (Fault.TRAVEL_TIME, Fault.NO_LIMIT, Fault.RETURNED) else 1
    return (Alarm(mover.fault.name.lower().replace("_", "-"), priority, str(mover.fault)),)
