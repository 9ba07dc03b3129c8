"""The way to a controller: which one, with which token, and its answers as plain data or as a `Failure`."""

from __future__ import annotations

import asyncio
import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from controller.cli import discover
from controller.cli.exits import Exit, Failure
from controller.cli.sse import Parser, ServerEvent
from controller.statefolder import FolderError, read_token

API = "/api/v1"
ANSWER_S = 10.0
DECISION_S = 30.0
"""How long a passage may take to be decided: its orders live for 15 s, and those of a route are decided one after the other."""
SILENCE_S = 15.0
"""An event stream says something at least every 5 s; after three times that it counts as lost."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where a controller listens and with which token it lets us in. `socket` wins over `url`; `site` where it is known."""

    url: str
    token: str
    token_file: Path
    socket: Path | None = None
    site: str = ""

    @property
    def shown(self) -> str:
        """Return the address for people."""
        return str(self.socket or self.url)

    def base(self) -> dict[str, Any]:
        """Return what any httpx client for this door needs, but for its transport."""
        return {
            "base_url": "http://localhost" if self.socket else self.url,
            "headers": {"Authorization": f"Bearer {self.token}"},
            "timeout": ANSWER_S,
            "trust_env": False,
        }


def declare(parser: ArgumentParser) -> None:
    """Add the options that say which controller is meant."""
    group = parser.add_argument_group("which controller (default: the one that runs on this machine)")
    group.add_argument("--site", metavar="NAME", default="", help="of several on this machine, the one of this site")
    group.add_argument("--runtime", metavar="DIR", type=Path, help="the one that runs with this runtime folder")
    group.add_argument(
        "--url",
        default=os.environ.get("REMPART_URL", ""),
        help="the one at http://HOST:PORT or unix:/PATH (REMPART_URL)",
    )
    group.add_argument(
        "--token-file",
        metavar="FILE",
        type=Path,
        default=os.environ.get("REMPART_TOKEN_FILE") or None,
        help="file with its token (REMPART_TOKEN_FILE); `release` takes the supervisor's by itself",
    )


def find(given: Namespace, *, supervisor: bool = False) -> Door:
    """Return the door that the options of `declare` mean; a `supervisor` comes with that token. Raises Failure."""
    if given.url:
        return _at_url(given.url, given.token_file, supervisor=supervisor)
    if given.runtime is not None:
        card = discover.read_card(given.runtime / discover.CARD)
        cards = [card] if card is not None and discover.accepts(card.socket) else []
    else:
        here = discover.running()
        cards = [card for card in here if given.site in ("", card.site)]
        if here and not cards:
            others = ", ".join(card.site for card in here)
            raise Failure(
                Exit.NO_CONTROLLER,
                f"no controller is running on this machine for {given.site}; running here: {others}",
            )
    if not cards:
        of = (
            f" for {given.site}" if given.site else f" with the runtime folder {given.runtime}" if given.runtime else ""
        )
        raise Failure(
            Exit.NO_CONTROLLER,
            f"no controller is running on this machine{of}: start one with `rempart run SITE` or `rempart demo`",
        )
    if len(cards) > 1:
        known = ", ".join(f"{card.site} ({card.url})" for card in cards)
        raise Failure(Exit.USAGE, f"several controllers run on this machine, say which with --site or --url: {known}")
    card = cards[0]
    return Door(card.url, *_credential(card, given.token_file, supervisor=supervisor), card.socket, card.site)


def _credential(card: discover.Card, token_file: Path | None, *, supervisor: bool) -> tuple[str, Path]:
    file = token_file or (card.supervisor_token_file if supervisor else card.token_file)
    if file is None:
        raise Failure(Exit.USAGE, "this controller names no supervisor's token: give its file with --token-file")
    return _token(file), file


def _at_url(url: str, token_file: Path | None, *, supervisor: bool) -> Door:
    path = Path(url.removeprefix("unix:").removeprefix("//")) if url.startswith("unix:") else None
    if path is None and not url.startswith(("http://", "https://")):
        raise Failure(Exit.USAGE, f"--url {url}: expected http://HOST:PORT or unix:/PATH")
    near = next((card for card in discover.running() if card.socket == path or card.url == url.rstrip("/")), None)
    if near is not None:
        return Door(url, *_credential(near, token_file, supervisor=supervisor), path, near.site)
    if token_file is None:
        raise Failure(Exit.USAGE, f"--url {url}: which token? give its file with --token-file or REMPART_TOKEN_FILE")
    return Door(url, _token(token_file), token_file, path)


def _token(path: Path) -> str:
    try:
        return read_token(path)
    except FolderError as error:
        raise Failure(Exit.NO_CONTROLLER, str(error)) from error


class Client:
    """Talks to one controller; a context manager."""

    def __init__(self, door: Door) -> None:
        self.door = door
        try:
            self._http = blocking(door, ANSWER_S)
        except (httpx.InvalidURL, ValueError) as error:
            raise Failure(Exit.USAGE, f"--url {door.url}: {error}") from error

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str, **params: str | int) -> Any:
        """Return what the controller answers. Raises Failure."""
        with reaching(self.door):
            return understood(self._http.get(f"{API}/{path}", params=params), self.door)

    def site_name(self, within_s: float | None = None) -> str:
        """Return the name of the site, asked for only where it is not known. Raises as `give` does."""
        if self.door.site:
            return self.door.site
        with reaching(self.door):
            return str(understood(self._asked("GET", "site", within_s), self.door)["name"])

    def give(self, order: Mapping[str, Any], within_s: float | None = None) -> Any:
        """Send an order and return its command, refused or not. Raises Failure; TimeoutError when `within_s` is over."""
        with reaching(self.door):
            answer = self._asked("POST", "commands", within_s, order)
        return self._decided(answer)

    def let_through(self, asked: Mapping[str, Any]) -> Any:
        """Ask for a passage and return it, refused or not. Raises Failure."""
        with reaching(self.door):
            return self._decided(self._http.post(f"{API}/passages", json=asked, timeout=DECISION_S))

    def end(self, passage: str, body: Mapping[str, str]) -> Any:
        """End a passage and return it as it is then. Raises Failure."""
        with reaching(self.door):
            return understood(self._http.post(f"{API}/passages/{quote(passage, safe='')}/end", json=body), self.door)

    def _decided(self, answer: httpx.Response) -> Any:
        if answer.status_code != httpx.codes.CONFLICT:
            return understood(answer, self.door)
        return {key: value for key, value in answer.json().items() if key != "error"}

    def _asked(self, method: str, path: str, within_s: float | None, body: Any = None) -> httpx.Response:
        if within_s is None:
            return self._http.request(method, f"{API}/{path}", json=body)
        return asyncio.run(_within(self.door, within_s, method, path, body))

    def act_on_alarm(self, alarm: str, what: str, body: Mapping[str, Any]) -> Any:
        """Acknowledge, shelve … an alarm and return it as it is then. Raises Failure."""
        with reaching(self.door):
            return understood(self._http.post(f"{API}/alarms/{quote(alarm, safe='')}/{what}", json=body), self.door)

    @contextmanager
    def events(self, after: str = "") -> Iterator[Iterator[ServerEvent]]:
        """Follow what happens from now on, or what has happened since the event `after`. Raises Failure when it is lost."""
        timeout = httpx.Timeout(ANSWER_S, read=SILENCE_S)
        last = {"Last-Event-ID": after} if after else {}
        with reaching(self.door), self._http.stream("GET", f"{API}/events", headers=last, timeout=timeout) as answer:
            if answer.status_code != httpx.codes.OK:
                answer.read()
                understood(answer, self.door)
            parser = Parser()
            yield (event for line in answer.iter_lines() if (event := parser.feed(line)) is not None)


async def _within(door: Door, within_s: float, method: str, path: str, body: Any) -> httpx.Response:
    """Ask with one deadline for all of it: httpx limits each step on its own. Raises TimeoutError."""
    async with asyncio.timeout(within_s), opened(door, None) as http:
        return await http.request(method, f"{API}/{path}", json=body)


def blocking(door: Door, step_s: float) -> httpx.Client:
    """Return a client of this door, each of whose steps may take `step_s`."""
    transport = httpx.HTTPTransport(uds=str(door.socket)) if door.socket else None
    return httpx.Client(transport=transport, **{**door.base(), "timeout": step_s})


def opened(door: Door, step_s: float | None) -> httpx.AsyncClient:
    """Return an asynchronous client of this door, each of whose steps may take `step_s`."""
    transport = httpx.AsyncHTTPTransport(uds=str(door.socket)) if door.socket else None
    return httpx.AsyncClient(transport=transport, **{**door.base(), "timeout": step_s})


@contextmanager
def reaching(door: Door) -> Iterator[None]:
    """Turn the errors of the connection into a `Failure` that says what to do."""
    try:
        yield
    except httpx.TransportError as error:
        what = str(error) or type(error).__name__
        raise Failure(
            Exit.NO_CONTROLLER, f"no controller answers at {door.shown} ({what}); is it running? `rempart run SITE`"
        ) from error


def understood(answer: httpx.Response, door: Door) -> Any:
    """Return the JSON of a good answer. Raises Failure for any other."""
    try:
        told = answer.json()
    except ValueError as error:
        raise Failure(
            Exit.FAILED, f"{door.shown} answered {answer.status_code}, which is not the API of rempart"
        ) from error
    if answer.is_success:
        return told
    error_ = told.get("error", {}) if isinstance(told, dict) else {}
    message = str(error_.get("message", f"answered {answer.status_code}"))
    if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise Failure(Exit.NO_CONTROLLER, f"{door.shown} does not accept the token of {door.token_file}: {message}")
    code = Exit.USAGE if answer.is_client_error else Exit.FAILED
    raise Failure(code, message)
