"""Coming and going: a session at the controller, and the language that somebody reads."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from controller.console.pages.common import field, post, upstream, within
from controller.console.pages.mistakes import wait_s
from controller.console.rendering import page
from controller.console.upstream import Answered
from controller.console.visitor import LANGUAGE_COOKIE, Visitor, let_in, let_out, remember
from controller.console.words import LANGUAGES, PSEUDO


async def form(request: Request) -> Response:
    """Ask who it is."""
    onward, why = within(request.query_params.get("next", "/")), request.query_params.get("why", "")
    return page(request, "login", None, next=onward, why=why if why == "ended" else "", user="", wait=None)


async def login(request: Request) -> Response:
    """Open a session with a name and a password."""
    user, onward = await field(request, "user"), within(await field(request, "next", "/"))
    given = {"user": user, "password": str((await request.form()).get("password", ""))}
    address = request.client.host if request.client else ""
    try:
        session = await upstream(request).ask("POST", "/sessions", json=given, address=address)
    except Answered as error:
        if error.status not in (401, 422, 429, 503):
            raise
        wait = wait_s(error)
        response: Response = page(
            request, "login", None, error.status, next=onward, why=error.code or "wrong", user=user, wait=wait
        )
        if wait is not None:
            response.headers["Retry-After"] = str(wait)
        return response
    response = RedirectResponse(onward, 303)
    let_in(response, request, session["token"])
    if request.cookies.get(LANGUAGE_COOKIE) != PSEUDO:
        remember(response, session["language"])
    return response


async def logout(request: Request, who: Visitor) -> Response:
    """End the session."""
    try:
        await upstream(request).ask("DELETE", "/sessions/current", who.token)
    except Answered as error:
        if error.status != 401:
            raise
    response = RedirectResponse("/login", 303)
    let_out(response, request)
    return response


async def language(request: Request, who: Visitor) -> Response:
    """Change the language of the user."""
    wanted, onward = await field(request, "language"), within(await field(request, "next", "/"))
    response = RedirectResponse(onward, 303)
    if wanted in LANGUAGES:
        await upstream(request).ask("PUT", "/sessions/current/language", who.token, {"language": wanted})
        remember(response, wanted)
    elif wanted == PSEUDO:
        response.set_cookie(LANGUAGE_COOKIE, wanted, samesite="strict", httponly=True)
    return response


ROUTES = [
    Route("/login", form, methods=["GET"]),
    Route("/login", login, methods=["POST"]),
    post("/logout", logout),
    post("/language", language),
]
