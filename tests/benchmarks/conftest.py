"""A farm of a few devices whose steel is quick."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.farm import Farm

TRAVEL_MS = 30


@pytest.fixture
def farm(tmp_path: Path, require: Callable[[str], Path]) -> Iterator[Farm]:
    require("gcc")
    require("taskset")
    with Farm(4, tmp_path, travel_ms=TRAVEL_MS) as farm:
        yield farm
