"""The simulators and the controller of one site under test: where they live, how they start, restart and end.

What outlives them (the journal, the logs) is in the test run's own folder. Sockets and pseudo-terminals are in a short one beside
it, because a socket's path may have 107 bytes (unix(7)). Ports are free ones, so sites run side by side.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from simulators.errors import SimulationError
from simulators.profiles import read_yaml
from simulators.testing.children import Child
from simulators.testing.errors import StartFailed

T = TypeVar("T")
START_S = 60.0
LOOK_S = 0.02
CARD = "api.json"
LONGEST_SHORT = 60
"""A socket below such a folder is well within what a path of one may have."""


@dataclass(frozen=True, slots=True)
class Card:
    """Where a running controller listens, and its tokens."""

    url: str
    socket: Path
    token: str
    supervisor_token: str
    state: Path

    @property
    def port(self) -> int:
        """Return the TCP port of the API."""
        return int(self.url.rpartition(":")[2].rstrip("/"))


class Stage:
    """The processes of the site in folder `site`; `bench` names wires that somebody else has set up, None simulates them all."""

    def __init__(self, site: Path, folder: Path, bench: Path | None = None) -> None:
        self.site, self.folder, self.given_bench = site, folder, bench
        self.bench = bench or folder / "bench.yaml"
        self.control: Path | None = None
        self.links: dict[str, str] = {}
        self._starts = 0
        self._short: Path | None = None
        self._field: Child | None = None
        self._controller: Child | None = None
        self._card: Card | None = None
        self._heard: dict[Path, int] = {}

    @property
    def card(self) -> Card:
        """Return where the controller listens. Raises StartFailed where none runs."""
        if self._card is None:
            raise StartFailed("the controller does not run")
        return self._card

    def start(self) -> None:
        """Start everything with an empty journal. Raises StartFailed, and then nothing runs."""
        self.stop()
        self._starts += 1
        place = self.folder / f"run-{self._starts}"
        place.mkdir(parents=True)
        self._short = _short_folder()
        try:
            if self.given_bench is None:
                self.bench = place / "bench.yaml"
                words = [
                    str(self.site),
                    "--bench",
                    str(self.bench),
                    "--runtime",
                    str(self._short / "s"),
                    "--no-traffic",
                ]
                self._field = Child("the simulators", "simulators", words, place / "simulators.log")
                self._until("the simulators", self.bench.exists)
            self._read_bench()
            self._run(place, self._short, 0)
        except BaseException:
            self.stop()
            raise

    def start_controller(self, port: int, *, afresh: bool = False) -> None:
        """Start a controller that was ended, on a port; `afresh` with an empty journal. Raises StartFailed."""
        if self._short is None:
            raise StartFailed("this site was never started")
        self._starts += 1 if afresh else 0
        place = self.folder / f"run-{self._starts}"
        place.mkdir(exist_ok=True)
        self._run(place, self._short, port)

    def end_controller(self, *, kill: bool = False) -> None:
        """End the controller in good order, or at once, as a power cut would."""
        if self._controller is not None and kill:
            self._controller.kill()
        elif self._controller is not None:
            self._controller.stop()
        self._controller, self._card = None, None

    def stop(self) -> None:
        """End what runs, the controller before its equipment."""
        self.end_controller()
        if self._field is not None:
            self._field.stop()
        self._field = None
        if self._short is not None:
            shutil.rmtree(self._short, ignore_errors=True)
        self._short = None

    def must_run(self) -> None:
        """Raise StartFailed, with the last it said, for a process that has ended."""
        for child in (self._field, self._controller):
            if child is not None:
                child.must_live()

    def runs(self) -> bool:
        """Tell whether every process is there."""
        wanted = [self._controller] if self.given_bench else [self._field, self._controller]
        return all(child is not None and child.lives for child in wanted)

    def listen(self) -> None:
        """Note that a test begins: `logs` tells what is said from here on."""
        self._heard = {log: log.stat().st_size for log in self.folder.glob("run-*/*.log")}

    def logs(self) -> list[tuple[str, str]]:
        """Return what each process has said since `listen`: its name and its last lines."""
        children = [child for child in (self._controller, self._field) if child is not None]
        return [(f"log of {child.what}", child.tail(self._heard.get(child.log, 0), 60)) for child in children]

    def _run(self, place: Path, short: Path, port: int) -> None:
        runtime, state = short / "c", place / "state"
        words = ["run", str(self.site), "--bench", str(self.bench), "--state", str(state), "--runtime", str(runtime)]
        self._controller = Child(
            "the controller", "controller.cli", [*words, "--port", str(port)], place / "controller.log"
        )
        pid = self._controller.pid
        told = self._until("the controller", lambda: _told(runtime / CARD, pid))
        token, supervisor = (
            Path(told[key]).read_text("ascii").strip() for key in ("token_file", "supervisor_token_file")
        )
        self._card = Card(str(told["url"]), Path(told["socket"]), token, supervisor, state)

    def _read_bench(self) -> None:
        """Take from the bench file the links that are not real, and the simulators' control socket."""
        try:
            document = read_yaml(self.bench)
            links = {str(name): dict(link) for name, link in document["links"].items()}
            control = document.get("control")
        except (SimulationError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise StartFailed(f"{self.bench}: not a bench file: {error!r}") from None
        # Whatever `real` is but false keeps hands off; the controller, which reads the file too, refuses what makes no sense.
        self.links = {
            name: str(link.get("url", "")) for name, link in links.items() if link.get("real", False) is False
        }
        self.control = Path(control) if control else None

    def _until(self, what: str, look: Callable[[], T]) -> T:
        """Return what `look` gives once it is true. Raises StartFailed when a process ends, or in the end."""
        pause, deadline = threading.Event(), time.monotonic() + START_S
        while not (seen := look()):
            self.must_run()
            if time.monotonic() > deadline:
                said = "\n".join(f"{name}:\n{text}" for name, text in self.logs())
                raise StartFailed(f"{what} did not come up in {START_S:.0f} s\n{said}")
            pause.wait(LOOK_S)
        return seen


def _told(card: Path, pid: int) -> dict[str, Any]:
    try:
        told = json.loads(card.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return dict(told) if isinstance(told, dict) and told.get("pid") == pid else {}


def _short_folder() -> Path:
    usual = tempfile.gettempdir()
    return Path(tempfile.mkdtemp(prefix="rempart-t-", dir=usual if len(os.fsencode(usual)) < LONGEST_SHORT else "/tmp"))  # noqa: S108
