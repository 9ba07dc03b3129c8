"""One point of a passage: a mover is opened for one vehicle, and closed behind it by itself.

This is the only motion that no person orders at that moment (R08, R12): a person ordered the passage, and the securing that
ends it is part of what was ordered. So it stands on evidence alone. `requested` waits for its turn; `opening` lasts until the
open order ends, which the limit switches confirm; a signal that follows the mover shows go from there on by itself (R14).
`open` has seen no vehicle yet, `occupied` has one on a loop, `cleared` has none any more. Then it is `securing`, after a vehicle
once every loop has been clear long enough (R09), without one after the no-show time (FAAC: 30 s).

Whatever takes the evidence away takes the automatic motion away: a loop that is faulty or not known (R29), a securing order that
is refused or ends half-way, steel that came back too often from something in its way (R10, R11). The point is then `held`, with
an alarm, and stays so until a person orders something. A loop that works again ends nothing: a detector that was reset under a
vehicle tunes itself to it and shows clear.

Steel that is lost sight of, in a fault or moved by nobody's order ends the point as `failed`; any order of a person to its mover
takes over and ends it as `cancelled`.
"""

from __future__ import annotations

from dataclasses import dataclass

from controller.core.table import Row, Silence, Table


@dataclass(frozen=True, slots=True)
class Facts:
    """What the guards may look at: how often the steel came back, and how often it may."""

    returns: int
    give_up: int


def may_retry(facts: Facts) -> bool:
    """The steel has come back from what stood in its way less often than it may (R11)."""
    return facts.returns < facts.give_up


WAITING = ("requested",)
STANDING = ("open", "occupied", "cleared")
LIVE = ("requested", "opening", *STANDING, "securing", "held")
ENDS = ("done", "refused", "failed", "expired", "cancelled")
STATES = (*LIVE, *ENDS)
EVENTS = (
    "begin",
    "opened",
    "vehicle",
    "clear",
    "close",
    "secured",
    "returned",
    "vetoed",
    "kept",
    "blind",
    "refused",
    "unopened",
    "late",
    "astray",
    "lost",
    "cancel",
)


def _others(*states: str) -> tuple[str, ...]:
    return tuple(s for s in STATES if s not in states)


TABLE = Table(
    name="passage",
    states=STATES,
    events=EVENTS,
    initial="requested",
    rows=(
        Row("begin", ("requested",), "opening"),
        Row("opened", ("opening",), "open"),
        Row("vehicle", ("open", "cleared"), "occupied"),
        Row("clear", ("occupied",), "cleared"),
        Row("close", ("open", "cleared"), "securing"),
        Row("secured", ("securing", "held"), "done"),
        Row("returned", ("securing",), "occupied", (may_retry,)),
        Row("returned", ("securing",), "held"),
        Row("vetoed", ("securing",), "occupied"),
        Row("kept", ("securing",), "held"),
        Row("blind", STANDING, "held"),
        Row("refused", ("opening",), "refused"),
        Row("unopened", ("opening",), "failed"),
        Row("late", ("opening",), "expired"),
        Row("astray", STANDING, "failed"),
        Row("lost", (*STANDING, "securing", "held"), "failed"),
        Row("cancel", LIVE, "cancelled"),
    ),
    ignored=(
        Silence("begin", _others("requested"), "it has begun"),
        Silence("opened", _others("opening"), "nothing is being opened"),
        Silence(
            "vehicle", _others("open", "cleared"), "it changes nothing here; the mover's own interlocks heed the loops"
        ),
        Silence("clear", _others("occupied"), "no vehicle was on a loop"),
        Silence("close", _others("open", "cleared"), "only what stands open and clear closes by itself"),
        Silence("secured", _others("securing", "held"), "nothing is being secured"),
        *(Silence(e, _others("securing"), "no order to secure is under way") for e in ("returned", "vetoed", "kept")),
        Silence("blind", _others(*STANDING), "nothing hangs on the loops"),
        *(Silence(e, _others("opening"), "no order to open is under way") for e in ("refused", "unopened", "late")),
        Silence("astray", _others(*STANDING), "it need not stand open"),
        Silence("lost", (*WAITING, "opening", *ENDS), "the order under way, if any, tells how it ends"),
        Silence("cancel", ENDS, "it has ended"),
    ),
)
