"""The figures as a table for a terminal of 100 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.results import Line, Results, lines
from benchmarks.works.catalogue import GOALS, Goal

COLUMNS = (38, 17, 8, 15, 6, 7, 3)
HEAD = ("work", "contender", "median", "range", "ratio", "target", "")
WIDTH = sum(COLUMNS) + len(COLUMNS) - 1
COUNTS = frozenset({"lost", "missed", "refused", "urgent_lost"})
"""Figures that are shown of a reference only where they are not 0."""
WORDS = {True: "yes", False: "NO", None: ""}


def number(value: float | None, figure: str = "") -> str:
    """Write a number with three figures that count; a share in percent to the hundredth, a count as it is."""
    if value is None:
        return ""
    if value == int(value) and figure in COUNTS:
        return str(int(value))
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 10 else 2
    return f"{value:.{2 if figure.endswith('percent') else digits}f}"


def target(goal: Goal) -> str:
    """Write what is asked: `x` marks a ratio."""
    sign, limit = ("≤", goal.most) if goal.most is not None else ("≥", goal.least)
    return "" if limit is None else f"{sign} {limit:g}{'x' if goal.to else ''}"


def table(results: Results, goals: Sequence[Goal] = GOALS) -> Iterator[str]:
    """Return the lines of the table; a figure that only one contender has gets one line, others one for each."""
    yield _row(HEAD)
    yield "-" * WIDTH
    last: Goal | None = None
    for line in lines(results, goals):
        if line.goal.figure in COUNTS and line.reached is None and not line.value.most:
            continue
        yield _row(_cells(line, "" if line.goal is last else line.goal.title))
        last = line.goal
    for failure in results.failures:
        yield f"not done: {failure.contender}: {failure.work}: {failure.why.splitlines()[0]}"[:WIDTH]


def _cells(line: Line, title: str) -> tuple[str, ...]:
    value, ratio, figure = line.value, line.ratio, line.goal.figure
    return (
        title, line.contender, number(value.middle, figure),
        f"{number(value.least, figure)}-{number(value.most, figure)}",
        number(ratio.middle if ratio else None), target(line.goal) if line.reached is not None else "",
        WORDS[line.reached],
    )  # fmt: skip


def _row(cells: Sequence[str]) -> str:
    texts = [
        cell[:width].ljust(width) if i < 2 else cell[:width].rjust(width)
        for i, (cell, width) in enumerate(zip(cells, COLUMNS, strict=True))
    ]
    return " ".join(texts).rstrip()
