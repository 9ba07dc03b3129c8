"""The bodies of passages as JSON schemas, each with an example, for openapi.json."""

from __future__ import annotations

from pydantic import BaseModel

from controller.api.bodies import EndBody, PassageBody
from controller.api.schemas import REFUSAL_EXAMPLE, TEXT, WORDS, YES_NO, Schema, many, one_of, ref, thing
from controller.core.passage import Form
from controller.core.passage_table import STATES

PASSAGE_ID = "0199a7c4-11aa-7c3e-8d2b-77f0c1e2a9d4"
STAGES = one_of([*STATES, "unknown"])

_STEP_EXAMPLE = {
    "device": "albert-bollards",
    "stage": "opening",
    "at": "2026-11-22T14:05:00.000Z",
    "because": "",
    "words": {},
}
_WORDS_EXAMPLE = {"because": {"id": "{loop} occupied", "gaps": {"loop": "albert-loop-entry"}}}
_POINT_EXAMPLE = {
    "device": "albert-bollards",
    "stage": "occupied",
    "because": "albert-loop-entry occupied",
    "words": _WORDS_EXAMPLE,
}
PASSAGE_EXAMPLE = {
    "id": PASSAGE_ID,
    "target": "albert-bollards",
    "form": "single",
    "direction": "",
    "vehicle": "AB-123-CD",
    "by": "night desk",
    "principal": "local-token",
    "reason": "delivery",
    "requested": "2026-11-22T14:05:00.000Z",
    "hold_s": None,
    "stage": "occupied",
    "ended": False,
    "because": "albert-loop-entry occupied",
    "words": _WORDS_EXAMPLE,
    "refusals": [],
    "points": [_POINT_EXAMPLE],
    "history": [_STEP_EXAMPLE],
}
_PASSAGE: dict[str, Schema] = {
    "id": TEXT,
    "target": TEXT,
    "form": one_of(Form),
    "direction": one_of(["", "in", "out"]),
    "vehicle": TEXT,
    "by": TEXT,
    "principal": TEXT,
    "reason": TEXT,
    "requested": {"type": "string", "description": "RFC 3339 UTC; empty where the journal could not record it"},
    "hold_s": {"type": ["number", "null"], "description": "How long a route is held open at most."},
    "stage": STAGES,
    "ended": YES_NO,
    "because": TEXT,
    "words": WORDS,
    "refusals": many(ref("Refusal")),
    "points": many(ref("PassagePoint")),
    "history": many(ref("PassageStep")),
}


def _body(model: type[BaseModel], example: dict[str, str]) -> Schema:
    return {**model.model_json_schema(), "examples": [example]}


PASSAGE_SCHEMAS: dict[str, Schema] = {
    "PassageBody": _body(PassageBody, {"target": "albert-bollards", "vehicle": "AB-123-CD", "reason": "delivery"}),
    "EndBody": _body(EndBody, {"by": "night desk", "reason": "the fire brigade has left"}),
    "Passage": thing(PASSAGE_EXAMPLE, **_PASSAGE),
    "RefusedPassage": thing(
        {
            "error": {"code": "refused", "message": "refused by R09: albert-loop-entry: loop occupied"},
            **PASSAGE_EXAMPLE,
            "stage": "refused",
            "ended": True,
            "refusals": [REFUSAL_EXAMPLE],
        },
        error=ref("ErrorBody"),
        **_PASSAGE,
    ),
    "PassagePoint": thing(_POINT_EXAMPLE, device=TEXT, stage=STAGES, because=TEXT, words=WORDS),
    "PassageStep": thing(_STEP_EXAMPLE, device=TEXT, stage=STAGES, at=TEXT, because=TEXT, words=WORDS),
}
