"""kill -9 in mid-motion, and what the next start makes of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.field import ROOT, Promenade, wait_for


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Promenade]:
    with Promenade(tmp_path) as promenade:
        promenade.restore()
        yield promenade


def test_rule_3_after_kill_9_nothing_moves_by_itself_and_the_same_id_writes_nothing(own: Promenade) -> None:
    controller = own.controller
    controller.moves("lower", "albert-bollards")
    controller.free("raise", "albert-bollards")
    answer = controller.order("raise", "albert-bollards", id="cut-short")
    assert answer.status_code == 202
    wait_for("the motion", lambda: controller.get("/api/v1/commands/cut-short")["life"] == "moving")
    controller.kill()
    # The coupler's own watchdog drops the outputs that nobody feeds any more (WAGO 750).
    at_rest = own.field.at_rest("albert-bollards")
    controller.start()
    shown = controller.shows("albert-bollards", "raised", "lowered", "stopped")
    assert shown["order"] is None
    assert controller.get("/api/v1/commands/cut-short")["life"] == "unknown"
    again = controller.order("raise", "albert-bollards", id="cut-short")
    assert again.json()["life"] == "unknown"
    assert own.field.heights("albert-bollards") == pytest.approx(at_rest, abs=0.02)
    records = controller.get("/api/v1/journal", kind="command", limit=1000)["records"]
    lives = [r["body"]["life"] for r in records if r["command"] == "cut-short"]
    assert lives[0] == "received"
    assert lives[-1] == "unknown"
    controller.moves("raise", "albert-bollards")
    controller.moves("lower", "albert-bollards")
    assert controller.stop() == 0
    verify = ("journal", "verify", "nice-promenade", "--state", str(controller.folder / "state"))
    command = [sys.executable, "-m", "controller.cli", *verify]
    verified = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    controller.start()
