"""What many schedules came to. `python -m tests.faults.tally FILE…` adds up the tallies that runs have kept, and prints the sum.

A kept tally is a line of JSON: the range of seeds, how long a schedule could last, and every count. Exit code 1 if a schedule
broke an invariant, 2 for bad input: no file, or ranges that overlap.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.faults.trial import PAIRS, Result

LETTERS = "abcdefghijklm"


@dataclass
class Tally:
    """What many results come to."""

    seeds: int = 0
    seconds: float = 0.0
    faults: int = 0
    orders: int = 0
    frames: int = 0
    tried: Counter[str] = field(default_factory=Counter)
    """How often each invariant was put to the test."""
    changes: Counter[str] = field(default_factory=Counter)
    """In how many schedules a mover went from one state to another, by `one>other`."""
    broken: list[str] = field(default_factory=list)
    """The schedules that broke an invariant, by `site/seed`."""

    def add(self, result: Result) -> None:
        """Take in one result."""
        self.seeds += 1
        self.seconds += result.seconds
        self.faults += result.faults
        self.orders += result.orders
        self.frames += sum(result.befallen.values())
        self.tried.update(result.tried)
        self.changes.update(">".join(pair) for pair in result.pairs & PAIRS)
        if result.broken:
            self.broken.append(f"{result.site}/{result.seed}")

    def sum(self, other: Tally) -> Tally:
        """Return both together."""
        return Tally(**{name: getattr(self, name) + getattr(other, name) for name in vars(self)})

    @property
    def vacuous(self) -> list[str]:
        """Name the invariants that were never put to the test."""
        return [letter for letter in LETTERS if not self.tried[letter]]

    def __str__(self) -> str:
        tried = " ".join(f"{letter}:{self.tried[letter]}" for letter in LETTERS)
        return (
            f"{self.seeds} seeds, {self.seconds / 3600:.1f} site-hours, {self.faults} faults ({self.frames} frames befallen), "
            f"{self.orders} orders, {len(self.changes)}/{len(PAIRS)} transitions of the mover, invariants tested {tried}, "
            f"{len(self.broken)} seeds with a violation"
        )

    def line(self, seeds: range, longest_s: float) -> str:
        """Return it as a line to keep."""
        return json.dumps({"first": seeds.start, "last": seeds.stop - 1, "longest_s": longest_s, **vars(self)})


def kept(lines: Sequence[str]) -> tuple[list[range], Tally]:
    """Return the ranges of seeds that `lines` tell of, in order, and their sum. Raises ValueError where two overlap."""
    total, ranges = Tally(), []
    for line in lines:
        told: dict[str, Any] = json.loads(line)
        ranges.append(range(told.pop("first"), told.pop("last") + 1))
        del told["longest_s"]
        told.update({name: Counter(told[name]) for name in ("tried", "changes")})
        total = total.sum(Tally(**told))
    ranges.sort(key=lambda seeds: seeds.start)
    for before, after in pairwise(ranges):
        if after.start < before.stop:
            raise ValueError(f"seed {after.start} is counted twice")
    return ranges, total


def main(files: Sequence[str]) -> int:
    """Print the sum of every tally in `files`; return the exit code."""
    try:
        lines = [line for file in files for line in Path(file).read_text(encoding="utf-8").splitlines()]
        ranges, total = kept(lines)
        if not ranges:
            raise ValueError("no tally to add up: name the files that TALLY= was given")
    except (OSError, ValueError) as error:
        print(f"tests.faults.tally: {error}", file=sys.stderr)
        return 2
    for name in sorted({">".join(pair) for pair in PAIRS} - total.changes.keys()):
        print(f"no mover went {name}")
    for broken in total.broken:
        print(f"{broken} broke an invariant")
    print(f"seeds {', '.join(f'{seeds.start}-{seeds.stop - 1}' for seeds in ranges)}")
    print(total)
    return int(bool(total.broken))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
