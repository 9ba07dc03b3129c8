"""The peer on a socket, and the peer on a pseudo-terminal."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import tty
from contextlib import suppress
from pathlib import Path

from tests.replay.dialects import Dialect
from tests.replay.misfortune import Misfortune
from tests.replay.peer import Line, Peer

# Nobody connects from here, so that no other connection takes a port whose peer is away.
HOST = "127.0.0.2"
LINGER_NOT = struct.pack("ii", 1, 0)


class SocketLine(Line):
    """A connection over TCP."""

    def __init__(self, peer: TcpPeer, made: socket.socket) -> None:
        super().__init__(peer)
        self.socket = made

    def write(self, data: bytes) -> None:
        with suppress(OSError):
            self.socket.send(data)


class TcpPeer(Peer):
    """Listens, always on the same port."""

    def __init__(self, misfortune: Misfortune, dialect: Dialect, scheme: str) -> None:
        super().__init__(misfortune, dialect)
        self.wire: int = 0
        self._scheme = scheme
        self._listening: socket.socket | None = None
        self._lines: set[SocketLine] = set()
        self._loop = asyncio.get_running_loop()

    @property
    def url(self) -> str:
        return f"{self._scheme}://{HOST}:{self.wire}"

    async def start(self) -> None:
        self._listen()

    async def stop(self) -> None:
        self.over = True
        self._deaf()
        self.cut()

    def cut(self, *, in_order: bool = False) -> None:
        for line in tuple(self._lines):
            if in_order:
                with suppress(OSError):
                    line.socket.shutdown(socket.SHUT_WR)
            else:
                line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
                self._close(line)

    def leave(self) -> None:
        if self._fate.away:
            self._deaf()
        elif self._listening is not None:
            self._loop.remove_reader(self._listening)
        for line in self._lines:
            self._loop.remove_reader(line.socket)

    def back(self) -> list[Line]:
        if self._listening is None:
            self._listen()
        else:
            self._loop.add_reader(self._listening, self._accept)
        for line in self._lines:
            self._loop.add_reader(line.socket, self._readable, line)
        return list(self._lines)

    def _listen(self) -> None:
        self._listening = made = socket.create_server((HOST, self.wire), backlog=32)
        made.setblocking(False)
        self.wire = made.getsockname()[1]
        self._loop.add_reader(made, self._accept)

    def _deaf(self) -> None:
        listening, self._listening = self._listening, None
        if listening is not None:
            self._loop.remove_reader(listening)
            listening.close()

    def _accept(self) -> None:
        assert self._listening is not None
        try:
            made, _ = self._listening.accept()
        except BlockingIOError:
            return
        made.setblocking(False)
        line = SocketLine(self, made)
        self._lines.add(line)
        self._loop.add_reader(made, self._readable, line)
        self.connected()

    def _readable(self, line: SocketLine) -> None:
        try:
            data = line.socket.recv(self.room())
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self.take(line, data)
        else:
            self._close(line)

    def _close(self, line: SocketLine) -> None:
        self._loop.remove_reader(line.socket)
        line.socket.close()
        line.backend.close()
        self._lines.discard(line)


class TerminalLine(Line):
    """One plugging-in of a serial port. The peer's own hold of the far end keeps the line up."""

    def __init__(self, peer: PtyPeer) -> None:
        super().__init__(peer)
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        os.set_blocking(self.master, False)

    def write(self, data: bytes) -> None:
        with suppress(OSError):
            os.write(self.master, data)


class PtyPeer(Peer):
    """Plugged in, always at the same path."""

    def __init__(self, misfortune: Misfortune, dialect: Dialect, folder: Path) -> None:
        super().__init__(misfortune, dialect)
        self.wire: str = str(folder / f"port-{misfortune.seed}")
        self._line: TerminalLine | None = None
        self._fresh = False
        self._loop = asyncio.get_running_loop()

    @property
    def url(self) -> str:
        return f"modbus+rtu://{self.wire}?baudrate=115200&parity=N"

    async def start(self) -> None:
        self._plug()

    async def stop(self) -> None:
        self.over = True
        self._unplug()

    def cut(self, *, in_order: bool = False) -> None:
        self._unplug()
        self._plug()

    def leave(self) -> None:
        if self._line is not None:
            self._loop.remove_reader(self._line.master)
        if self._fate.away and self.fault is not None and self.fault.value == "rst":
            self._unplug()

    def back(self) -> list[Line]:
        if self._line is None:
            self._plug()
            return []
        self._loop.add_reader(self._line.master, self._readable)
        return [self._line]

    def _plug(self) -> None:
        self._line = line = TerminalLine(self)
        Path(self.wire).symlink_to(os.ttyname(line.slave))
        self._loop.add_reader(line.master, self._readable)
        self._fresh = True

    def _unplug(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            self._loop.remove_reader(line.master)
            os.close(line.master)
            os.close(line.slave)
            line.master = line.slave = -1
            Path(self.wire).unlink()

    def _readable(self) -> None:
        line = self._line
        assert line is not None
        try:
            data = os.read(line.master, self.room())
        except OSError:
            return
        if self._fresh:
            # A terminal tells nobody that it was opened: the first byte does.
            self._fresh = False
            self.connected()
        self.take(line, data)
