"""Why an order would be refused at this instant: every reason, each with its rule, its device and the reading behind it.

Three-valued throughout: true, false and unknown, and unknown forbids.
"""

from __future__ import annotations

from controller.core import modes
from controller.core.command import Order, Refusal, Rule
from controller.core.device import Device, Neighbours
from controller.core.mover import GOALS, REST, Mover, Position, blindness, confirmed, position
from controller.core.mover_table import TABLE
from controller.core.spec import Action, MoverSpec
from controller.core.travel import HOUR_S

CLEAR_S = 1.0
"""How long a safety loop must have been clear before the securing motion may start (R09, UFGS 02840 p. 21)."""


def judge(mover: Mover, order: Order, neighbours: Neighbours, now: float) -> tuple[Refusal, ...]:
    """Return every reason to refuse `order`, a motion or a stop; none means that it is accepted."""
    found: list[Refusal] = []
    if now >= order.expires:
        found.append(too_late(mover, order))
    # A stop, and an emergency, is right whatever its author saw.
    if not (order.action is Action.STOP or order.emergency) and order.seen is not None and order.seen != mover.version:
        because = f"it is {mover.state} now (version {mover.version}); you acted on version {order.seen}"
        found.append(Refusal(Rule.SEEN, mover.spec.id, because))
    found += _outranked(mover, order)
    if order.hold and not mover.spec.stoppable:
        because = "its drive has no input to stop it when the button is let go (R24)"
        found.append(Refusal(Rule.KIND, mover.spec.id, because))
    if order.emergency and order.action is not mover.spec.secures:
        found.append(Refusal(Rule.EFO, mover.spec.id, f"an emergency blocks the way, and {order.action} does not"))
    return (*found, *forbidding(mover, Action(order.action), neighbours, now, order))


def too_late(mover: Mover, order: Order) -> Refusal:
    """Return the refusal of an order that comes after its expiry."""
    return Refusal(Rule.EXPIRED, mover.spec.id, f"the time of the order to {order.action} was over before it was given")


def _outranked(mover: Mover, order: Order) -> list[Refusal]:
    live = mover.order
    if live is None or order.action is Action.STOP or live.authority <= order.authority:
        return []
    because = f"order {live.id} to {live.action}, of {live.who}, is under way and has more authority"
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
        silent = f"{', '.join(sorted(mover.down))} {'does' if len(mover.down) == 1 else 'do'} not answer"
        return [Refusal(Rule.UNREACHABLE, this, f"{silent}: {mover.why}" if mover.why else silent)]
    if action is Action.STOP:
        return (
            []
            if mover.spec.stoppable or mover.waiting
            else [Refusal(Rule.KIND, this, "its drive has no input to stop it")]
        )
    if (why := TABLE.refusal(mover.state, action)) is not None:
        blind = blindness(mover, now)
        return [Refusal(Rule.FRESH, this, f"{why}: {blind}" if blind else why)]
    if position(mover, now) is Position.CONTRADICTION:
        return [Refusal(Rule.FAULT, this, f"fault: {mover.fault}")]
    return []


def mode_forbids(mover: Mover, now: float, order: Order | None = None) -> list[Refusal]:
    """Return why the mode, or a pressed emergency stop, forbids remote motion (R18)."""
    spec, until = mover.spec, modes.RESET_FIRST
    if order is not None and order.action is spec.secures and mover.state != spec.secured_state:
        # Who wants to block the way must not wait for a reset.
        until = f"the way is not blocked, and only `rempart lockdown {spec.id}` blocks it now"
    found = modes.forbidden(mover.holds, mover.mode, spec.id, order, until)
    if "estop" in mover.spec.inputs and mover.truth("estop", now) is not False:
        known = mover.trusts("estop", now)
        found.append(
            Refusal(Rule.MODE, mover.spec.id, f"the emergency stop {'is pressed' if known else 'cannot be read'}")
        )
    return found


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
        return f"{Rule.OBSTRUCTION} {mover.spec.id}: it met an obstruction"
    for name in () if mover.emergency and mover.spec.efo_ignores_presence else mover.spec.presence:
        loop = neighbours.get(name)
        if loop is not None and loop.state == "occupied" and not _too_old(loop, now):
            return f"{Rule.PRESENCE} {name}: loop occupied"
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
    because = "it met an obstruction" if mover.trusts("obstruction", now) else "its obstruction sensor cannot be read"
    return [Refusal(Rule.OBSTRUCTION, mover.spec.id, because)]


def _presences_forbid(spec: MoverSpec, neighbours: Neighbours, now: float) -> list[Refusal]:
    return [r for name in spec.presence for r in _presence_forbids(name, neighbours.get(name), now)]


def _presence_forbids(name: str, loop: Device | None, now: float) -> list[Refusal]:
    """Return why the safety loop `name` vetoes the securing motion; unknown and faulty count as occupied (R09, R29)."""
    if loop is None:
        return [Refusal(Rule.DETECTOR, name, "this loop is not supervised")]
    if loop.state == "occupied":
        return [Refusal(Rule.PRESENCE, name, "loop occupied")]
    if loop.state != "clear":
        return [Refusal(Rule.DETECTOR, name, f"loop {loop.state}, which counts as occupied (R09)")]
    if _too_old(loop, now):
        return [Refusal(Rule.DETECTOR, name, "loop reading too old, which counts as occupied (R09)")]
    if now < loop.since + CLEAR_S:
        because = f"loop clear for {now - loop.since:.1f} s only; {CLEAR_S:.1f} s is required"
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
        return [Refusal(Rule.AIRLOCK, name, f"the other row is {other.state}, but its outputs may still be on")]
    state = "not supervised" if other is None else f"{other.state}, not confirmed secured"
    return [Refusal(Rule.AIRLOCK, name, f"the other row is {state}")]


def _traffic_forbids(spec: MoverSpec, neighbours: Neighbours, now: float) -> list[Refusal]:
    """A traffic controller that is dark, flashing or in failure lets vehicles come as they like (R31)."""
    if not spec.traffic:
        return []
    controller = neighbours.get(spec.traffic)
    if controller is not None and controller.state == "normal" and not _too_old(controller, now):
        return []
    shown = "not supervised" if controller is None else controller.state
    return [
        Refusal(Rule.TRAFFIC, spec.traffic, f"the traffic controller is {shown}, not confirmed in normal operation")
    ]


def mains_forbid(spec: MoverSpec, neighbours: Neighbours, now: float) -> list[Refusal]:
    """Return why the drive of `spec` is not known to have its mains: its contact tells that they are lost, or nothing (R13).

    Steel that is driven without them would move by itself, and unwarned, once they are back. An emergency is not held up: many
    drives store it, and a broken contact must not keep the way open.
    """
    contact = neighbours.get(spec.mains)
    if not spec.mains or (contact is not None and contact.state == "normal" and not _too_old(contact, now)):
        return []
    if contact is not None and contact.state == "active":
        return [Refusal(Rule.MAINS, spec.mains, "contact active: the mains of its drive are lost")]
    shown = "not supervised" if contact is None else contact.state
    because = f"contact {shown}: the mains of its drive are not confirmed to be there"
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
        return [Refusal(Rule.CYCLES, spec.id, f"{done} cycles in the last hour; {spec.cycles_per_hour} are its limit")]
    if order is not None and order.automatic and mover.returns >= spec.give_up:
        because = f"it was taken back {mover.returns} times: a person has to order it anew"
        return [Refusal(Rule.GIVEN_UP, spec.id, because)]
    return []
