"""The service as an operator runs it: journal, metrics, API, state machines and all."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.contenders.base import RAISE, Contender, Running, Stage
from benchmarks.farm import Layout
from benchmarks.http import Answer, Http
from benchmarks.machine import cpus
from benchmarks.processes import Process
from benchmarks.site import NAME, ZONE, generate, row
from benchmarks.trouble import NotDone

START_S, REST_S, LOOK_S = 120.0, 60.0, 0.05
ORDERS = "/api/v1/commands"
WITHOUT_UVLOOP = "import sys; sys.modules['uvloop'] = None; from controller.cli import main; sys.exit(main())"
"""The service takes uvloop wherever it is installed; without it is as on a machine that lacks it."""


class Rempart(Contender):
    """`rempart run`, on the loop of asyncio or on uvloop."""

    layouts = frozenset(Layout)

    def __init__(self, loop: str) -> None:
        self.loop = loop
        self.name = f"rempart/{loop}"
        # The service takes the faster loop where there is one, so that is the one to know of.
        self.long = loop == "asyncio" and importlib.util.find_spec("uvloop") is not None
        self.title = "rempart, complete" if loop == "asyncio" else f"rempart, complete, {loop}"

    def missing(self) -> str:
        """Say that uvloop is not installed."""
        if self.loop == "uvloop" and importlib.util.find_spec("uvloop") is None:
            return "uvloop is not installed (the extra `fast`)"
        return ""

    @contextmanager
    def start(self, stage: Stage) -> Iterator[Running]:
        """Generate the site of the farm, and run the service on it."""
        site = generate(stage.folder / "site", stage.farm.urls, count=stage.farm.count, hz=stage.hz)
        with self.run(site, stage.folder) as running:
            yield running

    @contextmanager
    def run(self, site: Path, folder: Path) -> Iterator[RunningRempart]:
        """Start the service on a site, and wait until its API answers; what it writes goes to `folder`."""
        # The path of a socket may have 107 bytes.
        runtime = Path(tempfile.mkdtemp(prefix="rempart-b-"))
        program = ["-c", WITHOUT_UVLOOP] if self.loop == "asyncio" else ["-m", "controller.cli"]
        command: list[str | Path] = [
            sys.executable, *program, "run", site, "--state", folder / "state", "--runtime", runtime, "--port", "0",
        ]  # fmt: skip
        process = Process(self.name, command, cpu=cpus()[1], log=folder / "rempart.log")
        try:
            with process:
                running = RunningRempart(process, _card(process, runtime / "api.json"))
                try:
                    yield running
                finally:
                    running.close()
        finally:
            shutil.rmtree(runtime, ignore_errors=True)


class RunningRempart(Running):
    """The service at work, asked over HTTP."""

    def __init__(self, process: Process, card: dict[str, Any]) -> None:
        self.process, self.card = process, card
        port = int(str(card["url"]).rpartition(":")[2])
        self.operator = Http(port, Path(card["token_file"]).read_text("ascii").strip())
        self._supervisor = Http(port, Path(card["supervisor_token_file"]).read_text("ascii").strip())
        self.operator.open()

    def order(self, device: int, coil: int) -> int:
        self.settle()
        return self.operator.post(ORDERS, {"target": row(device), "action": "raise" if coil == RAISE else "lower"})

    def order_all(self) -> int:
        self.settle()
        return self.operator.post(ORDERS, {"target": ZONE, "action": "lockdown"})

    def emergency(self, device: int) -> int:
        self.settle()
        return self.operator.post(ORDERS, {"target": row(device), "action": "lockdown"})

    def settle(self, within_s: float = 0.0) -> None:
        for answer in self.operator.answers(within_s):
            self.refused += answer.status != 202

    def rest(self) -> None:
        """Reset what is latched, open every row, and wait until all are lowered."""
        self.settle(REST_S)
        deadline = time.monotonic() + REST_S
        ordered: dict[str, float] = {}
        while movers := [it for it in self._movers() if it["state"] != "lowered" or it["held"]["efo"]]:
            if time.monotonic() >= deadline:
                worst = {it["id"]: it["state"] for it in movers[:5]}
                raise NotDone(f"{len(movers)} rows are not lowered again within {REST_S:g} s: {worst} …")
            if any(it["held"]["efo"] for it in movers):
                _lawful(self._supervisor.ask(ORDERS, {"target": NAME, "action": "release", "by": "the bench"}))
                continue
            for it in movers:
                # Again where a device was lost on the way; not while it is under way.
                if it["state"] in ("raised", "stopped") and time.monotonic() >= ordered.get(it["id"], 0.0):
                    self.operator.ask(ORDERS, {"target": it["id"], "action": "lower"})
                    ordered[it["id"]] = time.monotonic() + 2.0
            time.sleep(LOOK_S)

    def close(self) -> None:
        self.operator.close()
        self._supervisor.close()

    def _movers(self) -> list[dict[str, Any]]:
        return [it for it in self.operator.ask("/api/v1/devices").body if it["secures_by"]]


def _lawful(answer: Answer) -> None:
    if answer.status != 202:
        raise NotDone(f"an order between two measurements was refused: {answer.body}")


def _card(process: Process, path: Path) -> dict[str, Any]:
    deadline = time.monotonic() + START_S
    while process.alive():
        if path.exists():
            return dict(json.loads(path.read_text("utf-8")))
        if time.monotonic() >= deadline:
            raise NotDone(f"{process.name}: its API does not answer after {START_S:g} s")
        time.sleep(LOOK_S)
    raise AssertionError("a process that is not alive raises")
