"""Pictures of figures as SVG, written by hand: bars with their spread, and curves over the number of devices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

from benchmarks.figures import Spread

WIDTH, LEFT, RIGHT, TOP = 760, 220, 90, 66
BAR, GAP, LEGEND = 20, 12, 215
INK, FAINT, GOAL = "#1f2933", "#d5dbe1", "#b3261e"
OURS, OTHERS = "#1b6ca8", "#9aa7b4"
SHADES = ("#1b6ca8", "#c9a227", "#9aa7b4", "#4fa3d1", "#6b4c9a")
PLOT_HEIGHT = 240
STYLE = (
    'font-family="system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif" font-size="13" '
    f'fill="{INK}" role="img"'
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: who, how much, and whether it is the service."""

    label: str
    value: Spread
    ours: bool


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a value lies between `least` and `most`, from 0 to 1; in powers of ten where `logarithmic`."""

    least: float
    most: float
    logarithmic: bool

    @classmethod
    def over(cls, values: Iterable[float], *, logarithmic: bool) -> Scale:
        """Make the scale that holds all values; zeros have no place on a logarithmic one and lie at its begin."""
        there = list(values)
        if not logarithmic:
            return cls(0.0, max(there, default=1.0) * 1.05 or 1.0, logarithmic)
        positive = [value for value in there if value > 0] or [1.0]
        low, high = floor(log10(min(positive))), ceil(log10(max(positive)))
        return cls(10.0**low, 10.0 ** max(high, low + 1), logarithmic)

    def place(self, value: float) -> float:
        """Return where `value` lies, held between 0 and 1."""
        if not self.logarithmic:
            return min(1.0, max(0.0, value / self.most))
        if value <= self.least:
            return 0.0
        return min(1.0, log10(value / self.least) / log10(self.most / self.least))

    def ticks(self) -> list[float]:
        """Return the values to write along it."""
        if self.logarithmic:
            steps = round(log10(self.most / self.least))
            return [self.least * 10.0**n for n in range(steps + 1)]
        step = 10.0 ** floor(log10(self.most))
        step = next(step * part for part in (0.1, 0.2, 0.5, 1.0) if self.most / (step * part) <= 8)
        return [n * step for n in range(int(self.most / step) + 1)]


def bars(title: str, note: str, rows: Sequence[Bar], *, goal: float | None = None, logarithmic: bool = False) -> str:
    """Draw one bar for each row, a whisker from the least to the most of its rounds, and a line at the goal."""
    scale = Scale.over(
        [it for row in rows for it in (row.value.least, row.value.most)] + ([] if goal is None else [goal]),
        logarithmic=logarithmic,
    )
    bottom = TOP + len(rows) * (BAR + GAP)
    parts = [_title(title, note)]
    for tick in scale.ticks():
        x = _x(scale, tick)
        parts += [_line(x, TOP - 6, x, bottom, FAINT), _text(x, bottom + 16, plain(tick), anchor="middle", size=11)]
    for n, row in enumerate(rows):
        y = TOP + n * (BAR + GAP)
        end, middle = _x(scale, row.value.middle), y + BAR / 2
        parts += [
            _text(LEFT - 10, middle + 4, row.label, anchor="end", bold=row.ours),
            _bar(y, end, OURS if row.ours else OTHERS),
            _line(_x(scale, row.value.least), middle, _x(scale, row.value.most), middle, INK, width=1.5),
            _text(max(end, _x(scale, row.value.most)) + 8, middle + 4, plain(row.value.middle), bold=row.ours),
        ]
    if goal is not None:
        x = _x(scale, goal)
        parts += [_line(x, TOP - 6, x, bottom, GOAL, width=1.5, dashed=True)]
        parts += [_text(x + 4, TOP - 10, f"goal {plain(goal)}", colour=GOAL, size=11)]
    return _picture(bottom + 28, title, parts)


def curves(title: str, note: str, lines: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """Draw one curve for each name, over a logarithmic number of devices; both axes are logarithmic."""
    points = [point for line in lines.values() for point in line]
    across = Scale.over([x for x, _ in points], logarithmic=True)
    up = Scale.over([y for _, y in points], logarithmic=True)
    bottom = TOP + PLOT_HEIGHT
    parts = [_title(title, note)]
    for tick in up.ticks():
        y = bottom - up.place(tick) * PLOT_HEIGHT
        parts += [
            _line(LEFT, y, WIDTH - RIGHT, y, FAINT),
            _text(LEFT - 8, y + 4, plain(tick), anchor="end", size=11),
        ]
    for value in sorted({x for x, _ in points}):
        parts.append(_text(_x(across, value), bottom + 18, plain(value), anchor="middle", size=11))
    for n, (name, line) in enumerate(lines.items()):
        shade = SHADES[n % len(SHADES)]
        places = [(_x(across, x), bottom - up.place(y) * PLOT_HEIGHT) for x, y in sorted(line)]
        parts.append(
            f'<polyline fill="none" stroke="{shade}" stroke-width="2" '
            f'points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}"/>'
        )
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{shade}"/>' for x, y in places]
        parts.append(f'<rect x="{LEFT + n * LEGEND}" y="{bottom + 32}" width="14" height="4" fill="{shade}"/>')
        parts.append(_text(LEFT + n * LEGEND + 20, bottom + 39, name, size=12))
    return _picture(bottom + 52, title, parts)


def plain(value: float) -> str:
    """Write a number as short as three figures allow, never in powers of ten."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _x(scale: Scale, value: float) -> float:
    return LEFT + scale.place(value) * (WIDTH - LEFT - RIGHT)


def _bar(y: float, end: float, colour: str) -> str:
    width = max(1.0, end - LEFT)
    return f'<rect x="{LEFT}" y="{y:g}" width="{width:.1f}" height="{BAR}" rx="2" fill="{colour}"/>'


def _title(title: str, note: str) -> str:
    return _text(16, 22, title, bold=True, size=15) + _text(16, 40, note, size=12)


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", bold: bool = False, size: int = 13, colour: str = INK
) -> str:
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}"{weight}>'
        f"{escape(text)}</text>"
    )


def _line(
    x1: float, y1: float, x2: float, y2: float, colour: str, *, width: float = 1.0, dashed: bool = False
) -> str:  # fmt: skip
    dash = ' stroke-dasharray="4 3"' if dashed else ""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width:g}"{dash}/>'


def _picture(height: float, title: str, parts: Sequence[str]) -> str:
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" {STYLE}>\n'
        f"<title>{escape(title)}</title>\n"
        f'<rect width="{WIDTH}" height="{height:.0f}" fill="#ffffff"/>\n{body}\n</svg>\n'
    )
