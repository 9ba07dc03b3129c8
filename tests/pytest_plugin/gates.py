"""A site of two gates, each a bollard and its loop on a wire of its own, and pytest run on it as an integrator runs it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLUGIN = (
    *("-p", "no:rempart", "-p", "simulators.pytest_plugin"),
    *("-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "no:schemathesis"),
)
"""Loaded by its module, whether or not the environment has its entry point."""
GATE = """
  {gate}-bollard:
    kind: bollard
    title: Rising bollard
    zone: {gate}
    profile: bollard-hydraulic-273
    wiring: {{raise: {gate}-io.do0, lower: {gate}-io.do1, raised: {gate}-io.di0, lowered: {gate}-io.di1, local: {gate}-io.di4}}
    presence: [{gate}-loop]
    no_warning_accepted: {{who: Site owner, when: 2026-01-31, why: a depot where nobody walks}}
  {gate}-loop:
    kind: loop
    title: Loop
    zone: {gate}
    wiring: {{detect: {gate}-io.di2, fault: {gate}-io.di3}}
"""
BUILT = """
  {gate}-bollard:
    type: bollard
    lane: {gate}-lane
    at_m: 40
    travel_s: 3.2
    channels: {{raise: {gate}-io.do0, lower: {gate}-io.do1, raised: {gate}-io.di0, lowered: {gate}-io.di1, local: {gate}-io.di4}}
  {gate}-loop:
    type: loop
    lane: {gate}-lane
    from_m: 36
    to_m: 39.5
    channels: {{detect: {gate}-io.di2, fault: {gate}-io.di3}}
"""
SITE = """
site: gates
title: Two gates
timezone: Europe/Paris
zones:
  front: {title: Front gate}
  back: {title: Back gate}
links:
  front: {url: "modbus+tcp://192.0.2.10:502"}
  back: {url: "modbus+tcp://192.0.2.11:502"}
units:
  front-io: {link: front, profile: moxa-e1214, address: 1}
  back-io: {link: back, profile: moxa-e1214, address: 1}
devices:
"""
SIMULATION = """
site: gates
timezone: Europe/Paris
links:
  front: {protocol: modbus-tcp}
  back: {protocol: modbus-tcp}
units:
  front-io: {link: front, profile: moxa-e1214, address: 1}
  back-io: {link: back, profile: moxa-e1214, address: 1}
lanes:
  front-lane: {length_m: 60, limit_kmh: 30}
  back-lane: {length_m: 60, limit_kmh: 30}
plants:
"""


def gates(folder: Path) -> Path:
    """Write the site into a folder `gates` and return that."""
    site = folder / "gates"
    site.mkdir()
    (site / "site.yaml").write_text(SITE + "".join(GATE.format(gate=gate) for gate in ("front", "back")))
    (site / "simulation.yaml").write_text(SIMULATION + "".join(BUILT.format(gate=gate) for gate in ("front", "back")))
    return site


RUNS: list[subprocess.Popen[str]] = []
"""Every pytest that was started, for whoever ends them."""


def pytest_on(folder: Path, tests: str, *options: str, first: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    """Start pytest with the plugin on `tests`, in `folder`."""
    (folder / "test_gates.py").write_text(tests)
    run = subprocess.Popen(
        [sys.executable, "-m", "pytest", *first, *PLUGIN, f"--basetemp={folder / 'tmp'}", *options, "test_gates.py"],
        cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=environment(), preexec_fn=_heeds_ctrl_c,
    )  # fmt: skip
    RUNS.append(run)
    return run


def _heeds_ctrl_c() -> None:
    """In the child: a shell lets what it starts in the background ignore Ctrl-C, and that is inherited."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def environment() -> dict[str, str]:
    """Return the environment of a pytest of its own: this checkout's rempart, and none of our own run's settings."""
    ours = ("PYTEST_", "COV_", "COVERAGE_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    return {**kept, "PYTHONPATH": str(ROOT)}


def ended(run: subprocess.Popen[str], within_s: float = 100.0) -> str:
    """Wait for the end of a pytest and return what it printed."""
    printed, _ = run.communicate(timeout=within_s)
    return printed
