"""Reports on the disk: what their verification finds, and how to break them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from controller.commissioning.report import ReportError, Wanted, examine, find, seal
from controller.commissioning.report.seal import JSON, Report
from controller.journal.chain import canonical


def verdict(path: Path, **wanted: Any) -> seal.Verdict:
    return examine(find(path), Wanted(**wanted))[1]


def holds(path: Path, **wanted: Any) -> bool:
    try:
        return not verdict(path, **wanted).wrong
    except ReportError:
        return False


def rewritten(path: Path, change: Callable[[Any], object]) -> Path:
    """Change what `report.json` says, and write it as rempart would."""
    value = json.loads((path / JSON).read_text("utf-8"))
    change(value)
    (path / JSON).write_text(canonical(value) + "\n", "utf-8")
    return path


def report(path: Path) -> Report:
    return seal.from_text((path / JSON).read_bytes())
