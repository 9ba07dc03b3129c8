"""What changes on an open page, as it changes: its parts rendered anew in its language, and a pulse that says all is well.

A page that misses two seconds of pulses says so in its full width and takes nothing that is on it for the present.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from controller.console import alarm_list, custody, shown
from controller.console.look import Look
from controller.console.picture import Picture
from controller.console.rendering import part
from controller.console.upstream import Answered, Unreachable, Upstream
from controller.console.visitor import Visitor, visitor

PULSE_S = 0.7
"""How often a page hears that it is still connected; it gives up on the connection after 2 s."""
OLD_S = 2.0
"""How old the latest look may be before a page is told that the controller does not answer."""
SESSION_S = 15.0
"""How often it is asked whether the session behind a page still stands."""
STREAMS, MINE = 256, 16
"""How many pages may be open at once, and how many of one session."""
ORDERS = 4
"""How many of somebody's last orders are on their pages."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a page: the element `id`, the template that makes it, and what fills that. A `mark` is JSON, for the plan.

    Where it is not the same for everybody, `reader` says for whom it is.
    """

    id: str
    template: str
    values: dict[str, Any]
    reader: str = ""


class Parts:
    """The parts of one look in each language, each rendered once however many pages show it."""

    def __init__(self) -> None:
        self._look = Look()
        self._made: dict[tuple[str, str, str], str] = {}

    def made(self, latest: Look, language: str, one: Part) -> str:
        """Return a part as it is in this language."""
        if latest is not self._look:
            self._look, self._made = latest, {}
        key = (language, one.id, one.reader)
        if key not in self._made:
            self._made[key] = part(language, one.template, **{"site": latest.site, **one.values})
        return self._made[key]


def parts(view: str, of: str, latest: Look, who: Visitor) -> Iterator[Part]:
    """Yield the parts of a page: those that every page has, and those of its view."""
    if not latest.known:
        return
    yield Part("perimeter", "perimeter", {"answer": shown.perimeter(latest.site, latest.devices), "site": latest.site})
    yield Part("strip", "strip", {"alarms": latest.alarms})
    yield Part("wishes", "wishes", {"devices": latest.devices})
    yield Part("session", "session", {"ends": who.ends}, who.ends)
    mine = orders_of(latest, who.user)
    yield Part(f"orders-{who.user}", "orders", {"orders": mine, "commands": latest.commands, "user": who.user})
    if view == "site":
        for zone in latest.site["zones"]:
            yield Part(f"line-{zone['id']}", "line", {"line": shown.line(zone, latest.devices)})
        for device in latest.devices.values():
            yield Part(f"row-{device['id']}", "row", {"device": device})
            yield Part(f"mark-{device['id']}", "mark", {"device": device})
    elif view == "device" and of in latest.devices:
        yield Part(f"panel-{of}", "panel", {"device": latest.devices[of]})
    elif view == "alarms":
        number = alarm_list.number(of)
        yield Part(f"alarm-list-{number}", "alarms", {"list": alarm_list.of(latest, number), "site": latest.site})
    elif view == "passages":
        may = who.may("pass")
        values = {"passages": shown.passages(latest.passages), "devices": latest.devices, "may": may}
        yield Part("passage-list", "passages", values, "who may" if may else "")
    elif view == "maintenance":
        rows = custody.held(latest.devices, latest.since, who.user, who.role, who.permissions)
        yield Part(f"custody-{of}", "custody", {"rows": custody.within(rows, of)}, who.user)


def orders_of(latest: Look, user: str) -> list[Any]:
    """Return the last orders of somebody, the latest first, without the parts of an order to a zone."""
    mine = [one for one in latest.commands.values() if one["principal"] == user and ":" not in one["id"]]
    return mine[::-1][:ORDERS]


async def events(request: Request) -> Response:
    """Stream what changes on one open page."""
    upstream, picture, made = request.app.state.upstream, request.app.state.picture, request.app.state.parts
    try:
        who = await visitor(request, upstream)
    except (Unreachable, Answered):
        return PlainTextResponse("the controller does not answer", 503)
    if who is None:
        return PlainTextResponse("no session", 401)
    if picture.followers >= STREAMS:
        return PlainTextResponse("too many pages are open: close some", 503)
    if picture.streams_of(who.token) >= MINE:
        return PlainTextResponse(f"{MINE} pages of this session are open: close some", 503)
    view, of = request.query_params.get("view", ""), request.query_params.get("of", "")
    lines = _lines(upstream, picture, made, who, view, of)
    return StreamingResponse(
        lines, media_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


async def _lines(
    upstream: Upstream, picture: Picture, made: Parts, who: Visitor, view: str, of: str
) -> AsyncGenerator[bytes, None]:
    sent: dict[str, str] = {}
    asked_at = time.monotonic()
    yield b"retry: 500\n\n"
    with picture.followed(who.token) as bell:
        while True:
            bell.clear()
            latest = picture.latest
            left = latest.taken + OLD_S - time.monotonic() if latest.known else OLD_S
            if latest.why or left <= 0:
                yield _event("lost", {"why": latest.why})
                left = PULSE_S
            else:
                yield b"".join(_changed(latest, made, who, view, of, sent)) + _event("pulse", {"at": time.monotonic()})
            try:
                async with asyncio.timeout(min(PULSE_S, left)):
                    await bell.wait()
            except TimeoutError:
                pass
            if time.monotonic() - asked_at > SESSION_S:
                asked_at = time.monotonic()
                session = await _session(upstream, who)
                if session is None:
                    yield _event("ended", {})
                    return
                who = session


def _changed(latest: Look, made: Parts, who: Visitor, view: str, of: str, sent: dict[str, str]) -> Iterator[bytes]:
    for one in parts(view, of, latest, who):
        text = made.made(latest, who.tongue.language, one)
        if sent.get(one.id) != text:
            sent[one.id] = text
            name = "orders" if one.template == "orders" else one.id
            yield _event("mark" if one.template == "mark" else "part", {"id": name, "text": text})


async def _session(upstream: Upstream, who: Visitor) -> Visitor | None:
    """Return the visitor with the session as it stands now; None where it has ended."""
    try:
        told = await upstream.ask("GET", "/sessions/current", who.token)
    except Answered as error:
        return None if error.status == 401 else who
    except Unreachable:
        return who
    return replace(who, expires=told["expires"] or "")


def _event(kind: str, data: dict[str, Any]) -> bytes:
    return f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
