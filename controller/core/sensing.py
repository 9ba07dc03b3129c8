"""What all sensors have in common: their state is a classification of their readings, run through the kind's table.

A sensor does nothing and is never ordered. Its step takes in the event, classifies, and says when its readings grow too old.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from controller.core.command import Life, Refusal, Rule
from controller.core.device import (
    NOTHING_READ,
    Device,
    Effect,
    Event,
    Lost,
    Ordered,
    Progress,
    Restored,
    Sampled,
    Step,
    soonest,
)
from controller.core.replacing import replace
from controller.core.said import said, word
from controller.core.table import Row, Silence, Table

D = TypeVar("D", bound=Device)
Classify = Callable[[Device, float], str]
"""Names the state that the readings show; `unseen` where they cannot be trusted."""


def sensor_table(name: str, *states: str) -> Table:
    """Make the table of a sensor: `states` are what its readings can show, each the event of the same name.

    Beside them stand unknown (start, stale or bad data; event `unseen`), which one full fresh reading leaves, and offline (event
    `lost`), which is left when the units answer again (`restored`); then nothing is known yet.
    """
    every = ("unknown", *states, "offline")
    in_reach = every[:-1]
    return Table(
        name=name,
        states=every,
        events=(*states, "unseen", "lost", "restored"),
        rows=(
            *(Row(s, tuple(e for e in in_reach if e != s), s) for s in states),
            Row("unseen", states, "unknown"),
            Row("lost", in_reach, "offline"),
            Row("restored", ("offline",), "unknown"),
        ),
        ignored=(
            *(Silence(s, (s,), "it shows that already") for s in states),
            *(Silence(s, ("offline",), "a unit that does not answer shows nothing") for s in states),
            Silence("unseen", ("unknown", "offline"), "nothing is known already"),
            Silence("lost", ("offline",), "it is offline already"),
            Silence("restored", in_reach, "it is not offline"),
        ),
    )


def taken_in(device: D, event: Event, table: Table, now: float) -> D:
    """Return `device` with the readings, the loss or the return of a unit that `event` brings."""
    match event:
        case Sampled(readings):
            return device.heard(readings)
        case Lost(unit, why):
            return device.lost(unit, now).entered(table.next(device.state, "lost"), now, why)
        case Restored(unit):
            after = device.restored(unit, now)
            return after if after.down else after.entered(table.next(after.state, "restored"), now, NOTHING_READ)
    return device


def trusts_all(device: Device, now: float) -> bool:
    """Tell whether every input can be trusted and every unit answers."""
    return not device.down and all(device.trusts(name, now) for name in device.spec.inputs)


def shown(device: D, now: float, table: Table, classify: Classify) -> D:
    """Return `device` in the state that its readings show."""
    event = classify(device, now)
    return device.entered(
        table.next(device.state, event), now, said("a reading is not fresh") if event == "unseen" else ""
    )


def no_orders(event: Event, device: Device) -> tuple[Effect, ...]:
    """Answer an order to something that does not move."""
    if not isinstance(event, Ordered):
        return ()
    refusal = Refusal(Rule.KIND, device.spec.id, said("a {kind} cannot be moved", kind=word(device.spec.kind)))
    return (Progress(event.order.id, Life.REFUSED, refusal.because, (refusal,)),)


def _limit_due(device: Device) -> float | None:
    """Return when `device` has been in its state for too long, None where it may stay."""
    limit_s = device.spec.limits.get(device.state)
    return None if limit_s is None else device.since + limit_s


def timed(device: D, now: float) -> D:
    """Return `device`, marked where it has been in its state for longer than that state's limit (R29)."""
    due = _limit_due(device)
    overdue = due is not None and now >= due
    return device if overdue is device.overdue else replace(device, overdue=overdue, version=device.version + 1)


def sense(device: Device, event: Event, now: float, table: Table, classify: Classify) -> Step:
    """Return what `event` makes of a sensor whose readings `classify` names."""
    after = timed(shown(taken_in(device, event, table, now), now, table, classify), now)
    return Step(
        after, no_orders(event, after), soonest(after.next_stale(now), None if after.overdue else _limit_due(after))
    )
