"""A contact: cabinet door, mains present, battery fault. Active or normal; which level is active is wiring (`active_when`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from controller.core.device import Alarm, Device, Event, Neighbours, Step
from controller.core.sensing import sense, sensor_table, trusts_all
from controller.core.spec import ContactSpec, Meaning

TABLE = sensor_table("contact", "normal", "active")

MEANINGS: Mapping[Meaning, tuple[str, int, str, str]] = {
    Meaning.TAMPER: ("tamper", 2, "tampered with", "no longer tampered with"),
    Meaning.MAINS: (
        "mains-lost",
        2,
        "primary power has failed, on standby power",
        "primary power is back, off standby power",
    ),
    Meaning.BATTERY: ("battery", 2, "standby power in trouble", "standby power in order again"),
    Meaning.HYDRAULIC: ("hydraulic", 2, "hydraulic unit in trouble", "hydraulic unit in order again"),
    Meaning.DOOR: ("door-open", 3, "open", "closed again"),
    Meaning.FORCED: ("forced", 1, "position forced", "position no longer forced"),
}
"""What each meaning alarms about: name, priority, what it says, and what it says once it is over (R21, R39)."""


def classify(contact: Device, now: float) -> str:
    """Name what the reading shows."""
    if not trusts_all(contact, now):
        return "unseen"
    spec = cast(ContactSpec, contact.spec)
    return "active" if contact.truth("contact", now) is spec.active_when else "normal"


def step(contact: Device, event: Event, neighbours: Neighbours, now: float) -> Step:
    """Return what `event` makes of `contact`."""
    return sense(contact, event, now, TABLE, classify)


def alarms(contact: Device) -> tuple[Alarm, ...]:
    """Return the condition of this contact that a person must know of, with where it is: what it means, or that it is active."""
    spec = cast(ContactSpec, contact.spec)
    if contact.state != "active":
        return ()
    if spec.means is None:
        return (Alarm("contact-active", 3, spec.title or "contact active"),)
    name, priority, text, over = MEANINGS[spec.means]
    where = spec.title or spec.id
    return (Alarm(name, priority, f"{text}: {where}", over=f"{over}: {where}"),)
