"""R40 SAT report holds versions, every interlock row, EFO stage times, cycle times, deviations, accepted risks, signatures."""

from __future__ import annotations

import dataclasses

import pytest

from controller.commissioning.report import contents
from controller.commissioning.report.document import Document, Table
from controller.commissioning.report.statistics import median, percentile
from tests.commissioning.sample import FULL, RISING


def _rows(document: Document, caption: str) -> list[tuple[str, ...]]:
    """Return the rows of the table whose caption begins like this."""
    (found,) = [one for one in document.blocks if isinstance(one, Table) and one.caption.startswith(caption)]
    return [tuple(cell.text for cell in row) for row in found.rows]


def test_r40_the_report_holds_the_versions_and_every_interlock_row():
    report = contents.document(FULL, "en")
    assert set(_rows(report, "Firmware, software and configuration")) == set(FULL.versions.items())
    rows = _rows(report, "Every row driven both ways")
    assert [row[:2] for row in rows] == [(row.rule, row.device) for row in FULL.interlocks]


def test_r40_the_report_holds_the_stages_of_the_emergency_and_median_and_p95_of_the_cycles():
    report = contents.document(FULL, "en")
    assert [row[1] for row in _rows(report, "Times after the order")] == [
        "0.03 s",
        "0.11 s",
        "0.52 s",
        "2.32 s",
        "✗ not seen",
    ]
    raising = _rows(report, "Cycle statistics")[0]
    assert median(RISING) == pytest.approx(4.635)
    assert percentile(RISING, 95) == 15.8
    assert raising[3:5] == ("4.63 s", "✗ 15.8 s")


def test_r40_the_report_holds_deviations_and_accepted_risks_by_name():
    report = contents.document(FULL, "en")
    assert ("Duty test at 25 % only: pump too warm",) in _rows(report, "Deviations")
    assert any("Mme Hélène Garçon" in row[0] for row in _rows(report, "Accepted risks"))


def test_r40_the_report_proves_that_all_four_overrides_are_back_or_says_that_they_are_not():
    back = dataclasses.replace(FULL, overrides=tuple(dataclasses.replace(one, restored=True) for one in FULL.overrides))
    assert [row[1] for row in _rows(contents.document(back, "en"), "4 of 4 overrides were found back")] == ["✓ yes"] * 4
    asked = _rows(contents.document(FULL, "en"), "Whether the record has it")
    assert ("proof that all 4 diagnostic overrides are back", "✗ NO") in asked


def test_r40_tester_witness_and_owner_sign():
    names = [(row[0], row[1]) for row in _rows(contents.document(FULL, "en"), "Who takes part")]
    assert names == [("tester", "Élodie Marchand-Lô"), ("witness", "Gian Piero D’Agostino"), ("owner", "Zoë Çelik")]


def broken(patch: pytest.MonkeyPatch) -> None:
    """The report ends after the measurements."""
    patch.setattr(contents, "ending", lambda record, sheet: iter(()))
