"""A contact: cabinet door, mains present, battery fault. Active or normal; which level is active is wiring (`active_when`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from controller.core.device import Alarm, Device, Event, Neighbours, Step
from controller.core.said import Said, said
from controller.core.sensing import sense, sensor_table, trusts_all
from controller.core.spec import ContactSpec, Meaning

TABLE = sensor_table("contact", "normal", "active")

MEANINGS: Mapping[Meaning, tuple[str, int, Said, Said]] = {
    Meaning.TAMPER: ("tamper", 2, said("tampered with"), said("no longer tampered with")),
    Meaning.MAINS: (
        "mains-lost",
        2,
        said("primary power has failed, on standby power"),
        said("primary power is back, off standby power"),
    ),
    Meaning.BATTERY: ("battery", 2, said("standby power in trouble"), said("standby power in order again")),
    Meaning.HYDRAULIC: ("hydraulic", 2, said("hydraulic unit in trouble"), said("hydraulic unit in order again")),
    Meaning.DOOR: ("door-open", 3, said("open"), said("closed again")),
    Meaning.FORCED: ("forced", 1, said("position forced"), said("position no longer forced")),
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
        return (Alarm("contact-active", 3, spec.title or said("contact active")),)
    name, priority, text, over = MEANINGS[spec.means]
    where = spec.title or spec.id
    told, ended = (said("{what}: {where}", what=what, where=where) for what in (text, over))
    return (Alarm(name, priority, told, over=ended),)
