"""What stands in the journal of the bench: orders, the devices that they move, alarms, and rarely a change of mode or a unit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from controller.journal.chain import Draft, canonical, label
from controller.ports import Entry

DEVICES = 200
STEPS = ("received", "accepted", "moving", "confirmed")
"""An order has a record for each, and these follow one another with three of its device and an alarm."""
TURN = 8
RARE = 10_007
"""Every so many records one is of kind `mode` or `unit`; it has no part with TURN, so it stands in place of each kind in turn."""
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
EVERY = timedelta(milliseconds=6)
"""10,000 records a minute."""

_ASKED = {
    "target": "row-7", "action": "raise", "principal": "local-token", "role": "operator", "by": "", "reason": "market is over",
    "expires_in_s": 5.0, "seen": None, "hold": False,
}  # fmt: skip
_MOVED = {"state": "raising", "was": "lowered", "mode": "remote", "version": 41, "why": ""}
_ALARM = {"name": "late", "priority": 3, "state": "unacknowledged", "text": "not raised within 5 s", "active": True}
_KINDS = (*("command" for _ in STEPS), "device", "device", "device", "alarm")
_BODIES = (*({"life": step, "because": "", **_ASKED} for step in STEPS), _MOVED, _MOVED, _MOVED, _ALARM)
_TEXTS = tuple(canonical(body) for body in _BODIES)


def device(n: int) -> str:
    """Return the device that record `n` is about."""
    return f"row-{n // TURN % DEVICES}"


def unit(n: int) -> str:
    """Return a unit; the journal has few records of it, and no alarm."""
    return f"io-{n // RARE % DEVICES}"


def command(n: int) -> str:
    """Return the id of the order whose records stand beside record `n`."""
    return f"0193c2a0-7b1c-7000-8000-{n // TURN:012x}"


def entry(n: int) -> Entry:
    """Return record `n` as the service would hand it in."""
    if n % RARE == 0:
        odd = n // RARE % 2
        return Entry("unit", unit(n), "", {"event": "up"}) if odd else Entry("mode", device(n), "", {"mode": "test"})
    kind = n % TURN
    return Entry(_KINDS[kind], device(n), command(n) if kind < len(STEPS) else "", _BODIES[kind])


def drafts(first: int, count: int) -> Iterator[Draft]:
    """Return what `draft` makes of these entries, without writing each body anew."""
    for n in range(first, first + count):
        it, at = entry(n), label(BEGAN + n * EVERY)
        yield Draft(at, it.kind, it.device, it.command, canonical(it.body) if n % RARE == 0 else _TEXTS[n % TURN])
