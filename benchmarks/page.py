"""The page of performance: its generated part, between two marks, and its pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.contenders import CONTENDERS, REFERENCE
from benchmarks.figures import Spread, spread
from benchmarks.pictures import Bar, bars, curves
from benchmarks.results import Results, lines
from benchmarks.table import number, target
from benchmarks.trouble import NotPossible
from benchmarks.works.catalogue import GOALS, GROWTH, SERVICE, Goal

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "explanation" / "performance.md"
IMAGES = DOCS / "images"
BEGIN, END = "<!-- figures: written by `make bench-page` -->", "<!-- end of the figures -->"
REACHED = {True: "yes", False: "**no**", None: ""}

SECTIONS = {
    "Many units on one wire": ("gateway", "bus"),
    "Growth": ("growth-",),
    "Where the peer speaks": ("opcua", "mqtt"),
    "The journal": ("journal",),
}
"""The tables after the first, which has all the rest: each with the beginnings of its works' names."""

Pictures = Mapping[str, tuple[str, str]]
"""By the name of the file: what the picture shows, in words, and the SVG."""


def write(results: Results, page: Path = PAGE, images: Path = IMAGES) -> None:
    """Write what is between the marks of the page, and its pictures. Raises NotPossible where the marks are missing."""
    text = page.read_text("utf-8")
    before, begun, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (begun and ended):
        raise NotPossible(f"{page}: expected the lines {BEGIN!r} and {END!r}, with the figures in between")
    shown = pictures(results)
    for name, (_, svg) in shown.items():
        (images / name).write_text(svg, "utf-8")
    parts = [facts(results), *_shown(shown), *_tables(results), *_not_done(results)]
    page.write_text(before + BEGIN + "\n\n" + "\n\n".join(parts) + "\n\n" + END + after, "utf-8")


def facts(results: Results) -> str:
    """Say when, on what and how much was measured."""
    machine, size = results.machine, results.size
    versions = ", ".join(f"{name} {version}" for name, version in results.versions.items())
    cpus = "farm and load on one, the contender on another" if results.pinned else "one for all"
    return (
        f"Measured on {results.date}: {machine['cpu']}, {machine['cpus']} CPUs ({cpus}), {machine['memory_gib']} GiB, "
        f"{machine['system']}; Python {machine['python']}, {versions}.\n"
        f"{len(results.rounds)} rounds, {size.devices} devices, windows of {size.window_s:g} s, {size.orders} orders each. "
        "A figure is the median of the rounds, its range in brackets; × is the median ratio to "
        f"{CONTENDERS[REFERENCE].title}, asyncua or paho in the same round, or to the same work without the burden."
    )


def _tables(results: Results) -> Iterator[str]:
    apart = tuple(beginning for works in SECTIONS.values() for beginning in works)
    yield "\n".join(markdown(results, [goal for goal in GOALS if not goal.work.startswith(apart)]))
    for title, works in SECTIONS.items():
        goals = [goal for goal in GOALS if goal.work.startswith(works)]
        if any(True for _ in lines(results, goals)):
            yield f"### {title}"
            yield "\n".join(markdown(results, goals))


def markdown(results: Results, goals: Sequence[Goal]) -> Iterator[str]:
    """Return a table: a line for each goal, a column for each contender that has a figure for one."""
    there = {line.contender for line in lines(results, goals)}
    names = [name for name in results.contenders if name in there]
    yield "| work | goal | reached | " + " | ".join(CONTENDERS[name].title for name in names) + " |"
    yield "|---|---|---|" + "---|" * len(names)
    for goal in goals:
        found = {line.contender: line for line in lines(results, [goal])}
        if not found:
            continue
        verdicts = [found[name].reached for name in SERVICE if name in found]
        # Where the service ran on two loops, the goal is reached if it is on the faster one.
        verdict = any(verdicts) if any(it is not None for it in verdicts) else None
        cells = [_cell(found[name].value, found[name].ratio, goal.figure) if name in found else "" for name in names]
        yield f"| {goal.title} | {target(goal)} | {REACHED[verdict]} | " + " | ".join(cells) + " |"


def pictures(results: Results) -> Pictures:
    """Draw what there are figures for."""
    found: dict[str, tuple[str, str]] = {}
    for name, goal, note, logarithmic in (
        ("performance-cpu.svg", _goal("poll-flat", "cpu_us"), "as a ratio to bare pymodbus in the same round", False),
        (
            "performance-cpu-10hz.svg",
            _goal("poll-10", "cpu_us"),
            "as a ratio to bare pymodbus in the same round",
            False,
        ),
        ("performance-orders.svg", _goal("orders", "p99_ms"), "while every device is polled at 5 Hz", True),
        ("performance-lockdown.svg", _goal("lockdown", "last_ms"), "one order, the last of all devices", True),
    ):
        rows = [
            Bar(CONTENDERS[line.contender].title, line.ratio or line.value, line.contender in SERVICE)
            for line in lines(results, [goal])
        ]
        # A ratio has no unit.
        title = goal.title.removesuffix(", µs") if goal.to else goal.title
        if rows:
            found[name] = (title, bars(title, note, rows, goal=goal.most, logarithmic=logarithmic))
    for name, figure, title in (
        ("performance-growth-cpu.svg", "cpu_percent", "CPU at 5 Hz, % of a core"),
        ("performance-growth-orders.svg", "p99_ms", "Press to wire at 5 Hz, p99 ms"),
    ):
        grown = {CONTENDERS[it].title: line for it in results.contenders if (line := _growth(results, it, figure))}
        if grown:
            found[name] = (title, curves(title, "over the number of devices", grown))
    return found


def _goal(work: str, figure: str) -> Goal:
    return next(goal for goal in GOALS if (goal.work, goal.figure) == (work, figure))


def _growth(results: Results, contender: str, figure: str) -> list[tuple[float, float]]:
    measured = ((n, spread(results.values(contender, f"growth-{n}", figure))) for n in GROWTH)
    return [(float(n), it.middle) for n, it in measured if it is not None]


def _cell(value: Spread, ratio: Spread | None, figure: str) -> str:
    text = f"{number(value.middle, figure)} ({number(value.least, figure)}-{number(value.most, figure)})"
    return f"{text}, ×{ratio.middle:.2f}" if ratio else text


def _shown(found: Pictures) -> list[str]:
    return ["\n".join(f"![{alt}](../images/{name})" for name, (alt, _) in found.items())] if found else []


def _not_done(results: Results) -> list[str]:
    if not results.failures:
        return []
    told = [f"- {CONTENDERS[it.contender].title}, {it.work}: {it.why.splitlines()[0]}" for it in results.failures]
    return ["Not done:\n\n" + "\n".join(dict.fromkeys(told))]
