"""What a run has measured, as a file, and what of it reaches its goal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Self

from benchmarks.campaign import Failure, Round
from benchmarks.contenders import CONTENDERS
from benchmarks.figures import Spread, ratios, spread
from benchmarks.machine import described, pinned
from benchmarks.works.catalogue import Goal
from benchmarks.works.scene import Size

FOLDER = Path(__file__).parent / "results"
LATEST = FOLDER / "latest.json"
PACKAGES = ("rempart", "pymodbus", "uvicorn", "starlette", "uvloop", "asyncua", "paho-mqtt")


@dataclass(slots=True)
class Results:
    """A run: when and on what, how much was done, and the figures of each round."""

    size: Size
    rounds: list[Round] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    machine: Mapping[str, Any] = field(default_factory=described)
    pinned: bool = field(default_factory=pinned)
    versions: Mapping[str, str] = field(default_factory=lambda: versions())
    date: str = field(default_factory=lambda: datetime.now(UTC).date().isoformat())

    @property
    def contenders(self) -> list[str]:
        """Return the names of those that ran, in the order in which they did."""
        return list(dict.fromkeys(name for found in self.rounds for name in found))

    def values(self, contender: str, work: str, figure: str) -> list[float | None]:
        """Return a figure of each round, None where it was not measured."""
        return [found.get(contender, {}).get(work, {}).get(figure) for found in self.rounds]

    def ratios(self, contender: str, goal: Goal) -> list[float | None]:
        """Return the ratio that a goal is about, of each round; none where it is not about one."""
        values = self.values(contender, goal.work, goal.figure)
        if goal.to in CONTENDERS:
            return ratios(values, self.values(goal.to, goal.work, goal.figure))
        return ratios(values, self.values(contender, goal.to, goal.figure)) if goal.to else [None] * len(values)

    def save(self, path: Path = LATEST) -> Path:
        """Write it to a file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", "utf-8")
        return path

    @classmethod
    def load(cls, path: Path = LATEST) -> Self:
        """Read it from a file. Raises FileNotFoundError."""
        read = json.loads(path.read_text("utf-8"))
        failures = [Failure(**it) for it in read.pop("failures")]
        return cls(size=Size(**read.pop("size")), failures=failures, **read)


@dataclass(frozen=True, slots=True)
class Line:
    """One contender's figure as it is shown: the value, its ratio where the goal asks for one, and whether that is enough."""

    goal: Goal
    contender: str
    value: Spread
    ratio: Spread | None
    reached: bool | None


def lines(results: Results, goals: Sequence[Goal]) -> Iterator[Line]:
    """Return every figure that was measured; only the service is judged."""
    for goal in goals:
        for contender in results.contenders:
            value = spread(results.values(contender, goal.work, goal.figure))
            if value is None:
                continue
            ratio = spread(results.ratios(contender, goal))
            judged = (ratio.middle if ratio else None) if goal.to else value.middle
            reached = goal.reached(judged) if contender.startswith("rempart") else None
            yield Line(goal, contender, value, ratio, reached)


def versions() -> dict[str, str]:
    """Return the versions of the packages that the figures depend on."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
