"""Orders: a form becomes a command of the API, and the answer says what became of it.

A form carries the id of the order that it is, so that sending it twice moves nothing twice, and the version that its author saw.
"""

from __future__ import annotations

import time
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from controller.console.pages.common import field, get, post, seen, segment, site_page, upstream
from controller.console.rendering import page, part
from controller.console.upstream import Answered
from controller.console.visitor import Visitor

SCRIPT = "application/vnd.rempart.part"
"""What a script says that it accepts: a part of a page, not a page."""

LATE_S = 5.0
"""How long a form may be under way: an order that a dead connection kept is nobody's wish any more."""


def _(message: str) -> str:
    return message


TOO_LATE = _("This order was under way for longer than %(limit)s s: it was not given. Look again, then decide.")


async def act(request: Request, who: Visitor) -> Response:
    """Give the order of a form."""
    if late := await too_late(request, who):
        return late
    command = await _given(request, who)
    if request.headers.get("accept") != SCRIPT:
        return RedirectResponse(f"/orders/{command['id']}", 303)
    picture = request.app.state.picture
    picture.keep(command)
    text = part(who.tongue.language, "order", command=command, commands=picture.latest.commands, site=picture.site)
    return HTMLResponse(text, headers={"Cache-Control": "no-store"})


async def too_late(request: Request, who: Visitor) -> Response | None:
    """Return the answer to a form that was under way for too long; None for one that was not."""
    if not await _late(request):
        return None
    return page(request, "problem", None, 408, message=who.tongue.say(TOO_LATE, limit=who.tongue.number(LATE_S)))


async def _late(request: Request) -> bool:
    """Tell whether a form was sent too long ago, by what the page had heard of this machine's monotonic clock."""
    try:
        sent = float(await field(request, "sent", "nan"))
    except ValueError:
        return False
    return time.monotonic() - sent > LATE_S


async def _given(request: Request, who: Visitor) -> Any:
    body: dict[str, object] = {"target": await field(request, "target"), "action": await field(request, "action")}
    for name in ("id", "reason"):
        if value := await field(request, name):
            body[name] = value
    if (version := await field(request, "seen")).isdecimal():
        body["seen"] = int(version)
    try:
        return await upstream(request).ask("POST", "/commands", who.token, body)
    except Answered as error:
        if error.status == 409 and "id" in error.body:
            return error.body
        raise


async def order(request: Request, who: Visitor) -> Response:
    """Show how far an order has come."""
    try:
        command = await upstream(request).ask("GET", f"/commands/{segment(request.path_params['id'])}", who.token)
    except Answered as error:
        if error.status == 404:
            return page(request, "problem", who, 404, message="")
        raise
    latest = await seen(request, who)
    return site_page(request, "order", who, latest, command=command)


ROUTES = [post("/act", act), get("/orders/{id}", order)]
