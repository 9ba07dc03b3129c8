"""What changes, as it changes: server-sent events that a client can resume where it lost them.

The first event is `hello`, with the boot id and the site. Then come `device`, `command` and `alarm` in the order in which they
happened, and `reset` where events in between are gone and everything is to be fetched anew. An event's id is `boot-number`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from functools import lru_cache
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from controller.api.answers import Problem, dumps
from controller.api.gate import credential
from controller.api.service import Service, route
from controller.people.credential import Credential
from controller.stream import KEPT, StreamEvent

KEEP_ALIVE_S = 5.0
"""How often a silent stream says that it is alive; a client that hears nothing for three times as long has lost it."""

FOLLOWERS = 256
"""How many may follow at once; each costs a connection, and a share of every change."""

RETRY_MS = 1000
"""How long an EventSource waits before it connects again."""


async def events(service: Service, request: Request) -> Response:
    """Stream what changes from now on, or from `Last-Event-ID` on."""
    if service.supervisor.stream.followers >= FOLLOWERS:
        raise Problem(
            503,
            "too-many-streams",
            f"{FOLLOWERS} follow the events already: close one that nobody reads, and try again",
        )
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    last_id = request.headers.get("last-event-id", "")
    # Taken before the answer begins: whoever has seen its head misses nothing that happens from then on.
    lines = _lines(service, credential(request.scope), last_id, service.supervisor.stream.last_id)
    return StreamingResponse(lines, media_type="text/event-stream", headers=headers)


async def _lines(service: Service, who: Credential, last_id: str, here: str) -> AsyncGenerator[bytes, None]:
    """Yield the stream's text. Ends when the stream of the supervisor is closed, or whoever follows would not be let in again."""
    stream = service.supervisor.stream
    # A client that resumes keeps the id it has until the first event that it had missed.
    yield _event("hello", {"boot": stream.boot, "site": service.site()}, "" if last_id else here, retry=True)
    with stream.follower(last_id or here) as follower:
        while service.reception.valid(who):
            try:
                async with asyncio.timeout(KEEP_ALIVE_S):
                    found = await follower.batch()
            except TimeoutError:
                yield b": keep-alive\n\n"
                continue
            if not found:
                return
            yield b"".join(_text(stream.boot, event) for event in found)
            # Neither a backlog nor a socket with room makes anybody wait: without this, clients that resume would stop the loop.
            await asyncio.sleep(0)


@lru_cache(KEPT)
def _text(boot: str, event: StreamEvent) -> bytes:
    """Return what every client is sent of an event: they get it at about the same time."""
    return _event(event.kind, event.data, f"{boot}-{event.number}")


def _event(kind: str, data: Any, name: str, *, retry: bool = False) -> bytes:
    head = f"retry: {RETRY_MS}\n" if retry else ""
    head += f"id: {name}\n" if name else ""
    return f"{head}event: {kind}\ndata: ".encode() + dumps(data) + b"\n\n"


def routes(service: Service) -> list[Route]:
    """Return the routes of this module."""
    return [route(service, "GET", "/api/v1/events", events)]
