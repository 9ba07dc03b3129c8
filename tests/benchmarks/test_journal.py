"""The journal as the bench uses it: the service's own format, each question answered, nothing lost."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from benchmarks.contenders import CONTENDERS
from benchmarks.records.build import build
from benchmarks.records.entries import BEGAN, EVERY, RARE, TURN, drafts, entry
from benchmarks.trouble import NotPossible
from benchmarks.works import journal as work
from benchmarks.works.catalogue import QUESTIONS
from benchmarks.works.scene import Size
from controller.journal import read, verify
from controller.journal.chain import draft

SMALL = Size(appends=30, records=1000)


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the large journal where it goes with the test."""
    work.large.cache_clear()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def test_records_are_appended_and_every_question_is_answered(tmp_path: Path, require: Callable[[str], Path]):
    require("taskset")
    figures = work.journal(CONTENDERS["rempart/asyncio"], SMALL, tmp_path)
    assert (figures["lost"], figures["records_m"]) == (0, SMALL.records / 1e6)
    assert {name.removesuffix("_max_ms") for name in figures if name.endswith("_max_ms")} - {"max_ms"} == set(QUESTIONS)
    assert all(value is not None for value in figures.values())


def test_the_large_journal_is_built_once(tmp_path: Path, require: Callable[[str], Path]):
    require("taskset")
    path = work.large(100)
    assert work.large(100) == path
    assert path.is_relative_to(tmp_path)


def test_a_built_journal_holds_what_the_service_would_have_written(tmp_path: Path):
    build(tmp_path / "journal.db", 1000)
    verdict = verify(tmp_path / "journal.db")
    assert (verdict.ok, verdict.records) == (True, 1000)
    assert [it.entry for it in read(tmp_path / "journal.db")] == [entry(n) for n in range(1000)]


@pytest.mark.parametrize("first", [0, RARE - TURN])
def test_a_draft_that_is_made_fast_is_the_one_that_the_journal_makes(first: int):
    count = 2 * TURN
    assert list(drafts(first, count)) == [draft(entry(n), BEGAN + n * EVERY) for n in range(first, first + count)]


def test_where_the_disk_has_no_room_it_says_how_much_it_needs(monkeypatch: pytest.MonkeyPatch):
    class Usage(NamedTuple):
        free: int

    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(free=10**9))
    with pytest.raises(NotPossible, match=r"10000000 records take 5\.0 GB, and 1\.0 GB are free; make room"):
        work.large(10_000_000)


def test_a_program_that_fails_is_told_with_its_last_words(tmp_path: Path, require: Callable[[str], Path]):
    require("taskset")
    (tmp_path / "journal.db").write_text(json.dumps("no journal"))
    with pytest.raises(NotPossible, match="build of the journal ended with status 1"):
        work._run(tmp_path, "build", str(tmp_path / "journal.db"), "1", more_s=0)
