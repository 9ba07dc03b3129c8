"""The parts of a report with figures and matrices: interlocks, travel times, the emergency. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from controller.commissioning.record import Record, Travel
from controller.commissioning.report import findings, pictures
from controller.commissioning.report.document import Block, Cell, Mark, Paragraph
from controller.commissioning.report.pictures import Limits
from controller.commissioning.report.sheet import Sheet
from controller.commissioning.report.statistics import Figures, figures

WINDOWS = (Limits("R03", 8.0, 15.0), Limits("R01", 3.0, 15.0))
"""DOMAIN R03 and R01 (UFGS 02840); a record is held against the first that one of its checks names."""
NORMAL = frozenset({"raise", "lower", "raising", "lowering", "secure", "open"})
"""The directions that R01 and R03 are about; an emergency has its own limit, R02, from the start of the actuator."""
DRAWN_MOST, CURVES_MOST = 144, 24


def measured(record: Record, sheet: Sheet) -> Iterator[Block]:
    """Yield the interlock matrix, the cycle statistics with their pictures, and the stages of the emergency."""
    yield from _interlocks(record, sheet)
    yield from _travels(record, sheet)
    yield from _emergency(record, sheet)


def by_direction(travels: Sequence[Travel]) -> Mapping[str, list[Travel]]:
    """Return the travels of each direction, in order."""
    found: dict[str, list[Travel]] = {}
    for travel in travels:
        found.setdefault(travel.direction, []).append(travel)
    return found


def limits_of(record: Record, direction: str) -> Limits | None:
    """Return the window that the record's own checks name; None where they name none, or `direction` is no normal travel."""
    if direction not in NORMAL:
        return None
    named = {check.criterion for check in findings.checks(record)}
    return next((window for window in WINDOWS if window.criterion in named), None)


def _interlocks(record: Record, sheet: Sheet) -> Iterator[Block]:
    yield sheet.heading("interlocks.heading")
    rows = [
        (
            sheet.cell(row.rule), sheet.cell(row.device), sheet.cell(sheet.texts.or_name("action", row.action)),
            sheet.cell(sheet.texts.words(row.condition)), _proven(row.forbade, sheet), _proven(row.allowed_again, sheet),
            sheet.cell(row.because or "–"),
        )
        for row in record.interlocks
    ]  # fmt: skip
    heads = ("rule", "device", "action", "condition", "forbade", "allowed", "because")
    named = tuple("subject.device" if name == "device" else f"head.{name}" for name in heads)
    yield sheet.table("interlocks.caption", named, (9, 17, 10, 22, 11, 12, 19), rows)


def _proven(proven: bool | None, sheet: Sheet) -> Cell:
    key, mark = {
        True: ("matrix.yes", Mark.GOOD), False: ("matrix.no", Mark.BAD), None: ("matrix.unknown", Mark.OPEN),
    }[proven]  # fmt: skip
    return Cell(sheet.texts(key), mark)


def _travels(record: Record, sheet: Sheet) -> Iterator[Block]:
    texts = sheet.texts
    yield sheet.heading("travel.heading")
    yield Paragraph(texts("travel.definition"))
    groups = by_direction(record.travels)
    told = [(name, figures(travel.seconds for travel in travels)) for name, travels in groups.items()]
    rows = [_figure_row(name, found, limits_of(record, name), sheet) for name, found in told if found]
    names = ("direction", "number", "shortest", "median", "p95", "longest", "limits")
    yield sheet.table("travel.caption", tuple(f"head.{name}" for name in names), (16, 14, 12, 12, 15, 12, 19), rows)
    left_out = 0
    for name, found in told:
        if found:
            drawn = groups[name][:DRAWN_MOST]
            left_out += len(groups[name]) - len(drawn)
            yield from pictures.bars(texts, name, drawn, found, limits_of(record, name))
    if left_out:
        yield Paragraph(texts("bars.more", more=left_out), Mark.OPEN)
    curved = [travel for travel in record.travels if travel.changes]
    yield from pictures.curves(texts, curved[:CURVES_MOST])
    if len(curved) > CURVES_MOST:
        yield Paragraph(texts("bars.more", more=len(curved) - CURVES_MOST), Mark.OPEN)


def _figure_row(name: str, found: Figures, window: Limits | None, sheet: Sheet) -> tuple[Cell, ...]:
    texts = sheet.texts

    def told(value: float) -> Cell:
        bad = window is not None and not window.least <= value <= window.most
        return Cell(f"✗ {texts.seconds(value)}" if bad else texts.seconds(value), Mark.BAD if bad else Mark.PLAIN)

    allowed = f"{window.criterion}: {texts.seconds(window.least)} – {texts.seconds(window.most)}" if window else "–"
    values = (found.least, found.median, found.p95, found.most)
    return (sheet.cell(texts.or_name("direction", name)), Cell(str(found.number)), *map(told, values), Cell(allowed))


def _emergency(record: Record, sheet: Sheet) -> Iterator[Block]:
    texts = sheet.texts
    yield sheet.heading("emergency.heading")
    rows = [
        (
            sheet.cell(texts.or_name("stage", stage.name)),
            Cell(f"✗ {texts('emergency.unseen')}", Mark.BAD) if stage.seconds is None else Cell(texts.seconds(stage.seconds)),
        )
        for stage in record.emergency
    ]  # fmt: skip
    yield sheet.table("emergency.caption", ("head.stage", "head.after"), (60, 40), rows)
    if record.emergency:
        yield pictures.stages(texts, record.emergency)
