"""Speed radar: no target, one, or one that is too fast. A reading is dropped one second after its packet (R28).

Overspeed is a threat, which only annunciates (R08): it sounds until a person acknowledges it.

The radar sends a frame every 250 ms whether it sees something or not (MPH protocol page), so silence is never "no target":
it is `unknown`. In standby or self-test its speed means nothing; a self-test may keep it silent for eight seconds.
"""

from __future__ import annotations

from typing import cast

from controller.core.device import Alarm, Device, Event, Neighbours, Step, soonest
from controller.core.readings import truth
from controller.core.said import said
from controller.core.sensing import no_orders, sensor_table, shown, taken_in, trusts_all
from controller.core.spec import RadarSpec

TABLE = sensor_table("radar", "quiet", "target", "overspeed", "standby")

SLOWEST_KMH = 4.0
"""Speeds below are reported as 0 (MPH protocol page)."""

SELF_TEST_S = 8.0
"""How long a radar that announced its self-test may stay silent (R28, MPH protocol page)."""


def classify(radar: Device, now: float) -> str:
    """Name what the readings show."""
    if not radar.down and truth(radar.readings.get("self_test"), now, SELF_TEST_S):
        return "standby"
    if not trusts_all(radar, now):
        return "unseen"
    if "standby" in radar.spec.inputs and radar.truth("standby", now):
        return "standby"
    speed = radar.readings["speed"].value
    if not isinstance(speed, int | float):
        return "unseen"
    if speed > cast(RadarSpec, radar.spec).overspeed_kmh:
        return "overspeed"
    return "target" if speed >= SLOWEST_KMH else "quiet"


def step(radar: Device, event: Event, neighbours: Neighbours, now: float) -> Step:
    """Return what `event` makes of `radar`."""
    after = shown(taken_in(radar, event, TABLE, now), now, TABLE, classify)
    tested = after.readings.get("self_test")
    silence_ends = None if tested is None or now >= tested.taken + SELF_TEST_S else tested.taken + SELF_TEST_S
    return Step(after, no_orders(event, after), soonest(after.next_stale(now), silence_ends))


def alarms(radar: Device) -> tuple[Alarm, ...]:
    """Return the threat that a person must know of: it sounds until acknowledged, and proposes what a person may order (R23)."""
    if radar.state != "overspeed":
        return ()
    spec = cast(RadarSpec, radar.spec)
    speed = radar.readings["speed"].value
    text = said("{speed:g} km/h, more than {most:g} km/h", speed=speed, most=spec.overspeed_kmh)
    return (Alarm("overspeed", 1, text, sound="pulsing", proposes=f"secure {spec.zone}"),)
