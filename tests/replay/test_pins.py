"""What the suite has shown holds for these versions alone: who changes one runs it again, with other seeds, and says so here."""

from __future__ import annotations

import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

SHOWN = {"pymodbus": "3.16.1", "pyserial": "3.5", "asyncua": "2.1.0", "paho-mqtt": "2.2.0"}
PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


@pytest.mark.parametrize("library", SHOWN)
def test_the_version_that_was_replayed_is_the_one_that_is_pinned_and_installed(library: str):
    pins = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["dependencies"]
    assert f"{library}=={SHOWN[library]}" in pins
    assert version(library) == SHOWN[library]
