"""One's own account: password, language, and when the session ends."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.console.pages.common import get, post, seen, site_page, upstream
from controller.console.pages.mistakes import mistakes
from controller.console.upstream import Answered
from controller.console.visitor import Visitor
from controller.console.words import LANGUAGES


def _(message: str) -> str:
    """Mark a message for the catalogues; it is said where it is shown."""
    return message


OTHER_AGAIN = _("This is not the same as above.")


async def me(request: Request, who: Visitor) -> Response:
    """Show the own account."""
    return await _shown(request, who)


async def _shown(request: Request, who: Visitor, status: int = 200, wrong: dict[str, str] | None = None) -> Response:
    session = await upstream(request).ask("GET", "/sessions/current", who.token)
    response = site_page(
        request, "me", who, await seen(request, who), session=session, tongues=LANGUAGES, wrong=wrong or {},
        said=request.query_params.get("said", ""),
    )  # fmt: skip
    response.status_code = status
    return response


async def password(request: Request, who: Visitor) -> Response:
    """Take another password."""
    form = await request.form()
    given = {name: str(form.get(name, "")) for name in ("old", "new")}
    if given["new"] != str(form.get("again", "")):
        return await _shown(request, who, 422, {"again": who.tongue.say(OTHER_AGAIN)})
    try:
        await upstream(request).ask("PUT", "/sessions/current/password", who.token, given)
    except Answered as error:
        return await _shown(request, who, error.status, mistakes(error, who.tongue))
    return RedirectResponse("/me?said=password", 303)


ROUTES = [get("/me", me), post("/me/password", password)]
