"""A terminal for the commands of a page: one shell that keeps its folder and variables, and processes that stay.

The shell runs in a folder of its own, with state and runtime folders of its own, 80 columns wide. `rempart` is this checkout's; a
demo or a controller gets a free TCP port instead of 8470, and no traffic. `make demo` is `rempart demo` (what make does before is
tested elsewhere).
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.docs.pages import ROOT

PATIENCE_S = 90.0
"""What has not happened by then does not happen. Nothing waits this long when the pages are right."""
END_S = 10.0
LOOK_S = 0.05

REMPART = """#!/bin/sh
# A reader has port 8470 to himself, and tries again where a simulated vehicle was in the way. A test does neither.
case "$1" in
demo) exec {python} -m controller.cli "$@" --port 0 --console-port 0 --no-traffic ;;
run) exec {python} -m controller.cli "$@" --port 0 ;;
simulate) exec {python} -m controller.cli "$@" --no-traffic ;;
*) exec {python} -m controller.cli "$@" ;;
esac
"""
PYTEST = """#!/bin/sh
# A reader has installed rempart, and pytest finds its plugin; here it is named, and those of this environment are left out.
PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 exec {python} -m pytest -p simulators.pytest_plugin "$@"
"""
MAKE = """#!/bin/sh
[ "$*" = demo ] || { echo "make $*: only make demo is run here" >&2; exit 2; }
exec rempart demo
"""
_TIME = re.compile(r"(?<![\w.])\d+\.\d s\b")
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin"


@dataclass(frozen=True, slots=True)
class Typed:
    """A command and what is shown beneath it."""

    command: str
    shown: tuple[str, ...]


def typed(text: str) -> list[Typed]:
    """Take the commands of a block apart. Raises ValueError where it does not begin with one."""
    found: list[Typed] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append(Typed(line[2:], ()))
        elif not found:
            raise ValueError(f"expected a command after `$ `, found {line!r}")
        elif line.startswith("> ") and not found[-1].shown:
            found[-1] = Typed(f"{found[-1].command}\n{line[2:]}", ())
        else:
            found[-1] = Typed(found[-1].command, (*found[-1].shown, line))
    return found


def fits(shown: Sequence[str], printed: str, *, whole: bool = True) -> bool:
    """Tell whether what was printed is what is shown.

    `…` in a line is any text, a line `…` any lines, a time such as `4.8 s` any time. `whole`: nothing more may come.
    """
    lines = [r"(?:[^\n]*\n)*?" if line.strip() == "…" else _line(line) for line in shown]
    text = "".join(f"{line.rstrip()}\n" for line in printed.splitlines())
    return re.match("".join(lines) + (r"\Z" if whole else ""), text) is not None


def _line(shown: str) -> str:
    parts = (r"\d+(?:\.\d)?\ s".join(map(re.escape, _TIME.split(part))) for part in shown.rstrip().split("…"))
    return r"[^\n]*".join(parts) + r"\n"


class Terminal:
    """A shell and what was left running beside it; a context manager."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stays: list[_Stay] = []
        # A socket's path may have 107 bytes; pytest's folders are longer.
        self._short = tempfile.TemporaryDirectory(prefix="rempart-d-")
        self._environment = _environment(folder / "bin", Path(self._short.name))
        self._printed = folder / "printed"
        self._work = folder / "work"
        self._work.mkdir()

    def __enter__(self) -> Self:
        self._shell = subprocess.Popen(
            ["bash", "--norc", "--noprofile"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            cwd=self._work, env=self._environment, text=True, start_new_session=True,
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        os.killpg(self._shell.pid, signal.SIGKILL)
        self._shell.communicate()
        for stay in reversed(self._stays):
            stay.kill()
        self._short.cleanup()

    def write(self, name: str, text: str) -> None:
        """Put a file into the folder where the page begins."""
        path = self._work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def run(self, command: str) -> tuple[str, int]:
        """Run a command in the shell; return what it printed, errors included, and its exit status."""
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        # The exit status of the command before is what `$?` says in this one.
        line = f"eval {shlex.quote(command)} </dev/null >{shlex.quote(str(self._printed))} 2>&1"
        self._shell.stdin.write(f"{line}; __status=$?; echo $__status; (exit $__status)\n")
        self._shell.stdin.flush()
        guard = threading.Timer(PATIENCE_S, os.killpg, (self._shell.pid, signal.SIGKILL))
        guard.start()
        status = self._shell.stdout.readline()
        guard.cancel()
        assert status, f"{command}: did not end within {PATIENCE_S:.0f} s:\n{self._text()}"
        return self._text(), int(status)

    def run_until(self, command: str, shown: Sequence[str]) -> tuple[str, int]:
        """Run a command again and again until it prints what is shown, or for as long as patience lasts."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            printed, status = self.run(command)
            if fits(shown, printed) or time.monotonic() > deadline:
                return printed, status

    def stay(self, command: str, shown: Sequence[str]) -> str:
        """Start a command that stays; return what it had printed once that is what is shown, or patience ended."""
        stay = _Stay(command, self.folder / f"stay-{len(self._stays)}", self._work, self._environment)
        self._stays.append(stay)
        for printed in stay.printing():
            if fits(shown, printed, whole=False):
                break
        return stay.text()

    def interrupt(self) -> Iterator[str]:
        """Press Ctrl-C where something stays, the last first, and yield what is wrong with how it ends."""
        for stay in reversed(self._stays):
            yield from stay.interrupt()

    def _text(self) -> str:
        return self._printed.read_text("utf-8", "replace") if self._printed.exists() else ""


class _Stay:
    def __init__(self, command: str, log: Path, cwd: Path, environment: dict[str, str]) -> None:
        self.command, self._log = command, log
        with log.open("wb") as out:
            self._child = subprocess.Popen(
                ["bash", "-c", f"exec {command}"],
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                cwd=cwd, env=environment, start_new_session=True,
            )  # fmt: skip

    def text(self) -> str:
        return self._log.read_text("utf-8", "replace")

    def printing(self) -> Iterator[str]:
        """Yield what it has printed until now, again and again while it runs and patience lasts."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            runs = self._child.poll() is None
            yield self.text()
            if not runs:
                return
            with_pause = threading.Event()
            with_pause.wait(LOOK_S)

    def interrupt(self) -> Iterator[str]:
        if self._child.poll() is not None:
            yield f"{self.command}: ended by itself with {self._child.returncode}:\n{self.text()[-2000:]}"
            return
        os.killpg(self._child.pid, signal.SIGINT)
        try:
            status = self._child.wait(END_S)
        except subprocess.TimeoutExpired:
            yield f"{self.command}: still there {END_S:.0f} s after Ctrl-C"
            return
        if status not in (0, 130):
            yield f"{self.command}: exit {status} after Ctrl-C:\n{self.text()[-2000:]}"
        if "Traceback" in self.text():
            yield f"{self.command}: printed a traceback:\n{self.text()[-4000:]}"

    def kill(self) -> None:
        try:
            os.killpg(self._child.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        finally:
            self._child.wait()


def _environment(tools: Path, short: Path) -> dict[str, str]:
    """Make the commands of the pages and the environment in which they are found."""
    tools.mkdir()
    python = shlex.quote(sys.executable)
    scripts = {"rempart": REMPART.format(python=python), "pytest": PYTEST.format(python=python), "make": MAKE}
    for name, script in scripts.items():
        (tools / name).write_text(script)
        (tools / name).chmod(0o755)
    (short / "run").mkdir(mode=0o700)
    return {
        "PATH": f"{tools}:{Path(sys.executable).parent}:{SYSTEM_PATH}",
        "HOME": str(short),
        "XDG_STATE_HOME": str(short / "state"),
        "XDG_RUNTIME_DIR": str(short / "run"),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "LANG": "C.UTF-8",
        "COLUMNS": "80",
        "TERM": "dumb",
    }
