"""The controller's HTTP API as a test asks it: plain data, or an error that says what the controller has said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from simulators.testing.errors import Mistake, SiteFailure
from simulators.testing.stage import Card

BASE = "/api/v1"
ANSWER_S = 30.0
"""A passage is decided within 30 s, everything else within a few."""


class Api:
    """One controller, over its unix socket; a context manager is not needed, `close` ends it."""

    def __init__(self, card: Card) -> None:
        transport = httpx.HTTPTransport(uds=str(card.socket))
        self._http = httpx.Client(transport=transport, base_url="http://localhost", timeout=ANSWER_S, trust_env=False)
        self._tokens = {False: card.token, True: card.supervisor_token}

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def ready(self) -> bool:
        """Tell whether every device has been heard of, or found offline."""
        return self._ask("GET", "/readyz").is_success

    def get(self, *path: str, **query: Any) -> Any:
        """Return what there is at a path. Raises Mistake where there is no such thing, SiteFailure."""
        return _understood(self._ask("GET", _path(path), params=query))

    def post(self, *path: str, body: Mapping[str, Any] | None = None, supervisor: bool = False) -> Any:
        """Send a body and return the answer; that of an order or a passage that is refused, too (its life is `refused`)."""
        answer = self._ask("POST", _path(path), supervisor=supervisor, json=dict(body or {}))
        if answer.status_code == httpx.codes.CONFLICT and "refusals" in answer.json():
            return {key: value for key, value in answer.json().items() if key != "error"}
        return _understood(answer)

    def _ask(self, method: str, path: str, *, supervisor: bool = False, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._tokens[supervisor]}"}
        try:
            return self._http.request(method, path, headers=headers, **more)
        except httpx.TransportError as error:
            raise SiteFailure(f"the controller does not answer: {str(error) or type(error).__name__}") from error


def _path(parts: tuple[str, ...]) -> str:
    return "/".join([BASE, *(quote(part, safe="") for part in parts)])


def _understood(answer: httpx.Response) -> Any:
    if answer.is_success:
        return answer.json()
    try:
        message = str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        message = answer.text[:200]
    if answer.status_code in (httpx.codes.NOT_FOUND, httpx.codes.UNPROCESSABLE_ENTITY):
        raise Mistake(message)
    raise SiteFailure(f"the controller answers {answer.status_code}: {message}")
