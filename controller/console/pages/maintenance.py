"""Maintenance: who has taken what out of everybody's hands, since when and why; and doing so, and giving it back."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from controller.console import custody
from controller.console.pages.common import get, seen, site_page
from controller.console.rendering import page
from controller.console.visitor import Visitor


async def maintenance(request: Request, who: Visitor) -> Response:
    """Show what is held over every device."""
    latest = await seen(request, who)
    rows = custody.held(latest.devices, latest.since, who.user, who.role, who.permissions)
    latched = {row.device["zone"] for row in rows if row.device["held"]["efo"]}
    wide = [zone for zone in latest.site["zones"] if zone["id"] in latched]
    return site_page(request, "maintenance", who, latest, view="maintenance", rows=rows, wide=wide)


async def act(request: Request, who: Visitor) -> Response:
    """Say what an act leads to, and ask for it: at one device, or, of a lockdown, in a whole zone or site."""
    target, what = request.path_params["target"], request.path_params["act"]
    latest = await seen(request, who)
    rows = custody.held(latest.devices, latest.since, who.user, who.role, who.permissions)
    single = next((row for row in rows if row.device["id"] == target), None)
    groups = {zone["id"]: zone["title"] for zone in latest.site["zones"]} | {latest.site["name"]: latest.site["title"]}
    known = single is not None or (what == "release" and target in groups)
    if not known or what not in custody.ACTS or not who.may(what):
        return page(request, "problem", who, 404, message="")
    return site_page(
        request,
        "custody_act",
        who,
        latest,
        view="maintenance",
        of=target,
        rows=custody.within(rows, target),
        act=what,
        target=target,
        title=(single.device["title"] if single else groups[target]) or target,
        row=single,
    )


ROUTES = [get("/maintenance", maintenance), get("/maintenance/{target}/{act}", act)]
