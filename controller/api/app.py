"""The API of one site, put together: routes behind a gate."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from importlib import metadata

from starlette.applications import Starlette
from starlette.middleware import Middleware

from controller.api import alarms, commands, events, openapi, passages, records, sessions, specs, state, units, users
from controller.api.answers import HANDLERS
from controller.api.gate import OPERATOR, SUPERVISOR, Gate
from controller.api.service import Service, Stamper, wall_clock
from controller.people.reception import Reception
from controller.people.store import Store
from controller.supervisor import Supervisor


def build_app(
    supervisor: Supervisor,
    *,
    token: str,
    supervisor_token: str = "",
    reception: Reception | None = None,
    now: Callable[[], float] | None = None,
    utc: Callable[[], datetime] = wall_clock,
    version: str = "",
) -> Starlette:
    """Make the application that serves `supervisor` to whoever holds a token; to be called within the loop of both.

    `token` is the operator's; without a `supervisor_token` nobody can reset an emergency that an operator fired.
    `reception` knows who else may come; without one that is nobody.
    `now` is the clock that readings are stamped with (the loop's), `utc` gives aware times for labels.
    Raises ValueError for an empty token, and for one token with two roles.
    """
    if not token:
        raise ValueError("the API needs a token; an empty one would let everybody in")
    if token == supervisor_token:
        raise ValueError("the operator and the supervisor need a token each: one person would have both roles (R06)")
    now = now or asyncio.get_running_loop().time
    reception = reception or Reception(Store(None), supervisor.journal, now=now, utc=utc)
    service = Service(
        supervisor=supervisor,
        reception=reception,
        now=now,
        utc=utc,
        stamp=Stamper(now, utc),
        version=version or metadata.version("rempart"),
    )
    routes = [
        *state.routes(service),
        *commands.routes(service),
        *alarms.routes(service),
        *passages.routes(service),
        *records.routes(service),
        *events.routes(service),
        *units.routes(service),
        *specs.routes(service),
        *sessions.routes(service),
        *users.routes(service),
        *openapi.routes(service),
    ]
    credentials = {token: OPERATOR, **({supervisor_token: SUPERVISOR} if supervisor_token else {})}
    gate = Middleware(Gate, credentials=credentials, reception=reception)
    app = Starlette(routes=routes, middleware=[gate], exception_handlers=HANDLERS)
    app.router.redirect_slashes = False
    app.state.close_streams = supervisor.stream.close
    app.state.reception = reception
    return app
