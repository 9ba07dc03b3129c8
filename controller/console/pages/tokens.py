"""Tokens of programs: which there are, and a new one, which is shown once."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.console.pages.common import field, get, post, seen, site_page, upstream
from controller.console.pages.mistakes import mistakes
from controller.console.upstream import Answered
from controller.console.visitor import Visitor
from controller.console.vocabulary import ROLES

MACHINE_ROLES = [role for role in ROLES if role != "administrator"]
"""What a program may be: managing people is a person's."""
DAYS = (1, 7, 30, 90, 365)


async def tokens(request: Request, who: Visitor) -> Response:
    """Show what is known of every token."""
    return await _listed(request, who)


async def _listed(
    request: Request,
    who: Visitor,
    status: int = 200,
    *,
    given: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
    made: Any = None,
) -> Response:
    known = await upstream(request).ask("GET", "/tokens", who.token)
    response = site_page(
        request, "tokens", who, await seen(request, who), tokens=known, roles=MACHINE_ROLES, days=DAYS,
        given=given or {}, wrong=wrong or {}, made=made, said=request.query_params.get("said", ""),
    )  # fmt: skip
    response.status_code = status
    return response


async def add(request: Request, who: Visitor) -> Response:
    """Make a token. The answer shows it, and nothing will again: there is no address at which it could be asked for."""
    given = {name: await field(request, name) for name in ("name", "role", "days")}
    days = int(given["days"]) if given["days"].isdecimal() and len(given["days"]) < 5 else 0
    try:
        made = await upstream(request).ask("POST", "/tokens", who.token, {**given, "days": days})
    except Answered as error:
        return await _listed(request, who, error.status, given=given, wrong=mistakes(error, who.tongue))
    return await _listed(request, who, 201, made=made)


async def remove(request: Request, who: Visitor) -> Response:
    """Take a token away."""
    try:
        await upstream(request).ask("DELETE", f"/tokens/{quote(request.path_params['id'], safe='')}", who.token)
    except Answered as error:
        return await _listed(request, who, error.status, wrong=mistakes(error, who.tongue))
    return RedirectResponse("/tokens?said=removed", 303)


ROUTES = [get("/tokens", tokens), post("/tokens", add), post("/tokens/{id}/remove", remove)]
