"""The alarms: which stand, which are hidden, how many there are; and what people do about them (ISA-18.2, R34-R37)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from controller import views
from controller.annunciator import NoSuchAlarm, NotDone
from controller.api.answers import Answer, Problem
from controller.api.bodies import NoteBody, RemoveBody, ShelveBody, behind, from_json
from controller.api.gate import credential
from controller.api.service import Service, route
from controller.core.alarms import Standing


async def alarms(service: Service, _: Request) -> Response:
    """Return the alarms, annunciated and hidden."""
    return Answer(views.alarms(service.supervisor.alarms))


async def kpi(service: Service, _: Request) -> Response:
    """Return the figures by which an alarm system is judged."""
    return Answer(service.supervisor.alarms.kpi())


async def shelve(service: Service, request: Request) -> Response:
    """Hide an alarm for a while."""
    body = from_json(ShelveBody, await request.body())
    name = request.path_params["id"]
    by = _who(request, body.by)
    return _done(service, name, lambda: service.supervisor.alarms.shelve(name, body.for_s, by, body.reason))


async def remove(service: Service, request: Request) -> Response:
    """Take an alarm out of service."""
    body = from_json(RemoveBody, await request.body())
    return _acted(service, request, "remove", body)


async def act(event: str, service: Service, request: Request) -> Response:
    """Acknowledge an alarm, unshelve it, or return it to service; the body may be left out."""
    body = from_json(NoteBody, await request.body() or b"{}")
    return _acted(service, request, event, body)


def _acted(service: Service, request: Request, event: str, body: RemoveBody | NoteBody) -> Response:
    name, by = request.path_params["id"], _who(request, body.by)
    return _done(service, name, lambda: service.supervisor.alarms.act(name, event, by, body.reason))


def _who(request: Request, by: str) -> str:
    """Return who does it: the person who is said to, and the credential, which alone is proven."""
    giver = credential(request.scope)
    by = behind(giver, by)
    return f"{by} ({giver.principal})" if by and not giver.person else giver.principal


def _done(service: Service, name: str, do: Callable[[], Standing]) -> Response:
    try:
        standing = do()
    except NoSuchAlarm:
        text = f"no alarm {name!r} stands; GET /api/v1/alarms lists them"
        raise Problem(404, "no-such-alarm", text) from None
    except NotDone as error:
        raise Problem(409, "not-done", str(error), words=views.words(message=error.told)) from None
    return Answer(views.alarm(standing, service.supervisor.alarms))


def routes(service: Service) -> list[Route]:
    """Return the routes of this module."""
    one = "/api/v1/alarms/{id}"
    return [
        route(service, "GET", "/api/v1/alarms", alarms),
        route(service, "GET", "/api/v1/alarms/kpi", kpi),
        route(service, "POST", f"{one}/shelve", shelve),
        route(service, "POST", f"{one}/remove", remove),
        *(
            route(service, "POST", f"{one}/{event}", partial(act, event))
            for event in ("acknowledge", "unshelve", "return")
        ),
    ]
