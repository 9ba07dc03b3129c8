"""The bodies of the API that are about alarms, as JSON schemas."""

from __future__ import annotations

from pydantic import BaseModel

from controller.api.bodies import NoteBody, RemoveBody, ShelveBody
from controller.api.schemas import COUNT, TEXT, WORDS, YES_NO, Schema, many, one_of, ref, thing
from controller.core.alarms import STATE_CODES, AlarmState

EXAMPLE = {
    "id": "albert-radar.overspeed",
    "device": "albert-radar",
    "zone": "albert-1er",
    "name": "overspeed",
    "priority": 1,
    "text": "62 km/h, more than 40.3 km/h",
    "words": {"text": {"id": "{speed:g} km/h, more than {most:g} km/h", "gaps": {"speed": 62, "most": 40.3}}},
    "state": "unacknowledged",
    "state_code": 2,
    "active": True,
    "since": "2026-11-22T14:05:00.000Z",
    "by": "",
    "reason": "",
    "until": None,
    "stale": False,
    "chattering": False,
    "sound": "pulsing",
    "sounding": True,
    "proposes": "secure albert-1er",
    "hideable": True,
}
_COUNTS = [str(state) for state in AlarmState if state is not AlarmState.NORMAL] + ["sounding", "stale", "chattering"]
_COUNTS_EXAMPLE = {**dict.fromkeys(_COUNTS, 0), "unacknowledged": 1, "sounding": 1}
_SPLIT = dict.fromkeys(("1", "2", "3", "4"), COUNT)
_SPLIT_EXAMPLE = {"1": 0, "2": 1, "3": 2, "4": 0}
_SINCE_START = "Since the controller started."


def _or_null(schema: Schema, what: str) -> Schema:
    return {**schema, "type": [schema["type"], "null"], "description": what}


def _body(model: type[BaseModel], **example: object) -> Schema:
    return {**model.model_json_schema(), "examples": [example]}


SCHEMAS: dict[str, Schema] = {
    "Alarm": thing(
        EXAMPLE,
        id=TEXT,
        device={**TEXT, "description": "The device or unit that it is about; empty for the site."},
        zone=TEXT,
        name=TEXT,
        priority={"type": "integer", "minimum": 1, "maximum": 4},
        text=TEXT,
        words=WORDS,
        state=one_of(AlarmState),
        state_code={"type": "integer", "enum": list(STATE_CODES.values())},
        active={**YES_NO, "description": "Whether its condition stands, whatever the state."},
        since=TEXT,
        by={**TEXT, "description": "Who last acknowledged or hid it."},
        reason=TEXT,
        until=_or_null(TEXT, "When its shelving ends, RFC 3339 UTC."),
        stale={**YES_NO, "description": "Active for more than 24 h."},
        chattering={**YES_NO, "description": "Came or went more than 5 times in 5 min."},
        sound={"type": ["string", "null"], "enum": ["pulsing", "continuous", None]},
        sounding={**YES_NO, "description": "It sounds until somebody acknowledges it."},
        proposes=_or_null(TEXT, "What a person may want to order. Nothing carries it out."),
        hideable={**YES_NO, "description": "Whether anybody may shelve it, or take it out of service (R20)."},
    ),
    "Alarms": thing(
        {"alarms": [EXAMPLE], "hidden": [], "flood": False, "counts": _COUNTS_EXAMPLE},
        alarms=many(ref("Alarm")),
        hidden=many(ref("Alarm")),
        flood={**YES_NO, "description": "More than 10 alarms came in 10 min, and not yet fewer than 5."},
        counts=ref("AlarmCounts"),
    ),
    "AlarmCounts": thing(_COUNTS_EXAMPLE, **dict.fromkeys(_COUNTS, COUNT)),
    "AlarmKpi": thing(
        {
            "last_10_min": 1,
            "last_hour": 3,
            "priorities_last_hour": _SPLIT_EXAMPLE,
            "priorities_since_start": _SPLIT_EXAMPLE,
            "flood": False,
            "floods_since_start": 0,
            "stale": [],
            "chattering": ["albert-cabinet.door-open"],
            "shelved": [],
            "suppressed": [],
            "out_of_service": [],
        },
        last_10_min=COUNT,
        last_hour=COUNT,
        priorities_last_hour=ref("AlarmSplit"),
        priorities_since_start=ref("AlarmSplit"),
        flood=YES_NO,
        floods_since_start={**COUNT, "description": _SINCE_START},
        stale=many(TEXT),
        chattering=many(TEXT),
        shelved=many(TEXT),
        suppressed=many(TEXT),
        out_of_service=many(TEXT),
    ),
    "AlarmSplit": thing(_SPLIT_EXAMPLE, **_SPLIT),
    "ShelveBody": _body(ShelveBody, for_s=1800, reason="door contact is being replaced"),
    "RemoveBody": _body(RemoveBody, reason="the radar is at the maker's"),
    "NoteBody": _body(NoteBody, reason="guard is on the way"),
}
