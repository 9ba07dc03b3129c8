"""What is fixed about a mover: how it is driven, what it heeds, and everything that can forbid its motions."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from controller import views
from controller.api.answers import Answer, Problem
from controller.api.service import Service, route
from controller.core.explain import Ground, explain
from controller.core.spec import MoverSpec


async def spec(service: Service, request: Request) -> Response:
    """Return what is fixed about one mover, and by action what can forbid it."""
    name = request.path_params["id"]
    fittings = service.supervisor.plant.fittings
    specs = {fitting.spec.id: fitting.spec for fitting in fittings}
    profiles = {fitting.spec.id: fitting.profile for fitting in fittings}
    found = specs.get(name)
    if found is None:
        raise Problem(404, "no-such-device", f"there is no device {name!r}; GET /api/v1/devices lists them")
    if not isinstance(found, MoverSpec):
        raise Problem(
            409, "no-mover", f"{name} is a {found.kind}: only what moves steel has motions that can be forbidden"
        )
    grounds = explain(found, specs)
    return Answer(
        {
            **_fixed(found, profiles[name]),
            "grounds": {action: [_ground(one) for one in all_] for action, all_ in grounds.items()},
        }
    )


def _fixed(spec: MoverSpec, profile: str) -> dict[str, Any]:
    return {
        "id": spec.id,
        "profile": profile,
        "outputs": list(spec.outputs),
        "tops": list(spec.tops),
        "bottoms": list(spec.bottoms),
        "secures_by": str(spec.secures),
        "drive": {"type": spec.drive.type, "pulse_s": spec.drive.pulse_s, "codes": dict(spec.drive.codes)},
        "stoppable": spec.stoppable,
        "travel_s": spec.travel_s,
        "fastest_s": spec.fastest_s,
        "settle_s": spec.settle_s,
        "efo_s": spec.efo_s,
        "efo_lead_s": spec.efo_lead_s,
        "efo_ignores_presence": spec.efo_ignores_presence,
        "presence": list(spec.presence),
        "airlock_with": spec.airlock_with,
        "signals": list(spec.signals),
        "warning": spec.warning,
        "warning_s": spec.warning_s,
        "traffic": spec.traffic,
        "mains": spec.mains,
        "cycles_per_hour": spec.cycles_per_hour,
        "accepted_risks": list(spec.accepted),
    }


def _ground(ground: Ground) -> dict[str, Any]:
    return {
        "rule": str(ground.rule),
        "device": ground.device,
        "condition": ground.condition,
        "words": views.words(condition=ground.condition),
        "signals": list(ground.signals),
        "waits": ground.waits,
    }


def routes(service: Service) -> list[Route]:
    """Return the routes of this module."""
    return [route(service, "GET", "/api/v1/devices/{id}/spec", spec)]
