"""The contract in a form that tools read: OpenAPI 3.1, written by hand, held against the routes and their answers by tests."""

from __future__ import annotations

from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from controller.api.alarm_schemas import SCHEMAS as ALARM_SCHEMAS
from controller.api.answers import Answer
from controller.api.bodies import JournalQuery
from controller.api.passage_schemas import PASSAGE_ID, PASSAGE_SCHEMAS
from controller.api.schemas import COMMAND_ID, SCHEMAS, Schema, many, ref
from controller.api.service import Service, route

_STREAM_EXAMPLE = (
    "retry: 1000\nid: 0199a7c1-17\nevent: hello\n"
    'data: {"boot": "0199a7c1", "site": {"name": "nice-promenade"}}\n\n'
    "id: 0199a7c1-18\nevent: device\n"
    'data: {"id": "albert-bollards", "state": "raising", "was": "lowered", "mode": "remote", "version": 8, "why": ""}\n\n'
)


def _answer(what: str, schema: Schema) -> Schema:
    return {"description": what, "content": {"application/json": {"schema": schema}}}


def _error(what: str) -> Schema:
    return _answer(what, ref("Error"))


def _text(what: str, media: str, example: str) -> Schema:
    return {"description": what, "content": {media: {"schema": {"type": "string"}, "example": example}}}


def _operation(summary: str, answers: dict[str, Schema], *, parameters: tuple[Schema, ...] = (), **more: Any) -> Schema:
    shared = {
        "401": _error("No token, or not this controller's."),
        "421": _error("The Host header is not this machine."),
    }
    found: Schema = {"summary": summary, "responses": {**answers, **({} if "security" in more else shared)}, **more}
    return {**found, "parameters": list(parameters)} if parameters else found


def _in_path(what: str, example: str) -> Schema:
    schema = {"type": "string"}
    return {"name": "id", "in": "path", "required": True, "description": what, "schema": schema, "example": example}


def _in_query() -> tuple[Schema, ...]:
    what = {
        "after": "Only records above this number.",
        "limit": "At most so many records.",
        "device": "Only records of this device or unit.",
        "kind": "Only records of this kind: service, unit, device, mode, command, passage or alarm.",
        "newest": "The last ones in place of the first ones; still oldest first.",
    }
    properties = JournalQuery.model_json_schema()["properties"]
    return tuple({"name": n, "in": "query", "description": what[n], "schema": s} for n, s in properties.items())


def _act(summary: str, refused: str, body: str) -> dict[str, Schema]:
    """Describe what a person does to one alarm; a note may be left out, a reason may not."""
    content = {"application/json": {"schema": ref(f"{body}Body")}}
    return {
        "post": _operation(
            summary,
            {
                "200": _answer("The alarm as it is now.", ref("Alarm")),
                "404": _error("No such alarm stands."),
                "409": _error(refused),
                "422": _error("The body has mistakes (`fields`)."),
            },
            parameters=(_in_path("The alarm's id.", "albert-bollards.travel-time"),),
            requestBody={"required": body != "Note", "content": content},
        )
    }


_RESUME: Schema = {
    "name": "Last-Event-ID",
    "in": "header",
    "description": "The id of the last event that the client has seen; the stream goes on after it.",
    "schema": {"type": "string"},
    "example": "0199a7c1-17",
}

PATHS: dict[str, dict[str, Schema]] = {
    "/healthz": {
        "get": _operation(
            "Whether the process lives",
            {"200": _answer("It does.", ref("Health")), "421": _error("The Host header is not this machine.")},
            security=[],
        )
    },
    "/readyz": {
        "get": _operation(
            "Whether every device has been heard, or found offline, since the start",
            {"200": _answer("Ready.", ref("Health")), "503": _error("Not yet; `reasons` says what is missing.")},
        )
    },
    "/metrics": {
        "get": _operation(
            "Metrics for Prometheus",
            {"200": _text("Text format 0.0.4.", "text/plain", 'rempart_link_up{link="albert"} 1.0')},
        )
    },
    "/openapi.json": {"get": _operation("This document", {"200": _answer("OpenAPI 3.1.", {"type": "object"})})},
    "/api/v1/site": {"get": _operation("The site and its zones", {"200": _answer("The site.", ref("Site"))})},
    "/api/v1/devices": {"get": _operation("Every device", {"200": _answer("All of them.", many(ref("Device")))})},
    "/api/v1/devices/{id}": {
        "get": _operation(
            "One device",
            {"200": _answer("The device.", ref("Device")), "404": _error("No such device.")},
            parameters=(_in_path("The device's id.", "albert-bollards"),),
        )
    },
    "/api/v1/commands": {
        "post": _operation(
            "Give an order to a device, a zone, or (by its name) the whole site",
            {
                "202": _answer("Accepted; or given before with this id and accepted then.", ref("Command")),
                "409": _answer("Refused; or given before with this id and refused then.", ref("RefusedCommand")),
                "404": _error("No such device or zone."),
                "413": _error("The body is larger than 64 KiB."),
                "422": _error("The body has mistakes (`fields`), or the id was used for another order (`id`)."),
                "503": _error("The controller is starting, or the journal cannot be read: nothing was ordered."),
            },
            requestBody={"required": True, "content": {"application/json": {"schema": ref("CommandBody")}}},
        )
    },
    "/api/v1/commands/{id}": {
        "get": _operation(
            "One command, whenever it was given",
            {
                "200": _answer("The command as it is now.", ref("Command")),
                "404": _error("No such command."),
                "503": _error("The journal cannot be read."),
            },
            parameters=(_in_path("The command's id.", COMMAND_ID),),
        )
    },
    "/api/v1/passages": {
        "post": _operation(
            "Let a vehicle through a mover or both rows of an airlock, or open a route",
            {
                "202": _answer("It begins; or it did, asked for with this id before.", ref("Passage")),
                "409": _answer("Refused; or it was, asked for with this id before.", ref("RefusedPassage")),
                "404": _error("No such device or route."),
                "413": _error("The body is larger than 64 KiB."),
                "422": _error("The body has mistakes (`fields`), or the id was used for another passage (`id`)."),
                "503": _error("The controller is starting, or the journal cannot be read: nothing was ordered."),
            },
            requestBody={"required": True, "content": {"application/json": {"schema": ref("PassageBody")}}},
        ),
        "get": _operation(
            "The passages under way, and the last ones that ended",
            {"200": _answer("Oldest first.", many(ref("Passage")))},
        ),
    },
    "/api/v1/passages/{id}": {
        "get": _operation(
            "One passage, whenever it was asked for",
            {
                "200": _answer("The passage as it is now.", ref("Passage")),
                "404": _error("No such passage."),
                "503": _error("The journal cannot be read."),
            },
            parameters=(_in_path("The passage's id.", PASSAGE_ID),),
        )
    },
    "/api/v1/passages/{id}/end": {
        "post": _operation(
            "End a passage: a route that is held open is secured, for any other nothing more is ordered",
            {
                "200": _answer("The passage as it is now; again changes nothing.", ref("Passage")),
                "404": _error("No such passage."),
                "413": _error("The body is larger than 64 KiB."),
                "422": _error("The body has mistakes."),
                "503": _error("The journal cannot be read."),
            },
            parameters=(_in_path("The passage's id.", PASSAGE_ID),),
            requestBody={"required": False, "content": {"application/json": {"schema": ref("EndBody")}}},
        )
    },
    "/api/v1/commands/{id}/hold": {
        "post": _operation(
            "Say that the button of an order is still held: at least once a second (R24)",
            {
                "204": {"description": "The motion goes on."},
                "409": _error("No such order is under way: the motion has ended."),
            },
            parameters=(_in_path("The command's id.", COMMAND_ID),),
        ),
        "delete": _operation(
            "Say that the button of an order was let go (R24)",
            {"204": {"description": "The motion ends."}, "409": _error("No such order is under way.")},
            parameters=(_in_path("The command's id.", COMMAND_ID),),
        ),
    },
    "/api/v1/alarms": {
        "get": _operation(
            "The alarms", {"200": _answer("Annunciated ones most urgent first, and hidden.", ref("Alarms"))}
        )
    },
    "/api/v1/alarms/kpi": {
        "get": _operation("How many alarms a person is given", {"200": _answer("The figures.", ref("AlarmKpi"))})
    },
    "/api/v1/alarms/{id}/acknowledge": _act("Say that an alarm has been seen", "It cannot be: it is hidden.", "Note"),
    "/api/v1/alarms/{id}/shelve": _act("Hide an alarm, for 8 h at most", "It may not be hidden, or is.", "Shelve"),
    "/api/v1/alarms/{id}/unshelve": _act("Show a shelved alarm again", "It is not shelved.", "Note"),
    "/api/v1/alarms/{id}/remove": _act("Take an alarm out of service", "It may not be hidden, or is.", "Remove"),
    "/api/v1/alarms/{id}/return": _act("Return an alarm to service", "It is not out of service.", "Note"),
    "/api/v1/journal": {
        "get": _operation(
            "Records of the journal, oldest first",
            {
                "200": _answer("Records; ask again with `after` set to `next`.", ref("Journal")),
                "422": _error("A parameter is wrong."),
                "503": _error("The journal cannot be read."),
            },
            parameters=_in_query(),
        )
    },
    "/api/v1/events": {
        "get": _operation(
            "What changes, as it changes",
            {
                "200": _text(
                    "Server-sent events: hello, device, command, passage, alarm, flood, reset.",
                    "text/event-stream",
                    _STREAM_EXAMPLE,
                )
            },
            parameters=(_RESUME,),
        )
    },
}


@cache
def document(version: str) -> Schema:
    """Return the whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "rempart",
            "version": version,
            "summary": "One site's hostile-vehicle-mitigation equipment: what it shows, and orders to it.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "http://127.0.0.1:8470", "description": "loopback; also on the unix socket api.sock"}],
        "security": [{"token": []}],
        "paths": PATHS,
        "components": {
            "schemas": {**SCHEMAS, **ALARM_SCHEMAS, **PASSAGE_SCHEMAS},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


async def openapi(service: Service, _: Request) -> Response:
    """Return the document."""
    return Answer(document(service.version))


def routes(service: Service) -> list[Route]:
    """Return the routes of this module."""
    return [route(service, "GET", "/openapi.json", openapi)]
