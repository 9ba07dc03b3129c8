"""Two keys, and a report of each sample: drawn once, because drawing takes a second or two."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from controller.commissioning.report import countersign, issue, keys
from controller.commissioning.report.keys import PrivateKey
from tests.commissioning.sample import FULL, WELL

AT, LATER = "2026-11-27T10:00:00Z", "2026-11-27T10:05:00Z"


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose keys there are, and where the reports stand that were signed with them."""

    tester: PrivateKey
    witness: PrivateKey
    stranger: PrivateKey
    full: Path
    well: Path


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """`full` has the tester's signature, `well` the witness's too. Not to be changed: copy what you break."""
    folder = tmp_path_factory.mktemp("reports")
    assert WELL.witness is not None
    tester = keys.make(folder / "tester", FULL.tester.name)
    witness = keys.make(folder / "witness", WELL.witness.name)
    stranger = keys.make(folder / "stranger", FULL.tester.name)
    issue(FULL, folder / "full", tester, AT)
    issue(WELL, folder / "well", tester, AT, "fr")
    countersign(folder / "well", witness, "witness", LATER)
    return Desk(tester, witness, stranger, folder / "full", folder / "well")


@pytest.fixture
def well(desk: Desk, tmp_path: Path) -> Path:
    """A copy to be broken of the small report, which two have signed."""
    return shutil.copytree(desk.well, tmp_path / "well")
