"""The operators' console beside a service at work, and what can become of it: stopped, killed, flooded."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.contenders.base import Running
from benchmarks.contenders.rempart import RunningRempart
from benchmarks.http import Http
from benchmarks.machine import cpus
from benchmarks.processes import ROOT, Process
from benchmarks.trouble import NotDone

READY = "ready: console http://127.0.0.1:"
START_S = 30.0
USERS, EACH, PASSWORD = ("bench one", "bench two"), 7, "a sentence for the bench"
"""Who looks: nobody has more than 8 sessions, and none of them more than 16 pages."""


class Console:
    """A console, its port, and the cookies of those who have logged in."""

    def __init__(self, process: Process, port: int, cookies: Sequence[str]) -> None:
        self.process, self.port, self.cookies = process, port, cookies

    def stop(self) -> None:
        """Let it hang: it holds every connection and answers nothing."""
        os.killpg(self.process.child.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on."""
        os.killpg(self.process.child.pid, signal.SIGCONT)

    def kill(self) -> None:
        """End it as a power cut would."""
        os.killpg(self.process.child.pid, signal.SIGKILL)
        self.process.child.wait()


@contextmanager
def console(running: Running, folder: Path) -> Iterator[Console]:
    """Serve a console for the length of the block, on the processor of whoever measures, behind everything else there."""
    if not isinstance(running, RunningRempart):
        raise NotDone(f"{running.process.name} has no console")
    sessions = [_session(running, folder, user) for user in USERS for _ in range(EACH)]
    runtime, log = Path(str(running.card["socket"])).parent, folder / "console.log"
    # Behind what measures: else it would be the arrival of orders at that processor which is measured.
    command: list[str | Path] = [
        "nice", "-n", "19", sys.executable, "-m", "controller.cli", "console", "--runtime", runtime, "--port", "0",
    ]  # fmt: skip
    with Process("the console", command, cpu=cpus()[0], log=log) as process:
        deadline = time.monotonic() + START_S
        while process.alive() and READY not in log.read_text("utf-8"):
            if time.monotonic() >= deadline:
                raise NotDone(f"the console does not answer after {START_S:g} s")
            time.sleep(0.05)
        port = int(log.read_text("utf-8").rpartition(READY)[2].partition("/")[0])
        try:
            yield Console(process, port, [f"rempart-session-{port}={session}" for session in sessions])
        finally:
            if process.child.poll() is None:
                os.killpg(process.child.pid, signal.SIGCONT)


def _session(running: RunningRempart, folder: Path, user: str) -> str:
    words = ["user", "add", user, "--role", "operator", "--password-stdin", "--state", str(folder / "state")]
    subprocess.run(
        [sys.executable, "-m", "controller.cli", *words], input=f"{PASSWORD}\n", text=True, cwd=ROOT, capture_output=True,
        check=False,
    )  # fmt: skip
    http = Http(int(str(running.card["url"]).rpartition(":")[2]))
    try:
        deadline = time.monotonic() + START_S
        # A user that was added is noticed within a moment; one that was there already logs in.
        while (answer := http.ask("/api/v1/sessions", {"user": user, "password": PASSWORD})).status != 201:
            if time.monotonic() >= deadline:
                raise NotDone(f"nobody can log in: {answer.body}")
            time.sleep(1.0)
    finally:
        http.close()
    return str(answer.body["token"])
