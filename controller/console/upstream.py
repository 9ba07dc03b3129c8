"""The console's way to the controller: one connection pool, and the token of whoever asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx

API = "/api/v1"
PATIENCE_S = 10.0
"""How long an answer may take: an order is answered within its time, 5 s, and a lockdown within 0.5 s."""
SEARCHES = 4
"""How many questions to the journal may be under way: the controller answers one after the other, and orders need room."""
QUESTIONS = 3
"""How many other questions may be under way: an order of anybody waits behind these in the controller, however many pages ask."""
SILENCE_S = 15.0
"""An event stream says something at least every 5 s; after three times that it counts as lost."""


class Unreachable(Exception):
    """The controller does not answer."""


class Busy(Unreachable):
    """Too many pages ask at once: the controller was not asked."""


class Answered(Exception):
    """The controller answered with an error: its HTTP `status`, and the `code` and `message` that it gave."""

    def __init__(
        self, status: int, code: str, message: str, body: Mapping[str, Any], headers: Mapping[str, str]
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.body, self.headers = status, code, message, body, headers


@dataclass(frozen=True, slots=True)
class Where:
    """Where the controller listens: its unix `socket`, or else its `url`."""

    url: str
    socket: Path | None = None

    @property
    def shown(self) -> str:
        """Return the address for people."""
        return str(self.socket or self.url)


class Upstream:
    """Asks the controller; to be used as an asynchronous context."""

    def __init__(self, where: Where) -> None:
        self.where = where
        base = "http://localhost" if where.socket else where.url
        transport = httpx.AsyncHTTPTransport(uds=str(where.socket)) if where.socket else None
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=16)
        self._searches, self._questions = asyncio.Semaphore(SEARCHES), asyncio.Semaphore(QUESTIONS)
        self._http = httpx.AsyncClient(
            base_url=base, transport=transport, timeout=PATIENCE_S, trust_env=False, limits=limits
        )

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.__aexit__(None, None, None)

    async def ask(
        self,
        method: str,
        path: str,
        token: str = "",
        json: Mapping[str, Any] | None = None,
        *,
        address: str = "",
        params: Mapping[str, str] | None = None,
        ahead: bool = False,
    ) -> Any:
        """Return the body of the answer, as JSON gives it, None where it has none.

        `address` is that of the browser behind the request. A question (GET) waits where many are under way, unless it goes
        `ahead`: for an order. Raises Unreachable, and Answered for every answer of 400 and above.
        """
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if address:
            headers["X-Forwarded-For"] = address
        try:
            async with nullcontext() if ahead or method != "GET" else self._turn(path):
                answer = await self._http.request(method, API + path, json=json, headers=headers, params=params)
        except httpx.InvalidURL as error:
            raise Answered(404, "not-found", str(error), {}, {}) from error
        except httpx.HTTPError as error:
            raise Unreachable(f"{self.where.shown}: {str(error) or type(error).__name__}") from error
        body = _body(answer)
        if answer.status_code >= 400:
            told = body.get("error", {}) if isinstance(body, dict) else {}
            message = str(told.get("message", f"HTTP {answer.status_code}"))
            raise Answered(
                answer.status_code,
                str(told.get("code", "")),
                message,
                body if isinstance(body, dict) else {},
                answer.headers,
            )
        return body

    @asynccontextmanager
    async def _turn(self, path: str) -> AsyncIterator[None]:
        turns = self._searches if path.startswith("/journal") else self._questions
        try:
            async with asyncio.timeout(PATIENCE_S):
                await turns.acquire()
        except TimeoutError:
            raise Busy(f"{self.where.shown}: too many pages ask at once") from None
        try:
            yield
        finally:
            turns.release()

    async def text(self, path: str, token: str) -> str:
        """Return an answer that is not JSON. Raises as `ask` does."""
        try:
            async with self._turn(path):
                answer = await self._http.get(API + path, headers={"Authorization": f"Bearer {token}"})
        except httpx.HTTPError as error:
            raise Unreachable(f"{self.where.shown}: {str(error) or type(error).__name__}") from error
        if answer.status_code >= 400:
            raise Answered(answer.status_code, "", f"HTTP {answer.status_code}", {}, answer.headers)
        return answer.text

    @asynccontextmanager
    async def events(self, token: str) -> AsyncIterator[AsyncIterator[str]]:
        """Give the lines of the event stream. Raises Unreachable, also when it breaks off, and Answered."""
        headers = {"Authorization": f"Bearer {token}"}
        try:
            async with self._http.stream("GET", f"{API}/events", headers=headers, timeout=SILENCE_S) as answer:
                if answer.status_code >= 400:
                    raise Answered(answer.status_code, "", f"HTTP {answer.status_code}", {}, answer.headers)
                yield answer.aiter_lines()
        except httpx.HTTPError as error:
            raise Unreachable(f"{self.where.shown}: {str(error) or type(error).__name__}") from error


def _body(answer: httpx.Response) -> Any:
    if not answer.content:
        return None
    try:
        return answer.json()
    except ValueError:
        return None
