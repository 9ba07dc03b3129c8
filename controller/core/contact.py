"""A contact: cabinet door, mains present, battery fault. Active or normal; which level is active is wiring (`active_when`)."""

from __future__ import annotations

from typing import cast

from controller.core.device import Alarm, Device, Event, Neighbours, Step
from controller.core.sensing import sense, sensor_table, trusts_all
from controller.core.spec import ContactSpec

TABLE = sensor_table("contact", "normal", "active")


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
    """Return the conditions of this contact that a person must know of: tamper, mains, battery (R39)."""
    if contact.state == "active":
        return (Alarm("contact-active", 3, contact.spec.title or "contact active"),)
    return ()
