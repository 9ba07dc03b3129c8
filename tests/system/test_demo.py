"""What a newcomer does first: `rempart demo`, and orders from a second terminal."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.console.conftest import browser, log_in
from tests.system.field import PATIENCE_S, ROOT, Process, wait_for

__all__ = ["browser"]


class Demo:
    """`rempart demo` in a home of its own, started from a folder that is not the checkout."""

    def __init__(self, home: Path, runtime: Path) -> None:
        self.environment = {"HOME": str(home), "XDG_STATE_HOME": str(home / "state"), "XDG_RUNTIME_DIR": str(runtime)}
        self.process = Process(
            "controller.cli",
            "demo",
            "--no-watch",
            "--port",
            "0",
            "--console-port",
            "0",
            log=home / "demo.log",
            **self.environment,
        )
        self.ready = str(wait_for("the ready line", self._ready))

    def _ready(self) -> str:
        self.process.alive()
        return next((line for line in self.process.output.splitlines() if line.startswith("ready:")), "")

    def rempart(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Type a command in the second terminal."""
        return subprocess.run(
            [sys.executable, "-m", "controller.cli", *arguments],
            capture_output=True, text=True, timeout=PATIENCE_S, check=False, cwd=ROOT,
            env={**os.environ, **self.environment},
        )  # fmt: skip


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    running = Demo(tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("run"))
    try:
        yield running
    finally:
        running.process.stop()


def test_the_ready_line_names_the_console_and_the_api(demo: Demo) -> None:
    assert re.fullmatch(r"ready: console http://127\.0\.0\.1:\d+/ and API http://127\.0\.0\.1:\d+", demo.ready)
    assert "log in as olga (operator)" in demo.process.output


def test_a_bollard_is_raised_and_lowered_from_a_second_terminal(demo: Demo) -> None:
    wait_for("the loops seen clear for a second", lambda: demo.rempart("raise", "albert-bollards").returncode == 0)
    done = demo.rempart("lower", "albert-bollards")
    assert done.returncode == 0, done.stderr
    assert "lowered" in done.stdout


def test_r09_a_raise_over_an_occupied_loop_is_refused_with_its_reason_and_a_failing_exit_code(demo: Demo) -> None:
    wait_for("lowered", lambda: demo.rempart("lower", "albert-bollards").returncode == 0)
    assert demo.rempart("trouble", "occupy", "albert-loop-entry").returncode == 0
    try:
        wait_for("occupied", lambda: "occupied" in demo.rempart("devices").stdout)
        refused = demo.rempart("raise", "albert-bollards")
    finally:
        demo.rempart("trouble", "vacate", "albert-loop-entry")
    assert refused.returncode == 4
    assert "R09" in refused.stderr
    assert "albert-loop-entry" in refused.stderr


def test_the_watch_screen_prints_once_where_there_is_no_terminal(demo: Demo) -> None:
    shown = demo.rempart("watch", "--once")
    assert shown.returncode == 0, shown.stderr
    assert "albert-bollards" in shown.stdout
    assert "SIMULATED" in shown.stdout


def test_the_journal_of_the_running_demo_verifies(demo: Demo) -> None:
    verified = demo.rempart("journal", "verify", "nice-promenade")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_a_second_demo_is_refused_and_says_why(demo: Demo) -> None:
    second = demo.rempart("demo", "--no-watch", "--port", "0", "--console-port", "0")
    assert second.returncode != 0
    assert "nice-promenade" in second.stderr
    assert "Traceback" not in second.stderr


def test_it_stops_clean_and_leaves_no_socket_and_no_child(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    runtime = tmp_path_factory.mktemp("r")
    demo = Demo(tmp_path, runtime)
    children = Path(f"/proc/{demo.process.child.pid}/task/{demo.process.child.pid}/children").read_text().split()
    assert children
    assert demo.process.stop() in (0, 130)
    assert "Traceback" not in demo.process.output
    assert not [path for path in runtime.rglob("*") if path.is_socket()]
    wait_for("no orphan", lambda: not [child for child in children if Path(f"/proc/{child}").exists()])


def test_a_newcomer_locks_the_promenade_down_from_a_telephone_with_two_taps(demo: Demo, browser: Browser) -> None:
    # A vehicle that comes onto a loop meanwhile would hold the steel up, or send it back (R09, R10). Who stands before a way
    # that is closed takes half a minute to back out of the lane.
    assert demo.rempart("trouble", "traffic", "off").returncode == 0
    wait_for("every vehicle gone", lambda: "no vehicles" in demo.rempart("trouble", "world").stdout, 3 * PATIENCE_S)
    console = demo.ready.split()[2]
    telephone: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    context = browser.new_context(base_url=console, **telephone)
    try:
        page = context.new_page()
        page.goto("/")
        log_in(page, "olga")
        page.get_by_role("button", name="Lockdown…").tap()
        page.get_by_role("button", name="The whole site").tap()
        locked = page.locator("#orders article").first
        expect(locked).to_contain_text("Lockdown")
        expect(page.locator("#perimeter")).to_contain_text("The perimeter is closed")
    finally:
        context.close()
    assert "efo" in demo.rempart("devices").stdout
