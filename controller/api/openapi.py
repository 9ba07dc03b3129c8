"""The contract in a form that tools read: OpenAPI 3.1, written by hand, held against the routes and their answers by tests."""

from __future__ import annotations

from functools import cache

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from controller.api.alarm_schemas import SCHEMAS as ALARM_SCHEMAS
from controller.api.answers import Answer
from controller.api.bodies import JournalQuery, VerifyQuery
from controller.api.describing import answer, error, in_path, leading, named, operation, text
from controller.api.event_schemas import EVENT_PATHS, EVENT_SCHEMAS
from controller.api.passage_schemas import PASSAGE_ID, PASSAGE_SCHEMAS
from controller.api.people_schemas import PEOPLE_PATHS, PEOPLE_SCHEMAS
from controller.api.permits import ANYBODYS, NEEDS
from controller.api.schemas import COMMAND_ID, SCHEMAS, Schema, many, ref
from controller.api.service import Service, route
from controller.api.unit_schemas import UNIT_PATHS, UNIT_SCHEMAS
from controller.api.word_schemas import WORD_SCHEMAS

_EVERYWHERE = (
    'Every error is `{"error": {"code", "message", …}}`. Any path answers a method that it does not have with 405 and '
    "`Allow`, and an error of the controller itself with 500 (`internal`)."
)


def _in_query() -> tuple[Schema, ...]:
    what = {
        "after": "Only records above this number.",
        "limit": "At most so many records.",
        "device": "Only records of this device or unit.",
        "kind": "Only records of this kind: service, unit, device, mode, command, passage, alarm, people or turned-away.",
        "newest": "The last ones in place of the first ones; still oldest first.",
        "before": "Only records below this number; 0 for no limit.",
        "command": "Only records of this command or passage.",
        "text": "Only records that say this in their device, command or body. One request looks at 10 000 records.",
    }
    properties = JournalQuery.model_json_schema()["properties"]
    return tuple({"name": n, "in": "query", "description": what[n], "schema": s} for n, s in properties.items())


def _from_head() -> tuple[Schema, ...]:
    what = {"after": "Begin after this record.", "hash": "The hash of that record; 64 zeros before the first."}
    properties = VerifyQuery.model_json_schema()["properties"]
    return tuple({"name": n, "in": "query", "description": what[n], "schema": s} for n, s in properties.items())


def _act(summary: str, refused: str, body: str) -> dict[str, Schema]:
    """Describe what a person does to one alarm; a note may be left out, a reason may not."""
    content = {"application/json": {"schema": ref(f"{body}Body")}}
    return {
        "post": operation(
            summary,
            {
                "200": answer("The alarm as it is now.", ref("Alarm")),
                "404": error("No such alarm stands."),
                "409": error(refused),
                "422": error("The body has mistakes (`fields`)."),
            },
            parameters=(in_path("The alarm's id.", "albert-bollards.travel-time"),),
            requestBody={"required": body != "Note", "content": content},
        )
    }


PATHS: dict[str, dict[str, Schema]] = {
    "/healthz": {
        "get": operation(
            "Whether the process lives",
            {"200": answer("It does.", ref("Health")), "421": error("The Host header is not this machine.")},
            security=[],
        )
    },
    "/readyz": {
        "get": operation(
            "Whether every device has been heard, or found offline, since the start",
            {"200": answer("Ready.", ref("Health")), "503": error("Not yet; `reasons` says what is missing.")},
        )
    },
    "/metrics": {
        "get": operation(
            "Metrics for Prometheus",
            {"200": text("Text format 0.0.4.", "text/plain", 'rempart_link_up{link="albert"} 1.0')},
        )
    },
    "/openapi.json": {
        "get": operation(
            "This document",
            {"200": answer("OpenAPI 3.1.", {"type": "object", "examples": [{"openapi": "3.1.0", "paths": {}}]})},
        )
    },
    "/api/v1/site": {"get": operation("The site and its zones", {"200": answer("The site.", ref("Site"))})},
    "/api/v1/site/plan": {
        "get": operation(
            "The drawing of the site",
            {
                "200": text("SVG, in which the group `device-ID` is the device `ID`.", "image/svg+xml", "<svg/>"),
                "404": error("This site has none."),
            },
        )
    },
    "/api/v1/devices": {
        "get": operation(
            "Every device",
            {
                "200": leading(
                    answer("All of them.", many(ref("Device"))),
                    "/0/id",
                    one="get_devices_id",
                    spec="get_devices_id_spec",
                )
            },
        )
    },
    "/api/v1/devices/{id}": {
        "get": operation(
            "One device",
            {"200": answer("The device.", ref("Device")), "404": error("No such device.")},
            parameters=(in_path("The device's id.", "albert-bollards"),),
        )
    },
    "/api/v1/commands": {
        "post": operation(
            "Give an order to a device, a zone, or (by its name) the whole site",
            {
                "202": leading(
                    answer("Accepted; or given before with this id and accepted then.", ref("Command")),
                    follow="get_commands_id",
                    hold="post_commands_id_hold",
                    let_go="delete_commands_id_hold",
                ),
                "409": answer("Refused; or given before with this id and refused then.", ref("RefusedCommand")),
                "404": error("No such device or zone."),
                "413": error("The body is larger than 64 KiB."),
                "422": error("The body has mistakes (`fields`), or the id was used for another order (`id`)."),
                "503": error("The controller is starting, or the journal cannot be read: nothing was ordered."),
            },
            requestBody={"required": True, "content": {"application/json": {"schema": ref("CommandBody")}}},
        )
    },
    "/api/v1/commands/{id}": {
        "get": operation(
            "One command, whenever it was given",
            {
                "200": answer("The command as it is now.", ref("Command")),
                "404": error("No such command."),
                "503": error("The journal cannot be read."),
            },
            parameters=(in_path("The command's id.", COMMAND_ID),),
        )
    },
    "/api/v1/passages": {
        "post": operation(
            "Let a vehicle through a mover or both rows of an airlock, or open a route",
            {
                "202": leading(
                    answer("It begins; or it did, asked for with this id before.", ref("Passage")),
                    follow="get_passages_id",
                    end="post_passages_id_end",
                ),
                "409": answer("Refused; or it was, asked for with this id before.", ref("RefusedPassage")),
                "404": error("No such device or route."),
                "413": error("The body is larger than 64 KiB."),
                "422": error("The body has mistakes (`fields`), or the id was used for another passage (`id`)."),
                "503": error("The controller is starting, or the journal cannot be read: nothing was ordered."),
            },
            requestBody={"required": True, "content": {"application/json": {"schema": ref("PassageBody")}}},
        ),
        "get": operation(
            "The passages under way, and the last ones that ended",
            {"200": answer("Oldest first.", many(ref("Passage")))},
        ),
    },
    "/api/v1/passages/{id}": {
        "get": operation(
            "One passage, whenever it was asked for",
            {
                "200": answer("The passage as it is now.", ref("Passage")),
                "404": error("No such passage."),
                "503": error("The journal cannot be read."),
            },
            parameters=(in_path("The passage's id.", PASSAGE_ID),),
        )
    },
    "/api/v1/passages/{id}/end": {
        "post": operation(
            "End a passage: a route that is held open is secured, for any other nothing more is ordered",
            {
                "200": answer("The passage as it is now; again changes nothing.", ref("Passage")),
                "404": error("No such passage."),
                "413": error("The body is larger than 64 KiB."),
                "422": error("The body has mistakes."),
                "503": error("The journal cannot be read."),
            },
            parameters=(in_path("The passage's id.", PASSAGE_ID),),
            requestBody={"required": False, "content": {"application/json": {"schema": ref("EndBody")}}},
        )
    },
    "/api/v1/commands/{id}/hold": {
        "post": operation(
            "Say that the button of an order is still held: at least once a second (R24)",
            {
                "204": {"description": "The motion goes on."},
                "409": error("No such order is under way: the motion has ended."),
            },
            parameters=(in_path("The command's id.", COMMAND_ID),),
        ),
        "delete": operation(
            "Say that the button of an order was let go (R24)",
            {"204": {"description": "The motion ends."}, "409": error("No such order is under way.")},
            parameters=(in_path("The command's id.", COMMAND_ID),),
        ),
    },
    "/api/v1/alarms": {
        "get": operation(
            "The alarms",
            {
                "200": leading(
                    leading(
                        answer("Annunciated ones most urgent first, and hidden.", ref("Alarms")),
                        "/alarms/0/id",
                        **{act: f"post_alarms_id_{act}" for act in ("acknowledge", "shelve", "remove")},
                    ),
                    "/hidden/0/id",
                    **{act: f"post_alarms_id_{act}" for act in ("unshelve", "return")},
                )
            },
        )
    },
    "/api/v1/alarms/kpi": {
        "get": operation("How many alarms a person is given", {"200": answer("The figures.", ref("AlarmKpi"))})
    },
    "/api/v1/alarms/{id}/acknowledge": _act("Say that an alarm has been seen", "It cannot be: it is hidden.", "Note"),
    "/api/v1/alarms/{id}/shelve": _act("Hide an alarm, for 8 h at most", "It may not be hidden, or is.", "Shelve"),
    "/api/v1/alarms/{id}/unshelve": _act("Show a shelved alarm again", "It is not shelved.", "Note"),
    "/api/v1/alarms/{id}/remove": _act("Take an alarm out of service", "It may not be hidden, or is.", "Remove"),
    "/api/v1/alarms/{id}/return": _act("Return an alarm to service", "It is not out of service.", "Note"),
    "/api/v1/journal": {
        "get": operation(
            "Records of the journal, oldest first",
            {
                "200": answer("Records; ask again with `after` set to `next`.", ref("Journal")),
                "422": error("A parameter is wrong."),
                "503": error("The journal cannot be read."),
            },
            parameters=_in_query(),
        )
    },
    "/api/v1/journal/verify": {
        "get": operation(
            "Whether a part of the chain holds",
            {
                "200": answer("What was found; until `ended`, ask again after `head`.", ref("Checked")),
                "422": error("A parameter is wrong."),
                "503": error("Somebody else has it checked (`too-many-checks`), or the journal cannot be read."),
            },
            parameters=_from_head(),
        )
    },
    **UNIT_PATHS,
    **PEOPLE_PATHS,
    **EVENT_PATHS,
}


def _guarded(path: str, methods: dict[str, Schema]) -> dict[str, Schema]:
    """Add the answer to whoever has not the permission, wherever there is one that some have not."""
    found = dict(methods)
    for method, told in methods.items():
        if NEEDS[f"{method.upper()} {path}"] not in ANYBODYS:
            refused = error("Not with this role (`permission`, `role`, and who `may`).")
            found[method] = {**told, "responses": {**told["responses"], "403": refused}}
    return found


@cache
def document(version: str) -> Schema:
    """Return the whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "rempart",
            "version": version,
            "summary": "One site's hostile-vehicle-mitigation equipment: what it shows, and orders to it.",
            "description": _EVERYWHERE,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "http://127.0.0.1:8470", "description": "loopback; also on the unix socket api.sock"}],
        "security": [{"token": []}],
        "paths": named({path: _guarded(path, methods) for path, methods in PATHS.items()}),
        "components": {
            "schemas": {
                **SCHEMAS,
                **ALARM_SCHEMAS,
                **PASSAGE_SCHEMAS,
                **UNIT_SCHEMAS,
                **WORD_SCHEMAS,
                **EVENT_SCHEMAS,
                **PEOPLE_SCHEMAS,
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


async def openapi(service: Service, _: Request) -> Response:
    """Return the document."""
    return Answer(document(service.version))


def routes(service: Service) -> list[Route]:
    """Return the routes of this module."""
    return [route(service, "GET", "/openapi.json", openapi)]
