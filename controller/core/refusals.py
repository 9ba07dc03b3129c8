"""Why an order would be refused at this instant: every reason, each with its rule, its device and the reading behind it."""

from __future__ import annotations

from controller.core.command import Order, Refusal, Rule
from controller.core.device import Device, Mode, Neighbours
from controller.core.mover import TABLE, Mover, Position, position
from controller.core.spec import Action

CLEAR_S = 1.0
"""How long a safety loop must have been clear before the securing motion may start (R09, UFGS 02840 p. 21)."""


def judge(mover: Mover, order: Order, neighbours: Neighbours, now: float) -> tuple[Refusal, ...]:
    """Return every reason to refuse `order`; none means that it is accepted."""
    found: list[Refusal] = []
    if now >= order.expires:
        found.append(Refusal(Rule.EXPIRED, mover.spec.id, "the order's time was over before it could be given"))
    if order.seen is not None and order.seen != mover.version:
        found.append(
            Refusal(
                Rule.SEEN,
                mover.spec.id,
                f"it is {mover.state} now (version {mover.version}); you acted on version {order.seen}",
            )
        )
    return (*found, *forbidding(mover, order.action, neighbours, now))


def forbidding(mover: Mover, action: Action, neighbours: Neighbours, now: float) -> tuple[Refusal, ...]:
    """Return what forbids `action` at this instant, whoever asks."""
    found = [*_state_forbids(mover, action, now)]
    if action is Action.STOP:
        return tuple(found)
    found.extend(_mode_forbids(mover))
    if action is mover.spec.secures:
        for name in mover.spec.presence:
            found.extend(presence_forbids(name, neighbours.get(name), now))
    elif mover.spec.airlock_with:
        found.extend(_airlock_forbids(mover, neighbours.get(mover.spec.airlock_with)))
    return tuple(found)


def _state_forbids(mover: Mover, action: Action, now: float) -> list[Refusal]:
    why = TABLE.refusal(mover.state, action)
    if why is not None:
        rule = Rule.UNREACHABLE if mover.state == "offline" else Rule.FRESH
        return [Refusal(rule, mover.spec.id, _blindness(mover, why, now))]
    if action is not Action.STOP and mover.state == "fault" and position(mover, now) is Position.CONTRADICTION:
        return [Refusal(Rule.FAULT, mover.spec.id, f"fault: {mover.fault}")]
    return []


def _blindness(mover: Mover, why: str, now: float) -> str:
    if mover.state == "offline":
        return f"{why}: {mover.why}" if mover.why else why
    stale = [name for name in (*mover.spec.tops, *mover.spec.bottoms) if not mover.trusts(name, now)]
    return f"{why}: no fresh reading of {', '.join(stale)}" if stale else why


def _mode_forbids(mover: Mover) -> list[Refusal]:
    if mover.mode is Mode.REMOTE:
        return []
    words = {Mode.LOCAL: "the key switch is in local", Mode.UNKNOWN: "the key switch cannot be read"}
    return [Refusal(Rule.MODE, mover.spec.id, words[mover.mode])]


def presence_forbids(name: str, loop: Device | None, now: float) -> list[Refusal]:
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
        return [
            Refusal(Rule.PRESENCE, name, f"loop clear for {now - loop.since:.1f} s only; {CLEAR_S:.1f} s is required")
        ]
    return []


def _airlock_forbids(mover: Mover, other: Device | None) -> list[Refusal]:
    """Two rows of a vehicle airlock are never open together (PAS 69): this one opens only while the other is secured."""
    if isinstance(other, Mover) and other.state == other.spec.secured_state:
        return []
    state = "not supervised" if other is None else other.state
    return [Refusal(Rule.AIRLOCK, mover.spec.airlock_with, f"the other row is {state}, not secured")]
