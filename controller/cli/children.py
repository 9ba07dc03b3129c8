"""Child processes that end with us: each in a session of its own, its output in a file, told to stop in good order."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from controller.cli.exits import Exit, Failure

STOP_S = 5.0
LINES_TOLD = 5
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def module(name: str, *words: str) -> list[str]:
    """Return the command line of a module of ours, whatever lies in the working directory."""
    return [sys.executable, "-P", "-m", name, *words]


class Child:
    """One child process; `what` names it to people."""

    def __init__(self, what: str, log: Path, process: asyncio.subprocess.Process) -> None:
        self.what, self.log = what, log
        self._process = process
        self.ended = asyncio.create_task(process.wait(), name=f"{what} ends")

    @classmethod
    async def start(cls, what: str, command: Sequence[str], log: Path) -> Child:
        """Start it, with its output into `log`. Raises Failure."""
        try:
            with log.open("wb") as out:
                process = await asyncio.create_subprocess_exec(
                    *command,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    start_new_session=True,
                    preexec_fn=_end_with_parent,
                )
        except OSError as error:
            raise Failure(Exit.FAILED, f"{what}: cannot be started: {error}") from error
        return cls(what, log, process)

    @property
    def pid(self) -> int:
        """Return its process id."""
        return self._process.pid

    def why_ended(self) -> Failure:
        """Say that it ended by itself, with the last it said."""
        lines = self.log.read_text("utf-8", "replace").splitlines()[-LINES_TOLD:]
        code = self.ended.result()
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return Failure(Exit.FAILED, "\n".join([f"{self.what} {how}; the last it said ({self.log}):", *lines]))

    async def stop(self) -> None:
        """Ask it to stop, and after STOP_S make it, with everything it started."""
        if not self.ended.done():
            self._process.terminate()
            await asyncio.wait([self.ended], timeout=STOP_S)
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        await self.ended


def _end_with_parent() -> None:
    """In the child: take SIGTERM when our parent dies without having said goodbye (prctl(2))."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
