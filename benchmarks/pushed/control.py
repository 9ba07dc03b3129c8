"""How the bench asks its own programs: a line on a socket, answered by a line of JSON."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Awaitable, Callable
from typing import Any

from benchmarks.processes import Process
from benchmarks.trouble import NotDone

START_S, LOOK_S = 30.0, 0.02


async def answer(port: int, do: Callable[[list[str]], Awaitable[object]]) -> None:
    """Answer each line with what `do` makes of its words, until the process is ended. For the program."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(json.dumps(await do(line.decode().split())).encode() + b"\n")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


class Control:
    """The way to a program that listens on `port`. For the bench. Raises NotPossible where the program ends."""

    def __init__(self, process: Process, port: int) -> None:
        self.process = process
        self._socket = connected(process, port)
        self._answers = self._socket.makefile("r", encoding="ascii")

    def ask(self, line: str) -> Any:
        """Send a line and return the answer."""
        self._socket.sendall(line.encode() + b"\n")
        if not (said := self._answers.readline()):
            self.process.alive()
            raise NotDone(f"{self.process.name}: no answer to {line!r}")
        return json.loads(said)

    def close(self) -> None:
        """Let go of it."""
        self._answers.close()
        self._socket.close()


def connected(process: Process, port: int) -> socket.socket:
    """Connect to `port` as soon as the process listens there. Raises NotDone, NotPossible where it ends before."""
    deadline = time.monotonic() + START_S
    while process.alive():
        try:
            return socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            if time.monotonic() >= deadline:
                raise NotDone(f"{process.name}: does not listen after {START_S:g} s") from None
            time.sleep(LOOK_S)
    raise AssertionError("a process that is not alive raises")
