"""The journal, page by page, and whether its chain holds, part by part: no request looks at more than so many records."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from controller.api.answers import Answer, Problem
from controller.api.bodies import JournalQuery, VerifyQuery, from_query
from controller.api.service import Service, route
from controller.ports import Record, Search


async def journal(service: Service, request: Request) -> Response:
    """Return records, oldest first, the number to ask after next, and the one to ask before for those that came earlier."""
    asked = from_query(JournalQuery, request.query_params.multi_items())
    found = await service.supervisor.journal.search(Search(**asked.model_dump()))
    records = found.records
    last = records[-1].seq if records else asked.after
    return Answer({
        "records": [_record(r) for r in records],
        "next": last if asked.newest or found.reached is None else found.reached,
        "earlier": found.reached if asked.newest else None,
    })  # fmt: skip


async def verify(one: asyncio.Lock, service: Service, request: Request) -> Response:
    """Check a part of the chain, one at a time: a second person's look waits for nobody and is told to come again."""
    asked = from_query(VerifyQuery, request.query_params.multi_items())
    if one.locked():
        raise Problem(
            503, "too-many-checks", "somebody else has the chain checked at this moment: ask again in a second"
        )
    async with one:
        found = await service.supervisor.journal.check(asked.after, asked.hash)
    return Answer({
        "ok": found.ok,
        "first_bad": None if found.ok else found.seq + 1,
        "why": found.why,
        "head": {"seq": found.seq, "hash": found.hash},
        "ended": found.ended,
    })  # fmt: skip


def _record(record: Record) -> dict[str, Any]:
    entry = record.entry
    return {
        "seq": record.seq,
        "at": record.at,
        "kind": entry.kind,
        "device": entry.device,
        "command": entry.command,
        "body": dict(entry.body),
        "hash": record.hash,
    }


def routes(service: Service) -> list[Route]:
    """Return the routes of this module."""
    return [
        route(service, "GET", "/api/v1/journal", journal),
        route(service, "GET", "/api/v1/journal/verify", partial(verify, asyncio.Lock())),
    ]
