"""asyncua's server behind a proxy that counts, holds, spoils and cuts, by the outside of messages (Part 6, 7.1 and 6.7.2)."""

from __future__ import annotations

import asyncio
import struct
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_from_binary

from controller.ports import Link, Point, PointType, Unit
from drivers.addresses import Node
from drivers.opcua import OpcUaLink
from tests.links.adapter import Adapter, Mode
from tests.links.peers.opcua_process import ServerProcess

# Numeric ids of the binary encodings (Part 6, annex A, NodeIds.csv).
READ, WRITE, QUERY_FIRST = 631, 673, 615
PREFIX = "ns=2;s=Test.Wedge."


def point(name: str, node: str, kind: PointType, *, writable: bool = False, variant: str = "") -> Point:
    """Return a point of the server's."""
    return Point(name, Node(PREFIX + node, variant), kind, writable=writable, max_age_s=2.0)


POINTS = {
    point.name: point
    for point in (
        point("raised", "Raised", PointType.BOOL),
        point("dial", "Dial", PointType.I32),
        point("level", "Level", PointType.F32),
        point("model", "Model", PointType.TEXT),
        point("command", "Command", PointType.I32, writable=True, variant="Int32"),
        point("watchdog", "Watchdog", PointType.U32, writable=True),
    )
}
OPTIONS = {"patience_s": 2.0, "publish_s": 0.05}
UNIT = Unit("wedge", "plc", None, POINTS, {"model": "SW-450"}, OPTIONS)


class OpcUaPeer(Adapter):
    """A proxy on a port of its own, made anew for each test; the one server behind it is never stopped by it."""

    server: ClassVar[ServerProcess]

    not_applicable: ClassVar = {
        "test_subscribe_returns_at_once_where_nothing_is_pushed": "an OPC UA server publishes",
    }

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.unit = UNIT
        self.stranger = replace(UNIT, identity={"model": "SW-999"})
        self.expected = {"raised": True, "dial": 0, "level": 1.5, "model": "SW-450"}
        self.orders = (("command", 1), ("watchdog", 7))
        self.dial = "dial"
        self.port = 0
        self.connections: set[Connection] = set()
        self.connected = 0
        self.held: list[tuple[Connection, bytes]] = []
        self._listening: asyncio.Server | None = None

    async def start(self) -> None:
        for name, value in (("Raised", True), ("Dial", 0), ("Level", 1.5), ("Command", 0), ("Watchdog", 0)):
            self.server.set(name, value)
        self._listening = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._listening.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.close()
            self.cut()
            await self.until(lambda: not self.connections)
            await listening.wait_closed()

    def link(self) -> Link:
        return OpcUaLink("plc", f"opc.tcp://127.0.0.1:{self.port}", now=asyncio.get_running_loop().time)

    def turn(self, value: int) -> None:
        self.server.set("Dial", value)

    def cut(self) -> None:
        self.held.clear()
        self.in_flight = 0
        for connection in self.connections:
            connection.abort()

    async def release(self) -> None:
        held, self.held = self.held, []
        for connection, message in held:
            self.forward(connection, message)

    async def push(self) -> None:
        """The server publishes by itself."""

    async def take(self, connection: Connection, message: bytes) -> None:
        """Do with a client's message what the mode says."""
        if service_of(message) in (READ, WRITE):
            self.requests += 1
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
            connection.unanswered.add(request_of(message))
            await self.news()
            if self.mode is Mode.CUT:
                self.cut()
                return
            if self.mode is Mode.REFUSE:
                # A service that the server does not have, under the same header.
                message = message[:26] + struct.pack("<H", QUERY_FIRST) + message[28:]
        if self.mode is Mode.HOLD:
            self.held.append((connection, message))
        else:
            self.forward(connection, message)

    def forward(self, connection: Connection, message: bytes) -> None:
        """Let the server have it."""
        if service_of(message) == WRITE:
            request = struct_from_binary(ua.WriteRequest, Buffer(message[24:]))
            for item in request.Parameters.NodesToWrite:
                (name,) = [name for name, point in POINTS.items() if node_of(point) == item.NodeId.to_string()]
                self.written.append((name, item.Value.Value.Value))
        connection.upstream.write(message)

    async def answered(self, connection: Connection, message: bytes) -> None:
        """Count an answer that is on its way to the client."""
        if message[:3] == b"MSG" and request_of(message) in connection.unanswered:
            connection.unanswered.discard(request_of(message))
            self.in_flight -= 1
            await self.news()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connected += 1
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self.server.port)
        connection = Connection(writer, to_server)
        self.connections.add(connection)
        answering = asyncio.create_task(self._answer(connection, from_server))
        try:
            while True:
                await self.take(connection, await message_from(reader))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            answering.cancel()
            await asyncio.wait([answering])
            connection.abort()
            self.connections.discard(connection)
            await self.news()

    async def _answer(self, connection: Connection, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                message = await message_from(reader)
                connection.client.write(message)
                await self.answered(connection, message)
        except (asyncio.IncompleteReadError, ConnectionError):
            connection.abort()


class Connection:
    """One client's connection, and its own to the server."""

    def __init__(self, client: asyncio.StreamWriter, upstream: asyncio.StreamWriter) -> None:
        self.client, self.upstream = client, upstream
        self.unanswered: set[int] = set()

    def abort(self) -> None:
        """Drop both."""
        self.client.transport.abort()
        self.upstream.transport.abort()


async def message_from(reader: asyncio.StreamReader) -> bytes:
    """Read one message: three letters, a letter for the chunk, its length."""
    header = await reader.readexactly(8)
    return header + await reader.readexactly(struct.unpack("<I", header[4:])[0] - 8)


def request_of(message: bytes) -> int:
    """Return the request id, behind channel, token and sequence number."""
    return int(struct.unpack_from("<I", message, 20)[0])


def service_of(message: bytes) -> int:
    """Return the numeric id of the encoding that a secure message starts with, 0 for any other message."""
    return int(struct.unpack_from("<H", message, 26)[0]) if message[:3] == b"MSG" else 0


def node_of(point: Point) -> str:
    """Return a point's node id as written."""
    assert isinstance(point.address, Node)
    return point.address.node
