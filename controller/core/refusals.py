"""Why an order would be refused at this instant: every reason, each with its rule, its device and the reading behind it."""

from __future__ import annotations

from controller.core.command import Order, Refusal, Rule
from controller.core.device import Device, Mode, Neighbours
from controller.core.mover import GOALS, Mover, Position, blindness, confirmed, position
from controller.core.mover_table import TABLE
from controller.core.spec import Action

CLEAR_S = 1.0
"""How long a safety loop must have been clear before the securing motion may start (R09, UFGS 02840 p. 21)."""


def judge(mover: Mover, order: Order, neighbours: Neighbours, now: float) -> tuple[Refusal, ...]:
    """Return every reason to refuse `order`; none means that it is accepted."""
    found: list[Refusal] = []
    if now >= order.expires:
        found.append(Refusal(Rule.EXPIRED, mover.spec.id, "the order's time was over before it could be given"))
    # A stop is right whatever its author saw.
    if order.action is not Action.STOP and order.seen is not None and order.seen != mover.version:
        because = f"it is {mover.state} now (version {mover.version}); you acted on version {order.seen}"
        found.append(Refusal(Rule.SEEN, mover.spec.id, because))
    return (*found, *forbidding(mover, order.action, neighbours, now))


def forbidding(mover: Mover, action: Action, neighbours: Neighbours, now: float) -> tuple[Refusal, ...]:
    """Return what forbids `action` at this instant, whoever asks."""
    found = _state_forbids(mover, action, now)
    if action is Action.STOP:
        return tuple(found)
    found += mode_forbids(mover)
    # Where nothing would move nothing can be hit.
    if not confirmed(mover, GOALS[action], now):
        found += interlocks(mover, action, neighbours, now)
    return tuple(found)


def _state_forbids(mover: Mover, action: Action, now: float) -> list[Refusal]:
    this = mover.spec.id
    if mover.down:
        silent = f"{', '.join(sorted(mover.down))} {'does' if len(mover.down) == 1 else 'do'} not answer"
        return [Refusal(Rule.UNREACHABLE, this, f"{silent}: {mover.why}" if mover.why else silent)]
    if action is Action.STOP:
        return [] if mover.spec.stoppable else [Refusal(Rule.KIND, this, "its drive has no input to stop it")]
    if (why := TABLE.refusal(mover.state, action)) is not None:
        blind = blindness(mover, now)
        return [Refusal(Rule.FRESH, this, f"{why}: {blind}" if blind else why)]
    if position(mover, now) is Position.CONTRADICTION:
        return [Refusal(Rule.FAULT, this, f"fault: {mover.fault}")]
    return []


def mode_forbids(mover: Mover) -> list[Refusal]:
    """Return why the key switch forbids remote motion (R18)."""
    if mover.mode is Mode.REMOTE:
        return []
    words = {Mode.LOCAL: "the key switch is in local", Mode.UNKNOWN: "the key switch cannot be read"}
    return [Refusal(Rule.MODE, mover.spec.id, words[mover.mode])]


def interlocks(mover: Mover, action: Action, neighbours: Neighbours, now: float) -> list[Refusal]:
    """Return what the neighbours forbid: `action` may not start and, once started, not go on."""
    if action is mover.spec.secures:
        return [r for name in mover.spec.presence for r in _presence_forbids(name, neighbours.get(name), now)]
    other = mover.spec.airlock_with
    return _airlock_forbids(other, neighbours.get(other), now) if other else []


def _presence_forbids(name: str, loop: Device | None, now: float) -> list[Refusal]:
    """Return why the safety loop `name` vetoes the securing motion; unknown and faulty count as occupied (R09, R29)."""
    if loop is None:
        return [Refusal(Rule.DETECTOR, name, "this loop is not supervised")]
    if loop.state == "occupied":
        return [Refusal(Rule.PRESENCE, name, "loop occupied")]
    if loop.state != "clear":
        return [Refusal(Rule.DETECTOR, name, f"loop {loop.state}, which counts as occupied (R09)")]
    if not all(loop.trusts(signal, now) for signal in loop.spec.inputs):
        return [Refusal(Rule.DETECTOR, name, "loop reading too old, which counts as occupied (R09)")]
    if now < loop.since + CLEAR_S:
        because = f"loop clear for {now - loop.since:.1f} s only; {CLEAR_S:.1f} s is required"
        return [Refusal(Rule.PRESENCE, name, because)]
    return []


def _airlock_forbids(name: str, other: Device | None, now: float) -> list[Refusal]:
    """Two rows of a vehicle airlock are never open together (PAS 69): this one opens only while the other is secured."""
    if isinstance(other, Mover) and confirmed(other, other.spec.secured_state, now):
        return []
    state = "not supervised" if other is None else f"{other.state}, not confirmed secured"
    return [Refusal(Rule.AIRLOCK, name, f"the other row is {state}")]
