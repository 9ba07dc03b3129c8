"""The alarms: which stand, which are hidden, and what people do about them (ISA-18.2)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.console import alarm_kpi, alarm_list
from controller.console.pages.common import field, get, post, seen, site_page, upstream
from controller.console.pages.mistakes import SAID_BY_API, mistakes
from controller.console.rendering import page
from controller.console.upstream import Answered
from controller.console.visitor import Visitor


def _(message: str) -> str:
    """Mark a message for the catalogues; it is said where it is shown."""
    return message


HOURS = (0.25, 0.5, 1, 2, 4, 8)
"""For how long an alarm can be hidden, in hours; R36 allows a shift."""
ACTS = ("acknowledge", "shelve", "unshelve", "remove", "return")
ASKED = ("shelve", "remove")
"""What hides an alarm, and needs a reason."""
GONE = _("It is over, or somebody has seen to it meanwhile.")
ANEW = _("It came anew after you looked: see it, then acknowledge it.")
MORE_THAN_SHOWN = _("More was to be acknowledged than one page shows: nothing was done.")


async def alarms(request: Request, who: Visitor) -> Response:
    """Show the alarms."""
    return await _listed(request, who)


async def _listed(
    request: Request, who: Visitor, status: int = 200, failed: list[tuple[str, str]] | None = None
) -> Response:
    """Show the page with what could not be done: the id of each alarm, and why."""
    latest = await seen(request, who)
    number = alarm_list.number(request.query_params.get("page", "1"))
    response = site_page(
        request, "alarms", who, latest, view="alarms", of=str(number), list=alarm_list.of(latest, number),
        failed=failed or [],
    )  # fmt: skip
    response.status_code = status
    return response


async def acknowledge(request: Request, who: Visitor) -> Response:
    """Acknowledge what a page showed, one alarm or all of them, each only if it is still the one that was seen."""
    named = alarm_list.named(await field(request, "shown"))
    if len(named) > alarm_list.SHOWN:
        return await _listed(request, who, 422, [("", who.tongue.say(MORE_THAN_SHOWN))])
    latest = await seen(request, who)
    standing = {one["id"]: one["since"] for one in latest.alarms["alarms"]}
    failed: list[tuple[str, str]] = []
    status = 409
    for name, since in named:
        if standing.get(name) != since:
            failed.append((name, who.tongue.say(ANEW if name in standing else GONE)))
            continue
        try:
            await _ask(request, who, name, "acknowledge")
        except Answered as error:
            status = error.status
            failed.append((name, _said(error, who)))
    return await _listed(request, who, status, failed) if failed else _back(request)


async def act(request: Request, who: Visitor) -> Response:
    """Do something about one alarm."""
    name, what = request.path_params["id"], request.path_params["what"]
    if what not in ACTS:
        return page(request, "problem", who, 404, message="")
    try:
        await _ask(request, who, name, what, await _body(request, what))
    except Answered as error:
        if what in ASKED and error.status == 422:
            return await _asked(request, who, name, what, error)
        return await _listed(request, who, error.status, [(name, _said(error, who))])
    return _back(request)


async def _ask(request: Request, who: Visitor, name: str, what: str, body: dict[str, object] | None = None) -> Any:
    return await upstream(request).ask("POST", f"/alarms/{quote(name, safe='')}/{what}", who.token, body or {})


async def _body(request: Request, what: str) -> dict[str, object]:
    if what not in ASKED:
        return {}
    body: dict[str, object] = {"reason": await field(request, "reason")}
    if what == "shelve":
        given = await field(request, "for_s")
        body["for_s"] = float(given) if given.replace(".", "", 1).isdecimal() and len(given) < 10 else 0.0
    return body


def _said(error: Answered, who: Visitor) -> str:
    """Say why the controller did not do it. Raises `error` where that is the controller's own trouble."""
    if error.status == 404:
        return who.tongue.say(GONE)
    if error.status in SAID_BY_API:
        return "; ".join(mistakes(error, who.tongue).values())
    raise error


def _back(request: Request) -> Response:
    number = alarm_list.number(request.query_params.get("page", "1"))
    return RedirectResponse(f"/alarms?page={number}#alarm-list-{number}" if number > 1 else "/alarms#alarm-list-1", 303)


async def hiding(request: Request, who: Visitor) -> Response:
    """Ask why an alarm is to be hidden, and for how long."""
    return await _asked(request, who, request.path_params["id"], request.path_params["what"], None)


async def _asked(request: Request, who: Visitor, name: str, what: str, error: Answered | None) -> Response:
    if what not in ASKED:
        return page(request, "problem", who, 404, message="")
    latest = await seen(request, who)
    known = [*latest.alarms["alarms"], *latest.alarms["hidden"]]
    alarm = next((one for one in known if one["id"] == name), None)
    if alarm is None:
        return await _listed(request, who, 404, [(name, who.tongue.say(GONE))])
    form = await request.form() if error else {}
    response = site_page(
        request, "hiding", who, latest, alarm=alarm, what=what, hours=HOURS, reason=str(form.get("reason", "")),
        for_s=str(form.get("for_s", "1800")), wrong=mistakes(error, who.tongue) if error else {},
    )  # fmt: skip
    response.status_code = error.status if error else 200
    return response


async def kpi(request: Request, who: Visitor) -> Response:
    """Show the figures by which the alarm system is judged."""
    told = await upstream(request).ask("GET", "/alarms/kpi", who.token)
    return site_page(
        request, "alarm_kpi", who, await seen(request, who), kpi=told, rates=alarm_kpi.rates(told),
        hour=alarm_kpi.shares(told["priorities_last_hour"]), start=alarm_kpi.shares(told["priorities_since_start"]),
        lists=alarm_kpi.lists(told), stale_max=alarm_kpi.STALE_MAX,
    )  # fmt: skip


ROUTES = [
    get("/alarms", alarms),
    get("/alarms/kpi", kpi),
    post("/alarms/acknowledge", acknowledge),
    get("/alarms/{id}/{what}", hiding),
    post("/alarms/{id}/{what}", act),
]
