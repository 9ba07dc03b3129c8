"""The bodies of the API as JSON schemas, each with an example, for openapi.json."""

from __future__ import annotations

from typing import Any

from controller.api.bodies import CommandBody
from controller.api.codes import CODES
from controller.core.command import Life, Rule, Switch
from controller.core.modes import Mode
from controller.core.mover import MOTIONS
from controller.core.readings import Quality
from controller.core.spec import Action, Kind

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
TIME: Schema = {"type": "string", "format": "date-time", "description": "RFC 3339 UTC"}
NUMBER: Schema = {"type": "number"}
COUNT: Schema = {"type": "integer", "minimum": 0}
YES_NO: Schema = {"type": "boolean"}
SECURED: Schema = {
    "type": ["boolean", "null"],
    "description": "Whether the way is blocked; null where that is not known, or where nothing is there to block it.",
}
COMMAND_ID = "0199a7c2-5d1e-7b3a-9c4f-2a61d0e8b7f5"


def ref(name: str) -> Schema:
    """Point to a schema by name."""
    return {"$ref": f"#/components/schemas/{name}"}


def many(of: Schema) -> Schema:
    """Make the schema of a list."""
    return {"type": "array", "items": of}


def one_of(values: Any) -> Schema:
    """Make the schema of a closed set of words."""
    return {"type": "string", "enum": [str(value) for value in values]}


def thing(example: Any, /, **properties: Schema) -> Schema:
    """Make the schema of an object that has these fields and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
        "examples": [example],
    }


WORDS: Schema = {
    "type": "object",
    "additionalProperties": ref("Said"),
    "description": "By field, what a translation of it needs; nothing of what is empty or cannot be translated.",
}
STEP_EXAMPLE = {"life": "received", "at": "2026-11-22T14:05:00.000Z", "because": "", "words": {}}
READING_EXAMPLE = {"value": True, "quality": "good", "taken": "2026-11-22T14:04:59.930Z", "age_s": 0.07}
ZONE_EXAMPLE = {
    "id": "albert-1er",
    "title": "Albert 1er",
    "devices": ["albert-bollards"],
    "secured": False,
    "open": True,
}
ROUTE_EXAMPLE = {"id": "south", "title": "South access", "points": ["albert-bollards"], "hold_s": 600.0}
REFUSAL_EXAMPLE = {
    "rule": "R09",
    "device": "albert-loop-entry",
    "because": "loop occupied",
    "words": {"because": {"id": "loop occupied", "gaps": {}}},
}
COMMAND_EXAMPLE = {
    "id": COMMAND_ID,
    "target": "albert-bollards",
    "action": "raise",
    "principal": "local-token",
    "role": "operator",
    "by": "marie",
    "hold": False,
    "point": "",
    "level": True,
    "passage": "",
    "reason": "market is over",
    "received": "2026-11-22T14:05:00.000Z",
    "expires_in_s": 5.0,
    "life": "accepted",
    "ended": False,
    "because": "",
    "words": {},
    "refusals": [],
    "together_with": None,
    "members": [],
    "history": [STEP_EXAMPLE],
}
DEVICE_EXAMPLE = {
    "id": "albert-bollards",
    "kind": "bollard",
    "title": "Rising bollards, Albert 1er",
    "zone": "albert-1er",
    "state": "lowered",
    "why": "",
    "mode": "remote",
    "version": 7,
    "since": "2026-11-22T14:01:12.480Z",
    "points": {"lowered": READING_EXAMPLE},
    "max_age_s": {"lowered": 1.0},
    "secures_by": "raise",
    "secured": False,
    "order": None,
    "waiting": "",
    "words": {},
    "forced": None,
    "wishes": [],
    "held": {"tags": [], "efo": None, "test": ""},
    "simulated": False,
    "accepted_risks": [],
    "interlocks": [{"action": "raise", **REFUSAL_EXAMPLE}],
}
SITE_EXAMPLE = {
    "name": "nice-promenade",
    "title": "Promenade des Anglais, service entrances (north side)",
    "timezone": "Europe/Paris",
    "simulated": False,
    "links": [{"id": "albert", "simulated": False}],
    "revision": "9f2c1b7e",
    "version": "0.1.0",
    "boot": "0199a7c1-0000-7000-8000-000000000000",
    "secured": None,
    "open": False,
    "zones": [ZONE_EXAMPLE],
    "routes": [ROUTE_EXAMPLE],
}
RECORD_EXAMPLE = {
    "seq": 42,
    "at": "2026-11-22T14:05:00.000000Z",
    "kind": "command",
    "device": "albert-bollards",
    "command": COMMAND_ID,
    "body": {"life": "accepted", "because": ""},
    "hash": "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9",
}

_REFUSAL = {"rule": one_of(Rule), "device": TEXT, "because": TEXT, "words": WORDS}
_COMMAND: dict[str, Schema] = {
    "id": TEXT,
    "target": TEXT,
    "action": TEXT,
    "principal": TEXT,
    "role": TEXT,
    "by": TEXT,
    "hold": YES_NO,
    "point": {"type": "string", "description": "Of set-output: the output that is set."},
    "level": {"type": ["boolean", "integer"]},
    "passage": TEXT,
    "reason": TEXT,
    "received": {"type": "string", "description": "RFC 3339 UTC; empty where the journal could not record it"},
    "expires_in_s": NUMBER,
    "life": one_of(Life),
    "ended": YES_NO,
    "because": TEXT,
    "words": WORDS,
    "refusals": many(ref("Refusal")),
    "together_with": {"oneOf": [ref("FirstOfTwo"), {"type": "null"}]},
    "members": many(TEXT),
    "history": many(ref("Step")),
}
_VALUE: Schema = {"type": ["boolean", "number", "string", "null"]}


def _command_body() -> Schema:
    schema = CommandBody.model_json_schema()
    schema["examples"] = [
        {"target": "albert-bollards", "action": "raise", "reason": "market is over"},
        {"target": "albert-bollards", "action": "lower", "hold": True, "by": "marie"},
        {"target": "nice-promenade", "action": "lockdown", "reason": "a lorry does not stop", "by": "marie"},
    ]
    return schema


def _error(example: Schema, **more: Schema) -> Schema:
    schema = thing(example, code=one_of(CODES), message=TEXT)
    schema["properties"].update(more)
    return schema


SCHEMAS: dict[str, Schema] = {
    "CommandBody": _command_body(),
    "Command": thing(COMMAND_EXAMPLE, **_COMMAND),
    "RefusedCommand": thing(
        {
            "error": {"code": "refused", "message": "refused by R09: albert-loop-entry: loop occupied"},
            **COMMAND_EXAMPLE,
            "life": "refused",
            "ended": True,
            "because": "loop occupied",
            "words": REFUSAL_EXAMPLE["words"],
            "refusals": [REFUSAL_EXAMPLE],
        },
        error=ref("ErrorBody"),
        **_COMMAND,
    ),
    "Refusal": thing(REFUSAL_EXAMPLE, **_REFUSAL),
    "Step": thing(STEP_EXAMPLE, life=one_of(Life), at=TEXT, because=TEXT, words=WORDS),
    "Device": thing(
        DEVICE_EXAMPLE,
        id=TEXT,
        kind=one_of(Kind),
        title=TEXT,
        zone=TEXT,
        state=TEXT,
        why=TEXT,
        mode=one_of(Mode),
        version=COUNT,
        since={"type": ["string", "null"], "format": "date-time"},
        points={"type": "object", "additionalProperties": ref("Reading")},
        max_age_s={"type": "object", "additionalProperties": NUMBER},
        secures_by={"type": ["string", "null"], "enum": ["raise", "lower", None]},
        secured=SECURED,
        order={"type": ["string", "null"], "description": "The id of the order under way."},
        waiting={"type": "string", "description": "What the order under way waits for; nothing of it has been sent."},
        words=WORDS,
        forced={"oneOf": [ref("Forced"), {"type": "null"}]},
        wishes=many(ref("Wish")),
        held=ref("Held"),
        simulated=YES_NO,
        accepted_risks=many(TEXT),
        interlocks=many(ref("Interlock")),
    ),
    "Wish": thing(
        {"action": "release", "by": "marie", "order": COMMAND_ID, "until": "2026-11-22T14:06:00.000Z"},
        action=one_of([*MOTIONS, Switch.RELEASE, Switch.LIFT]),
        by=TEXT,
        order={"type": "string", "description": "The id of the order that was refused for want of a second person."},
        until={**TIME, "description": "Until when a different person has to ask for the same."},
    ),
    "FirstOfTwo": thing({"by": "marie", "order": COMMAND_ID}, by=TEXT, order=TEXT),
    "Held": thing(
        {"tags": [], "efo": {"by": "marie", "role": "operator", "order": COMMAND_ID}, "test": ""},
        tags=many(ref("Tag")),
        efo={"oneOf": [ref("Latch"), {"type": "null"}]},
        test={"type": "string", "description": "Who holds it in test mode."},
    ),
    "Tag": thing(
        {"tag": COMMAND_ID, "owner": "luc", "why": "hose replaced", "asked_by": ""},
        tag=TEXT,
        owner=TEXT,
        why=TEXT,
        asked_by={"type": "string", "description": "The first of two others who wants it lifted."},
    ),
    "Latch": thing({"by": "marie", "role": "operator", "order": COMMAND_ID}, by=TEXT, role=TEXT, order=TEXT),
    "Reading": thing(
        READING_EXAMPLE,
        value=_VALUE,
        quality=one_of(Quality),
        taken=TIME,
        age_s=NUMBER,
    ),
    "Interlock": thing({"action": "raise", **REFUSAL_EXAMPLE}, action=one_of(Action), **_REFUSAL),
    "Site": thing(
        SITE_EXAMPLE,
        name=TEXT,
        title=TEXT,
        timezone={**TEXT, "description": "Where the site lies, as IANA names it: in which its people read times."},
        simulated=YES_NO,
        links=many(ref("LinkMark")),
        revision=TEXT,
        version=TEXT,
        boot=TEXT,
        secured=SECURED,
        open=YES_NO,
        zones=many(ref("Zone")),
        routes=many(ref("Route")),
    ),
    "LinkMark": thing({"id": "albert", "simulated": False}, id=TEXT, simulated=YES_NO),
    "Forced": thing(
        {"point": "raise", "level": True, "by": "ada", "order": COMMAND_ID},
        point=TEXT,
        level={"type": ["boolean", "integer"]},
        by=TEXT,
        order=TEXT,
    ),
    "Route": thing(ROUTE_EXAMPLE, id=TEXT, title=TEXT, points=many(TEXT), hold_s=NUMBER),
    "Zone": thing(ZONE_EXAMPLE, id=TEXT, title=TEXT, devices=many(TEXT), secured=SECURED, open=YES_NO),
    "Record": thing(
        RECORD_EXAMPLE, seq=COUNT, at=TIME, kind=TEXT, device=TEXT, command=TEXT, body={"type": "object"}, hash=TEXT
    ),
    "Journal": thing(
        {"records": [RECORD_EXAMPLE], "next": 42, "earlier": None},
        records=many(ref("Record")),
        next=COUNT,
        earlier={
            "type": ["integer", "null"],
            "description": "With `newest`: the `before` of what came earlier, if anything.",
        },
    ),
    "Checked": thing(
        {"ok": True, "first_bad": None, "why": "", "head": {"seq": 42, "hash": RECORD_EXAMPLE["hash"]}, "ended": True},
        ok=YES_NO,
        first_bad={"type": ["integer", "null"], "description": "The first record that does not follow."},
        why=TEXT,
        head=ref("Head"),
        ended={"type": "boolean", "description": "Whether nothing is left to check."},
    ),
    "Head": thing({"seq": 42, "hash": RECORD_EXAMPLE["hash"]}, seq=COUNT, hash=TEXT),
    "Health": thing({"status": "ok"}, status=one_of(["ok", "ready"])),
    "ErrorBody": _error(
        {"code": "unauthorised", "message": "no token was sent; send `Authorization: Bearer TOKEN`"},
        fields=many(ref("Mistake")),
        reasons=many(TEXT),
        kind={"type": "string", "description": "How the wire failed."},
        id=TEXT,
        permission={"type": "string", "description": "What this needs that the role has not."},
        role=TEXT,
        may=many(TEXT),
        words=WORDS,
    ),
    "Mistake": thing({"field": "action", "problem": "expected 'raise'"}, field=TEXT, problem=TEXT),
    "Error": thing({"error": {"code": "no-such-device", "message": "no device 'x'"}}, error=ref("ErrorBody")),
}
