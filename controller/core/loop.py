"""Induction loop (or any presence sensor): clear, occupied, or faulty. A faulty loop counts as occupied wherever it vetoes (R29).

A detector that reports an open or shorted loop does not know whether a vehicle stands there, whatever its relay says, so `fault`
outranks `detect`. One that is occupied, or clear, for longer than its site allows is more likely broken than right: an alarm, and
no change of what it shows. How long it has been clear is what R09 asks for: `since` is when the clear state was entered.
"""

from __future__ import annotations

from controller.core.device import Alarm, Device, Event, Neighbours, Step
from controller.core.said import said
from controller.core.sensing import sense, sensor_table, trusts_all

TABLE = sensor_table("loop", "clear", "occupied", "fault")


def classify(loop: Device, now: float) -> str:
    """Name what the readings show."""
    if not trusts_all(loop, now):
        return "unseen"
    if "fault" in loop.spec.inputs and loop.truth("fault", now):
        return "fault"
    return "occupied" if loop.truth("detect", now) else "clear"


def step(loop: Device, event: Event, neighbours: Neighbours, now: float) -> Step:
    """Return what `event` makes of `loop`."""
    return sense(loop, event, now, TABLE, classify)


def alarms(loop: Device) -> tuple[Alarm, ...]:
    """Return the conditions of this loop that a person must know of (R29)."""
    if loop.state == "fault":
        return (Alarm("detector-fault", 2, said("loop open or shorted: treated as occupied (R29)")),)
    if loop.overdue:
        limit_s = loop.spec.limits[loop.state]
        if loop.state == "occupied":
            text = said("occupied for more than {minutes:g} min: look at the detector (R29)", minutes=limit_s / 60)
            return (Alarm("presence-limit", 3, text),)
        text = said("clear for more than {hours:g} h: look at the detector (R29)", hours=limit_s / 3600)
        return (Alarm("absence-limit", 3, text),)
    return ()
