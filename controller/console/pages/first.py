"""The first administrator, made by whoever has the code that the controller told when it started without a user."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from controller.console.pages.common import field, upstream
from controller.console.pages.mistakes import language_of, mistakes
from controller.console.rendering import page
from controller.console.upstream import Answered
from controller.console.visitor import let_in


def _(message: str) -> str:
    """Mark a message for the catalogues; it is said where it is shown."""
    return message


NO_CODE = _(
    "There is a user already, or the code is older than 24 hours: log in, or use `rempart user` on the machine."
)


async def form(request: Request) -> Response:
    """Ask for a name and a password."""
    return page(request, "first", None, code=request.query_params.get("code", ""), user="", wrong={})


async def make(request: Request) -> Response:
    """Make the first administrator, and begin the session of it."""
    code, user = await field(request, "code"), await field(request, "user")
    given = {"code": code, "user": user, "password": str((await request.form()).get("password", ""))}
    address = request.client.host if request.client else ""
    try:
        session = await upstream(request).ask("POST", "/sessions/first", json=given, address=address)
    except Answered as error:
        spoken_in = language_of(request)
        wrong = {"code": spoken_in.say(NO_CODE)} if error.code == "unauthorised" else mistakes(error, spoken_in)
        if "name" in wrong:
            wrong["user"] = wrong.pop("name")
        return page(request, "first", None, error.status, code=code, user=user, wrong=wrong)
    response = RedirectResponse("/", 303)
    let_in(response, request, session["token"])
    return response


ROUTES = [Route("/first", form, methods=["GET"]), Route("/first", make, methods=["POST"])]
