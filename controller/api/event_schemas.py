"""The stream of events, for the OpenAPI document."""

from __future__ import annotations

from controller.api.describing import error, operation
from controller.api.schemas import TEXT, Schema, ref, thing

_STREAM_EXAMPLE = (
    "retry: 1000\nid: 0199a7c1-17\nevent: hello\n"
    'data: {"boot": "0199a7c1", "site": {"name": "nice-promenade"}}\n\n'
    "id: 0199a7c1-18\nevent: device\n"
    'data: {"id": "albert-bollards", "state": "raising", "was": "lowered", "mode": "remote", "version": 8, "why": ""}\n\n'
)
_RESUME: Schema = {
    "name": "Last-Event-ID",
    "in": "header",
    "description": "The id of the last event that the client has seen; the stream goes on after it.",
    "schema": {"type": "string"},
    "example": "0199a7c1-17",
}

EVENT_SCHEMAS: dict[str, Schema] = {
    "Event": {
        **thing(
            {"id": "0199a7c1-18", "event": "flood", "data": '{"flood": true, "last_10_min": 11}'},
            id=TEXT,
            event=TEXT,
            data={"type": "string", "contentMediaType": "application/json"},
            retry={"type": "integer", "description": "How long to wait before connecting again, in ms."},
        ),
        "required": ["event", "data"],
    },
}

EVENT_PATHS: dict[str, dict[str, Schema]] = {
    "/api/v1/events": {
        "get": operation(
            "What changes, as it changes",
            {
                "200": {
                    "description": "Server-sent events: hello, device, command, passage, alarm, flood, reset.",
                    "content": {"text/event-stream": {"schema": ref("Event")}},
                },
                "503": error("Too many follow already."),
            },
            parameters=(_RESUME,),
            description=f"The schema is that of each event. On the wire:\n\n```text\n{_STREAM_EXAMPLE}```",
        )
    },
}
