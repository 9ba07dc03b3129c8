"""Orders come in here, and are answered once their device has decided.

The status code tells the decision: 202 for an order that was accepted, whatever became of it since, 409 for one that was refused.
So the same id again gets the same code, with the outcome as it is now.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from controller import ids, ledger, views
from controller.api.answers import Answer, Problem
from controller.api.bodies import CommandBody, from_json, invalid
from controller.api.gate import PRINCIPAL
from controller.api.service import Service, route
from controller.core.command import Life
from controller.core.spec import Action
from controller.orders import NoSuchTarget


async def give(service: Service, request: Request) -> Response:
    """Take an order, and answer with the decision."""
    wanted = await _read(service, request)
    if not service.supervisor.started.is_set():
        raise Problem(503, "starting", "the controller is starting: nothing was ordered; try again")
    try:
        command = await service.supervisor.orders.give(wanted)
    except NoSuchTarget as error:
        raise Problem(404, "no-such-target", f"{error}; GET /api/v1/site lists zones and devices") from None
    except ledger.DifferentBody as error:
        raise Problem(422, "other-body", f"{error}; give a new order a new id", id=wanted.id) from None
    return _decision(command)


async def _read(service: Service, request: Request) -> ledger.Request:
    body = from_json(CommandBody, await request.body())
    plant = service.supervisor.plant
    if body.target in (plant.name, *plant.zones) and body.action in (Action.RAISE, Action.LOWER):
        raise invalid(
            "action", f"{body.target} is a zone, which is told to secure, open or stop; {body.action} a device"
        )
    return ledger.Request(
        id=body.id or ids.uuid7(int(service.utc().timestamp() * 1000)),
        target=body.target,
        action=body.action,
        principal=PRINCIPAL,
        reason=body.reason,
        expires_in_s=body.expires_in_s,
        seen=body.seen,
    )


def _decision(command: ledger.Command) -> Answer:
    shown: dict[str, Any] = views.command(command)
    headers = {"Location": f"/api/v1/commands/{command.request.id}"}
    if command.life is not Life.REFUSED:
        return Answer(shown, 202, headers)
    reasons = "; ".join(f"{r.rule}: {r.device}: {r.because}" for r in command.refusals)
    error = {"code": "refused", "message": f"refused by {reasons}" if reasons else f"refused: {command.because}"}
    return Answer({"error": error, **shown}, 409, headers)


async def find(service: Service, request: Request) -> Response:
    """Return a command, whenever it was given, and how far it has come."""
    name = request.path_params["id"]
    command = await service.supervisor.ledger.find(name)
    if command is None:
        raise Problem(404, "no-such-command", f"no command {name!r} was ever given here")
    return Answer(views.command(command))


def routes(service: Service) -> list[Route]:
    """Return the routes of this module."""
    return [
        route(service, "POST", "/api/v1/commands", give),
        route(service, "GET", "/api/v1/commands/{id}", find),
    ]
