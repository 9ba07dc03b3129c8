"""The journal: search, read, take away as a file, and see whether its chain holds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse

from controller.console import exporting
from controller.console.exporting import Fetch
from controller.console.pages.acting import SCRIPT
from controller.console.pages.common import get, seen, site_page, upstream
from controller.console.records import KINDS, meaning
from controller.console.rendering import page, part
from controller.console.visitor import Visitor

ON_A_PAGE = 50
FIELDS = ("device", "kind", "command", "text")
"""What a search can be narrowed by."""

START = "0" * 64
"""What the first record follows."""

_exports = asyncio.Semaphore(exporting.AT_ONCE)


def asked(request: Request) -> dict[str, str]:
    """Return what is searched for: the fields of a search that are filled."""
    given = {name: request.query_params.get(name, "").strip() for name in FIELDS}
    return {name: value for name, value in given.items() if value}


def number(request: Request, name: str) -> int:
    """Return a number of the address; 0 for what is none."""
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


async def journal(request: Request, who: Visitor) -> Response:
    """Show the records that are searched for, the newest first."""
    search, before = asked(request), number(request, "before")
    params = {**search, "newest": "true", "limit": str(ON_A_PAGE), "before": str(before)}
    found = await upstream(request).ask("GET", "/journal", who.token, params=params)
    earlier = found["earlier"]
    return site_page(
        request,
        "journal",
        who,
        await seen(request, who),
        search=search,
        before=before,
        kinds=KINDS,
        rows=[(record, meaning(record, who.tongue.say)) for record in reversed(found["records"])],
        earlier=earlier and urlencode({**search, "before": earlier}),
        looked_to=earlier,
        query=urlencode(search),
        most=exporting.RECORDS,
    )


async def record(request: Request, who: Visitor) -> Response:
    """Show one record, whole."""
    seq = number_in_path(request)
    params = {"after": str(seq - 1), "limit": "1"}
    found = (await upstream(request).ask("GET", "/journal", who.token, params=params))["records"] if seq else []
    if not found or found[0]["seq"] != seq:
        return page(request, "problem", who, 404, message="")
    (one,) = found
    body = json.dumps(one["body"], ensure_ascii=False, indent=2)
    told = meaning(one, who.tongue.say)
    return site_page(request, "record", who, await seen(request, who), record=one, meaning=told, body=body)


def number_in_path(request: Request) -> int:
    """Return the number of a record; 0 for what is none."""
    text = request.path_params["seq"]
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


async def export(request: Request, who: Visitor) -> Response:
    """Send the records that are searched for as a file, oldest first."""
    form = request.path_params["form"]
    if form not in ("csv", "json"):
        return page(request, "problem", who, 404, message="")
    if _exports.locked():
        return PlainTextResponse(who.tongue.say(BUSY), 503, {"Retry-After": "10"})
    search, ask = asked(request), upstream(request).ask

    async def fetch(after: int) -> Any:
        params = {**search, "after": str(after), "limit": str(exporting.PAGE)}
        return await ask("GET", "/journal", who.token, params=params)

    after = max(0, number(request, "from") - 1)
    name = f"journal-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.{form}"
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(_file(form, fetch, after, who), media_type=kind, headers=headers)


async def _file(form: str, fetch: Fetch, after: int, who: Visitor) -> AsyncGenerator[bytes, None]:
    async with _exports:
        made = exporting.as_json(fetch, after) if form == "json" else exporting.as_csv(fetch, after, who.tongue.say)
        async for some in made:
            yield some


async def verify(request: Request, who: Visitor) -> Response:
    """Check the next part of the chain, and say how far it holds; a script asks for one part after the other."""
    params = {"after": str(number(request, "after")), "hash": request.query_params.get("hash", "") or START}
    found = await upstream(request).ask("GET", "/journal/verify", who.token, params=params)
    onward = "" if found["ended"] else urlencode({"after": found["head"]["seq"], "hash": found["head"]["hash"]})
    if request.headers.get("accept") == SCRIPT:
        text = part(who.tongue.language, "verdict", found=found, onward=onward)
        return HTMLResponse(text, headers={"Cache-Control": "no-store"})
    return site_page(request, "verify", who, await seen(request, who), found=found, onward=onward)


def _(message: str) -> str:
    return message


BUSY = _("Two other files are being made at this moment: try again in a little while.")

ROUTES = [
    get("/journal", journal),
    get("/journal/verify", verify),
    get("/journal/export.{form}", export),
    get("/journal/{seq}", record),
]
