"""What is shown to the outside, as JSON-ready dictionaries. Times are RFC 3339 UTC outside, monotonic inside.

Beside its sentences each object has `words`: by field, what a translation of that needs. What is empty, said in the words of
somebody else, or read back from the journal, which holds sentences only, is not among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from controller.annunciator import Annunciator
from controller.core.alarms import STATE_CODES, Standing, may_be_hidden
from controller.core.command import Refusal
from controller.core.device import Device, Neighbours
from controller.core.modes import Holds
from controller.core.mover import Mover
from controller.core.refusals import forbidding
from controller.core.said import Said, shape
from controller.core.spec import Action, MoverSpec
from controller.ledger import Command
from controller.logbook import Account

Stamp = Callable[[float], str]
"""Turns monotonic seconds of this run into RFC 3339 UTC."""


def words(**texts: str) -> dict[str, Any]:
    """Return what a translation of these needs, each under the name of its field; nothing of what cannot be translated."""
    return {field: shape(text) for field, text in texts.items() if isinstance(text, Said)}


def refusal(why: Refusal) -> dict[str, Any]:
    """Show one reason why an order is refused."""
    return {
        "rule": str(why.rule),
        "device": why.device,
        "because": why.because,
        "words": words(because=why.because),
    }


def _refusals(found: Iterable[Refusal]) -> list[dict[str, Any]]:
    return [refusal(why) for why in found]


def _history(steps: Iterable[Mapping[str, str]]) -> list[dict[str, Any]]:
    return [{**step, "words": words(because=step["because"])} for step in steps]


def device(shown: Device, neighbours: Neighbours, now: float, stamp: Stamp) -> dict[str, Any]:
    """Show one device: what it is, what it shows and how old that is, and what forbids moving it at this instant."""
    waiting = shown.waiting if isinstance(shown, Mover) else ""
    return {
        "id": shown.spec.id,
        "kind": str(shown.spec.kind),
        "title": shown.spec.title,
        "zone": shown.spec.zone,
        "state": shown.state,
        "why": shown.why,
        "mode": str(shown.mode),
        "version": shown.version,
        "since": stamp(shown.since) if shown.since else None,
        "points": {
            name: {"value": r.value, "quality": str(r.quality), "taken": stamp(r.taken), "age_s": round(r.age(now), 3)}
            for name, r in shown.readings.items()
        },
        "max_age_s": dict(shown.spec.inputs),
        "secures_by": str(shown.spec.secures) if isinstance(shown, Mover) else None,
        "secured": secured(shown) if isinstance(shown, Mover) else None,
        "order": shown.order.id if isinstance(shown, Mover) and shown.order else None,
        "waiting": waiting,
        "words": words(why=shown.why, waiting=waiting),
        "forced": _forced(shown),
        "wishes": _wishes(shown, stamp),
        "held": _held(shown.holds if isinstance(shown, Mover) else Holds()),
        "accepted_risks": list(shown.spec.accepted) if isinstance(shown.spec, MoverSpec) else [],
        "interlocks": _interlocks(shown, neighbours, now),
    }


def _forced(shown: Device) -> dict[str, Any] | None:
    """Show the output that is forced by hand, and by whom; None where none is."""
    if not isinstance(shown, Mover) or shown.force is None:
        return None
    order = shown.force.order
    return {"point": order.point, "level": order.level, "by": order.who, "order": order.id}


def _wishes(shown: Device, stamp: Stamp) -> list[dict[str, Any]]:
    """Show what one person has asked for that takes a second one, and until when that one has to ask too."""
    wishes = shown.wishes if isinstance(shown, Mover) else ()
    return [{"action": str(w.action), "by": w.by, "order": w.order, "until": stamp(w.until)} for w in wishes]


def _held(holds: Holds) -> dict[str, Any]:
    """Show what people hold over a device: lock-outs, a latched emergency, who tests it."""
    return {
        "tags": [{"tag": t.tag, "owner": t.owner, "why": t.why, "asked_by": t.asked_by} for t in holds.tags],
        "efo": None if holds.efo is None else {"by": holds.efo.by, "role": holds.efo.role, "order": holds.efo.order},
        "test": holds.test,
    }


def secured(mover: Mover) -> bool | None:
    """Tell whether it blocks the way; None where its position is not known or, in a fault, not to be relied on."""
    if mover.state in ("unknown", "offline", "fault"):
        return None
    return mover.state == mover.spec.secured_state


def opened(mover: Mover) -> bool:
    """Tell whether it is confirmed to let vehicles pass."""
    return mover.state == mover.spec.open_state


def _interlocks(shown: Device, neighbours: Neighbours, now: float) -> list[dict[str, Any]]:
    if not isinstance(shown, Mover):
        return []
    return [
        {"action": str(action), **refusal(why)}
        for action in Action
        for why in forbidding(shown, action, neighbours, now)
    ]


def command(given: Command) -> dict[str, Any]:
    """Show one command and how far it has come."""
    return {
        "id": given.request.id,
        "target": given.request.target,
        "action": given.request.action,
        "principal": given.request.principal,
        "role": given.request.role,
        "by": given.request.by,
        "hold": given.request.hold,
        "point": given.request.point,
        "level": given.request.level,
        "passage": given.request.passage,
        "reason": given.request.reason,
        "received": given.at,
        "expires_in_s": given.request.expires_in_s,
        "life": str(given.life),
        "ended": given.life.ended,
        "because": given.because,
        "words": words(because=given.because),
        "refusals": _refusals(given.refusals),
        "together_with": given.together_with,
        "members": list(given.members),
        "history": _history(given.history),
    }


def passage(account: Account) -> dict[str, Any]:
    """Show one passage, how far each of its points has come, and how it went there."""
    asked = account.asked
    return {
        "id": asked.id,
        "target": asked.target,
        "form": str(account.form),
        "direction": asked.direction,
        "vehicle": asked.vehicle,
        "by": asked.by,
        "principal": asked.principal,
        "reason": asked.reason,
        "requested": account.at,
        "hold_s": account.hold_s,
        "stage": account.stage,
        "ended": account.ended,
        "because": account.because,
        "words": words(because=account.because),
        "refusals": _refusals(account.refusals),
        "points": [
            {"device": device, "stage": stage, "because": because, "words": words(because=because)}
            for device, (stage, because) in account.stages.items()
        ],
        "history": _history(account.history),
    }


def alarm(standing: Standing, alarms: Annunciator) -> dict[str, Any]:
    """Show one alarm, of those of `alarms`."""
    return {
        "id": standing.id,
        "device": standing.device,
        "zone": standing.zone,
        "name": standing.alarm.name,
        "priority": standing.alarm.priority,
        "text": standing.text,
        "words": words(text=standing.text, reason=standing.reason),
        "state": str(standing.state),
        "state_code": STATE_CODES[standing.state],
        "active": standing.active,
        "since": standing.since,
        "by": standing.by,
        "reason": standing.reason,
        "until": standing.until or None,
        "stale": alarms.stale(standing),
        "chattering": alarms.chattering(standing),
        "sound": standing.alarm.sound or None,
        "sounding": standing.sounding,
        "proposes": standing.alarm.proposes or None,
        "hideable": may_be_hidden(standing),
    }


def alarms(held: Annunciator) -> dict[str, Any]:
    """Show the alarms of a site: those annunciated, those hidden, whether there is a flood of them, and how many there are."""
    return {
        "alarms": [alarm(standing, held) for standing in held.standing()],
        "hidden": [alarm(standing, held) for standing in held.hidden()],
        "flood": held.flood,
        "counts": held.counts(),
    }
