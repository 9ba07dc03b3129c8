"""A gate on a bench: one road blocker with a loop and a key switch, its relays and contacts, as real processes.

What is drawn stands in site.yaml, what is wired in simulation.yaml; a test wires it otherwise and sees whether that is found.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import httpx

from tests.system.field import PATIENCE_S, Process, wait_for

UNIT = """\
profile: gate-io
title: The I/O module of the gate
protocol: modbus
source: "tests/commissioning/gate.py"
points:
  di: {title: Inputs, table: discrete, address: 0, count: 8, source: "tests/commissioning/gate.py"}
  do: {title: Relays, table: coil, address: 0, count: 4, writable: true, source: "tests/commissioning/gate.py"}
"""
DRIVE = """\
profile: gate-wedge
title: The wedge of the gate
source: "tests/commissioning/gate.py"
kind: road_blocker
secures_by: raising
drive: {type: held, source: "tests/commissioning/gate.py"}
travel: {seconds: 3, source: "tests/commissioning/gate.py"}
settle: {seconds: 0.2, source: "tests/commissioning/gate.py"}
"""
SITE = """\
site: gate
title: The gate
timezone: Europe/Paris
zones: {gate: {title: Gate}}
links: {cabinet: {url: "modbus+tcp://192.0.2.20:502", poll_s: 0.1}}
units: {io: {link: cabinet, profile: gate-io, address: 1}}
devices:
  wedge:
    kind: road_blocker
    title: Wedge
    zone: gate
    profile: gate-wedge
    wiring: {raise: io.do0, lower: io.do1, raised: io.di0, lowered: io.di1, local: io.di3}
    presence: [loop]
    no_warning_accepted: {who: Site owner, when: 2026-01-31, why: a bench where nobody walks}
  loop: {kind: loop, title: Loop, zone: gate, wiring: {detect: io.di2}}
"""
SIMULATION = """\
site: gate
links: {{cabinet: {{protocol: modbus-tcp}}}}
units: {{io: {{link: cabinet, profile: gate-io, address: 1}}}}
lanes: {{drive: {{length_m: 60}}}}
plants:
  wedge:
    type: bollard
    lane: drive
    at_m: 40
    travel_s: 1
    channels: {{raise: {raise}, lower: {lower}, raised: {raised}, lowered: {lowered}, local: io.di3}}
  loop: {{type: loop, lane: drive, from_m: 36, to_m: 44, channels: {{detect: io.di2}}}}
"""
WIRED = {"raise": "io.do0", "lower": "io.do1", "raised": "io.di0", "lowered": "io.di1"}


class Gate:
    """The gate, its simulators and its controller; a context manager. `wired` says how it is wired unlike it is drawn."""

    def __init__(self, folder: Path, wired: Mapping[str, str] | None = None) -> None:
        self.folder, self.site = folder, folder / "gate"
        (self.site / "profiles").mkdir(parents=True)
        (self.site / "profiles" / "gate-io.yaml").write_text(UNIT)
        (self.site / "profiles" / "gate-wedge.yaml").write_text(DRIVE)
        (self.site / "site.yaml").write_text(SITE)
        (self.site / "simulation.yaml").write_text(SIMULATION.format(**{**WIRED, **(wired or {})}))
        self.bench = folder / "bench.yaml"
        self.children: list[subprocess.Popen[str]] = []
        self.runtime = Path(tempfile.mkdtemp(prefix="rempart-g-"))
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "COVERAGE_PROCESS_START") if name in os.environ},
            "XDG_STATE_HOME": str(folder / "states"),
            "XDG_RUNTIME_DIR": str(self.runtime),
            "PYTHONUNBUFFERED": "1",
            "COLUMNS": "80",
        }

    def __enter__(self) -> Self:
        self.field = Process(
            "simulators", self.site, "--bench", self.bench, "--runtime", self.runtime / "rempart" / "gate",
            "--no-traffic", log=self.folder / "simulators.log", **self.environment,
        )  # fmt: skip
        wait_for("the bench file", lambda: self.field.alive() and self.bench.exists())
        self.start()
        return self

    def start(self) -> None:
        """Start the controller, and wait until it knows where the steel is."""
        self.controller = Process(
            "controller.cli", "run", self.site, "--bench", self.bench, "--port", "0",
            log=self.folder / "controller.log", **self.environment,
        )  # fmt: skip
        wait_for("the controller", lambda: self.controller.alive() and "ready:" in self.controller.output)
        wait_for("the wedge", lambda: self.shown("wedge")["state"] not in ("unknown", "offline"))

    def __exit__(self, *_: object) -> None:
        self.end_children()
        self.controller.stop()
        self.field.stop()

    def begin(self, *words: str) -> subprocess.Popen[str]:
        """Start a command of rempart beside the gate, with a pipe at each end."""
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "controller.cli", *words],
            cwd=self.folder,
            env={**self.environment, "PYTHONPATH": str(Path(__file__).parents[2])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.children.append(child)
        return child

    def end_children(self) -> None:
        """End every command that a test has left running, and release its pipes."""
        for child in self.children:
            if child.poll() is None:
                child.kill()
            if child.stdout is not None and not child.stdout.closed:
                child.communicate()
        self.children.clear()

    def rempart(self, *words: str, typed: str = "", within_s: float = 4 * PATIENCE_S) -> tuple[int, str, str]:
        """Run a command to its end; return its code, and what it printed and complained."""
        child = self.begin(*words)
        try:
            out, err = child.communicate(typed, timeout=within_s)
        finally:
            if child.poll() is None:
                child.send_signal(signal.SIGKILL)
                child.communicate()
        return child.returncode, out, err

    def shown(self, device: str) -> dict[str, Any]:
        """A device as the controller shows it. Asked over its socket: a command takes as long as the steel does."""
        card = json.loads((self.runtime / "rempart" / "gate" / "api.json").read_text())
        token = Path(card["token_file"]).read_text().strip()
        transport = httpx.HTTPTransport(uds=card["socket"])
        with httpx.Client(
            transport=transport, headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE_S
        ) as http:
            answer = http.get(f"http://localhost/api/v1/devices/{device}")
            return dict(answer.raise_for_status().json())

    def told(self, kind: str) -> list[dict[str, Any]]:
        """The journal's records of a kind."""
        code, out, err = self.rempart("journal", "export", "--state", str(self.folder / "states" / "rempart" / "gate"))
        assert code == 0, err
        return [record for record in map(json.loads, out.splitlines()) if record["kind"] == kind]
