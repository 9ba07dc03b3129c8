"""A passage on its way: what its stages mean to the person who asked for it, and with which code the command ends."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

from controller.cli import words
from controller.cli.exits import Exit
from controller.cli.sse import ServerEvent

BAD = ("held", "refused", "failed", "expired", "cancelled", "unknown")
"""Stages of a point that did not go as wanted."""
OPENING = ("requested", "opening")


class PassageFollower:
    """Follows one passage and tells of its points as they go on, unless `quiet`.

    With `until_open` it is followed until every point of a route has opened, or will not.
    """

    def __init__(
        self, passage: dict[str, Any], get: Callable[[str], Any], *, quiet: bool = False, until_open: bool = False
    ) -> None:
        self.passage = passage
        self.last_id = ""
        self._get, self._quiet, self._until_open = get, quiet, until_open
        self._told: dict[str, str] = {}
        if passage["form"] == "airlock" and passage["stage"] != "refused":
            rows = [point["device"] for point in passage["points"]]
            self._say(f"through the airlock: {rows[0]} opens first, then {rows[1]}")
        self._tell()

    @property
    def what(self) -> str:
        """Return what it is, with its id."""
        return f"passage {self.passage['id']}"

    @property
    def ended(self) -> bool:
        """Tell whether there is nothing more to wait for: what is held open waits for a person."""
        if self.passage["ended"]:
            return True
        stages = [point["stage"] for point in self.passage["points"]]
        if self._until_open and not any(stage in OPENING for stage in stages):
            return True
        live = [stage for stage in stages if stage not in ("done", *BAD) or stage == "held"]
        return bool(live) and set(live) == {"held"}

    def take(self, event: ServerEvent) -> bool:
        """Take in what happened; tell whether it has ended. Raises Failure where the controller cannot be asked."""
        if event.kind == "reset":
            self.catch_up()
        elif event.kind == "passage" and self._is_news(event.data):
            self.passage = event.data
            self._tell()
        self.last_id = event.id or self.last_id
        return self.ended

    def _is_news(self, passage: dict[str, Any]) -> bool:
        """Tell whether this is ours, and no older than what the answer to the request told already."""
        ours = passage["id"] == self.passage["id"]
        return ours and len(passage["history"]) >= len(self.passage["history"])

    def catch_up(self) -> None:
        """Ask how far it is: events were lost on the way. Raises Failure."""
        self.passage = self._get(f"passages/{self.passage['id']}")
        self._tell()

    def report(self) -> Exit:
        """Tell how it ended and return the code for it."""
        passage = self.passage
        name, stage = passage["target"], passage["stage"]
        points = [point["stage"] for point in passage["points"]]
        if stage == "refused" and passage["ended"]:
            self._complain(*words.refusals(passage))
            return Exit.REFUSED
        if not passage["ended"] and "held" not in points:
            return self._report_open(points)
        if stage == "done":
            self._say(f"{name} secured ({_took_s(passage):.1f} s)")
            return Exit.DONE
        if stage == "held":
            self._complain(f"secure it when the way is clear: rempart secure {_first(passage, 'held')}")
        elif len(points) > 1 or not points:
            self._complain(f"{name} {stage}: {passage['because']}")
        return Exit.NOT_DONE

    def _report_open(self, points: list[str]) -> Exit:
        """Tell of a passage that goes on: a route that is held open, or one that nobody waits for."""
        passage = self.passage
        held = f", held for {passage['hold_s']:g} s at most" if passage["hold_s"] else ""
        word = passage["stage"] if any(stage in OPENING for stage in points) else "open"
        self._say(f"{passage['target']} {word}{held}: `rempart end {passage['target']}` ends it")
        return Exit.NOT_DONE if any(stage in BAD for stage in points) else Exit.DONE

    def _tell(self) -> None:
        for point in self.passage["points"]:
            device, stage = point["device"], point["stage"]
            if self._told.get(device, "requested") == stage:
                continue
            self._told[device] = stage
            if stage in BAD:
                if self.passage["stage"] != "refused":
                    self._complain(f"{device} {stage}: {point['because']}")
            elif (line := self._line(stage, point["because"])) is not None:
                self._say(f"{device} {line}")

    def _line(self, stage: str, because: str) -> str | None:
        match stage:
            case "opening" | "open" if self.passage["form"] == "route" and not self._until_open:
                return None
            case "opening":
                return "opening …"
            case "open":
                return "open"
            case "occupied":
                return f"open: {because} …"
            case "securing":
                return f"securing: {because} …"
            case "done" if len(self.passage["points"]) > 1:
                return "secured"
        return None

    def _say(self, line: str) -> None:
        if not self._quiet:
            print(line, flush=True)

    def _complain(self, *lines: str) -> None:
        if not self._quiet:
            print(*lines, sep="\n", file=sys.stderr, flush=True)


def _first(passage: dict[str, Any], stage: str) -> str:
    return next(str(point["device"]) for point in passage["points"] if point["stage"] == stage)


def _took_s(passage: dict[str, Any]) -> float:
    """Return how long it took, as it is recorded."""
    first, last = (datetime.fromisoformat(passage["history"][i]["at"]) for i in (0, -1))
    return max(0.0, (last - first).total_seconds())
