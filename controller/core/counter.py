"""People counter: counting, or doubtful. It is looked at, and never moves anything (R32).

A count is doubtful when its quality is (an old message kept by the broker, a time stamp that is too old) or when it is more than
the place can hold.
"""

from __future__ import annotations

from typing import cast

from controller.core.device import Alarm, Device, Event, Neighbours, Step
from controller.core.readings import Quality
from controller.core.sensing import no_orders, sensor_table, taken_in
from controller.core.spec import CounterSpec

TABLE = sensor_table("counter", "counting", "doubtful")


def classify(counter: Device, now: float) -> str:
    """Name what the reading shows; unlike other sensors an uncertain value is shown, as doubtful."""
    reading = counter.readings.get("count")
    stale = reading is None or now >= reading.taken + counter.spec.inputs["count"]
    if counter.down or stale or reading is None or reading.value is None or isinstance(reading.value, str):
        return "unseen"
    most = cast(CounterSpec, counter.spec).plausible_max
    plausible = reading.value >= 0 and (most is None or reading.value <= most)
    return "counting" if reading.quality is Quality.GOOD and plausible else "doubtful"


def step(counter: Device, event: Event, neighbours: Neighbours, now: float) -> Step:
    """Return what `event` makes of `counter`."""
    after = taken_in(counter, event, TABLE, now)
    shown = classify(after, now)
    after = after.entered(TABLE.next(after.state, shown), now, "no fresh count" if shown == "unseen" else "")
    reading = after.readings.get("count")
    wake = None if shown == "unseen" or reading is None else reading.taken + after.spec.inputs["count"]
    return Step(after, no_orders(event, after), wake)


def alarms(counter: Device) -> tuple[Alarm, ...]:
    """Return the conditions of this counter that a person must know of (R32)."""
    if counter.state == "doubtful":
        return (Alarm("count-doubtful", 4, "the count is old or implausible"),)
    return ()
