"""A TCP relay in front of a server that is not ours, so that the same misfortune can befall its wire.

While silent, bytes wait on both sides and go on afterwards: to its peers the server looks like a process that hangs.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from simulators.servers.base import Gate
from simulators.servers.tcp import HOST, Listener

LOOK_S = 0.02
CHUNK = 65536


class Relay:
    """Listens, and passes on to `port` of this machine."""

    def __init__(self, gate: Callable[[], Gate], port: int = 0) -> None:
        self.target = 0
        self._gate = gate
        self.listener = Listener(self._pass_on, port)

    @property
    def port(self) -> int:
        """Return where it listens."""
        return self.listener.port

    async def up(self) -> None:
        """Listen."""
        await self.listener.up()

    async def down(self) -> None:
        """Reset connections and refuse new ones."""
        await self.listener.down()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(HOST, self.target)
        asking = asyncio.create_task(self._ask(reader, far_writer, writer))
        answering = asyncio.create_task(self._answer(far_reader, writer))
        try:
            await asyncio.wait((asking, answering), return_when=asyncio.FIRST_COMPLETED)
        finally:
            # First, for whoever waits in a `finally` may be cancelled there.
            far_writer.transport.abort()
            for task in (asking, answering):
                task.cancel()
            await asyncio.gather(asking, answering, return_exceptions=True)

    async def _ask(self, reader: asyncio.StreamReader, far: asyncio.StreamWriter, near: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while chunk := await reader.read(CHUNK):
                if self._gate().reset:
                    return
                await self._wait(lambda: self._gate().silent or self.listener.stranded(near))
                far.write(chunk)
                await far.drain()

    async def _answer(self, far: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while chunk := await far.read(CHUNK):
                await self._wait(lambda: self._dumb(self._gate()) or self.listener.stranded(writer))
                gate = self._gate()
                if gate.delay_s:
                    await asyncio.sleep(gate.delay_s)
                writer.write(chunk[: len(chunk) // 2] if gate.cut else chunk)
                await writer.drain()
                if gate.cut:
                    return

    def _dumb(self, gate: Gate) -> bool:
        return gate.silent or gate.one_way

    async def _wait(self, shut: Callable[[], bool]) -> None:
        # A gate is a question, not an event: several troubles may hold it shut, and only while one is there does this go round.
        while shut():  # noqa: ASYNC110
            await asyncio.sleep(LOOK_S)
