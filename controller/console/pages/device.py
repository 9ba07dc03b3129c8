"""One device: what it shows, what forbids moving it, how its last motions went, and what was ordered last."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from controller.console import shown, travel
from controller.console.pages.common import get, seen, site_page, upstream
from controller.console.rendering import page
from controller.console.visitor import Visitor

RECORDS = 1000
"""How many of the journal's last records of a device are looked at, as many as one answer has."""
CHANGES, ORDERS = 12, 8
"""How many changes of state, and how many orders, are listed."""


async def device(request: Request, who: Visitor) -> Response:
    """Show one device."""
    name = request.path_params["id"]
    latest = await seen(request, who)
    told = latest.devices.get(name)
    if told is None:
        return page(request, "problem", who, 404, message="")
    changes, orders = await asyncio.gather(
        _records(request, who, name, "device"), _records(request, who, name, "command")
    )
    history = await _history(request, who, told, changes) if shown.is_mover(told) else None
    return site_page(
        request, "device", who, latest, view="device", of=name, device=told, history=history, travel=travel,
        changes=travel.changes(changes)[:CHANGES], given=travel.orders(orders)[:ORDERS],
    )  # fmt: skip


async def _records(request: Request, who: Visitor, name: str, kind: str) -> list[Any]:
    asked = {"device": name, "kind": kind, "newest": "true", "limit": str(RECORDS)}
    told = await upstream(request).ask("GET", "/journal", who.token, params=asked)
    return list(told["records"])


async def _history(request: Request, who: Visitor, told: shown.Told, changes: list[Any]) -> dict[str, Any]:
    """Return how its last motions went, against what is fixed about it."""
    spec = await upstream(request).ask("GET", f"/devices/{told['id']}/spec", who.token)
    made = travel.motions(changes)
    hour, day = travel.cycles(made, told["secures_by"], datetime.now(UTC))
    return {
        "spec": spec, "made": made[-travel.BARS:], "hour": hour, "day": day, "all_of_it": len(changes) < RECORDS,
        "bars": list(travel.bars(made, told["secures_by"], spec["travel_s"])),
    }  # fmt: skip


ROUTES = [get("/devices/{id}", device)]
