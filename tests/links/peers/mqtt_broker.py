"""mosquitto, as a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

STARTED_WITHIN_S = 10.0


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Broker:
    """A broker that lets anyone in, or nobody, and keeps no bound on what it queues."""

    def __init__(self, program: Path, folder: Path, *, hospitable: bool = True) -> None:
        self.port = free_port()
        self._program, self._settings = program, folder / "mosquitto.conf"
        self._settings.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous {str(hospitable).lower()}\nmax_queued_messages 0\n",
            encoding="utf-8",
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; return when it listens."""
        self._process = subprocess.Popen(
            [self._program, "-c", self._settings], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        limit = time.monotonic() + STARTED_WITHIN_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
            except ConnectionRefusedError:
                assert time.monotonic() < limit, "mosquitto does not listen"
                assert self._process.poll() is None, "mosquitto has ended"
                time.sleep(0.01)
            else:
                return

    def freeze(self) -> None:
        """Let it say nothing, with its connections open."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """Stop it without a word. Twice does no harm."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def _signal(self, number: int) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)
