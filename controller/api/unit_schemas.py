"""What units and their points look like outside, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from controller.api.describing import answer, error, in_path, operation
from controller.api.schemas import COUNT, TEXT, TIME, WORDS, YES_NO, Schema, many, one_of, ref, thing
from controller.core.readings import Quality
from controller.ports import PointType

POINT_EXAMPLE: dict[str, Any] = {
    "id": "do0",
    "title": "Relays (do0 is relay 1)",
    "type": "bool",
    "scale": 1.0,
    "unit": "",
    "writable": True,
    "signals": ["albert-bollards.raise"],
}
UNIT_EXAMPLE: dict[str, Any] = {
    "id": "albert-io",
    "link": "albert",
    "profile": "wago-750",
    "simulated": False,
    "address": 1,
    "up": True,
    "identity": {"series": 750},
    "polled": True,
    "points": [POINT_EXAMPLE],
}
_VALUE = {"type": ["boolean", "number", "string", "null"]}
_POINT: dict[str, Schema] = {
    "id": TEXT,
    "title": TEXT,
    "type": one_of(PointType),
    "scale": {"type": "number", "description": "value = raw * scale"},
    "unit": TEXT,
    "writable": YES_NO,
    "signals": {**many(TEXT), "description": "The signals of devices that are wired to it."},
}
GROUND_EXAMPLE: dict[str, Any] = {
    "rule": "R09",
    "device": "albert-loop-entry",
    "condition": "the loop is occupied, or clear for less than 1 s",
    "words": {
        "condition": {"id": "the loop is occupied, or clear for less than {seconds:g} s", "gaps": {"seconds": 1}}
    },
    "signals": ["detect"],
    "waits": False,
}
SPEC_EXAMPLE: dict[str, Any] = {
    "id": "albert-bollards",
    "profile": "bollard-hydraulic-273",
    "outputs": ["raise", "lower"],
    "tops": ["raised"],
    "bottoms": ["lowered"],
    "secures_by": "raise",
    "drive": {"type": "held", "pulse_s": 0.5, "codes": {}},
    "stoppable": True,
    "travel_s": 8.0,
    "fastest_s": 3.0,
    "settle_s": 0.3,
    "efo_s": 2.5,
    "efo_lead_s": 0.0,
    "efo_ignores_presence": False,
    "presence": ["albert-loop-entry"],
    "airlock_with": "",
    "signals": [],
    "warning": "albert-beacon",
    "warning_s": 1.0,
    "traffic": "",
    "mains": "",
    "cycles_per_hour": 300,
    "accepted_risks": [],
    "grounds": {"secure": [GROUND_EXAMPLE]},
}
_SECONDS: Schema = {"type": "number", "description": "s"}
UNIT_SCHEMAS: dict[str, Schema] = {
    "Ground": thing(
        GROUND_EXAMPLE,
        rule=TEXT,
        device=TEXT,
        condition=TEXT,
        words=WORDS,
        signals=many(TEXT),
        waits={"type": "boolean", "description": "The order waits for it to pass, and is not refused."},
    ),
    "Drive": thing(
        SPEC_EXAMPLE["drive"], type=one_of(["held", "pulsed", "setpoint"]), pulse_s=_SECONDS, codes={"type": "object"}
    ),
    "Spec": thing(
        SPEC_EXAMPLE,
        id=TEXT,
        profile=TEXT,
        outputs=many(TEXT),
        tops=many(TEXT),
        bottoms=many(TEXT),
        secures_by=one_of(["raise", "lower"]),
        drive=ref("Drive"),
        stoppable=YES_NO,
        **dict.fromkeys(("travel_s", "fastest_s", "settle_s", "efo_s", "efo_lead_s", "warning_s"), _SECONDS),
        efo_ignores_presence=YES_NO,
        presence=many(TEXT),
        airlock_with=TEXT,
        signals=many(TEXT),
        warning=TEXT,
        traffic=TEXT,
        mains=TEXT,
        cycles_per_hour=COUNT,
        accepted_risks=many(TEXT),
        grounds={"type": "object", "additionalProperties": many(ref("Ground"))},
    ),
    "Point": thing(POINT_EXAMPLE, **_POINT),
    "Unit": thing(
        UNIT_EXAMPLE,
        id=TEXT,
        link=TEXT,
        profile=TEXT,
        simulated=YES_NO,
        address={"type": ["integer", "string", "null"]},
        up=YES_NO,
        identity={"type": "object"},
        polled={"type": "boolean", "description": "Whether it can be asked for a point."},
        points=many(ref("Point")),
    ),
    "PointNow": thing(
        {
            "unit_id": "albert-io",
            **POINT_EXAMPLE,
            "value": True,
            "raw": True,
            "quality": "good",
            "taken": "2026-11-22T14:05:00.000Z",
        },
        unit_id=TEXT,
        **_POINT,
        value=_VALUE,
        raw=_VALUE,
        quality=one_of(Quality),
        taken=TIME,
    ),
}

UNIT_PATHS: dict[str, dict[str, Schema]] = {
    "/api/v1/devices/{id}/spec": {
        "get": operation(
            "What is fixed about a mover, and what can forbid its motions",
            {
                "200": answer("What is fixed, and the grounds by action.", ref("Spec")),
                "404": error("No such device."),
                "409": error("It moves no steel."),
            },
            parameters=(in_path("The device's id.", "albert-bollards"),),
        )
    },
    "/api/v1/units": {
        "get": operation(
            "The units on the wires, and what is wired to them", {"200": answer("All of them.", many(ref("Unit")))}
        )
    },
    "/api/v1/units/{id}/points/{point}": {
        "get": operation(
            "One point, read from the wire now",
            {
                "200": answer("What it says.", ref("PointNow")),
                "404": error("No such unit or point, or the unit talks by itself and cannot be asked."),
                "502": error("The unit did not answer, or not with that."),
            },
            parameters=(
                in_path("The unit's id.", "albert-io"),
                {**in_path("The point's id.", "do0"), "name": "point"},
            ),
        )
    },
}
