"""Speed radar: a target or none. A reading is dropped one second after its packet (R28); threats only annunciate (R08).

The radar sends a frame every 250 ms whether it sees something or not (MPH protocol page), so silence is never "no target":
it is `unknown`. In standby or self-test its speed means nothing.
"""

from __future__ import annotations

from controller.core.device import Alarm, Device, Event, Neighbours, Step
from controller.core.sensing import sense, sensor_table

TABLE = sensor_table("radar", "quiet", "target", "standby")

SLOWEST_KMH = 4.0
"""Speeds below are reported as 0 (MPH protocol page)."""


def classify(radar: Device, now: float) -> str:
    """Name what trusted readings show."""
    if any(name in radar.spec.inputs and radar.truth(name, now) for name in ("standby", "self_test")):
        return "standby"
    speed = radar.readings["speed"].value
    return "target" if isinstance(speed, int | float) and speed >= SLOWEST_KMH else "quiet"


def step(radar: Device, event: Event, neighbours: Neighbours, now: float) -> Step:
    """Return what `event` makes of `radar`."""
    return sense(radar, event, now, TABLE, classify)


def alarms(radar: Device) -> tuple[Alarm, ...]:
    """Return the conditions of this radar that a person must know of."""
    return ()
