"""Users: who may log in, in which role; what administrators see and change."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.console.pages.common import field, get, post, seen, site_page, upstream
from controller.console.pages.mistakes import mistakes
from controller.console.rendering import page
from controller.console.upstream import Answered
from controller.console.visitor import Visitor
from controller.console.vocabulary import ROLES
from controller.console.words import LANGUAGES

CHANGES = ("role", "language", "password", "disabled", "remove")
"""What is changed about a user, each by a form of its own."""


async def users(request: Request, who: Visitor) -> Response:
    """Show every user."""
    return await _listed(request, who)


async def _listed(
    request: Request,
    who: Visitor,
    status: int = 200,
    given: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
) -> Response:
    known = await upstream(request).ask("GET", "/users", who.token)
    response = site_page(
        request, "users", who, await seen(request, who), users=known, roles=ROLES, tongues=LANGUAGES,
        given=given or {}, wrong=wrong or {}, said=request.query_params.get("said", ""),
    )  # fmt: skip
    response.status_code = status
    return response


async def add(request: Request, who: Visitor) -> Response:
    """Make a user."""
    given = {name: await field(request, name) for name in ("name", "role", "language")}
    try:
        body = {**given, "password": await _password(request)}
        await upstream(request).ask("POST", "/users", who.token, body)
    except Answered as error:
        return await _listed(request, who, error.status, given, mistakes(error, who.tongue))
    return RedirectResponse("/users?said=added", 303)


async def user(request: Request, who: Visitor) -> Response:
    """Show one user, and what can be changed."""
    return await _one(request, who)


async def _one(request: Request, who: Visitor, status: int = 200, wrong: dict[str, str] | None = None) -> Response:
    name = request.path_params["name"]
    known = await upstream(request).ask("GET", "/users", who.token)
    found = next((one for one in known if one["name"] == name), None)
    if found is None:
        return page(request, "problem", who, 404, message="")
    response = site_page(
        request, "user", who, await seen(request, who), one=found, roles=ROLES, tongues=LANGUAGES, wrong=wrong or {},
        said=request.query_params.get("said", ""),
    )  # fmt: skip
    response.status_code = status
    return response


async def change(request: Request, who: Visitor) -> Response:
    """Change one thing about a user, or remove it."""
    name, what = request.path_params["name"], request.path_params["what"]
    if what not in CHANGES:
        return page(request, "problem", who, 404, message="")
    path = f"/users/{quote(name, safe='')}"
    try:
        if what == "remove":
            await upstream(request).ask("DELETE", path, who.token)
        else:
            await upstream(request).ask("PATCH", path, who.token, {what: await _value(request, what)})
    except Answered as error:
        wrong = mistakes(error, who.tongue)
        if what in ("remove", "disabled") and "role" in wrong:
            wrong = {what: wrong["role"]}
        return await _one(request, who, error.status, wrong)
    if what == "remove":
        return RedirectResponse("/users?said=removed", 303)
    return RedirectResponse(f"/users/{quote(name, safe='')}?said={what}", 303)


async def _value(request: Request, what: str) -> object:
    if what == "disabled":
        return await field(request, "disabled") == "yes"
    if what == "password":
        return await _password(request)
    return await field(request, what)


async def _password(request: Request) -> str:
    """Return the password that was typed, blanks and all."""
    return str((await request.form()).get("password", ""))


ROUTES = [
    get("/users", users),
    post("/users", add),
    get("/users/{name}", user),
    post("/users/{name}/{what}", change),
]
