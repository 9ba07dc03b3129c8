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
from controller.api.bodies import HOLDABLE, CommandBody, behind, from_json, invalid
from controller.api.gate import credential
from controller.api.permits import check
from controller.api.service import Service, route
from controller.core.command import Life, Output, Switch
from controller.core.spec import Action
from controller.orders import LOCKDOWN, NoSuchTarget
from controller.people.roles import Permission

ORDER_S, LOCKDOWN_S = 5.0, 30.0
"""How long an order lives that does not say so: a lockdown waits for a vehicle to leave."""

PERSONAL = (Switch.LOCK_OUT, Switch.LIFT, Switch.TEST, Switch.END_TEST, Output.SET)
"""What belongs to one person: two who do not say who they are would be the same one."""


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
    body, giver = from_json(CommandBody, await request.body()), credential(request.scope)
    check(giver, Permission(body.action))
    by = behind(giver, body.by)
    plant = service.supervisor.plant
    zone = body.target in (plant.name, *plant.zones)
    if zone and body.action in (Action.RAISE, Action.LOWER):
        raise invalid(
            "action", f"{body.target} is a zone, which is told to secure, open or stop; {body.action} a device"
        )
    if body.hold and (zone or body.action not in HOLDABLE):
        raise invalid("hold", "only the motion of one device can be held: raise, lower, secure or open it")
    if (body.action == "set-output") != bool(body.point):
        raise invalid("point", "set-output needs the output that is set; no other action has one")
    if body.action in PERSONAL and not by:
        raise invalid("by", f"{body.action} is one person's: say who")
    given_s = LOCKDOWN_S if body.action == LOCKDOWN else ORDER_S
    return ledger.Request(
        id=body.id or ids.uuid7(int(service.utc().timestamp() * 1000)),
        target=body.target,
        action=body.action,
        principal=giver.principal,
        reason=body.reason,
        expires_in_s=given_s if body.expires_in_s is None else body.expires_in_s,
        seen=body.seen,
        role=str(giver.role),
        by=by,
        person=giver.person,
        # An output that is set by hand lasts as long as somebody says so, whatever becomes of that program.
        hold=body.hold or body.action == "set-output",
        point=body.point,
        level=body.level,
    )


async def hold(service: Service, request: Request) -> Response:
    """Take note that the button of an order is still held."""
    return _held(service, request, let_go=False)


async def let_go(service: Service, request: Request) -> Response:
    """Take note that the button of an order was let go."""
    return _held(service, request, let_go=True)


def _held(service: Service, request: Request, *, let_go: bool) -> Response:
    name, who = request.path_params["id"], credential(request.scope)
    given = service.supervisor.ledger.held(name)
    if given is not None and not (let_go or who.local or given.request.principal == who.principal):
        raise Problem(
            403, "not-yours", f"the button of {name} is {given.request.principal}'s: only that person keeps it going"
        )
    if service.supervisor.orders.hold(name, let_go=let_go):
        return Response(status_code=204)
    raise Problem(409, "not-under-way", f"no held order {name!r} is under way: it has ended, or was never given here")


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
        route(service, "POST", "/api/v1/commands/{id}/hold", hold),
        route(service, "DELETE", "/api/v1/commands/{id}/hold", let_go),
    ]
