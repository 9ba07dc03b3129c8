"""How answers are written: always JSON, errors always `{"error": {"code", "message", …}}`."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match, Route

from controller.ports import JournalUnavailable

log = structlog.get_logger("rempart.api")


class Problem(HTTPException):
    """An answer that is an error: `message` says what is wrong and what to do, `more` stands beside it."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None, **more: Any):
        super().__init__(status, message, headers)
        self.code, self.more = code, more

    @property
    def body(self) -> dict[str, Any]:
        """Return the body of the answer."""
        return {"error": {"code": self.code, "message": self.detail, **self.more}}


def dumps(content: Any) -> bytes:
    """Write `content` as JSON. A number that JSON cannot say (NaN off a wire) is null, half a character its escape."""
    try:
        text = _dumps(content)
    except ValueError:
        text = _dumps(_finite(content))
    return text.encode("utf-8", "backslashreplace")


def _dumps(content: Any) -> str:
    return json.dumps(content, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def _finite(content: Any) -> Any:
    match content:
        case float():
            return content if math.isfinite(content) else None
        case Mapping():
            return {key: _finite(value) for key, value in content.items()}
        case str():
            return content
        case Sequence():
            return [_finite(item) for item in content]
    return content


class Answer(JSONResponse):
    """A JSON answer. What it says is true for an instant only, so nobody keeps it."""

    def __init__(self, content: Any, status_code: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(content, status_code, {"Cache-Control": "no-store", **(headers or {})})

    def render(self, content: Any) -> bytes:
        """Return the body."""
        return dumps(content)


class Written(Answer):
    """An answer whose content is JSON already."""

    def render(self, content: bytes) -> bytes:
        """Return the body."""
        return content


def problem(error: Problem) -> Answer:
    """Answer with an error of ours."""
    return Answer(error.body, error.status_code, error.headers)


async def http_exception(request: Request, error: Exception) -> Response:
    """Answer with an error of ours or the router's (no such route, no such method)."""
    if isinstance(error, Problem):
        return problem(error)
    assert isinstance(error, HTTPException)  # noqa: S101 (registered for this class only)
    status = HTTPStatus(error.status_code)
    code = status.phrase.lower().replace(" ", "-")
    hint = "; GET /openapi.json lists every route and method" if status in (404, 405) else ""
    headers = {"Allow": _allowed(request)} if status == HTTPStatus.METHOD_NOT_ALLOWED else error.headers
    return problem(Problem(status, code, f"{status.phrase.lower()}{hint}", headers))


def _allowed(request: Request) -> str:
    """Return the methods of a path. The router knows those of the first route only, and each route has one."""
    here = [r for r in request.app.routes if isinstance(r, Route) and r.matches(request.scope)[0] is not Match.NONE]
    return ", ".join(sorted(method for route in here for method in route.methods or ()))


async def journal_unavailable(_: Request, error: Exception) -> Response:
    """Answer when the journal could not be read: what was asked for is not known, and nothing was done."""
    return problem(Problem(503, "journal-unavailable", f"nothing was done: the journal cannot be read: {error}"))


async def client_gone(_: Request, error: Exception) -> Response:
    """Answer nobody: whoever asked hung up before the whole of the question had come."""
    return Response(status_code=400)


async def unforeseen(request: Request, error: Exception) -> Response:
    """Answer after an error of the controller itself, and log it: uvicorn is not asked to."""
    log.error("a request failed", method=request.method, path=request.url.path, exc_info=error)
    return problem(Problem(500, "internal", "an error of the controller itself; its log says more"))


HANDLERS: dict[Any, Any] = {
    HTTPException: http_exception,
    JournalUnavailable: journal_unavailable,
    ClientDisconnect: client_gone,
    Exception: unforeseen,
}
