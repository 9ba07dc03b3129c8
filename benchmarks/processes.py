"""A process that is watched from outside, and is gone when the block that started it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.trouble import NotDone, NotPossible

ROOT = Path(__file__).parent.parent
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
STOP_S = 15.0
LOOK_S = 0.05
TAIL = 1500


class Process:
    """A child in a session of its own, on one CPU; its output goes to a file."""

    def __init__(
        self, name: str, command: Sequence[str | Path], *, cpu: int, log: Path,
        env: Mapping[str, str] | None = None, cwd: Path = ROOT,
    ) -> None:  # fmt: skip
        self.name, self.log = name, log
        self._out = log.open("wb")
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **(env or {})}
        self.started_ns = time.monotonic_ns()
        self.child = subprocess.Popen(
            # Should the bench be killed, nothing that it started outlives it.
            ["setpriv", "--pdeathsig", "KILL", "taskset", "-c", str(cpu), *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=self._out,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=environment,
            start_new_session=True,
        )

    def alive(self) -> bool:
        """Return True. Raises NotPossible with the end of its output where it has ended."""
        if self.child.poll() is not None:
            said = self.log.read_text(errors="replace")[-TAIL:].strip() or "nothing"
            raise NotPossible(f"{self.name} ended with status {self.child.returncode}; it said:\n{said}")
        return True

    def cpu_s(self) -> float:
        """Return the CPU time that its tree has used, seconds."""
        return sum(_cpu_s(pid) for pid in _tree(self.child.pid))

    def pss_mb(self) -> float:
        """Return the memory of its tree, shared pages counted in part (PSS), MB."""
        return sum(_pss_kb(pid) for pid in _tree(self.child.pid)) / 1024

    def stop(self) -> None:
        """End it, if need be with force."""
        try:
            if self.child.poll() is None:
                os.killpg(self.child.pid, signal.SIGTERM)
                with suppress(subprocess.TimeoutExpired):
                    self.child.wait(STOP_S)
        finally:
            if self.child.poll() is None:
                os.killpg(self.child.pid, signal.SIGKILL)
                self.child.wait()
            self._out.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def python(module: str, *arguments: str | Path) -> list[str | Path]:
    """Return the command that runs a module with this Python."""
    return [sys.executable, "-m", module, *arguments]


def await_port(process: Process, port: int, within_s: float) -> None:
    """Wait until a process takes connections on a port. Raises NotDone, and NotPossible where the process has ended."""
    deadline = time.monotonic() + within_s
    while process.alive():
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            if time.monotonic() >= deadline:
                raise NotDone(f"{process.name}: nobody listens on port {port} after {within_s:g} s") from None
            time.sleep(LOOK_S)


def _tree(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (fields := _stat(int(entry))):
            children.setdefault(int(fields[1]), []).append(int(entry))
    found, todo = [], [root]
    while todo:
        found.append(todo.pop())
        todo += children.get(found[-1], [])
    return found


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on, none where it has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _cpu_s(pid: int) -> float:
    """Return the time of each thread in nanoseconds where the kernel keeps it, else in ticks of 10 ms."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9
    except (OSError, IndexError):
        fields = _stat(pid)
        return (int(fields[11]) + int(fields[12])) * TICK_S if fields else 0.0


def _pss_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
