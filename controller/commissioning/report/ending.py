"""The last parts of a report: overrides, defects, deviations, risks, what R40 asks for, long texts, signatures. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from controller.commissioning.record import Record
from controller.commissioning.report import findings
from controller.commissioning.report.document import Block, Cell, Mark, Paragraph, Table
from controller.commissioning.report.sheet import Sheet


def ending(record: Record, sheet: Sheet) -> Iterator[Block]:
    """Yield everything after the measurements; it comes last, because it holds what did not fit before."""
    yield from _overrides(record, sheet)
    yield from _defects(record, sheet)
    yield from _asked(record, sheet)
    yield from sheet.notes()
    yield from _signatures(record, sheet)


def _overrides(record: Record, sheet: Sheet) -> Iterator[Block]:
    texts = sheet.texts
    yield sheet.heading("overrides.heading")
    rows = [
        (
            sheet.cell(texts.or_name("override", override.name)),
            Cell(texts("matrix.yes"), Mark.GOOD) if override.restored else Cell(texts("matrix.no"), Mark.BAD),
            sheet.cell(texts.words(override.found)),
        )
        for override in record.overrides
    ]
    number = len(record.overrides)
    restored = sum(override.restored for override in record.overrides)
    caption = texts("overrides.caption", restored=restored, number=number, expected=len(findings.OVERRIDES))
    if rows:
        heads = tuple(texts(f"head.{name}") for name in ("override", "restored", "found"))
        yield Table(caption, heads, (34, 16, 50), tuple(rows))
    else:
        yield Paragraph(f"✗ {caption}", Mark.BAD)


def _defects(record: Record, sheet: Sheet) -> Iterator[Block]:
    texts = sheet.texts
    yield sheet.heading("defects.heading")
    if record.defects:
        rows = [(sheet.cell(one.step), sheet.cell(texts.words(one.text), Mark.BAD)) for one in record.defects]
        yield sheet.table("defects.caption", ("head.step", "head.defect"), (18, 82), rows)
    else:
        yield Paragraph(texts("defects.none"))
    for lines, name, head in (
        (record.deviations, "deviations", "head.deviation"),
        (record.subject.accepted_risks, "risks", "head.risk"),
    ):
        yield sheet.listing(f"{name}.caption", head, lines) if lines else Paragraph(texts(f"{name}.none"))


def _asked(record: Record, sheet: Sheet) -> Iterator[Block]:
    yield sheet.heading("r40.heading")
    rows = [
        (
            sheet.cell(sheet.texts.words(asked.what)),
            Cell(sheet.texts("matrix.yes"), Mark.GOOD) if asked.there else Cell(sheet.texts("matrix.no"), Mark.BAD),
        )
        for asked in findings.asked(record)
    ]
    yield sheet.table("r40.caption", ("head.asked", "head.there"), (70, 30), rows)


def _signatures(record: Record, sheet: Sheet) -> Iterator[Block]:
    texts = sheet.texts
    yield sheet.heading("signatures.heading")
    rows = []
    for role, person in (("tester", record.tester), ("witness", record.witness), ("owner", record.owner)):
        name = sheet.cell(person.name) if person else Cell(texts("role.nobody"), Mark.OPEN)
        organisation = sheet.cell(person.organisation or "–") if person else Cell("–")
        rows.append((Cell(texts(f"role.{role}")), name, organisation, Cell("\n\n")))
    names = ("role", "name", "organisation", "signature")
    yield sheet.table("signatures.caption", tuple(f"head.{name}" for name in names), (14, 28, 26, 32), rows)
    yield Paragraph(texts("signatures.how"))
