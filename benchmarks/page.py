"""The page of performance: its generated part, between two marks, and its pictures."""

from __future__ import annotations

from pathlib import Path

from benchmarks.results import Results

PAGE = Path(__file__).parent.parent / "docs" / "explanation" / "performance.md"


def write(results: Results) -> None:
    """Write it."""
