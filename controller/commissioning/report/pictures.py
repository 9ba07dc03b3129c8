"""The drawings of a report: travel times against their limits, levels over time, stages of the emergency. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from controller.commissioning.record import Stage, Travel
from controller.commissioning.report.document import WIDTH, Area, Label, Line, Picture, Style
from controller.commissioning.report.statistics import Figures
from controller.commissioning.texts import Texts

Shape = Line | Area | Label
LEFT, RIGHT = 34.0, 14.0
"""Room for the rows' names, and for the value at a bar's end, in millimetres."""
ROW, BAR, AXIS = 4.2, 2.8, 7.0
LEVEL, GAP, TAIL = 2.6, 1.3, 3.0
ROWS_A_PICTURE, CURVES_HEIGHT = 42, 212.0
NAME_MOST = 21
R02_S = 2.5


@dataclass(frozen=True, slots=True)
class Limits:
    """What a criterion allows, in seconds."""

    criterion: str
    least: float
    most: float


def bars(
    texts: Texts, direction: str, travels: Sequence[Travel], found: Figures, limits: Limits | None
) -> list[Picture]:
    """Draw a bar a travel, with the window that is allowed, the median and the 95th percentile."""
    name = texts.or_name("direction", direction)
    told = {"median": texts.seconds(found.median), "p95": texts.seconds(found.p95)}
    described = texts("bars.unlimited", **told)
    if limits:
        window = {"least": texts.seconds(limits.least), "most": texts.seconds(limits.most)}
        described = texts("bars.described", criterion=limits.criterion, **window, **told)
    scale = _Scale(max(found.most, limits.most if limits else 0.0))
    pages = [travels[at : at + ROWS_A_PICTURE] for at in range(0, len(travels), ROWS_A_PICTURE)]
    title = texts("bars.title", direction=name)
    return [_bar_page(texts, title, described, page, found, limits, scale) for page in pages]


def _bar_page(
    texts: Texts,
    title: str,
    described: str,
    page: Sequence[Travel],
    found: Figures,
    limits: Limits | None,
    scale: _Scale,
) -> Picture:
    top, height = 8.0, ROW * len(page)
    shapes: list[Shape] = []
    if limits:
        shapes.append(Area(scale(limits.least), top, scale(limits.most) - scale(limits.least), height, Style.ALLOWED))
    shapes += scale.grid(texts, top, height)
    for number, travel in enumerate(page):
        y = top + ROW * number
        bad = limits is not None and not limits.least <= travel.seconds <= limits.most
        shapes.append(Label(LEFT - 2, y + 3.1, texts("bars.cycle", cycle=travel.cycle), "end"))
        shapes.append(Area(LEFT, y + 0.8, scale(travel.seconds) - LEFT, BAR, Style.BAD if bad else Style.BAR))
        value = texts.seconds(travel.seconds) + (" ✗" if bad else "")
        shapes.append(Label(WIDTH, y + 3.1, value, "end", bold=bad))
    for at in (limits.least, limits.most) if limits else ():
        shapes.append(Line(((scale(at), top - 1), (scale(at), top + height)), Style.LIMIT))
    shapes += _figure_lines(texts, found, scale, top, height)
    return Picture(title, described, top + height + AXIS, tuple(shapes))


def _figure_lines(texts: Texts, found: Figures, scale: _Scale, top: float, height: float) -> Iterator[Shape]:
    """Draw the two figures; their names stand left and right of them, so that they never lie on each other."""
    for value, name, at in ((found.median, "bars.median", "end"), (found.p95, "bars.p95", "start")):
        x = scale(value)
        yield Line(((x, top - 3), (x, top + height)), Style.FIGURE)
        yield Label(x + (1 if at == "start" else -1), top - 3, texts(name), at, bold=True)


def curves(texts: Texts, travels: Sequence[Travel]) -> list[Picture]:
    """Draw the levels of the signals of each travel over time, a line a signal."""
    scale = _Scale(max((_end(travel) for travel in travels), default=1.0))
    pages: list[Picture] = []
    shapes: list[Shape] = []
    y = 2.0
    for travel in travels:
        signals = list(dict.fromkeys(signal for _, signal, _ in travel.changes))[:8]
        need = 5 + (LEVEL + GAP) * len(signals)
        if shapes and y + need > CURVES_HEIGHT:
            pages.append(_curve_page(texts, shapes, y, scale))
            shapes, y = [], 2.0
        name = f"{texts.or_name('direction', travel.direction)}, {texts('bars.cycle', cycle=travel.cycle)}"
        shapes.append(Label(1, y + 3, f"{name}: {texts.seconds(travel.seconds)}", bold=True))
        for number, signal in enumerate(signals):
            base = y + 5 + (LEVEL + GAP) * number + LEVEL
            shapes.append(Label(LEFT - 2, base, _short(signal), "end"))
            shapes.append(Line(tuple(_steps(travel, signal, scale, base)), Style.LEVEL))
        end = scale(travel.seconds)
        shapes.append(Line(((end, y + 4), (end, y + need)), Style.FIGURE))
        y += need + 1.5
    return [*pages, _curve_page(texts, shapes, y, scale)] if shapes else pages


def _curve_page(texts: Texts, shapes: Sequence[Shape], height: float, scale: _Scale) -> Picture:
    grid = tuple(scale.grid(texts, 1.0, height - 1.0))
    return Picture(texts("curves.title"), texts("curves.described"), height + AXIS, (*grid, *shapes))


def _end(travel: Travel) -> float:
    return max([travel.seconds, *(at for at, _, _ in travel.changes)])


def _steps(travel: Travel, signal: str, scale: _Scale, base: float) -> Iterator[tuple[float, float]]:
    height = base
    for at, name, level in travel.changes:
        if name != signal:
            continue
        x = scale(at)
        yield x, height
        height = base - (LEVEL if level else 0.0)
        yield x, height
    yield scale(_end(travel)) + TAIL, height


def stages(texts: Texts, emergency: Sequence[Stage]) -> Picture:
    """Draw when each stage came, and R02's limit where the start of the actuator is known."""
    started = next((stage.seconds for stage in emergency if stage.name == "actuator"), None)
    limit = None if started is None else started + R02_S
    scale = _Scale(max([stage.seconds or 0.0 for stage in emergency] + [limit or 0.0]))
    top, height = 8.0, (ROW + 2) * len(emergency)
    shapes = list(scale.grid(texts, top, height))
    before = 0.0
    for number, stage in enumerate(emergency):
        y = top + (ROW + 2) * number
        shapes.append(Label(LEFT - 2, y + 4, _short(texts.or_name("stage", stage.name)), "end"))
        if stage.seconds is None:
            shapes.append(Label(LEFT + 1, y + 4, f"✗ {texts('emergency.unseen')}", bold=True))
            continue
        late = stage.name == "blocked" and limit is not None and stage.seconds > limit
        begin, end = sorted((scale(before), scale(stage.seconds)))
        shapes.append(Area(begin, y + 0.9, max(end - begin, 0.6), BAR + 0.6, Style.BAD if late else Style.BAR))
        shapes.append(Label(end + 1, y + 4, texts.seconds(stage.seconds) + (" ✗" if late else ""), bold=late))
        before = stage.seconds
    if limit is not None:
        x = scale(limit)
        shapes.append(Line(((x, top - 2), (x, top + height)), Style.LIMIT))
        shapes.append(Label(x, top - 3, texts("emergency.limit"), "end"))
    return Picture(texts("emergency.heading"), texts("emergency.described"), top + height + AXIS, tuple(shapes))


class _Scale:
    """Seconds to millimetres, with marks at round seconds. A negative duration is drawn as none."""

    def __init__(self, most: float) -> None:
        rough = max(most, 0.1) / 8
        power = 10.0 ** math.floor(math.log10(rough))
        self._step: float = next(step * power for step in (1, 2, 5, 10) if step * power >= rough)
        self._marks = math.ceil(max(most, 0.1) / self._step)
        self._factor = (WIDTH - LEFT - RIGHT) / (self._marks * self._step)

    def __call__(self, seconds: float) -> float:
        return LEFT + max(seconds, 0.0) * self._factor

    def grid(self, texts: Texts, top: float, height: float) -> Iterator[Shape]:
        """Draw the axis below and a thin line at each mark."""
        bottom = top + height
        for number in range(self._marks + 1):
            x = self(number * self._step)
            yield Line(((x, top), (x, bottom)), Style.GRID)
            yield Label(x, bottom + 4.5, texts.seconds(number * self._step), "middle")
        yield Line(((LEFT, bottom), (WIDTH - RIGHT, bottom)), Style.AXIS)


def _short(name: str) -> str:
    return name if len(name) <= NAME_MOST else name[: NAME_MOST - 1] + "…"
