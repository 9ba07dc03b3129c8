"""What changes on an open page, as it changes: its parts rendered anew in its language, and a pulse that says all is well.

A page that misses two seconds of pulses says so in its full width and takes nothing that is on it for the present.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from controller.console.parts import STREAMS, Open, encoded
from controller.console.picture import Picture
from controller.console.standing import Standing
from controller.console.upstream import Answered, Unreachable
from controller.console.visitor import Visitor, visitor

PULSE_S = 0.7
"""How often a page hears that it is still connected; it gives up on the connection after 2 s."""
OLD_S = 2.0
"""How old the latest look may be before a page is told that the controller does not answer."""
SESSION_S = 15.0
"""How often it is asked whether the session behind a page still stands."""
MINE = 16
"""How many pages of one session may be open at once."""


async def events(request: Request) -> Response:
    """Stream what changes on one open page."""
    upstream, picture, made = request.app.state.upstream, request.app.state.picture, request.app.state.parts
    try:
        who = await visitor(request, upstream)
    except (Unreachable, Answered):
        return PlainTextResponse("the controller does not answer", 503)
    if who is None:
        return PlainTextResponse("no session", 401)
    if picture.followers >= STREAMS:
        return PlainTextResponse("too many pages are open: close some", 503)
    if picture.streams_of(who.token) >= MINE:
        return PlainTextResponse(f"{MINE} pages of this session are open: close some", 503)
    page = Open(made, request.query_params.get("view", ""), request.query_params.get("of", ""))
    lines = _lines(request.app.state.standing, picture, page, who)
    return StreamingResponse(
        lines, media_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


async def _lines(standing: Standing, picture: Picture, page: Open, who: Visitor) -> AsyncGenerator[bytes, None]:
    asked_at = time.monotonic()
    yield b"retry: 500\n\n"
    with picture.followed(who.token) as bell:
        while True:
            bell.clear()
            latest = picture.latest
            left = latest.taken + OLD_S - time.monotonic() if latest.known else OLD_S
            if latest.why or left <= 0:
                yield encoded("lost", {"why": latest.why})
                left = PULSE_S
            else:
                yield page.news(latest, who) + encoded("pulse", {"at": time.monotonic()})
            try:
                async with asyncio.timeout(min(PULSE_S, left)):
                    await bell.wait()
            except TimeoutError:
                pass
            if time.monotonic() - asked_at > SESSION_S:
                asked_at = time.monotonic()
                session = await standing.of(who)
                if session is None:
                    yield encoded("ended", {})
                    return
                who = session
