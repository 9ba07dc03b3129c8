"""The document has everything that the record says, its marks, and what speaks against it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from controller.commissioning.record import Check, Outcome, Record, StepRecord, UnitRecord, Words
from controller.commissioning.report import findings
from controller.commissioning.report.contents import document
from controller.commissioning.report.document import Document, Heading, Mark, Paragraph, Picture, Table, visible
from controller.commissioning.report.plain import fingerprint_of
from controller.commissioning.report.terminal import lines
from controller.commissioning.texts import LANGUAGES
from tests.commissioning.sample import FULL, HOSTILE, LONG_NOTE, RTL, WELL, WIDE

REAL = dataclasses.replace(
    FULL,
    simulated=False,
    subject=dataclasses.replace(
        FULL.subject, units=tuple(dataclasses.replace(unit, simulated=False) for unit in FULL.subject.units)
    ),
)


def table(drawn: Document, caption: str) -> Table:
    return next(one for one in drawn.blocks if isinstance(one, Table) and caption in one.caption)


def cells(drawn: Document, caption: str) -> list[list[str]]:
    return [[cell.text for cell in row] for row in table(drawn, caption).rows]


def told(drawn: Document) -> str:
    return "\n".join(lines(drawn, 100_000))


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_the_record_says_is_told(language: str):
    text = told(document(FULL, language))
    subject = FULL.subject
    asked = [
        FULL.id,
        subject.site,
        subject.zone,
        subject.device,
        subject.revision,
        subject.profile,
        fingerprint_of(FULL),
    ]
    asked += [
        FULL.journal_head,
        *FULL.versions,
        *FULL.versions.values(),
        *FULL.instruments,
        RTL,
        LONG_NOTE.strip(),
        WIDE,
    ]
    asked += [unit.name for unit in subject.units] + ["0012-7781", "01.08.03", *subject.wiring, *subject.accepted_risks]
    asked += ["R01", "R02", "R09", "R10", "R15", "R21", "R25", *(step.id for step in FULL.steps)]
    asked += [
        "1300–1323",
        "1212–1213",
        *(row.rule for row in FULL.interlocks),
        *(row.because for row in FULL.interlocks),
    ]
    for person in (FULL.tester, FULL.witness, FULL.owner):
        assert person is not None
        asked += [person.name, person.organisation]
    assert [each for each in asked if visible(each) not in text] == []


def test_the_statistics_are_told_with_their_limits():
    rows = cells(document(FULL, "en"), "Cycle statistics")
    assert rows == [
        ["raising", "12", "4.58 s", "4.63 s", "✗ 15.8 s", "✗ 15.8 s", "R01: 3 s – 15 s"],
        ["lowering", "12", "4.08 s", "4.13 s", "4.22 s", "4.22 s", "R01: 3 s – 15 s"],
    ]


def test_a_crash_beam_is_held_against_its_own_window():
    def turned(check: Check) -> Check:
        return dataclasses.replace(check, criterion="R03") if check.criterion == "R01" else check

    steps = tuple(dataclasses.replace(step, checks=tuple(map(turned, step.checks))) for step in FULL.steps)
    rows = cells(document(dataclasses.replace(FULL, steps=steps), "en"), "Cycle statistics")
    assert rows[1][2:] == ["✗ 4.08 s", "✗ 4.13 s", "✗ 4.22 s", "✗ 4.22 s", "R03: 8 s – 15 s"]


def test_an_emergency_is_not_held_against_the_window_of_normal_travels():
    fast = dataclasses.replace(FULL.travels[0], direction="emergency", seconds=2.2)
    rows = cells(document(dataclasses.replace(FULL, travels=(fast,)), "en"), "Cycle statistics")
    assert rows == [["emergency", "1", "2.2 s", "2.2 s", "2.2 s", "2.2 s", "–"]]


def test_the_io_matrix_has_each_point_under_its_unit_and_the_worst_of_its_checks():
    drawn = document(FULL, "en")
    assert table(drawn, "matrix").heads == ("Signal", "albert-io", "albert-loop", "Checked")
    rows = {row[0]: row[1:] for row in cells(drawn, "Input/output matrix")}
    assert rows["raised"] == ["di0", "·", "✓ passed"]
    assert rows["lamp"] == ["di5", "·", "✗ FAILED"]
    assert rows["presence"] == ["·", "detect", "✓ passed"]
    assert len(rows) == len(FULL.subject.wiring)


def test_a_signal_without_a_check_was_not_done():
    drawn = document(dataclasses.replace(FULL, steps=FULL.steps[:1]), "en")
    assert {row[-1] for row in cells(drawn, "Input/output matrix")} == {"○ not done"}


def test_of_many_units_each_row_names_its_own():
    wiring = {f"s{number}": f"io{number}.di0" for number in range(9)}
    units = tuple(UnitRecord(f"io{number}", "p", "l", simulated=False) for number in range(9))
    subject = dataclasses.replace(FULL.subject, wiring=wiring, units=units)
    drawn = document(dataclasses.replace(FULL, subject=subject), "en")
    assert cells(drawn, "Input/output matrix")[3] == ["s3", "io3", "di0", "○ not done"]


def test_the_interlock_matrix_tells_both_directions_and_what_was_not_driven():
    rows = cells(document(FULL, "en"), "Every row driven both ways")
    assert [row[4:6] for row in rows] == [["✓ yes", "✓ yes"], ["✓ yes", "✓ yes"], ["✗ NO", "✓ yes"], ["○ not done"] * 2]


def test_the_stages_of_the_emergency_are_told_and_what_was_not_seen():
    rows = cells(document(FULL, "en"), "Times after the order")
    assert rows[3:] == [["way blocked", "2.32 s"], ["annunciated", "✗ not seen"]]


def test_overrides_that_are_not_back_are_told():
    drawn = document(FULL, "en")
    assert cells(drawn, "3 of 4 overrides were found back")[3] == ["reversing pressure switch", "✗ NO", "DIP 5 off"]
    without = document(dataclasses.replace(FULL, overrides=()), "en")
    assert (
        Paragraph("✗ 0 of 0 overrides were found back in their place; 4 are to be proven", Mark.BAD) in without.blocks
    )


def test_what_r40_asks_for_is_told_with_whether_it_is_there():
    assert [row[1] for row in cells(document(FULL, "en"), "Whether the record has it")] == [
        "✓ yes", "✗ NO", "✗ NO", "✓ yes", "✓ yes", "✓ yes", "✗ NO", "✓ yes",
    ]  # fmt: skip
    assert all(asked.there for asked in findings.asked(WELL))


def test_a_measured_value_is_told_once():
    rows = {row[0]: row[3] for step in ("636-5", "632-2") for row in cells(document(FULL, "fr"), f"de l'étape {step}")}
    assert rows["Twelve cycles"] == "one raise took 15.8 s"
    assert rows["signal « lamp »"] == "off after 5 s"
    check = dataclasses.replace(FULL.steps[4].checks[0], measured=Words("report.typed", {"text": "too slow"}))
    step = dataclasses.replace(FULL.steps[4], checks=(check,))
    (row,) = cells(document(dataclasses.replace(FULL, steps=(step,)), "fr"), "de l'étape 636-5")
    assert row[3] == "too slow (15,8 s)"


def test_a_long_text_has_its_beginning_in_the_cell_and_stands_in_full_once():
    drawn = document(FULL, "en")
    cell = next(row[3] for row in cells(drawn, "Checks of step 635-4") if row[3].startswith("NOBLANKS"))
    assert cell.endswith("… [in full: 1]")
    assert Paragraph(f"[1] {WIDE}") in drawn.blocks


@pytest.mark.parametrize(
    ("record", "marks"),
    [
        (REAL, []),
        (FULL, ["SIMULATED"]),
        (dataclasses.replace(FULL, simulated=False), ["SIMULATED"]),  # one unit of it was
        (dataclasses.replace(REAL, simulated=True), ["SIMULATED"]),
        (dataclasses.replace(REAL, unattended=True), ["UNATTENDED"]),
        (dataclasses.replace(FULL, unattended=True), ["SIMULATED", "UNATTENDED"]),
    ],
)
def test_the_marks_of_a_report(record: Record, marks: list[str]):
    assert [one.short for one in document(record, "en").banners] == marks
    assert [one.short for one in document(record, "en", copy=True).banners] == [*marks, "UNSIGNED COPY"]


def _first_paragraphs(record: Record) -> list[Paragraph]:
    return [one for one in document(record, "en").blocks[:3] if isinstance(one, Paragraph) and one.mark is Mark.BAD]


def test_a_record_that_calls_itself_passed_is_held_against_what_it_holds():
    assert _first_paragraphs(WELL) == []
    (found,) = _first_paragraphs(dataclasses.replace(FULL, outcome=Outcome.PASSED))
    for line in (
        "✗ step 635-4, “Cone of 700 mm on the edge”: ■ ABORTED", "✗ step 638-7: ○ not done",
        "✗ interlock R31 of albert-bollards was not proven both ways", "✗ override “reversing” was not found restored",
        "✗ open defects: 2",
    ):  # fmt: skip
        assert line in found.text.split("\n")


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"steps": ()}, "objection.nothing"),
        ({"overrides": WELL.overrides[:3]}, "objection.overrides"),
        ({"unattended": True}, "objection.unattended"),
    ],
)
def test_what_else_speaks_against_a_passed_record(changed: dict[str, Any], key: str):
    assert [words.key for words in findings.objections(dataclasses.replace(WELL, **changed))] == [key]


def test_an_empty_record_is_drawn_and_says_what_it_lacks():
    bare = dataclasses.replace(
        FULL, steps=(), travels=(), interlocks=(), emergency=(), overrides=(), defects=(), versions={}, instruments=(),
        witness=None, owner=None, deviations=(),
        subject=dataclasses.replace(FULL.subject, wiring={}, units=(), accepted_risks=()),
    )  # fmt: skip
    drawn = document(bare, "en")
    assert not [one for one in drawn.blocks if isinstance(one, Picture)]
    assert told(drawn).count("not recorded") == 8
    assert told(drawn).count("nobody was named") == 2


def test_a_name_that_no_catalogue_has_is_shown_as_it_is():
    why = Words("no.such", {"n": 1})
    step = StepRecord(id="x-1", section="700", began="soon", ended="later", outcome=Outcome.PASSED, why=why)
    drawn = document(dataclasses.replace(FULL, steps=(step,)), "en")
    assert Heading(2, "700 700: step x-1") in drawn.blocks
    assert Paragraph("Why: no.such n=1") in drawn.blocks


def test_a_hundred_cycles_are_figured_and_only_so_many_drawn():
    travels = tuple(dataclasses.replace(FULL.travels[0], cycle=number) for number in range(1, 201))
    drawn = document(dataclasses.replace(FULL, travels=travels), "en")
    assert cells(drawn, "Cycle statistics")[0][1] == "200"
    assert "56 further travels are in the record" in told(drawn)
    assert all(one.height < 230 for one in drawn.blocks if isinstance(one, Picture))


def test_hostile_texts_cannot_steer_a_terminal():
    text = told(document(FULL, "en"))
    assert "⟨U+001B⟩[31m⟨U+0000⟩" in text
    assert not {"\x1b", "\x00", "\u202e"} & set(text)
    assert HOSTILE not in text


def test_a_report_fits_a_terminal_of_eighty_columns():
    assert max(map(len, lines(document(FULL, "en"), 80))) <= 80
