"""What every page needs: who looks at it, the site as it is, and what stands in its head."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from controller.console import parts, shown
from controller.console.look import Look, look
from controller.console.rendering import page, problem
from controller.console.upstream import Answered, Upstream
from controller.console.visitor import FIELD, HEADER, Visitor, let_out, session_cookie, visitor

Page = Callable[[Request, Visitor], Awaitable[Response]]


def segment(name: str) -> str:
    """Return a name as one part of a path of the API, whatever is in it. Raises Answered for one that would lead elsewhere."""
    if not name.strip("."):
        raise Answered(404, "not-found", "", {}, {})
    return quote(name, safe="")


def upstream(request: Request) -> Upstream:
    """Return the way to the controller."""
    found: Upstream = request.app.state.upstream
    return found


def get(path: str, handler: Page) -> Route:
    """Make the route of a page, which only somebody with a session gets to see."""

    async def answer(request: Request) -> Response:
        who = await visitor(request, upstream(request))
        if who is None:
            query = f"?{request.url.query}" if request.url.query else ""
            return to_login(request, request.url.path + query)
        return await handler(request, who)

    return Route(path, answer, methods=["GET"], name=f"GET {path}")


def post(path: str, handler: Page) -> Route:
    """Make the route of a form, which only a page of ours can have sent."""

    async def answer(request: Request) -> Response:
        who = await visitor(request, upstream(request))
        if who is None and request.headers.get("sec-fetch-mode") == "navigate":
            left = urlsplit(request.headers.get("referer", ""))
            return to_login(request, within(left.path + (f"?{left.query}" if left.query else "")))
        if who is None:
            return problem(request, 401, "no-session")
        form = await request.form()
        if not who.proves(request.headers.get(HEADER, "") or str(form.get(FIELD, ""))):
            return problem(request, 403, "other-session")
        return await handler(request, who)

    return Route(path, answer, methods=["POST"], name=f"POST {path}")


def to_login(request: Request, onward: str) -> Response:
    """Lead to the page at which one logs in, and from there on to `onward`; who had a session is told that it has ended."""
    why = "&why=ended" if request.cookies.get(session_cookie(request)) else ""
    response = RedirectResponse(f"/login?next={quote(onward, safe='/')}{why}", 303)
    let_out(response, request)
    return response


def within(path: str) -> str:
    """Return a path of this console, whatever was asked for."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"


async def field(request: Request, name: str, default: str = "") -> str:
    """Return a field of the form that was sent."""
    return str((await request.form()).get(name, default)).strip()


async def seen(request: Request, who: Visitor) -> Look:
    """Take a look at the site for one page. Raises Unreachable, Answered."""
    picture = request.app.state.picture
    latest = await look(upstream(request), who.token, picture.latest.commands, picture.since)
    picture.site = latest.site
    return latest


def site_page(
    request: Request, name: str, who: Visitor, latest: Look, *, view: str = "", of: str = "", **values: Any
) -> HTMLResponse:
    """Return a page with the head that all have: the perimeter, the alarms, one's own orders, and the lockdown."""
    return page(
        request,
        name,
        who,
        site=latest.site,
        devices=latest.devices,
        alarms=latest.alarms,
        answer=shown.perimeter(latest.site, latest.devices),
        orders=parts.orders_of(latest, who.user),
        commands=latest.commands,
        user=who.user,
        view=view,
        of=of,
        **values,
    )
