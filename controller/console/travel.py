"""How long a device's last motions took and how often it cycled, from what the journal has of it. Values in, values out.

A cycle is a motion that ended where the device blocks the way, as R04 counts them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

Told = dict[str, Any]

MOTIONS = {"raising": ("raise", "raised"), "lowering": ("lower", "lowered")}
"""What is ordered and where it ends, for each state of moving steel."""
BARS = 24
"""How many of the last motions are drawn."""
WIDTH, HEIGHT, LEFT, FOOT, TOP = 640, 150, 36, 20, 12
"""The chart, its margins beside the bars, below and above them (units of its picture)."""


@dataclass(frozen=True, slots=True)
class Motion:
    """One motion: when it began (RFC 3339), what was ordered, how long it took (s), and the state that it ended in."""

    at: str
    action: str
    took_s: float
    end: str

    @property
    def whole(self) -> bool:
        """Tell whether it ended where it was to end."""
        return (self.action, self.end) in MOTIONS.values()


@dataclass(frozen=True, slots=True)
class Bar:
    """One motion as drawn: its corner, its height, and how it looks: securing, opening, late or cut."""

    x: float
    y: float
    height: float
    look: str


def motions(records: Iterable[Told]) -> list[Motion]:
    """Return the ended motions of a device, from its journal's records of the kind `device`, the oldest first."""
    found, began, moving = [], "", ""
    for record in records:
        state = record["body"].get("state", "")
        if state == moving:
            continue
        if moving:
            took = datetime.fromisoformat(record["at"]) - datetime.fromisoformat(began)
            found.append(Motion(began, MOTIONS[moving][0], took.total_seconds(), state))
        began, moving = (record["at"], state) if state in MOTIONS else ("", "")
    return found


def cycles(made: Iterable[Motion], secures_by: str, now: datetime) -> tuple[int, int]:
    """Return how many cycles began within the last hour, and within the last day."""
    ages = [now - datetime.fromisoformat(one.at) for one in made if one.whole and one.action == secures_by]
    return sum(age < timedelta(hours=1) for age in ages), sum(age < timedelta(days=1) for age in ages)


def top_s(made: Iterable[Motion], allowed_s: float) -> float:
    """Return what the upper end of the chart stands for (s): what is allowed and a quarter more, or the longest motion."""
    return max(allowed_s * 1.25, *(one.took_s for one in made), 0.1)


def height(took_s: float, top: float) -> float:
    """Return how high `took_s` is in the chart, from its foot."""
    return round((HEIGHT - FOOT - TOP) * took_s / top, 1)


def bars(made: Sequence[Motion], secures_by: str, allowed_s: float) -> Iterator[Bar]:
    """Yield the last motions as bars, the latest at the right."""
    shown = made[-BARS:]
    step = (WIDTH - LEFT) / BARS
    top = top_s(shown, allowed_s)
    for place, one in enumerate(shown, BARS - len(shown)):
        tall = height(one.took_s, top)
        yield Bar(
            round(LEFT + place * step + step * 0.2, 1), HEIGHT - FOOT - tall, tall, _look(one, secures_by, allowed_s)
        )


def _look(one: Motion, secures_by: str, allowed_s: float) -> str:
    if one.took_s > allowed_s:
        return "late"
    if not one.whole:
        return "cut"
    return "securing" if one.action == secures_by else "opening"


def changes(records: Sequence[Told]) -> list[Told]:
    """Return those records of the kind `device` that changed its state or its mode, the latest first."""
    shown = [("", ""), *((one["body"]["state"], one["body"]["mode"]) for one in records)]
    return [one for one, before, now in zip(records, shown, shown[1:], strict=False) if before != now][::-1]


def orders(records: Iterable[Told]) -> list[Told]:
    """Return the orders of a device, the latest first, from its journal's records of the kind `command`.

    Each has what was asked for (`action`, `by`, `reason`), `at`, and what became of it: `life`, `because`, `refusals`.
    """
    found: dict[str, Told] = {}
    for record in records:
        body = record["body"]
        if body.get("life") == "received":
            given = {"id": record["command"], "at": record["at"], "because": "", "refusals": [], "life": "received"}
            given |= {"action": body["action"], "by": body["by"] or body["principal"], "reason": body["reason"]}
            found[record["command"]] = given
        elif (known := found.get(record["command"])) and body.get("life"):
            known["life"], known["because"] = body["life"], body.get("because", "")
            known["refusals"] = body.get("refusals", known["refusals"])
    return list(found.values())[::-1]
