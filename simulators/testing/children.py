"""The processes of a site under test: each in a session of its own, its output in a file, gone when the test run is."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from simulators.testing.errors import StartFailed

STOP_S = 5.0
LINES_TOLD = 20
PR_SET_PDEATHSIG = 1
OURS_TO_SAY = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "STATE_DIRECTORY", "RUNTIME_DIRECTORY")
"""What a service manager tells the process that runs the tests is not meant for its children."""
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class Child:
    """One process, `python -m MODULE …`; `what` names it to people."""

    def __init__(self, what: str, module: str, words: Sequence[str], log: Path) -> None:
        self.what, self.log = what, log
        environment = {key: value for key, value in os.environ.items() if key not in OURS_TO_SAY}
        parent = os.getpid()
        with log.open("ab") as out:
            try:
                self._process = subprocess.Popen(
                    # -P: whatever lies in the working directory is not imported in place of rempart.
                    [sys.executable, "-P", "-m", module, *words],
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    env={**environment, "PYTHONUNBUFFERED": "1"},
                    # Ctrl-C is for pytest, which then ends its children in good order.
                    start_new_session=True,
                    preexec_fn=lambda: _end_with(parent),
                )
            except OSError as error:
                raise StartFailed(f"{what} cannot be started: {error}") from error

    @property
    def pid(self) -> int:
        """Return its process id."""
        return self._process.pid

    @property
    def lives(self) -> bool:
        """Tell whether it runs."""
        return self._process.poll() is None

    def must_live(self) -> None:
        """Raise StartFailed, with the last it said, if it has ended."""
        code = self._process.poll()
        if code is None:
            return
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        raise StartFailed(f"{self.what} {how}; the last it said ({self.log}):\n{self.tail()}")

    def tail(self, since: int = 0, lines: int = LINES_TOLD) -> str:
        """Return the last lines that it said after byte `since` of its log."""
        with self.log.open("rb") as log:
            log.seek(since)
            said = log.read().decode("utf-8", "replace").splitlines()
        return "\n".join(said[-lines:]) or "(nothing)"

    def stop(self) -> None:
        """Ask it to stop, and after STOP_S make it, with everything it started."""
        if self.lives:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_S)
        self.kill()

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()


def _end_with(parent: int) -> None:
    """In the child: take SIGTERM when the thread that started us ends, with its process or alone (prctl(2))."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)
