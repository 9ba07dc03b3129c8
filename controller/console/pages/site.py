"""The site: its plan, and the same as a list."""

from __future__ import annotations

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from controller.console import plan, shown
from controller.console.pages.common import get, seen, site_page, upstream
from controller.console.upstream import Answered
from controller.console.visitor import Visitor
from controller.console.vocabulary import STATES


async def site(request: Request, who: Visitor) -> Response:
    """Show every line and every device."""
    latest = await seen(request, who)
    lines = [shown.line(zone, latest.devices) for zone in latest.site["zones"]]
    drawn = await _plan(
        request, who, {name: (shown.look_of(one), label(who, one)) for name, one in latest.devices.items()}
    )
    return site_page(request, "site", who, latest, view="site", lines=lines, plan=drawn)


def label(who: Visitor, device: shown.Told) -> str:
    """Say in one line what a device shows."""
    state = device["state"]
    return f"{device['title'] or device['id']}: {who.tongue.say(STATES.get(state, state))}"


async def _plan(request: Request, who: Visitor, looks: dict[str, tuple[str, str]]) -> Markup | None:
    try:
        source = await upstream(request).text("/site/plan", who.token)
    except Answered:
        return None
    return plan.fit(source, request.state.nonce, looks)


ROUTES = [get("/", site)]
