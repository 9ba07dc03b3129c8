"""Which way vehicles go through a one-way lane: told by the order in which its loops are occupied (R23). It annunciates (R08).

The lane is entered over one loop, `entry`, and left over the other, `exit`. Whoever occupies the exit loop first and then the
entry loop goes the wrong way. What began on the entry loop is a pass, however many vehicles follow one another, and lasts until
both loops have been clear for PASS_S: between the axles of a trailer, or between two loops, a vehicle occupies neither for a
moment. So a vehicle that comes the wrong way while another one passes, or within PASS_S after it, is not told. Both loops found
occupied at once, or when the lane was not known, tell no direction. A vehicle that waits on the exit loop while another one
enters is told as wrong way: a person looks.

It has no wires: it looks at its loops, and where one of them is faulty, unknown or offline, nothing is known. That loop has an
alarm of its own, so this has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from controller.core.device import Alarm, Device, Event, Neighbours, Step
from controller.core.said import said
from controller.core.sensing import no_orders
from controller.core.spec import DirectionSpec
from controller.core.table import Row, Silence, Table

PASS_S = 5.0
"""How long both loops must be clear before a pass is over: 6 m between two loops at 5 km/h take 4.3 s."""


@dataclass(frozen=True, slots=True)
class Lane:
    """What the loops show: one of the table's events; and when a pass is over, once both are clear (monotonic s)."""

    shows: str
    over_at: float = 0.0
    now: float = 0.0


def left(lane: Any) -> bool:
    """Both loops have been clear for as long as a vehicle may be between them."""
    known = cast(Lane, lane)
    return known.now >= known.over_at


_ON_IT = ("entry", "exit", "both")
_SINCE_WHEN = "what came before is not known: nothing is told until both loops are clear"

TABLE = Table(
    name="direction",
    states=("unknown", "free", "passing", "against", "wrong-way"),
    events=("clear", "entry", "exit", "both", "unseen"),
    rows=(
        Row("clear", ("unknown",), "free"),
        Row("entry", ("free",), "passing"),
        Row("both", ("free",), "passing"),
        Row("exit", ("free",), "against"),
        Row("entry", ("against",), "wrong-way"),
        Row("both", ("against",), "wrong-way"),
        Row("clear", ("passing", "against", "wrong-way"), "free", (left,)),
        Row("unseen", ("free", "passing", "against", "wrong-way"), "unknown"),
    ),
    ignored=(
        *(Silence(event, ("unknown",), _SINCE_WHEN) for event in _ON_IT),
        *(Silence(event, ("passing", "wrong-way"), "it goes on") for event in _ON_IT),
        Silence("exit", ("against",), "it may still turn back"),
        Silence("clear", ("free",), "nobody is there"),
        Silence("unseen", ("unknown",), "nothing is known already"),
    ),
)


def look(direction: Device, neighbours: Neighbours, now: float) -> Lane:
    """Read the two loops."""
    spec = cast(DirectionSpec, direction.spec)
    loops = [neighbours.get(name) for name in (spec.entry, spec.exit)]
    known = [loop for loop in loops if loop is not None and loop.state in ("clear", "occupied")]
    if len(known) < len(loops):
        return Lane("unseen")
    entry, exit_ = (loop.state == "occupied" for loop in known)
    if entry or exit_:
        return Lane("both" if entry and exit_ else "entry" if entry else "exit")
    return Lane("clear", max(loop.since for loop in known) + PASS_S, now)


def step(direction: Device, event: Event, neighbours: Neighbours, now: float) -> Step:
    """Return what the loops, looked at now, make of the lane; `event` says only that it is time to look."""
    lane = look(direction, neighbours, now)
    after = direction.entered(TABLE.next(direction.state, lane.shows, lane), now)
    waits = lane.shows == "clear" and after.state != "free"
    return Step(after, no_orders(event, after), lane.over_at if waits else None)


def alarms(direction: Device) -> tuple[Alarm, ...]:
    """Return the threat that a person must know of: it sounds until acknowledged, and proposes what a person may order (R23)."""
    if direction.state != "wrong-way":
        return ()
    text, proposes = said("a vehicle comes the wrong way"), f"secure {direction.spec.zone}"
    over = said("a vehicle came the wrong way")
    return (Alarm("wrong-way", 1, text, sound="continuous", proposes=proposes, over=over),)
