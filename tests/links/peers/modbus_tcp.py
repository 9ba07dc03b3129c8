"""The scripted Modbus peer on a TCP socket (Modbus Messaging on TCP/IP V1.0b)."""

from __future__ import annotations

import asyncio
import struct
from pathlib import Path

from tests.links.peers.modbus import ModbusPeer


class TcpPeer(ModbusPeer):
    """Listens on a port that the system picks at the first start, and on the same one afterwards."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.port = 0
        self.connections = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"modbus+tcp://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
            self.cut()
            await self.until(lambda: not self._writers)
            await server.wait_closed()

    def cut(self) -> None:
        self.in_flight = 0
        for writer in self._writers:
            writer.transport.abort()

    def say(self, data: bytes) -> None:
        for writer in self._writers:
            writer.write(data)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            while True:
                header = await reader.readexactly(7)
                transaction, _, length, unit = struct.unpack(">HHHB", header)
                pdu = await reader.readexactly(length - 1)

                def send(answer: bytes, transaction: int = transaction, unit: int = unit) -> None:
                    frame = struct.pack(">HHHB", transaction, 0, len(answer) + 1, unit) + answer
                    if not writer.is_closing():
                        writer.write(self.spoil(frame))

                await self.take(header + pdu, unit, pdu, send)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            self._writers.discard(writer)
            await self.news()
