"""Warning beacon, a lamp with its buzzer: lit while steel is about to move and while it moves (R13, Gibidi DPT260 p. 26).

The state is what the lamp's current shows: `lit` or `dark`. It is asked to be lit while an order for one of its movers waits or
drives a motion, and dark otherwise. The movers wait for the proof; nothing of that is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from controller.core.device import Alarm, Device, Event, Neighbours, Step
from controller.core.lamps import Lamps, Lighting, light, unwritten
from controller.core.mover import Mover
from controller.core.readings import Value
from controller.core.said import said, word
from controller.core.sensing import sensor_table, trusts_all
from controller.core.spec import BeaconSpec

TABLE = sensor_table("beacon", "lit", "dark")


@dataclass(frozen=True, slots=True, kw_only=True)
class Beacon(Lamps):
    """A beacon at one instant."""

    spec: BeaconSpec
    asked: str = "dark"


def classify(beacon: Device, now: float) -> str:
    """Name what the lamp's current shows."""
    if not trusts_all(beacon, now):
        return "unseen"
    return "lit" if beacon.truth("lamp", now) else "dark"


def wanted(beacon: Lamps, neighbours: Neighbours, now: float) -> str:
    """Name what its movers need."""
    movers = (neighbours.get(name) for name in cast(BeaconSpec, beacon.spec).warns)
    return "lit" if any(isinstance(m, Mover) and (m.moving or m.waiting) for m in movers) else "dark"


def levels(asked: str) -> dict[str, Value]:
    """Return the output."""
    return {"light": asked == "lit"}


_LIGHTING = Lighting(
    table=TABLE,
    classify=classify,
    wanted=wanted,
    levels=levels,
    heeded=lambda beacon: (),
)


def step(beacon: Beacon, event: Event, neighbours: Neighbours, now: float) -> Step:
    """Return what `event` makes of `beacon`."""
    return light(beacon, event, neighbours, now, _LIGHTING)


def alarms(beacon: Beacon) -> tuple[Alarm, ...]:
    """Return the conditions of this beacon that a person must know of (R15)."""
    if beacon.unproven:
        text = said("asked to be {asked}, is {state}", asked=word(beacon.asked), state=word(beacon.state))
        return (Alarm("lamp-proof", 2, text), *unwritten(beacon))
    return unwritten(beacon)
