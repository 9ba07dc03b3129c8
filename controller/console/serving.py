"""Serving the console: uvicorn, on an address of its own, over TLS where there is a certificate."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import uvicorn

from controller.connections import REQUEST_S, Connection
from controller.console.app import build_console
from controller.console.upstream import Where

GRACE_S = 1

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class _Server(uvicorn.Server):
    """uvicorn that ends when it is told to, and leaves it at that: by itself it would then die of the signal.

    It waits no longer for a TLS handshake than for a request.
    """

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in STOP_SIGNALS:
                loop.remove_signal_handler(number)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        loop = asyncio.get_running_loop()
        if self.config.is_ssl:
            # A handshake comes before any protocol that could be impatient. The loop would wait 60 s for it, and uvicorn, which
            # calls this, has no setting for that.
            loop.create_server = partial(loop.create_server, ssl_handshake_timeout=REQUEST_S)  # type: ignore[method-assign]
        await super().startup(sockets)


def serve(
    where: Where,
    host: str,
    port: int,
    certificate: Path | None,
    key: Path | None,
    *,
    behind_proxy: bool,
    ready: Callable[[str], None],
) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is told the address. Raises OSError, ssl.SSLError where the certificate is none."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family, backlog=256)
    with listening:
        config = uvicorn.Config(
            build_console(where),
            lifespan="on",
            # Has a limit of its own, which makes room for who asks; uvicorn's turns them away for those who say nothing.
            http=Connection,
            ws="none",
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=behind_proxy,
            forwarded_allow_ips="127.0.0.1,::1",
            ssl_certfile=certificate,
            ssl_keyfile=key,
            timeout_graceful_shutdown=GRACE_S,
        )
        if certificate is not None:
            config.load()
        name = f"[{host}]" if ":" in host else host
        ready(f"{'https' if certificate else 'http'}://{name}:{listening.getsockname()[1]}/")
        _Server(config).run([listening])
