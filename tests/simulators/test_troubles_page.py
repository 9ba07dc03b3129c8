"""docs/reference/troubles.md is the table of every trouble, as it is today."""

from __future__ import annotations

from pathlib import Path

from simulators.mishaps.__main__ import page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "troubles.md"


def test_the_page_is_that_of_the_table():
    assert PAGE.read_text(encoding="utf-8") == page(), f"python -m simulators.mishaps > {PAGE}"
