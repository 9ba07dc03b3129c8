"""A TCP listener on loopback that keeps its port while it is down."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from simulators.servers.base import Connections

HOST = "127.0.0.1"
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Listener:
    """Runs `handler` for each connection; a connection that ends, ends quietly."""

    def __init__(self, handler: Handler, port: int = 0) -> None:
        self.port = port
        self._handler = handler
        self._connections = Connections()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._stranded: set[asyncio.StreamWriter] = set()

    async def up(self) -> None:
        """Listen: on a port of the system's choice if it has none yet, on the same one ever after. Raises OSError."""
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, HOST, self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        """Reset every connection and refuse new ones."""
        self.refuse()
        await self._connections.end()

    def refuse(self) -> None:
        """Refuse new connections, and let those that stand go on; `up` ends it."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def strand(self) -> None:
        """Let the connections that stand hear nothing any more."""
        self._stranded |= self._open

    def rescue(self) -> None:
        """Let them hear again."""
        self._stranded.clear()

    def stranded(self, writer: asyncio.StreamWriter) -> bool:
        """Tell whether a connection is one of those."""
        return writer in self._stranded

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._server is None:
            # Accepted just before everything went down.
            writer.transport.abort()
            return
        self._connections.enter()
        # The task ends as cancelled by `down`, which is no news to asyncio's callback for connections.
        self._open.add(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._handler(reader, writer)
        self._open.discard(writer)
        self._stranded.discard(writer)
        writer.transport.abort()
