"""How many connections the API, and the console, each hold, and for how long one may take to say what it wants.

Whoever reaches a socket can open connections, before anybody has asked for a token. Each takes a file descriptor, of which a
process has some hundreds: used up, nobody's lockdown would get in any more. So a request has REQUEST_S to arrive, whole, and of
the connections over TCP that have not sent theirs the oldest goes when there are MOST. The API's unix socket, which is
its owner's and at most the console's, is out of their reach. An answer, such as an event stream, takes as long as it takes.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

REQUEST_S = 5.0
"""How long a request may take from its connection, or its first byte, to its last."""

MOST = 512
"""How many connections over TCP may be open at once."""


class Connection(H11Protocol):
    """uvicorn's, closed where its request does not come to its end, or where it waits while there are too many."""

    _deadline: asyncio.TimerHandle | None = None
    waits_since: float

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request; make room where there is none."""
        super().connection_made(transport)
        self.waits_since = self.loop.time()
        self._await_request()
        others = [c for c in self.connections if isinstance(c, Connection) and c.client is not None]
        if len(others) > MOST:
            # At least this one waits.
            min((c for c in others if not c.answering), key=lambda waiting: waiting.waits_since).drop()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._request_is_here()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in a part of a request, and go on waiting for its rest where it has one."""
        super().data_received(data)
        if self.answering:
            self._request_is_here()
        elif self._deadline is None and not self.transport.is_closing():
            self._await_request()

    def on_response_complete(self) -> None:
        """Wait for the next request, for as long as uvicorn lets a connection be idle."""
        self.waits_since = self.loop.time()
        super().on_response_complete()

    @property
    def answering(self) -> bool:
        """Tell whether a request is here, whole, and its answer is not complete."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.more_body and not cycle.response_complete

    def drop(self) -> None:
        """Close it; what it has sent is not looked at."""
        self._request_is_here()
        self.transport.close()

    def _await_request(self) -> None:
        self._deadline = self.loop.call_later(REQUEST_S, self.drop)

    def _request_is_here(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
