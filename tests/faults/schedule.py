"""What is to happen on a site, as plain data: faults, people and vehicles, each with its time.

A happening reads `12.40 s: silence of io for 3.2 s (p=0.5)`. A schedule can be printed, replayed, and cut down event by event.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.faults.weather import KINDS as WIRE_KINDS

INPUT_KINDS = ("freeze", "oscillate", "stick", "break-cable", "loop-open", "loop-short", "lamp-out", "jam")
MACHINE_KINDS = ("reboot", "slow-disk", "full-disk", "wall-jump", "crash")
FAULT_KINDS = (*WIRE_KINDS, *INPUT_KINDS, *MACHINE_KINDS)
"""Everything that counts as a fault; what people and vehicles do is life."""
LONGEST_S = 170.0
"""How long a schedule may last unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happens at `at` seconds and lasts for `for_s`; what its `options` mean depends on `kind`."""

    at: float
    kind: str
    target: str
    for_s: float = 0.0
    options: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        lasts = f" for {self.for_s:g} s" if self.for_s else ""
        options = ", ".join(f"{name}={value}" for name, value in self.options)
        return f"{self.at:7.2f} s: {self.kind} of {self.target}{lasts}{f' ({options})' if options else ''}"

    @property
    def fault(self) -> bool:
        """Tell whether it counts as a fault."""
        return self.kind in FAULT_KINDS


@dataclass(frozen=True, slots=True)
class Schedule:
    """Everything that happens to one site under one seed, in the order of time. It was drawn to last `longest_s` at most."""

    site: str
    seed: int
    lasts_s: float
    longest_s: float
    happenings: tuple[Happening, ...] = field(repr=False)

    def only(self, kept: Sequence[int]) -> Schedule:
        """Return the schedule with those of its happenings alone, by their place."""
        return replace(self, happenings=tuple(self.happenings[place] for place in kept))
