"""Serving the API on this machine only: a unix socket for its owner, and loopback TCP.

uvicorn runs inside the controller's loop, as one task, and leaves the process's signals alone. It is handed
sockets that are bound here, so that a port in use is an error with words and not the end of the process.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from controller.api.sockets import BindError, UnixSocket, bind_loopback
from controller.connections import Connection

__all__ = ["ApiServer", "BindError"]

GRACE_S = 0.4
"""How long requests under way may take to end when the server stops; with uvicorn's own rests it stays under 1 s."""

START_S = 5.0
"""How long starting may take; it is a matter of milliseconds."""


class ApiServer:
    """The API being served while the block is entered; `port` is the TCP port in use.

        async with ApiServer(app, runtime / "api.sock", port=8470) as server: …

    Raises BindError. Leaving ends every event stream, and gives requests under way GRACE_S.
    """

    def __init__(
        self, app: Starlette, socket_path: Path, *, host: str = "127.0.0.1", port: int = 8470, for_group: bool = False
    ) -> None:
        """With `for_group` the process's group may connect to the socket, too."""
        self.socket_path, self.host, self.port, self._for_group = socket_path, host, port, for_group
        self._app = app
        config = uvicorn.Config(
            app,
            lifespan="off",
            http=Connection,
            ws="none",
            log_config=None,
            # It would log a traceback for every request that a stop cuts short; failed requests are logged by `answers`.
            log_level="critical",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            # Seconds for asyncio.wait_for, which takes fractions.
            timeout_graceful_shutdown=GRACE_S,  # type: ignore[arg-type]
        )
        self._server = _Embedded(config)
        self._tcp: socket.socket | None = None
        self._unix: UnixSocket | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Return where the API is on TCP."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    async def __aenter__(self) -> ApiServer:
        tcp = self._tcp = bind_loopback(self.host, self.port)
        try:
            unix = self._unix = UnixSocket(self.socket_path, for_group=self._for_group)
        except BaseException:
            tcp.close()
            raise
        self.port = tcp.getsockname()[1]
        self._task = asyncio.create_task(self._server.serve([tcp, unix.socket]), name="api")
        up = asyncio.create_task(self._server.up.wait())
        await asyncio.wait({self._task, up}, timeout=START_S, return_when=asyncio.FIRST_COMPLETED)
        up.cancel()
        if not self._server.up.is_set():
            await self.__aexit__()  # which raises what kept it from starting
            raise BindError(f"the API did not start within {START_S} s")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._app.state.close_streams()
        self._server.leave()
        try:
            if self._task is not None:
                await self._task
        finally:
            for held in (self._tcp, self._unix):
                if held is not None:
                    held.close()


class _Embedded(uvicorn.Server):
    """uvicorn without a hand on the signals, with word of when it listens, and told to leave, not looking ten times a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()
        self._leave = asyncio.Event()

    def leave(self) -> None:
        self.should_exit = True
        self._leave.set()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    async def main_loop(self) -> None:
        tenths = 0
        while not await self.on_tick(tenths):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._leave.wait(), 1.0)
            tenths += 10
