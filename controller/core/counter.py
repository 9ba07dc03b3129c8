"""People counter: counting, or doubtful. It is looked at, and never moves anything (R32).

A count is doubtful when its quality is uncertain (an old message kept by the broker, a time stamp that is too old) or when it is
not a number of people that the place can hold. Unlike other sensors it shows an uncertain value, because it only informs.
"""

from __future__ import annotations

from typing import cast

from controller.core.device import Alarm, Device, Event, Neighbours, Step
from controller.core.readings import Quality, Reading
from controller.core.said import said
from controller.core.sensing import no_orders, sensor_table, shown, taken_in
from controller.core.spec import CounterSpec

TABLE = sensor_table("counter", "counting", "doubtful")


def classify(counter: Device, now: float) -> str:
    """Name what the reading shows."""
    reading = _usable(counter, now)
    if reading is None:
        return "unseen"
    value, most = reading.value, cast(CounterSpec, counter.spec).plausible_max
    counts = isinstance(value, int | float) and value >= 0 and (most is None or value <= most)
    return "counting" if reading.quality is Quality.GOOD and counts else "doubtful"


def _usable(counter: Device, now: float) -> Reading | None:
    """Return the count while it is neither bad nor too old."""
    reading = counter.readings.get("count")
    if counter.down or reading is None or reading.quality is Quality.BAD or now >= _stale_at(counter, reading):
        return None
    return reading


def _stale_at(counter: Device, reading: Reading) -> float:
    return reading.taken + counter.spec.inputs["count"]


def step(counter: Device, event: Event, neighbours: Neighbours, now: float) -> Step:
    """Return what `event` makes of `counter`."""
    after = shown(taken_in(counter, event, TABLE, now), now, TABLE, classify)
    reading = _usable(after, now)
    return Step(after, no_orders(event, after), None if reading is None else _stale_at(after, reading))


def alarms(counter: Device) -> tuple[Alarm, ...]:
    """Return the conditions of this counter that a person must know of (R32)."""
    if counter.state == "doubtful":
        return (Alarm("count-doubtful", 4, said("the count is old or implausible"), latching=False),)
    return ()
