"""The files of a report: what is no report, what is not there, and what is where."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from controller.commissioning.report import Place, ReportError, find, folder
from controller.commissioning.report.seal import HTML, JSON, PDF
from controller.journal.chain import canonical
from tests.commissioning.conftest import Desk
from tests.commissioning.sealed import holds, report, verdict


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not JSON"),
        (b"null\n", "expected an object"),
        (b"[]\n", "expected an object"),
        (b"{}\n", "missing"),
        (b"\xff\xfe", "not UTF-8 at byte 0"),
        (b"%PDF-1.4\n", "not JSON"),
        (b'{"form":"rempart-report/2"}\n', "form 'rempart-report/2', this release of rempart reads rempart-report/1"),
        (b'{"form":"rempart-report/1","form":"rempart-report/1"}\n', "key 'form' stands twice"),
        (b"[" * 50_000, "nested deeper"),
        (b'{"record":{"form":9}}\n', "record.form: 9, this release"),
    ],
)
def test_a_json_that_is_no_report_is_an_error_that_names_it(well: Path, content: bytes, message: str):
    (well / JSON).write_bytes(content)
    with pytest.raises(ReportError, match=message) as found:
        verdict(well)
    assert str(found.value).startswith(str(well / JSON))


def test_a_key_that_stands_twice_is_refused_even_where_both_say_the_same(well: Path):
    text = (well / JSON).read_text("utf-8")
    for twice in ('"outcome":"passed",', '"simulated":false,'):
        (well / JSON).write_text(text.replace(twice, twice * 2, 1), "utf-8")
        with pytest.raises(ReportError, match="stands twice"):
            verdict(well)


def test_another_way_to_write_the_same_is_refused(well: Path):
    value = json.loads((well / JSON).read_text("utf-8"))
    for text in (json.dumps(value), json.dumps(value, sort_keys=True, separators=(",", ":")), canonical(value)):
        (well / JSON).write_text(text, "utf-8")
        with pytest.raises(ReportError, match="not in the one form of canonical JSON"):
            verdict(well)


def test_files_that_are_not_there_not_readable_or_too_large_are_errors(well: Path, monkeypatch: pytest.MonkeyPatch):
    (well / PDF).unlink()
    assert "report.pdf: cannot be read: No such file" in verdict(well).wrong[0]
    os.mkfifo(well / PDF)
    assert "not a regular file" in verdict(well).wrong[0]
    monkeypatch.setattr(folder, "MOST", 1000)
    with pytest.raises(ReportError, match="more than 1000 bytes"):
        verdict(well)
    with pytest.raises(ReportError, match="cannot be read: No such file"):
        verdict(well / "other.json")


def test_a_page_is_checked_beside_its_json_wherever_both_went(well: Path, tmp_path: Path):
    away = tmp_path / "away"
    away.mkdir()
    (well / JSON).rename(away / "Albert 2026.json")
    (well / PDF).rename(away / "Albert 2026.pdf")
    assert verdict(away / "Albert 2026.pdf").wrong == ()
    assert verdict(away / "Albert 2026.pdf").remarks[0] == "report.html is not there, and was not checked"
    assert len(verdict(away / "Albert 2026.json").wrong) == 2
    (away / "Albert 2026.pdf").write_bytes(b"%PDF")
    assert verdict(away / "Albert 2026.pdf").wrong[0].startswith("Albert 2026.pdf is not the file that was signed")


@pytest.mark.parametrize(
    ("name", "message"), [("x.txt", "expected a report's folder"), ("x.pdf", r"there is no report\.json beside it")]
)
def test_what_is_no_report_is_said(tmp_path: Path, name: str, message: str):
    with pytest.raises(ReportError, match=message):
        find(tmp_path / name)


def test_a_folder_with_something_in_it_is_not_written_into(desk: Desk, well: Path, tmp_path: Path):
    with pytest.raises(ReportError, match="is not empty, and a report is never overwritten"):
        folder.copy(report(well), well, "en")
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match="cannot be made"):
        folder.copy(report(well), tmp_path / "file", "en")


def test_a_copy_in_another_language_is_marked_and_is_no_signed_page(desk: Desk, well: Path, tmp_path: Path):
    folder.copy(report(well), tmp_path / "it", "it")
    assert sorted(path.name for path in (tmp_path / "it").iterdir()) == [HTML, PDF]
    assert "COPIA NON FIRMATA" in (tmp_path / "it" / HTML).read_text("utf-8")
    (well / HTML).write_bytes((tmp_path / "it" / HTML).read_bytes())
    assert not holds(well)


def test_a_place_has_the_json_and_the_page_that_was_named(well: Path):
    assert find(well) == find(well / JSON) == Place(well / JSON)
    assert find(well / HTML) == Place(well / JSON, well / HTML)
