"""What people have hidden outlives a restart of the controller: alarms shelved and out of service, read back from the journal.

Conditions are never read back: they are derived anew from the field (a start knows nothing). What cannot be read is not hidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from controller.annunciator import CONTROLLER, REMIND_EVERY, Change
from controller.core.alarms import SHELVE_MAX_S, AlarmState, Standing
from controller.core.device import Alarm
from controller.ports import Entry, Journal

KIND = "alarm"
"""The kind of a journal entry about an alarm, or about the flood of them."""

LOOK_BACK = 2 * REMIND_EVERY
"""How many of the newest records of alarms are looked at after a restart."""

_HIDDEN = (AlarmState.SHELVED, AlarmState.OUT_OF_SERVICE)


def entry(standing: Standing, change: Change) -> Entry:
    """Return the record of a change: the alarm as it is after it, what happened, who did it and why."""
    body = {
        "id": standing.id,
        "event": change.event,
        "who": change.who,
        "why": change.why,
        "state": str(standing.state),
        "name": standing.alarm.name,
        "priority": standing.alarm.priority,
        "text": standing.text,
        "zone": standing.zone,
        "since": standing.since,
        "until": standing.until,
        "by": standing.by,
        "reason": standing.reason,
    }
    return Entry(
        KIND, standing.device, body=body if standing.source == standing.device else {**body, "source": standing.source}
    )


def flood_entry(flood: bool, count: int) -> Entry:
    """Return the record of a flood's begin or end."""
    event = "flood" if flood else "flood-over"
    return Entry(KIND, body={"event": event, "who": CONTROLLER, "why": f"{count} alarms in the last 10 min"})


async def hidden_before(journal: Journal, label: str, now: float) -> list[Standing]:
    """Return what an earlier run left hidden, at the instant `label` (RFC 3339) and `now` (monotonic s).

    A shelving whose time was over meanwhile is not among them. Raises JournalUnavailable.
    """
    last: dict[str, Entry] = {}
    for record in await journal.select(0, LOOK_BACK, kind=KIND, newest=True):
        if "id" in record.entry.body:
            last[record.entry.body["id"]] = record.entry
    return list(_hidden(last.values(), label, now))


def _hidden(entries: Iterable[Entry], label: str, now: float) -> Iterable[Standing]:
    for one in entries:
        body = one.body
        if body["state"] not in _HIDDEN:
            continue
        left_s = _left_s(body, label)
        if left_s is None or left_s > 0:
            yield _standing(one, None if left_s is None else now + min(left_s, SHELVE_MAX_S))


def _left_s(body: Mapping[str, Any], label: str) -> float | None:
    """Return how long a shelving still lasts, by the wall clock; None for what lasts until a person ends it."""
    if body["state"] != AlarmState.SHELVED:
        return None
    return (datetime.fromisoformat(body["until"]) - datetime.fromisoformat(label)).total_seconds()


def _standing(one: Entry, due: float | None) -> Standing:
    body = one.body
    return Standing(
        id=body["id"],
        source=body.get("source", one.device),
        device=one.device,
        alarm=Alarm(body["name"], body["priority"], body["text"]),
        zone=body["zone"],
        state=AlarmState(body["state"]),
        since=body["since"],
        by=body["by"],
        reason=body["reason"],
        until=body["until"],
        due=due,
    )


def later(label: str, seconds: float) -> str:
    """Return the label of the instant `seconds` after that of `label`, both RFC 3339 UTC."""
    at = datetime.fromisoformat(label) + timedelta(seconds=seconds)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
