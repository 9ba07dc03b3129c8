"""Logging in and out, and what a person changes about himself."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from controller.api.answers import Answer, Problem
from controller.api.bodies import from_json
from controller.api.gate import address, credential, unauthorised
from controller.api.people_bodies import FirstBody, LanguageBody, LoginBody, PasswordBody
from controller.api.problems import told
from controller.api.service import Service, route
from controller.people.credential import Credential


async def begin(service: Service, request: Request) -> Response:
    """Begin the session of whoever knows a name and its password."""
    body = from_json(LoginBody, await request.body())
    with told(wrong="wrong-credentials"):
        token, who = await service.reception.log_in(body.user, body.password, address(request.scope))
    return _begun(service, token, who)


async def begin_first(service: Service, request: Request) -> Response:
    """Make the first administrator, and begin the session of it."""
    if not service.reception.code_offered:
        raise unauthorised("there is a user already, or the code is older than 24 h", "")
    body = from_json(FirstBody, await request.body())
    with told(wrong="wrong-code"):
        token, who = await service.reception.log_in_first(body.code, body.user, body.password, address(request.scope))
    return _begun(service, token, who)


def _begun(service: Service, token: str, who: Credential) -> Answer:
    shown = _session(service, who)
    del shown["permissions"]
    return Answer({"token": token, **shown}, 201, {"Location": "/api/v1/sessions/current"})


async def current(service: Service, request: Request) -> Response:
    """Tell who asks, and what that may do."""
    return Answer(_session(service, credential(request.scope)))


def _session(service: Service, who: Credential) -> dict[str, Any]:
    user, session = service.reception.user(who), service.reception.session(who)
    return {
        "user": who.user,
        "role": str(who.role),
        "language": user.language if user else "en",
        "demo": user is not None and user.demo,
        "expires": service.stamp(session.expires) if session else None,
        "permissions": sorted(who.permissions),
    }


async def end(service: Service, request: Request) -> Response:
    """End the session."""
    service.reception.log_out(_person(request))
    return Response(status_code=204)


async def language(service: Service, request: Request) -> Response:
    """Give the person another language."""
    who = _person(request)
    wanted = from_json(LanguageBody, await request.body()).language
    with told():
        await service.reception.ask(lambda store: store.change(who.user, by=who.user, language=wanted))
    return Answer(_session(service, who))


async def password(service: Service, request: Request) -> Response:
    """Give the person another password, who knows the old one; that ends the other sessions."""
    who = _person(request)
    body = from_json(PasswordBody, await request.body())
    with told(wrong="wrong-password", status=403):
        await service.reception.change_password(who, body.old, body.new, address(request.scope))
    return Response(status_code=204)


def _person(request: Request) -> Credential:
    who = credential(request.scope)
    if who.person:
        return who
    raise Problem(
        409, "no-session", f"{who.principal} is no person's session: log in with POST /api/v1/sessions to have one"
    )


def routes(service: Service) -> list[Route]:
    """Return the routes of this module."""
    one = "/api/v1/sessions/current"
    return [
        route(service, "POST", "/api/v1/sessions", begin),
        route(service, "POST", "/api/v1/sessions/first", begin_first),
        route(service, "GET", one, current),
        route(service, "DELETE", one, end),
        route(service, "PUT", f"{one}/language", language),
        route(service, "PUT", f"{one}/password", password),
    ]
