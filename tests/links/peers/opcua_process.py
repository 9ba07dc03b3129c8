"""The OPC UA server of `opcua_child.py`, started once and asked by line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

CHILD = Path(__file__).with_name("opcua_child.py")


class ServerProcess:
    """A server in a process of its own: it takes two seconds to start, so that a module has one."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(CHILD)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._orders, self._answers = self._process.stdin, self._process.stdout
        self.port = int(self._answers.readline())

    def set(self, name: str, value: Any) -> None:
        """Give a variable a value; return when it has it."""
        self._order({"set": [name, value]})

    def status(self, name: str, status: str) -> None:
        """Give a variable a status code."""
        self._order({"status": [name, status]})

    def subscriptions(self) -> int:
        """Return how many subscriptions it serves."""
        return int(self._order({"subscriptions": []}))

    def freeze(self) -> None:
        """Let it answer nothing, with its connections open."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.kill(self._process.pid, signal.SIGCONT)

    def end(self) -> None:
        """Stop it."""
        self.thaw()
        self._process.kill()
        self._process.wait()
        self._orders.close()
        self._answers.close()

    def _order(self, order: dict[str, Any]) -> str:
        self._orders.write(json.dumps(order) + "\n")
        self._orders.flush()
        return self._answers.readline().strip()
