"""Why an order would be refused at this instant: every reason, each with its rule, its device and the reading behind it.

Three-valued throughout: true, false and unknown, and unknown forbids.
"""

from __future__ import annotations

from controller.core import modes, two_persons
from controller.core.command import Order, Refusal, Rule
from controller.core.device import Device, Neighbours
from controller.core.mover import GOALS, REST, Mover, Position, blindness, confirmed, position
from controller.core.mover_table import TABLE
from controller.core.said import said, word
from controller.core.spec import Action, MoverSpec
from controller.core.travel import HOUR_S

CLEAR_S = 1.0
"""How long a safety loop must have been clear before the securing motion may start (R09, UFGS 02840 p. 21)."""


def outdated(mover: Mover, order: Order) -> list[Refusal]:
    """Return why an order is refused whose author saw another version of the mover."""
    if order.seen is None or order.seen == mover.version:
        return []
    because = said(
        "it is {state} now (version {version}); you acted on version {seen}",
        state=word(mover.state),
        version=mover.version,
        seen=order.seen,
    )
    return [Refusal(Rule.SEEN, mover.spec.id, because)]


def judge(mover: Mover, order: Order, neighbours: Neighbours, now: float) -> tuple[Refusal, ...]:
    """Return every reason to refuse `order`, a motion or a stop; none means that it is accepted."""
    found: list[Refusal] = []
    if now >= order.expires:
        found.append(too_late(mover, order))
    # A stop, and an emergency, is right whatever its author saw.
    if not (order.action is Action.STOP or order.emergency):
        found += outdated(mover, order)
    found += _outranked(mover, order)
    if order.hold and not mover.spec.stoppable:
        because = said("its drive has no input to stop it when the button is let go (R24)")
        found.append(Refusal(Rule.KIND, mover.spec.id, because))
    if order.emergency and order.action is not mover.spec.secures:
        because = said("an emergency blocks the way, and {action} does not", action=word(order.action))
        found.append(Refusal(Rule.EFO, mover.spec.id, because))
    return (*found, *forbidding(mover, Action(order.action), neighbours, now, order))


def too_late(mover: Mover, order: Order) -> Refusal:
    """Return the refusal of an order that comes after its expiry."""
    because = said("the time of the order to {action} was over before it was given", action=word(order.action))
    return Refusal(Rule.EXPIRED, mover.spec.id, because)


def _outranked(mover: Mover, order: Order) -> list[Refusal]:
    live = mover.order
    if live is None or order.action is Action.STOP or live.authority <= order.authority:
        return []
    because = said(
        "order {order} to {action}, of {who}, is under way and has more authority",
        order=live.id,
        action=word(live.action),
        who=live.who,
    )
    return [Refusal(Rule.AUTHORITY, mover.spec.id, because)]


def forbidding(
    mover: Mover, action: Action, neighbours: Neighbours, now: float, order: Order | None = None
) -> tuple[Refusal, ...]:
    """Return what forbids `action` at this instant, by `order` or whoever else asks."""
    found = _state_forbids(mover, action, now)
    if action is Action.STOP:
        return tuple(found)
    found += mode_forbids(mover, now, order)
    # Where nothing would move nothing can be hit.
    if not confirmed(mover, GOALS[action], now):
        emergency = order is not None and order.emergency
        found += interlocks(mover, action, neighbours, now, emergency=emergency)
        if not emergency:
            found += mains_forbid(mover.spec, neighbours, now)
            found += _traffic_forbids(mover.spec, neighbours, now)
            found += _wear_forbids(mover, action, now, order)
    return tuple(found)


def _state_forbids(mover: Mover, action: Action, now: float) -> list[Refusal]:
    this = mover.spec.id
    if mover.down:
        units = ", ".join(sorted(mover.down))
        silent = (
            said("{units} does not answer", units=units)
            if len(mover.down) == 1
            else said("{units} do not answer", units=units)
        )
        because = said("{what}: {why}", what=silent, why=mover.why) if mover.why else silent
        return [Refusal(Rule.UNREACHABLE, this, because)]
    if action is Action.STOP:
        return (
            []
            if mover.spec.stoppable or mover.waiting
            else [Refusal(Rule.KIND, this, said("its drive has no input to stop it"))]
        )
    if (why := TABLE.refusal(mover.state, action)) is not None:
        blind = blindness(mover, now)
        return [Refusal(Rule.FRESH, this, said("{what}: {why}", what=why, why=blind) if blind else why)]
    if position(mover, now) is Position.CONTRADICTION:
        return [Refusal(Rule.FAULT, this, said("fault: {fault}", fault=mover.fault and mover.fault.told))]
    return []


def mode_forbids(mover: Mover, now: float, order: Order | None = None) -> list[Refusal]:
    """Return why the mode, or a pressed emergency stop, forbids remote motion (R18)."""
    spec, until = mover.spec, modes.RESET_FIRST
    if order is not None and two_persons.needed(mover, order):
        lacking = [] if two_persons.agreed(order, mover.holds) else [two_persons.takes_two(mover)]
        return [*lacking, *_pressed(mover, now)]
    if order is not None and order.of_zone and two_persons.opens(mover, order):
        until = said("{until}, or two people open one device at a time", until=until)
    if order is not None and order.action is spec.secures and mover.state != spec.secured_state:
        # Who wants to block the way must not wait for a reset.
        until = said("the way is not blocked, and only another lockdown blocks it now")
    return [*modes.forbidden(mover.holds, mover.mode, spec.id, order, until), *_pressed(mover, now)]


def _pressed(mover: Mover, now: float) -> list[Refusal]:
    if "estop" not in mover.spec.inputs or mover.truth("estop", now) is False:
        return []
    known = mover.trusts("estop", now)
    because = said("the emergency stop is pressed") if known else said("the emergency stop cannot be read")
    return [Refusal(Rule.MODE, mover.spec.id, because)]


def interlocks(
    mover: Mover, action: Action, neighbours: Neighbours, now: float, *, emergency: bool = False
) -> list[Refusal]:
    """Return what the way and the neighbours forbid: `action` may not start and, once started, not go on."""
    spec = mover.spec
    if action is spec.secures:
        loops = [] if emergency and spec.efo_ignores_presence else _presences_forbid(spec, neighbours, now)
        return [*_obstruction_forbids(mover, now), *loops]
    return _airlock_forbids(spec.airlock_with, neighbours.get(spec.airlock_with), now) if spec.airlock_with else []


def struck(mover: Mover, neighbours: Neighbours, now: float) -> str:
    """Tell what is surely in the way of the securing motion, a pressed edge or an occupied loop; empty where nothing is (R10).

    An emergency that ignores presence is not taken back from it.
    """
    if "obstruction" in mover.spec.inputs and mover.truth("obstruction", now):
        return Refusal(Rule.OBSTRUCTION, mover.spec.id, said("it met an obstruction")).told
    for name in () if mover.emergency and mover.spec.efo_ignores_presence else mover.spec.presence:
        loop = neighbours.get(name)
        if loop is not None and loop.state == "occupied" and not _too_old(loop, now):
            return Refusal(Rule.PRESENCE, name, said("loop occupied")).told
    return ""


def returnable(mover: Mover, neighbours: Neighbours, now: float) -> bool:
    """Tell whether steel in its securing motion may be taken back: it has left the open limit, and no airlock forbids it.

    A drive that cannot be stopped will leave that limit whatever is written: it is taken back from there too.
    """
    if mover.motion is not mover.spec.secures or mover.moving_since is None:
        return False
    off = position(mover, now) is not REST[mover.spec.open_state]
    return (off or not mover.spec.stoppable) and not interlocks(mover, mover.spec.opens, neighbours, now)


def _obstruction_forbids(mover: Mover, now: float) -> list[Refusal]:
    if "obstruction" not in mover.spec.inputs or mover.truth("obstruction", now) is False:
        return []
    known = mover.trusts("obstruction", now)
    because = said("it met an obstruction") if known else said("its obstruction sensor cannot be read")
    return [Refusal(Rule.OBSTRUCTION, mover.spec.id, because)]


def _presences_forbid(spec: MoverSpec, neighbours: Neighbours, now: float) -> list[Refusal]:
    return [r for name in spec.presence for r in _presence_forbids(name, neighbours.get(name), now)]


def _presence_forbids(name: str, loop: Device | None, now: float) -> list[Refusal]:
    """Return why the safety loop `name` vetoes the securing motion; unknown and faulty count as occupied (R09, R29)."""
    if loop is None:
        return [Refusal(Rule.DETECTOR, name, said("this loop is not supervised"))]
    if loop.state == "occupied":
        return [Refusal(Rule.PRESENCE, name, said("loop occupied"))]
    if loop.state != "clear":
        because = said("loop {state}, which counts as occupied (R09)", state=word(loop.state))
        return [Refusal(Rule.DETECTOR, name, because)]
    if _too_old(loop, now):
        return [Refusal(Rule.DETECTOR, name, said("loop reading too old, which counts as occupied (R09)"))]
    if now < loop.since + CLEAR_S:
        because = said(
            "loop clear for {clear:.1f} s only; {needed:.1f} s is required", clear=now - loop.since, needed=CLEAR_S
        )
        return [Refusal(Rule.PRESENCE, name, because)]
    return []


def _too_old(device: Device, now: float) -> bool:
    return not all(device.trusts(signal, now) for signal in device.spec.inputs)


def _airlock_forbids(name: str, other: Device | None, now: float) -> list[Refusal]:
    """Two rows of a vehicle airlock are never open together (PAS 69): this one opens only while the other is secured.

    A row that was stopped before it left its limit still shows secured; until its outputs are known to be
    released it may yet open.
    """
    if isinstance(other, Mover) and confirmed(other, other.spec.secured_state, now):
        if other.settled:
            return []
        because = said("the other row is {state}, but its outputs may still be on", state=word(other.state))
    elif other is None:
        because = said("the other row is not supervised")
    else:
        because = said("the other row is {state}, not confirmed secured", state=word(other.state))
    return [Refusal(Rule.AIRLOCK, name, because)]


def _traffic_forbids(spec: MoverSpec, neighbours: Neighbours, now: float) -> list[Refusal]:
    """A traffic controller that is dark, flashing or in failure lets vehicles come as they like (R31)."""
    if not spec.traffic:
        return []
    controller = neighbours.get(spec.traffic)
    if controller is not None and controller.state == "normal" and not _too_old(controller, now):
        return []
    shown = said("not supervised") if controller is None else word(controller.state)
    because = said("the traffic controller is {state}, not confirmed in normal operation", state=shown)
    return [Refusal(Rule.TRAFFIC, spec.traffic, because)]


def mains_forbid(spec: MoverSpec, neighbours: Neighbours, now: float) -> list[Refusal]:
    """Return why the drive of `spec` is not known to have its mains: its contact tells that they are lost, or nothing (R13).

    Steel that is driven without them would move by itself, and unwarned, once they are back. An emergency is not held up: many
    drives store it, and a broken contact must not keep the way open.
    """
    contact = neighbours.get(spec.mains)
    if not spec.mains or (contact is not None and contact.state == "normal" and not _too_old(contact, now)):
        return []
    if contact is not None and contact.state == "active":
        return [Refusal(Rule.MAINS, spec.mains, said("contact active: the mains of its drive are lost"))]
    shown = said("not supervised") if contact is None else word(contact.state)
    because = said("contact {state}: the mains of its drive are not confirmed to be there", state=shown)
    return [Refusal(Rule.MAINS, spec.mains, because)]


def _wear_forbids(mover: Mover, action: Action, now: float, order: Order | None) -> list[Refusal]:
    """Return why the drive has done enough (R04), or has been sent back by vehicles too often to try by itself (R11).

    Only the opening is refused: what has cycled too often stays where it blocks the way.
    """
    spec = mover.spec
    if action is spec.opens:
        done = sum(at > now - HOUR_S for at in mover.cycles)
        if done < spec.cycles_per_hour:
            return []
        because = said("{done} cycles in the last hour; {most} are its limit", done=done, most=spec.cycles_per_hour)
        return [Refusal(Rule.CYCLES, spec.id, because)]
    if order is not None and order.automatic and mover.returns >= spec.give_up:
        because = said("it was taken back {times} times: a person has to order it anew", times=mover.returns)
        return [Refusal(Rule.GIVEN_UP, spec.id, because)]
    return []
