"""The words of the OpenAPI document: operations, their answers and their parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from controller.api.schemas import Schema, ref


def answer(what: str, schema: Schema) -> Schema:
    """Describe an answer of this schema."""
    return {"description": what, "content": {"application/json": {"schema": schema}}}


def error(what: str) -> Schema:
    """Describe an answer that is an error."""
    return answer(what, ref("Error"))


def text(what: str, media: str, example: str) -> Schema:
    """Describe an answer that is text of this media type."""
    return {"description": what, "content": {media: {"schema": {"type": "string"}, "example": example}}}


def operation(summary: str, answers: dict[str, Schema], *, parameters: tuple[Schema, ...] = (), **more: Any) -> Schema:
    """Describe one method of a path, with the answers that every route may give."""
    shared = {
        "401": error("No token, or not this controller's."),
        "421": error("The Host header is not this machine."),
    }
    found: Schema = {"summary": summary, "responses": {**answers, **({} if "security" in more else shared)}, **more}
    return {**found, "parameters": list(parameters)} if parameters else found


def leading(found: Schema, where: str = "/id", **operations: str) -> Schema:
    """Say of an answer that its text at `where` is the parameter `id` of these operations, each by what it is for."""
    links = {
        what: {"operationId": name, "parameters": {"id": f"$response.body#{where}"}}
        for what, name in operations.items()
    }
    return {**found, "links": {**found.get("links", {}), **links}}


def named(paths: Mapping[str, Mapping[str, Schema]]) -> dict[str, dict[str, Schema]]:
    """Give each operation its id: the method and the path, which stay; `GET /api/v1/devices/{id}` is `get_devices_id`."""
    return {
        path: {method: {"operationId": _id(method, path), **what} for method, what in methods.items()}
        for path, methods in paths.items()
    }


def _id(method: str, path: str) -> str:
    return "_".join([method, *re.findall(r"[a-z]+", path.removeprefix("/api/v1"))])


def in_path(what: str, example: str) -> Schema:
    """Describe the parameter `id` in a path."""
    schema = {"type": "string"}
    return {"name": "id", "in": "path", "required": True, "description": what, "schema": schema, "example": example}
