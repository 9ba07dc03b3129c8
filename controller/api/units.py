"""The units on the wires, for who commissions them: what is wired to what, and one point as the wire gives it now."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from controller.api.answers import Answer, Problem
from controller.api.service import Service, route
from controller.core.readings import Reading, Value
from controller.peer import Plan
from controller.plant import Wire
from controller.ports import Expired, LinkError, Point


async def units(service: Service, _: Request) -> Response:
    """Return every unit with its points, and the signals of devices that each is wired to."""
    return Answer(list(_units(service)))


def _units(service: Service) -> Iterator[dict[str, Any]]:
    supervisor = service.supervisor
    signals = _signals(service)
    for wire in supervisor.plant.wires:
        for plan in wire.plans:
            unit = plan.unit
            yield {
                "id": unit.name,
                "link": wire.name,
                "profile": plan.profile,
                "simulated": wire.simulated,
                "address": unit.address,
                "up": unit.name in supervisor.units_up,
                "identity": dict(supervisor.identities.get(unit.name, {})),
                "polled": plan.polls,
                "points": [_point(point, signals.get((unit.name, name), [])) for name, point in unit.points.items()],
            }


def _point(point: Point, signals: list[str]) -> dict[str, Any]:
    return {
        "id": point.name,
        "title": point.title,
        "type": str(point.type),
        "scale": point.scale,
        "unit": point.unit,
        "writable": point.writable,
        "signals": signals,
    }


def _signals(service: Service) -> Mapping[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for fitting in service.supervisor.plant.fittings:
        for where, signals in fitting.inputs.items():
            found.setdefault(where, []).extend(f"{fitting.spec.id}.{signal}" for signal in signals)
        for signal, (_, unit, point) in fitting.outputs.items():
            found.setdefault((unit, point.name), []).append(f"{fitting.spec.id}.{signal}")
    return found


async def point(service: Service, request: Request) -> Response:
    """Read one point from the wire now."""
    name, wanted = request.path_params["id"], request.path_params["point"]
    wire, plan = _found(service, name)
    point = plan.unit.points.get(wanted)
    if point is None:
        known = ", ".join(plan.unit.points)
        raise Problem(404, "no-such-point", f"the unit {name} has no point {wanted!r}; it has {known}")
    if not plan.polls:
        raise Problem(
            404, "not-asked", f"{name} talks by itself and cannot be asked; GET /api/v1/devices shows what it says"
        )
    asked = replace(point, scale=1.0, equals=None)
    try:
        found = await service.supervisor.endpoints[wire.name].look(name, asked)
    except (LinkError, Expired) as error:
        kind = type(error).__name__.lower()
        raise Problem(502, "not-read", f"{name}.{wanted} could not be read: {kind}: {error}", kind=kind) from None
    return Answer(_shown(service, name, point, found[wanted]))


def _found(service: Service, name: str) -> tuple[Wire, Plan]:
    for wire in service.supervisor.plant.wires:
        for plan in wire.plans:
            if plan.unit.name == name:
                return wire, plan
    raise Problem(404, "no-such-unit", f"there is no unit {name!r}; GET /api/v1/units lists them")


def _shown(service: Service, unit: str, point: Point, reading: Reading) -> dict[str, Any]:
    signals = _signals(service).get((unit, point.name), [])
    return {
        "unit_id": unit,
        **_point(point, signals),
        "value": engineering(reading.value, point),
        "raw": reading.value,
        "quality": str(reading.quality),
        "taken": service.stamp(reading.taken),
    }


def engineering(raw: Value | None, point: Point) -> Value | None:
    """Return what a raw value means: scaled, or compared; None for none, and for a number that is none."""
    if raw is None or (isinstance(raw, float) and not math.isfinite(raw)):
        return None
    if point.equals is not None:
        return isinstance(raw, bool) is isinstance(point.equals, bool) and raw == point.equals
    return raw if point.scale == 1 or isinstance(raw, bool | str) else raw * point.scale


def routes(service: Service) -> list[Route]:
    """Return the routes of this module."""
    return [
        route(service, "GET", "/api/v1/units", units),
        route(service, "GET", "/api/v1/units/{id}/points/{point}", point),
    ]
