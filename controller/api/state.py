"""What is there to be seen: the site and its devices; and whether the service is alive, ready, and how it fares."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from controller.api.answers import Answer, Problem, Written, dumps
from controller.api.service import Service, route
from controller.metrics import CONTENT_TYPE

AT_ONCE, TURNS = 1, 400
"""How many devices are shown in one turn of the loop, about 0.1 ms; of a large site so many that no list takes more turns."""

PAUSE_S = 0.0005
"""How long the loop has for other things between two turns: an order takes several turns to its wire, and waits at each."""


async def healthz(_: Service, __: Request) -> Response:
    """Answer at all, which says that the process lives and its loop turns."""
    return Answer({"status": "ok"})


async def readyz(service: Service, _: Request) -> Response:
    """Tell whether every device has been heard, or found offline, since the start."""
    reasons = waited_for(service)
    if not reasons:
        return Answer({"status": "ready"})
    raise Problem(503, "not-ready", f"not ready: {reasons[0]}", reasons=reasons)


def waited_for(service: Service) -> list[str]:
    """Return what keeps the service from being ready."""
    supervisor = service.supervisor
    if supervisor.stopping.is_set():
        return ["the controller is stopping"]
    if not supervisor.started.is_set():
        return ["the controller is starting"]
    return [
        f"{name} has not been heard yet"
        for name, runner in supervisor.runners.items()
        if runner.device.spec.inputs and not runner.device.readings and not runner.ended
    ]


async def metrics(service: Service, _: Request) -> Response:
    """Return the metrics in Prometheus' text format."""
    return Response(service.supervisor.metrics.render(), headers={"Content-Type": CONTENT_TYPE})


async def site(service: Service, _: Request) -> Response:
    """Return the site."""
    return Answer(service.site())


async def plan(service: Service, _: Request) -> Response:
    """Return the drawing of the site."""
    drawn = service.supervisor.plant.plan
    if not drawn:
        raise Problem(
            404, "no-plan", "this site has no plan: put a plan.svg into its folder and restart the controller"
        )
    # It may hold anything that SVG can: a browser that opens it by itself runs none of it.
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": "sandbox; default-src 'none'"}
    return Response(drawn, media_type="image/svg+xml", headers=headers)


async def devices(service: Service, _: Request) -> Response:
    """Return every device, each as it is when its turn comes: all of a large site at once would make orders wait."""
    written = []
    board = service.supervisor.board
    names = list(board)
    at_once = max(AT_ONCE, len(names) // TURNS)
    for count, name in enumerate(names, start=1):
        written.append(dumps(service.device(board[name])))
        if count % at_once == 0:
            await asyncio.sleep(PAUSE_S)
    return Written(b"[" + b",".join(written) + b"]")


async def device(service: Service, request: Request) -> Response:
    """Return one device."""
    name = request.path_params["id"]
    shown = service.supervisor.board.get(name)
    if shown is None:
        raise Problem(404, "no-such-device", f"there is no device {name!r}; GET /api/v1/devices lists them")
    return Answer(service.device(shown))


def routes(service: Service) -> list[Route]:
    """Return the routes of this module."""
    return [
        route(service, "GET", "/healthz", healthz),
        route(service, "GET", "/readyz", readyz),
        route(service, "GET", "/metrics", metrics),
        route(service, "GET", "/api/v1/site", site),
        route(service, "GET", "/api/v1/site/plan", plan),
        route(service, "GET", "/api/v1/devices", devices),
        route(service, "GET", "/api/v1/devices/{id}", device),
    ]
