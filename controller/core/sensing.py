"""What all sensors have in common: their state is a classification of their readings, run through the kind's table.

A sensor does nothing and is never ordered. Its step takes in the event, classifies, and says when its readings grow too old.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from controller.core.command import Life, Refusal, Rule
from controller.core.device import (
    Device,
    Effect,
    Event,
    Lost,
    Neighbours,
    Ordered,
    Progress,
    Restored,
    Sampled,
    Step,
)
from controller.core.table import Row, Silence, Table

D = TypeVar("D", bound=Device)
Classify = Callable[[Device, float], str]


def sensor_table(name: str, *states: str, ignored: tuple[Silence, ...] = ()) -> Table:
    """Make the table of a sensor: `states` are what its readings can show, each the event of the same name.

    Beside them stand unknown (start, stale or bad data; event `unseen`) and offline (event `lost`), which every other state can
    enter and which a full fresh reading leaves.
    """
    every = ("unknown", *states, "offline")
    shown = tuple(Row(s, tuple(e for e in every if e != s), s) for s in states)
    return Table(
        name=name,
        states=every,
        events=(*states, "unseen", "lost"),
        rows=(
            *shown,
            Row("unseen", states, "unknown"),
            Row("lost", ("unknown", *states), "offline"),
        ),
        ignored=(
            *(Silence(s, (s,), "it shows that already") for s in states),
            Silence("unseen", ("unknown", "offline"), "nothing is known already"),
            Silence("lost", ("offline",), "it is offline already"),
            *ignored,
        ),
    )


def taken_in(device: D, event: Event, table: Table, now: float) -> D:
    """Return `device` with the readings, the loss or the return of a unit that `event` brings."""
    match event:
        case Sampled(readings):
            return device.heard(readings)
        case Lost(unit, why):
            return device.lost(unit, now, device.spec.inputs).entered(table.next(device.state, "lost"), now, why)
        case Restored(unit):
            return replace(device, down=device.down - {unit})
    return device


def trusts_all(device: Device, now: float) -> bool:
    """Tell whether every input can be trusted and every unit answers."""
    return not device.down and all(device.trusts(name, now) for name in device.spec.inputs)


def no_orders(event: Event, device: Device) -> tuple[Effect, ...]:
    """Answer an order to something that does not move."""
    if not isinstance(event, Ordered):
        return ()
    refusal = Refusal(Rule.KIND, device.spec.id, f"a {device.spec.kind} cannot be moved")
    return (Progress(event.order.id, Life.REFUSED, refusal.because, (refusal,)),)


def sense(device: Device, event: Event, now: float, table: Table, classify: Classify) -> Step:
    """Return what `event` makes of a sensor whose readings `classify` names."""
    after = taken_in(device, event, table, now)
    shown = classify(after, now) if trusts_all(after, now) else "unseen"
    after = after.entered(table.next(after.state, shown), now, "a reading is not fresh" if shown == "unseen" else "")
    return Step(after, no_orders(event, after), after.next_stale(now))


Stepper = Callable[[Device, Event, Neighbours, float], Step]
