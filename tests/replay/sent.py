"""What this process hands to the kernel: on which wire, in which connection, and when."""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from serial import Serial

Place = int | str
"""A wire: the port that a peer listens on, or the path of a serial port."""

Pieces = list[tuple[float, float, bytes]]
"""When the step of the loop began in which it was sent, when it was sent, and what."""


class Sent:
    """Every byte that went out to a watched wire, by connection. The clock is time.monotonic, which is also the loop's."""

    def __init__(self) -> None:
        self._step = 0.0
        self._wires: dict[Place, list[Pieces]] = {}
        self._open: WeakKeyDictionary[Any, Pieces] = WeakKeyDictionary()

    def watch(self, wire: Place) -> None:
        """Keep what goes out to `wire` from now on; a port may have been another peer's before."""
        self._wires[wire] = []

    def connections(self, wire: Place) -> Iterator[Pieces]:
        """Yield what went out in each connection to `wire`."""
        yield from self._wires[wire]

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Stand between this process and the kernel: where asyncio sends on a socket, and pyserial writes to a port."""
        send, sendmsg, write, run = socket.socket.send, socket.socket.sendmsg, Serial.write, asyncio.Handle._run

        def running(handle: asyncio.Handle) -> None:
            self._step = time.monotonic()
            run(handle)

        def sending(sock: socket.socket, data: Any, *flags: int) -> int:
            at, given = time.monotonic(), bytes(data)
            taken = send(sock, data, *flags)
            self._note(sock, at, given[:taken])
            return taken

        def sending_parts(sock: socket.socket, parts: Any, *more: Any) -> int:
            at, given = time.monotonic(), [bytes(part) for part in parts]
            taken = sendmsg(sock, given, *more)
            self._note(sock, at, b"".join(given)[:taken])
            return taken

        def writing(port: Serial, data: Any) -> int | None:
            at, given = time.monotonic(), bytes(data)
            taken = write(port, data)
            self._note(port, at, given[: taken or 0])
            return taken

        patch.setattr(asyncio.Handle, "_run", running)
        patch.setattr(socket.socket, "send", sending)
        patch.setattr(socket.socket, "sendmsg", sending_parts)
        patch.setattr(Serial, "write", writing)

    def _note(self, through: Any, at: float, data: bytes) -> None:
        pieces = self._open.get(through)
        if pieces is None:
            wire = self._wires.get(_wire_of(through))
            if wire is None:
                return
            pieces = self._open[through] = []
            wire.append(pieces)
        pieces.append((self._step, at, data))


def _wire_of(through: Any) -> Place:
    if isinstance(through, Serial):
        return str(through.port)
    try:
        return int(through.getpeername()[1])
    except (OSError, IndexError, ValueError, TypeError):
        return ""


assert sys.platform == "linux", "time.monotonic is the loop's clock, and terminals are pseudo"
