"""What a probe may cost, and what it has found: the same shape whatever the wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from controller.core.readings import Value
from controller.ports import Point
from drivers.profile import AnyUnitProfile

Tell = Callable[[str], None]
"""Says to a person what is being done at this moment."""


class Taken(Exception):
    """Another program has the wire; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a probe may cost: seconds for one answer, requests (or nodes, or topics) in all, seconds of listening."""

    patience_s: float
    most: int
    listen_s: float = 5.0
    try_lines: bool = False


@dataclass(frozen=True, slots=True)
class Absent:
    """A point that was not read, and why."""

    why: str


Read = Callable[[Point], Value | Absent]
"""Looks a point of some profile up in what was found."""
Addresses = Callable[[AnyUnitProfile], Sequence[int | str | None]]
"""At which addresses what was found could be a unit of a profile."""


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that answered or was heard: what it says of itself, what it holds, and how to look a point up in it."""

    name: str
    protocol: str
    facts: Mapping[str, str]
    rows: Sequence[tuple[str, str]]
    data: Mapping[str, Any]
    addresses: Addresses
    read: Read


@dataclass(slots=True)
class Findings:
    """Filled as the probe goes on, so that one that is interrupted has told what it knew.

    `heard`: somebody is there, though there may be nothing to tell of him. `link`: the URL by which he was reached.
    `intruder`: who talks on the line already; nothing was sent.
    """

    link: str
    things: list[Thing] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    heard: bool = False
    intruder: str = ""


def plain(text: str, most: int = 60) -> str:
    """Return what a stranger said, fit for a terminal: without control characters, and not too long."""
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text[: most + 1])
    return shown if len(shown) <= most else shown[: most - 1] + "…"
