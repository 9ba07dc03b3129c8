"""Passages and routes: let a vehicle through, see how far it has come, and end what is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from controller.console import shown
from controller.console.look import Look
from controller.console.pages.acting import SCRIPT, too_late
from controller.console.pages.common import field, get, post, seen, segment, site_page, upstream
from controller.console.rendering import page, part
from controller.console.upstream import Answered
from controller.console.visitor import Visitor

Told = Mapping[str, Any]

ASKED = ("id", "target", "direction", "vehicle", "reason")


async def passages(request: Request, who: Visitor) -> Response:
    """Show the passages, and what would happen at the target that was chosen."""
    latest = await seen(request, who)
    target = request.query_params.get("target", "")
    plan = await _planned(request, who, latest, target) if target and who.may("pass") else None
    if target and plan is None and who.may("pass"):
        return page(request, "problem", who, 404, message="")
    return site_page(
        request,
        "passages",
        who,
        latest,
        view="passages",
        passages=shown.passages(latest.passages),
        may=who.may("pass"),
        movers=[one for one in latest.devices.values() if shown.is_mover(one)],
        plan=plan,
        id=str(uuid4()),
    )


async def _planned(request: Request, who: Visitor, latest: Look, target: str) -> Told | None:
    """Return what a passage at `target` would do; None where there is no such mover or route."""
    for route in latest.site["routes"]:
        if route["id"] == target:
            points = [latest.devices[name] for name in route["points"] if name in latest.devices]
            return {
                "route": route,
                "device": None,
                "title": route["title"] or target,
                "points": points,
                "spec": None,
                "other": None,
            }
    device = latest.devices.get(target)
    if device is None or not shown.is_mover(device):
        return None
    spec = await upstream(request).ask("GET", f"/devices/{device['id']}/spec", who.token)
    other = latest.devices.get(spec["airlock_with"])
    return {
        "route": None,
        "device": device,
        "title": device["title"] or target,
        "points": [device],
        "spec": spec,
        "other": other,
    }


async def ask(request: Request, who: Visitor) -> Response:
    """Ask for the passage of a form."""
    if late := await too_late(request, who):
        return late
    body = {name: value for name in ASKED if (value := await field(request, name))}
    try:
        told = await upstream(request).ask("POST", "/passages", who.token, body)
    except Answered as error:
        if error.status != 409 or "id" not in error.body:
            raise
        told = error.body
    return await _answered(request, who, told)


async def ending(request: Request, who: Visitor) -> Response:
    """Say what the end of a passage leads to, and ask for it."""
    asked = upstream(request).ask("GET", f"/passages/{segment(request.path_params['id'])}", who.token)
    try:
        passage, latest = await asyncio.gather(asked, seen(request, who))
    except Answered as error:
        if error.status != 404:
            raise
        return page(request, "problem", who, 404, message="")
    return site_page(request, "ending", who, latest, view="passages", passage=passage)


async def end(request: Request, who: Visitor) -> Response:
    """End a passage."""
    if late := await too_late(request, who):
        return late
    reason = await field(request, "reason")
    body = {"reason": reason} if reason else {}
    told = await upstream(request).ask("POST", f"/passages/{segment(request.path_params['id'])}/end", who.token, body)
    return await _answered(request, who, told)


async def _answered(request: Request, who: Visitor, told: Told) -> Response:
    if request.headers.get("accept") != SCRIPT:
        return RedirectResponse(f"/passages#passage-{told['id']}", 303)
    picture = request.app.state.picture
    values = {"passage": told, "devices": picture.latest.devices, "site": picture.site}
    text = part(who.tongue.language, "passage", may=False, as_id="asked", **values)
    return HTMLResponse(text, headers={"Cache-Control": "no-store"})


ROUTES = [
    get("/passages", passages),
    post("/passages", ask),
    get("/passages/{id}/end", ending),
    post("/passages/{id}/end", end),
]
