"""The simulated promenade and its controller as real processes, for tests that look at both ends of the wire.

The simulators' world, asked over their control port, is the oracle: it knows where the steel is, whatever the controller thinks.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import httpx
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
SITE = ROOT / "sites" / "nice-promenade"
PATIENCE_S = 30.0
"""Whatever has not happened by then does not happen. No test waits this long when it passes."""
TRIES = 3
STARVED = ("mute: no answer", "loop offline")
"""What an order ends with where a simulated unit had no processor for as long as its wire is patient."""


def wait_for(what: str, look: Callable[[], Any], within_s: float = PATIENCE_S) -> Any:
    """Look again and again until `look` gives something true, and return that."""
    pause, deadline = threading.Event(), time.monotonic() + within_s
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() >= deadline:
            raise AssertionError(f"{what}: not within {within_s} s; last seen: {seen!r}")
        pause.wait(0.03)


class Process:
    """A child of the test: its output goes to a file, and it is gone when the test is."""

    def __init__(self, *arguments: str | Path, log: Path, **environment: str) -> None:
        self.log = log
        self._out = log.open("ab")
        self.child = subprocess.Popen(
            [sys.executable, "-m", *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=self._out,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
        )

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def alive(self) -> bool:
        if self.child.poll() is not None:
            raise AssertionError(f"{self.child.args!r} ended with {self.child.returncode}:\n{self.output[-3000:]}")
        return True

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.child.poll() is None:
            self.child.send_signal(how)
            try:
                self.child.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        self._out.close()
        return self.child.returncode


class Simulators:
    """`python -m simulators` on the Nice site; the world and what breaks in it."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.bench = folder / "bench.yaml"
        self.process = Process(
            "simulators", SITE, "--bench", self.bench, "--runtime", folder / "field", "--no-traffic", *options,
            log=folder / "simulators.log",
        )  # fmt: skip
        wait_for("the bench file", lambda: self.process.alive() and self.bench.exists())
        document = YAML(typ="safe").load(self.bench)
        self.links: dict[str, str] = {name: link["url"] for name, link in document["links"].items()}
        self._control: str = document["control"]

    def ask(self, do: str, **more: Any) -> Any:
        """Send one request to the control port and return its answer."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE_S)
            connection.connect(self._control)
            connection.sendall(json.dumps({"do": do, **more}).encode() + b"\n")
            answer = json.loads(connection.makefile().readline())
        assert answer["ok"], answer
        return answer

    def trouble(self, kind: str, target: str, **more: Any) -> None:
        self.ask("trouble", kind=kind, target=target, **more)

    def clear(self) -> None:
        self.ask("clear")

    def world(self) -> dict[str, Any]:
        return dict(self.ask("world")["world"])

    def heights(self, plant: str) -> list[float]:
        """Where the steel of a plant really is: 0 down, 1 up, one number a member."""
        return [float(position) for position in self.world()["steel"][plant]]

    def at_rest(self, plant: str, for_s: float = 0.5) -> list[float]:
        """Wait until the steel of a plant has stood still for `for_s` seconds of the world's time; return where."""
        seen = self.world()

        def look() -> list[float] | None:
            nonlocal seen
            world = self.world()
            if world["steel"][plant] != seen["steel"][plant]:
                seen = world
            return list(world["steel"][plant]) if world["now"] >= seen["now"] + for_s else None

        return list(wait_for(f"{plant} at rest", look))


class Controller:
    """`rempart run` on the Nice site, asked over HTTP."""

    def __init__(self, folder: Path, bench: Path) -> None:
        # A socket's path may have 107 bytes; pytest's folders are longer.
        self.folder, self.bench = folder, bench
        self.runtime = Path(tempfile.mkdtemp(prefix="rempart-t-"))
        self.start()

    def start(self) -> None:
        self.process = Process(
            "controller.cli", "run", SITE, "--bench", self.bench, "--state", self.folder / "state",
            "--runtime", self.runtime, "--port", "0", log=self.folder / "controller.log",
        )  # fmt: skip
        card = self.runtime / "api.json"
        pid = self.process.child.pid
        self.card = wait_for("the controller", lambda: self.process.alive() and _card_of(card, pid))
        token = Path(self.card["token_file"]).read_text().strip()
        self.http = httpx.Client(
            base_url=self.card["url"], headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE_S
        )

    def get(self, path: str, **query: Any) -> Any:
        answer = self.http.get(path, params=query)
        answer.raise_for_status()
        return answer.json()

    def device(self, device: str) -> dict[str, Any]:
        return dict(self.get(f"/api/v1/devices/{device}"))

    def shows(self, device: str, *states: str, within_s: float = PATIENCE_S) -> dict[str, Any]:
        """Wait until the device shows one of `states`."""

        def look() -> Any:
            shown = self.device(device)
            return shown if shown["state"] in states else None

        try:
            return dict(wait_for(f"{device} {' or '.join(states)}", look, within_s))
        except AssertionError as error:
            raise AssertionError(f"{error}; it shows {self.device(device)}") from None

    def free(self, action: str, device: str) -> None:
        """Wait until nothing forbids `action`: after a start, say, until the loops have been seen clear for a second."""

        def look() -> bool:
            return all(lock["action"] != action for lock in self.device(device)["interlocks"])

        try:
            wait_for(f"nothing forbids {action} of {device}", look)
        except AssertionError:
            raise AssertionError(f"{action} {device} stays forbidden: {self.device(device)['interlocks']}") from None

    def order(self, action: str, target: str, **more: Any) -> httpx.Response:
        return self.http.post("/api/v1/commands", json={"action": action, "target": target, **more})

    def ended(self, command: str) -> dict[str, Any]:
        """Wait until a command has ended and return it."""

        def look() -> Any:
            shown = self.get(f"/api/v1/commands/{command}")
            return shown if shown["ended"] else None

        return dict(wait_for(f"the end of command {command}", look))

    def moves(self, action: str, target: str, **more: Any) -> dict[str, Any]:
        """Give an order that must be confirmed, once nothing forbids it, and return the command.

        Where the machine of the test kept the simulators from answering in time it is given again, as a person would.
        """
        for _ in range(TRIES):
            if action in ("raise", "lower"):
                self.free(action, target)
            answer = self.order(action, target, **more)
            assert answer.status_code == 202, answer.text
            command = self.ended(answer.json()["id"])
            if not any(sign in command["because"] for sign in STARVED):
                break
        assert command["life"] == "confirmed", command
        return command

    def kill(self) -> None:
        """End it as a power cut would."""
        self.http.close()
        self.process.stop(signal.SIGKILL)

    def stop(self) -> int:
        self.http.close()
        return self.process.stop()


def _card_of(card: Path, pid: int) -> dict[str, Any] | None:
    try:
        shown = json.loads(card.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return dict(shown) if shown["pid"] == pid else None


class Promenade:
    """Both ends, up for the length of a `with`."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.field = Simulators(folder, *options)
        try:
            self.controller = Controller(folder, self.field.bench)
        except BaseException:
            self.field.process.stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.controller.stop()
        self.field.process.stop()

    def restore(self) -> None:
        """Undo every trouble, and wait until every device is known again."""
        self.field.ask("vacate")
        self.field.clear()
        blind = ("unknown", "offline")

        def look() -> bool:
            return all(device["state"] not in blind for device in self.controller.get("/api/v1/devices"))

        wait_for("every device known", look)
