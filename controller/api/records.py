"""The journal, page by page."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from controller.api.answers import Answer
from controller.api.bodies import JournalQuery, from_query
from controller.api.service import Service, route
from controller.ports import Record


async def journal(service: Service, request: Request) -> Response:
    """Return records above a number, oldest first, and the number to ask after next."""
    asked = from_query(JournalQuery, request.query_params.multi_items())
    found = await service.supervisor.journal.select(
        asked.after, asked.limit, device=asked.device, kind=asked.kind, newest=asked.newest
    )
    return Answer({"records": [_record(r) for r in found], "next": found[-1].seq if found else asked.after})


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
    return [route(service, "GET", "/api/v1/journal", journal)]
