"""From a record to the document that every face draws: what stands in an acceptance report, and in which order. Pure.

Three conventions tie a record's words to its pictures. A check of one signal of the wiring has the gap `signal` in its `what`,
with the signal's name: the I/O matrix shows how it ended. The stages of an emergency that have a word are `initiation`,
`actuator`, `motion`, `blocked` and `annunciation`; R02's limit is drawn from `actuator`. Travels are held against R01 or R03
where their direction is a normal one (`measured.NORMAL`). Any other name is shown as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from controller.commissioning.record import Outcome, Record
from controller.commissioning.report import findings
from controller.commissioning.report.document import Banner, Block, Cell, Document, Heading, Mark, Paragraph, Table
from controller.commissioning.report.ending import ending
from controller.commissioning.report.measured import measured
from controller.commissioning.report.plain import fingerprint_of, from_plain, parse, text_of
from controller.commissioning.report.sheet import Sheet
from controller.commissioning.texts import Texts

COLUMNS_MOST = 5
"""Units that have a column each in the I/O matrix; of more, each row names its unit."""


def document(record: Record, language: str, *, copy: bool = False) -> Document:
    """Return the report of `record` in `language`; `copy`: marked as covered by no signature. Raises ValueError, ReportError."""
    texts = Texts(language)
    sheet = Sheet(texts)
    record = from_plain(parse(text_of(record)))  # as everybody reads it later: what has no order gets one
    tie = fingerprint_of(record)
    blocks = [
        *_summary(record, sheet),
        *_subject(record, sheet, tie),
        *_equipment(record, sheet),
        *_criteria(record, sheet),
        *_wiring(record, sheet),
        *_steps(record, sheet),
        *measured(record, sheet),
        *ending(record, sheet),
    ]
    names = [
        name
        for name, marked in (("simulated", _simulated(record)), ("unattended", record.unattended), ("copy", copy))
        if marked
    ]
    return Document(
        language=language,
        title=texts("report.title", device=record.subject.title or record.subject.device),
        tie=texts("report.tie", id=record.id, hash=tie),
        made=record.ended,
        author=record.tester.name,
        page=texts("report.page", page="{page}", pages="{pages}"),
        lacks=texts("report.lacks", sign="{sign}"),
        result=Cell(
            texts("report.result", outcome=sheet.outcome(record.outcome).text), sheet.outcome(record.outcome).mark
        ),
        banners=tuple(Banner(texts(f"mark.{name}.short"), texts(f"mark.{name}")) for name in names),
        blocks=tuple(blocks),
    )


def _simulated(record: Record) -> bool:
    """As long as anything was simulated, whatever the record says of the whole."""
    return record.simulated or any(unit.simulated for unit in record.subject.units)


def _summary(record: Record, sheet: Sheet) -> Iterator[Block]:
    found = findings.tally(record)
    gaps = {"checks": found.checks, "passed": found.passed, "failed": found.failed, "other": found.other}
    yield Paragraph(sheet.texts("report.summary", **gaps, defects=len(record.defects)))
    objections = findings.objections(record)
    if record.outcome is Outcome.PASSED and objections:
        told = [sheet.texts("report.contradicts", outcome=sheet.texts(f"outcome.{record.outcome.value}"))]
        yield Paragraph("\n".join([*told, *(f"✗ {sheet.texts.words(words)}" for words in objections)]), Mark.BAD)


def _subject(record: Record, sheet: Sheet, tie: str) -> Iterator[Block]:
    subject, texts = record.subject, sheet.texts
    yield sheet.heading("subject.heading")
    facts = (
        ("subject.site", _named(subject.site_title, subject.site)),
        ("subject.revision", subject.revision),
        ("subject.zone", subject.zone),
        ("subject.device", _named(subject.title, subject.device)),
        ("subject.kind", texts.or_name("kind", subject.kind)),
        ("subject.profile", subject.profile),
        ("subject.began", texts.time(record.began)),
        ("subject.ended", texts.time(record.ended)),
        ("subject.record", record.id),
        ("subject.hash", tie),
        ("subject.journal", record.journal_head),
    )
    yield sheet.facts("subject.caption", [(texts(key), value) for key, value in facts])


def _named(title: str, name: str) -> str:
    return f"{title} ({name})" if title and title != name else name


def _equipment(record: Record, sheet: Sheet) -> Iterator[Block]:
    texts = sheet.texts
    yield sheet.heading("units.heading")
    rows = [
        (
            sheet.cell(unit.name), sheet.cell(unit.profile), sheet.cell(unit.link),
            sheet.cell(texts.value(unit.identity) or texts("report.not_recorded")),
            Cell(texts("field.simulated"), Mark.BAD) if unit.simulated else Cell(texts("field.real")),
        )
        for unit in record.subject.units
    ]  # fmt: skip
    heads = ("head.unit", "head.model", "head.link", "head.identity", "head.field")
    yield sheet.table("units.caption", heads, (18, 18, 24, 26, 14), rows)
    yield sheet.heading("versions.heading")
    yield sheet.facts("versions.caption", sorted(record.versions.items()))
    yield sheet.heading("instruments.heading")
    yield sheet.listing("instruments.caption", "head.instrument", record.instruments)


def _criteria(record: Record, sheet: Sheet) -> Iterator[Block]:
    yield sheet.heading("criteria.heading")
    yield Paragraph(sheet.texts("criteria.contents"))
    named = sorted({check.criterion for check in findings.checks(record) if check.criterion})
    rows = [(sheet.cell(name), sheet.cell(sheet.texts.or_name("criterion", name))) for name in named]
    yield sheet.table("criteria.caption", ("head.criterion", "head.asks"), (15, 85), rows)


def _wiring(record: Record, sheet: Sheet) -> Iterator[Block]:
    texts = sheet.texts
    yield sheet.heading("wiring.heading")
    by_point = sorted(record.subject.wiring.items(), key=lambda one: (one[1], one[0]))
    places = {signal: point.partition(".") for signal, point in by_point}
    units = list(dict.fromkeys([unit.name for unit in record.subject.units] + [unit for unit, _, _ in places.values()]))
    ends: dict[str, list[Outcome]] = {}
    for check in findings.checks(record):
        ends.setdefault(str(check.what.gaps.get("signal", "")), []).append(check.outcome)
    heads = (
        tuple(sheet.cell(unit).text for unit in units)
        if len(units) <= COLUMNS_MOST
        else (texts("head.unit"), texts("head.point"))
    )
    rows = []
    for signal, (unit, _, point) in places.items():
        matrix = [point if unit == one else "·" for one in units] if len(units) <= COLUMNS_MOST else [unit, point]
        rows.append((sheet.cell(signal), *map(sheet.cell, matrix), _worst(ends.get(signal, []), sheet)))
    widths = (22, *(60 // max(1, len(heads)) for _ in heads), 18)
    if rows:
        yield Table(texts("wiring.caption"), (texts("head.signal"), *heads, texts("head.checked")), widths, tuple(rows))
    else:
        yield Paragraph(f"{texts('wiring.caption')}: {texts('report.not_recorded')}", Mark.OPEN)


def _worst(ends: Sequence[Outcome], sheet: Sheet) -> Cell:
    """One failure among the checks of a signal is what is told of it; a signal without a check was not done."""
    order = (Outcome.FAILED, Outcome.ABORTED, Outcome.SKIPPED, Outcome.PASSED)
    return sheet.outcome(next((end for end in order if end in ends), Outcome.SKIPPED))


def _steps(record: Record, sheet: Sheet) -> Iterator[Block]:
    texts = sheet.texts
    yield sheet.heading("steps.heading")
    for step in record.steps:
        title = texts.or_name("section", step.section)
        yield Heading(2, texts("step.title", section=step.section, title=title, id=step.id))
        told = texts(
            "step.line",
            outcome=texts(f"outcome.{step.outcome.value}"),
            began=texts.time(step.began),
            ended=texts.time(step.ended),
        )
        yield Paragraph(told, sheet.outcome(step.outcome).mark)
        if step.why:
            yield Paragraph(texts("step.why", why=step.why))
        if step.checks:
            yield _checks(step.id, sheet, [sheet.check(check, step.began[:10]) for check in step.checks])
        for check in step.checks:
            if check.note:
                yield Paragraph(texts("step.note", what=check.what, note=check.note))


def _checks(step: str, sheet: Sheet, rows: Sequence[tuple[Cell, ...]]) -> Table:
    names = ("check", "criterion", "expected", "measured", "outcome", "evidence", "at")
    heads = tuple(sheet.texts(f"head.{name}") for name in names)
    return Table(sheet.texts("step.caption", id=step), heads, (20, 9, 19, 19, 12, 10, 11), tuple(rows))
