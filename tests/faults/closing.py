"""The end of a trial: the site has time to come back, people put right what is held, and every mover has to move both ways."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence

from controller.core.command import Life
from controller.core.mover import GOALS
from controller.core.spec import Action, Kind
from controller.ports import Record
from tests.faults.afterwards import Commandable, Recorded
from tests.faults.bench import Bench
from tests.faults.invariants import Invariant
from tests.faults.people import People

RECOVERED_S = 14.0
"""How long after the last fault a site has to come back: twice the longest wait between two attempts to connect, and more."""
ARM_EVERY_S = 1.0
"""How often people arm what is missing, until it is back."""
CALM_S = 1.2
"""For how long everything has to be well: loops are clear for a second before anything is raised (R09)."""
LOOK_S = 0.2
RECORDED_S = 1.0
"""How long what is noted may take to be on the disk."""


async def recovered(b: Bench) -> None:
    """Give the site RECOVERED_S; less where everything shows that it has come back, and nothing is under way any more."""
    people, end, arm_at, troubled_at = People(b), b.now + RECOVERED_S, b.now, b.now
    while b.now < end and b.now - troubled_at < CALM_S:
        if b.now >= arm_at:
            arm_at = b.now + ARM_EVERY_S
            await people.arm(_missing(b))
        await b.sleep(LOOK_S)
        troubled_at = max(troubled_at, _blinked_at(b)) if _calm(b) else b.now


def _calm(b: Bench) -> bool:
    supervisor = b.service.supervisor
    # What is being taken in is on no record yet.
    taking = any(task.get_name().startswith("order ") for task in asyncio.all_tasks())
    ordered = taking or bool(supervisor.ledger.live())
    passing = any(not passage.ended for passage in supervisor.passages.logbook.all())
    # An access that began while the disk was slow takes as long as it would have then.
    return not (
        ordered or passing or b.now < b.disk.busy_until or any(box.tripped for box in b.boxes.values())
    ) and all(
        device.state == "clear" if device.spec.kind is Kind.LOOP else device.state not in ("unknown", "offline")
        for device in supervisor.board.values()
    )


def _blinked_at(b: Bench) -> float:
    """Return when a loop last became clear: it may have been lost and come back between two looks."""
    board = b.service.supervisor.board
    return max((device.since for device in board.values() if device.spec.kind is Kind.LOOP), default=-math.inf)


def _missing(b: Bench) -> list[str]:
    """Name the devices with an output on a unit that does not answer, or does nothing: by way of those it is armed anew (R26)."""
    assert b.trace.plant is not None
    up = b.service.supervisor.units_up
    units = {unit for unit, box in b.boxes.items() if box.tripped or unit not in up}
    return [f.spec.id for f in b.trace.plant.fittings if any(unit in units for _, unit, _ in f.outputs.values())]


async def judged(b: Bench, judges: Sequence[Invariant]) -> Sequence[Record]:
    """Put to the test what must hold when everything is over; return what the journal holds of commands."""
    for judge in judges:
        if isinstance(judge, Commandable):
            await commandable(b, judge)
    await b.sleep(RECORDED_S)
    records = await b.records(kind="command")
    for judge in judges:
        if isinstance(judge, Recorded):
            judge.closes(records)
    return records


async def commandable(b: Bench, judge: Commandable) -> None:
    """Order every mover to block the way, then each to open; look in the world whether it went there."""
    await People(b).put_right(list(judge.known.movers))
    for name, spec in judge.known.movers.items():
        await _move(b, name, spec.secures, judge)
    for name, spec in judge.known.movers.items():
        await _move(b, name, spec.opens, judge)
        if spec.airlock_with:
            await _move(b, name, spec.secures, judge)


async def _move(b: Bench, mover: str, action: Action, judge: Commandable) -> None:
    command = await b.order(action, mover)
    goal = 1.0 if action is Action.RAISE else 0.0
    if command.life is Life.REFUSED:
        judge.settles(mover, f"{action} is refused: {'; '.join(map(str, command.refusals))}")
        return
    try:
        await b.ended(command)
    except AssertionError as error:
        judge.settles(mover, str(error))
        return
    there = all(abs(p - goal) < 0.01 for p in b.mover(mover).positions)
    shows = b.device(mover).state == GOALS[action]
    why = (
        ""
        if there and shows and command.life is Life.CONFIRMED
        else f"{action} ended {command.life}: {command.because}"
    )
    judge.settles(mover, why)
    await b.sleep(0.5)
