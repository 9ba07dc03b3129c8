"""A lockdown that does not block its way: since when that is so, why, and when it is over.

An emergency latches whatever becomes of it, and the latch alone tells nobody that a way is open. So the reason why an emergency
ended without its steel at the securing limit is kept, as is that steel has left that limit under the latch, until the limit
switches show it there or the emergency is reset. It is an alarm of its own, of the highest priority: somebody has to block that
way otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable

from controller.core.command import Life, Order, Switch
from controller.core.device import Alarm, Effect, Event, Ordered, Progress
from controller.core.mover import Mover
from controller.core.replacing import replace
from controller.core.said import said, word

OVER = said("it has blocked the way since, or its emergency was reset")


def minded(before: Mover, after: Mover, event: Event, effects: Iterable[Effect]) -> Mover:
    """Return `after` with why its emergency does not block the way, where that is so.

    As long as an emergency is under way it may still do so. A position that is not known is an alarm already, unless an
    emergency ended so; after a restart it is read first.
    """
    ends = [effect for effect in effects if isinstance(effect, Progress) and effect.life.ended]
    if after.state == after.spec.secured_state or _reset(event, ends):
        return replace(after, unsecured="") if after.unsecured else after
    if after.emergency:
        return after
    fired = [order.id for order in (before.order, _given(event)) if order is not None and order.emergency]
    failed = [end for end in ends if end.order in fired and end.life is not Life.CONFIRMED]
    if failed:
        return replace(after, unsecured=failed[-1].because or _shown(after))
    if not after.unsecured and after.holds.efo is not None and after.state != "unknown":
        return replace(after, unsecured=after.why or _shown(after))
    return after


def _shown(mover: Mover) -> str:
    return said("it is {state}", state=word(mover.state))


def _given(event: Event) -> Order | None:
    return event.order if isinstance(event, Ordered) else None


def _reset(event: Event, ends: Iterable[Progress]) -> bool:
    order = _given(event)
    if order is None or order.action is not Switch.RELEASE:
        return False
    return any(end.order == order.id and end.life is Life.CONFIRMED for end in ends)


def late(mover: Mover) -> Alarm:
    """Return the alarm of an emergency drive whose time is over before it blocks the way (R02)."""
    text = said(
        "it did not block the way within {seconds:g} s of the begin of its emergency drive (R02)",
        seconds=mover.spec.efo_s,
    )
    return Alarm("efo-late", 1, text)


def alarms(mover: Mover) -> tuple[Alarm, ...]:
    """Return the alarm of a way that an emergency does not block, none where there is none."""
    if not mover.unsecured:
        return ()
    spec = mover.spec
    where = said("{device} (zone {zone})", device=spec.id, zone=spec.zone) if spec.zone else spec.id
    text = said("lockdown: {where} does not block the way: {why}", where=where, why=mover.unsecured)
    if mover.state in ("unknown", "offline"):
        text = said("lockdown: {where} is not known to block the way: {why}", where=where, why=mover.unsecured)
    return (Alarm("not-secured", 1, text, proposes=f"lockdown {spec.id}", over=OVER),)
