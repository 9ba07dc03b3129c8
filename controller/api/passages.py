"""Passages are asked for here, and answered once it is known whether the way opens.

The status code tells that: 202 for a passage that began, whatever became of it since, 409 for one that was refused. So the same
id again gets the same code, with the passage as it is now.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from controller import ids, views
from controller.api.answers import Answer, Problem
from controller.api.bodies import EndBody, PassageBody, behind, from_json, invalid
from controller.api.gate import credential
from controller.api.service import Service, route
from controller.core.said import said
from controller.ledger import DifferentBody
from controller.logbook import Account, Asked
from controller.orders import NoSuchTarget
from controller.passages import Misdirected


async def ask(service: Service, request: Request) -> Response:
    """Take a request for a passage, and answer with the decision."""
    body = from_json(PassageBody, await request.body())
    if not service.supervisor.started.is_set():
        raise Problem(503, "starting", "the controller is starting: nothing was ordered; try again")
    giver = credential(request.scope)
    asked = Asked(
        id=body.id or ids.uuid7(int(service.utc().timestamp() * 1000)),
        principal=giver.principal,
        role=str(giver.role),
        person=giver.person,
        by=behind(giver, body.by),
        **body.model_dump(exclude={"id", "by"}),
    )
    try:
        account = await service.supervisor.passages.ask(asked)
    except NoSuchTarget as error:
        raise Problem(404, "no-such-target", f"{error}; GET /api/v1/site lists routes and devices") from None
    except Misdirected as error:
        raise invalid("direction", str(error)) from None
    except DifferentBody as error:
        raise Problem(422, "other-body", f"{error}; give a new passage a new id", id=asked.id) from None
    return _decision(account)


def _decision(account: Account) -> Answer:
    shown: dict[str, Any] = views.passage(account)
    headers = {"Location": f"/api/v1/passages/{account.asked.id}"}
    if account.stage != "refused":
        return Answer(shown, 202, headers)
    reasons = "; ".join(f"{r.rule}: {r.device}: {r.because}" for r in account.refusals)
    error = {"code": "refused", "message": f"refused by {reasons}" if reasons else f"refused: {account.because}"}
    return Answer({"error": error, **shown}, 409, headers)


async def list_all(service: Service, _: Request) -> Response:
    """Return the passages under way, and the last ones that ended in this run."""
    return Answer([views.passage(account) for account in service.supervisor.passages.logbook.all()])


async def find(service: Service, request: Request) -> Response:
    """Return a passage, whenever it was asked for, and how far it has come."""
    return Answer(views.passage(await _found(service, request)))


async def end(service: Service, request: Request) -> Response:
    """End a passage: a route that is held open is secured, for any other nothing more is ordered."""
    text = await request.body()
    body = from_json(EndBody, text) if text else EndBody()
    account = await _found(service, request)
    giver = credential(request.scope)
    who = behind(giver, body.by) or giver.principal
    why = said("ended by {who}", who=who)
    if body.reason:
        why = said("ended by {who}: {reason}", who=who, reason=body.reason)
    service.supervisor.passages.end(account.asked.id, why)
    return Answer(views.passage(account))


async def _found(service: Service, request: Request) -> Account:
    name = request.path_params["id"]
    account = await service.supervisor.passages.logbook.find(name)
    if account is None:
        raise Problem(404, "no-such-passage", f"no passage {name!r} was ever asked for here")
    return account


def routes(service: Service) -> list[Route]:
    """Return the routes of this module."""
    return [
        route(service, "POST", "/api/v1/passages", ask),
        route(service, "GET", "/api/v1/passages", list_all),
        route(service, "GET", "/api/v1/passages/{id}", find),
        route(service, "POST", "/api/v1/passages/{id}/end", end),
    ]
