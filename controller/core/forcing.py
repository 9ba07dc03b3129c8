"""One output of a mover, held on by hand while its wiring is proven: the field says that it is forced.

A forced output is no motion: which way the steel goes is what is being found out, for a relay may be wired where another was
drawn. So the position counts as not known while it lasts, whatever the limit switches show, and nothing is concluded from them.
It is for the person who holds the device in test, lasts as long as that person holds the button (R24) and LONGEST_S at most, and
what would forbid motion in either direction forbids it too (R09, R10, PAS 69); it is not warned of (R13). Whatever ends it, the
outputs are released as after any motion that was cut short, and an order to move, an emergency before all, takes over at once.
"""

from __future__ import annotations

import math

from controller.core.command import Life, Order, Refusal, Rule
from controller.core.device import Effect, Neighbours, Progress, Wrote
from controller.core.modes import Mode
from controller.core.mover import HOLD_S, Force, Mover, Position, blindness, limits
from controller.core.mover_table import TABLE
from controller.core.people import same
from controller.core.refusals import interlocks, mains_forbid, mode_forbids, too_late
from controller.core.replacing import replace
from controller.core.said import said, word
from controller.core.spec import Action, MoverSpec
from controller.core.travel import moved, seen

LONGEST_S = 30.0
"""How long an output may be forced at once: longer than any barrier takes from end to end (R03)."""

LET_GO = said("it was let go")


def forced(mover: Mover, order: Order, neighbours: Neighbours, now: float) -> tuple[Mover, list[Effect]]:
    """Take in an order that forces an output, or ends that."""
    if not order.level:
        return _released(mover, order)
    if refusals := _refusals(mover, order, neighbours, now):
        return mover, [Progress(order.id, Life.REFUSED, refusals[0].because, tuple(refusals))]
    why = said("its output {output} is forced by {who}", output=order.point, who=order.who)
    mover = replace(mover, force=Force(order, now), held_until=now + HOLD_S, read_at=None)
    mover = moved(mover, TABLE.next(mover.state, "forced"), now, why)
    return mover, [Progress(order.id, Life.ACCEPTED)]


def watched(mover: Mover, neighbours: Neighbours, now: float) -> tuple[Mover, list[Effect]]:
    """Let go of an output that may be forced no longer, and tell the end once it is released."""
    force = mover.force
    if force is None:
        return mover, []
    if mover.state != "unknown":
        return _ended(mover, Life.UNKNOWN, said("its output may be on still: {why}", why=mover.why))
    if not force.over and (why := _over(mover, force, neighbours, now)):
        force = replace(force, over=why)
        mover = _stopping(replace(mover, force=force))
    released = force.order.point in mover.acked and mover.acked[force.order.point] == _at_rest(mover.spec)
    if not force.over or mover.writing is not None or not released:
        return mover, []
    told = said("its output {output} was on and is released: {why}", output=force.order.point, why=force.over)
    if not force.issued:
        told = said("it was over before its output was acknowledged: {why}", why=force.over)
        return _ended(mover, Life.FAILED, told)
    return _ended(mover, Life.CONFIRMED if force.over == LET_GO else Life.FAILED, told)


def acknowledged(mover: Mover) -> tuple[Mover, list[Effect]]:
    """Tell that a forced output is on, once its unit has said so."""
    force = mover.force
    if force is None or force.issued or force.over:
        return mover, []
    return replace(mover, force=replace(force, issued=True)), [Progress(force.order.id, Life.ISSUED)]


def undriven(mover: Mover, force: Force, event: Wrote) -> tuple[Mover, list[Effect]]:
    """Give up an output whose write failed: what it may have switched on is released."""
    life = Life.UNKNOWN if force.issued or force.over or event.failed is None else event.failed
    return _ended(_stopping(mover), life, event.why)


def given_way(mover: Mover, order: Order, now: float) -> tuple[Mover, list[Effect]]:
    """Give up a forced output for an order to move or to stop, of who holds the test or of an emergency."""
    first = order.emergency or order.action is Action.STOP or same(order.who, mover.holds.test)
    if mover.force is None or not first:
        return mover, []
    # What is on by hand already is no motion of the order: it is written anew, and timed from then.
    because = said("by a newer order of {who} to {action}", who=order.who, action=word(order.action))
    mover, told = _ended(_stopping(mover.doubted()), Life.SUPERSEDED, because)
    return seen(mover, now), told


def _released(mover: Mover, order: Order) -> tuple[Mover, list[Effect]]:
    accepted = Progress(order.id, Life.ACCEPTED)
    if mover.force is None or mover.force.order.point != order.point:
        told = said("nothing to do: {output} is not forced", output=order.point)
        return mover, [accepted, Progress(order.id, Life.CONFIRMED, told)]
    told = said(
        "{output} is let go; order {order} ends when its release is acknowledged",
        output=order.point,
        order=mover.force.order.id,
    )
    mover = replace(mover, held_until=0.0)
    return mover, [accepted, Progress(order.id, Life.CONFIRMED, told)]


def _stopping(mover: Mover) -> Mover:
    """Have a drive that a pulse has started given its pulse to stop (R27)."""
    return replace(mover, pulse_until=math.inf) if mover.spec.drive.type == "pulsed" else mover


def _ended(mover: Mover, life: Life, because: str) -> tuple[Mover, list[Effect]]:
    force = mover.force
    told: list[Effect] = [] if force is None else [Progress(force.order.id, life, because)]
    # Whoever looks at the device sees it end.
    return replace(mover, force=None, version=mover.version + 1), told


def _over(mover: Mover, force: Force, neighbours: Neighbours, now: float) -> str:
    """Say why the output may not stay on; empty where it may."""
    found = [*_mode_forbids(mover, force.order, now), *_way_forbids(mover, force.order, neighbours, now)]
    if found:
        return found[0].told
    if now >= force.since + LONGEST_S:
        return said("an output is forced for {seconds:g} s at most", seconds=LONGEST_S)
    return LET_GO if now >= mover.held_until else ""


def _refusals(mover: Mover, order: Order, neighbours: Neighbours, now: float) -> list[Refusal]:
    spec, found = mover.spec, []
    if now >= order.expires:
        found.append(too_late(mover, order))
    if mover.down:
        silent = said("{what}: {why}", what=", ".join(sorted(mover.down)), why=mover.why)
        found.append(Refusal(Rule.UNREACHABLE, spec.id, silent))
    found += _mode_forbids(mover, order, now)
    if order.point not in spec.outputs or not _sensible(spec, order):
        found.append(Refusal(Rule.KIND, spec.id, _outputs(spec, order)))
        return found
    if not spec.stoppable:
        because = said("its drive has no input to stop it when the button is let go (R24)")
        found.append(Refusal(Rule.KIND, spec.id, because))
    if mover.order is not None or mover.moving or mover.force is not None:
        busy = mover.order or (mover.force.order if mover.force is not None else None)
        because = (
            said("order {order}, of {who}, is under way: stop it first", order=busy.id, who=busy.who)
            if busy is not None
            else said("a motion is under way: stop it first")
        )
        found.append(Refusal(Rule.AUTHORITY, spec.id, because))
    return found + _way_forbids(mover, order, neighbours, now)


def _mode_forbids(mover: Mover, order: Order, now: float) -> list[Refusal]:
    found = mode_forbids(mover, now, order)
    if mover.mode is not Mode.TEST and not found:
        because = said(
            "an output is forced only by the person who holds it in test; begin with `rempart test {device}`",
            device=mover.spec.id,
        )
        found.append(Refusal(Rule.TEST, mover.spec.id, because))
    return found


def _way_forbids(mover: Mover, order: Order, neighbours: Neighbours, now: float) -> list[Refusal]:
    """Return what forbids motion by this output; without its limit switches nobody would see what it does."""
    if limits(mover, now) is Position.UNSEEN:
        return [Refusal(Rule.FRESH, mover.spec.id, blindness(mover, now) or mover.why)]
    if _drawn_for(mover.spec, order) is None:
        return []
    # Which way the steel goes is not proven: what forbids either way forbids it.
    found = [
        refusal for action in (Action.RAISE, Action.LOWER) for refusal in interlocks(mover, action, neighbours, now)
    ]
    return [*found, *mains_forbid(mover.spec, neighbours, now)]


def _drawn_for(spec: MoverSpec, order: Order) -> Action | None:
    """Return the motion that the output is drawn for; None for the one that stops."""
    if spec.drive.type == "setpoint":
        if isinstance(order.level, bool):
            return None
        return next(
            (Action(a) for a, code in spec.drive.codes.items() if code == order.level and a != Action.STOP), None
        )
    return Action(order.point) if order.point != Action.STOP else None


def _at_rest(spec: MoverSpec) -> bool | int:
    """Return the level of an output at which nothing moves."""
    return spec.drive.codes[Action.STOP] if spec.drive.type == "setpoint" else False


def _sensible(spec: MoverSpec, order: Order) -> bool:
    setpoint = spec.drive.type == "setpoint"
    return _drawn_for(spec, order) is not None if setpoint else order.level is True


def _outputs(spec: MoverSpec, order: Order) -> str:
    if spec.drive.type == "setpoint":
        codes = ", ".join(f"{code} ({action})" for action, code in spec.drive.codes.items() if action != Action.STOP)
        return said(
            "{output} {level!r}: expected `command` with one of {codes}",
            output=order.point,
            level=order.level,
            codes=codes,
        )
    return said(
        "{output} {level!r}: expected one of its outputs {outputs}, switched on or off",
        output=order.point,
        level=order.level,
        outputs=", ".join(spec.outputs),
    )
