"""Who may log in, and which programs hold a token: what administrators see and change."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from controller.api.answers import Answer
from controller.api.bodies import from_json
from controller.api.gate import credential
from controller.api.people_bodies import TokenBody, UserBody, UserChangeBody
from controller.api.problems import told
from controller.api.service import Service, route


async def users(service: Service, _: Request) -> Response:
    """Return every user."""
    return Answer([user.shown() for user in service.reception.known.users.values()])


async def add(service: Service, request: Request) -> Response:
    """Make a user."""
    body, by = from_json(UserBody, await request.body()), credential(request.scope).principal
    with told():
        hashed = await service.reception.hashed(body.password, body.name)
        user = await service.reception.ask(lambda store: store.add(body.name, body.role, hashed, body.language, by=by))
    return Answer(user.shown(), 201)


async def change(service: Service, request: Request) -> Response:
    """Change a user; another role or password, and disabling, end the sessions of it."""
    name, by = request.path_params["name"], credential(request.scope).principal
    given = from_json(UserChangeBody, await request.body())
    values = given.model_dump(exclude_none=True)
    with told():
        if given.password is not None:
            del values["password"]
            values["hash"] = await service.reception.hashed(given.password, name)
        user = await service.reception.ask(lambda store: store.change(name, by, **values))
    return Answer(user.shown())


async def remove(service: Service, request: Request) -> Response:
    """Remove a user."""
    name, by = request.path_params["name"], credential(request.scope).principal
    with told():
        await service.reception.ask(lambda store: store.remove(name, by))
    return Response(status_code=204)


async def tokens(service: Service, _: Request) -> Response:
    """Return what is known of the programs' tokens."""
    return Answer([token.shown() for token in service.reception.known.tokens.values()])


async def add_token(service: Service, request: Request) -> Response:
    """Make the token of a program, which is told here and never again."""
    body, by = from_json(TokenBody, await request.body()), credential(request.scope).principal
    with told():
        secret, token = await service.reception.ask(lambda store: store.add_token(body.name, body.role, body.days, by))
    return Answer({"token": secret, **token.shown()}, 201)


async def remove_token(service: Service, request: Request) -> Response:
    """Remove the token of a program, which ends what it may at once."""
    name, by = request.path_params["id"], credential(request.scope).principal
    with told():
        await service.reception.ask(lambda store: store.remove_token(name, by))
    return Response(status_code=204)


def routes(service: Service) -> list[Route]:
    """Return the routes of this module."""
    return [
        route(service, "GET", "/api/v1/users", users),
        route(service, "POST", "/api/v1/users", add),
        route(service, "PATCH", "/api/v1/users/{name}", change),
        route(service, "DELETE", "/api/v1/users/{name}", remove),
        route(service, "GET", "/api/v1/tokens", tokens),
        route(service, "POST", "/api/v1/tokens", add_token),
        route(service, "DELETE", "/api/v1/tokens/{id}", remove_token),
    ]
