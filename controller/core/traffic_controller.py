"""An external traffic controller as its return contacts show it: normal, flashing, dark, or in failure (R31).

NF P 99-110 controllers and their successors return these as dry contacts (DIASER speaks them on a wire); RSMP names them S0011,
S0007, A0006 and A0201. Nothing is ordered of it. What moves on a crossing that it governs waits until it is normal again.
"""

from __future__ import annotations

from controller.core.device import Alarm, Device, Event, Neighbours, Step
from controller.core.said import said, word
from controller.core.sensing import sense, sensor_table, trusts_all

TABLE = sensor_table("traffic_controller", "normal", "flashing", "dark", "failure")


def classify(controller: Device, now: float) -> str:
    """Name what the contacts show; the worst of them counts."""
    if not trusts_all(controller, now):
        return "unseen"
    worst = (name for name in ("failure", "dark", "flashing") if _says(controller, name, now))
    return next(worst, "normal")


def _says(controller: Device, name: str, now: float) -> bool:
    return name in controller.spec.inputs and bool(controller.truth(name, now))


def step(controller: Device, event: Event, neighbours: Neighbours, now: float) -> Step:
    """Return what `event` makes of `controller`."""
    return sense(controller, event, now, TABLE, classify)


def alarms(controller: Device) -> tuple[Alarm, ...]:
    """Return the conditions of this controller that a person must know of (R31)."""
    if controller.state in ("flashing", "dark", "failure"):
        text = said("the traffic controller is {state}: only emergencies move (R31)", state=word(controller.state))
        return (Alarm("traffic-controller", 2, text),)
    return ()
