"""The site as all open pages see it: one event stream and one look a second at the controller, however many follow.

What changes in between is looked at as the stream tells of it, and nothing else.

It is fetched with the session of one of those who follow, and only while somebody does. What they are told is which picture is
the latest; each takes it when it can, so that a slow reader holds up nobody and keeps nothing.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from controller.console.look import Look, News, glance, look
from controller.console.since import Since
from controller.console.upstream import Answered, Unreachable, Upstream

Told = Mapping[str, Any]

LOOK_S = 1.0
"""How often everything is looked at anew: what has no event of its own is a second old at most (a veto, the age of a reading)."""
BREATH_S = 0.2
"""How long several changes are gathered before one look at them."""
RETRY_S = 0.5
COMMANDS = 200
"""How many orders are remembered, to show how far they have come."""


class Picture:
    """The latest look, kept fresh for as long as somebody follows. `run` is to be one task of the process."""

    def __init__(self, upstream: Upstream) -> None:
        self.latest = Look()
        self.site: Told = {}
        """What the site is and where it lies, as it was last seen, be that long ago."""
        self.since = Since()
        self._upstream = upstream
        self._commands: OrderedDict[str, Told] = OrderedDict()
        self._tokens: dict[object, str] = {}
        self._bells: set[asyncio.Event] = set()
        self._wanted = asyncio.Event()
        self._news = News()
        self._stirred = asyncio.Event()

    @property
    def followers(self) -> int:
        """Return how many follow."""
        return len(self._tokens)

    @contextmanager
    def followed(self, token: str) -> Iterator[asyncio.Event]:
        """Follow with a session; the event is set whenever there is a younger look."""
        if not self._tokens:
            # Nobody has kept it fresh: what it was when somebody last followed is not what is.
            self.latest = Look(self.latest.number, commands=self.latest.commands)
        key, bell = object(), asyncio.Event()
        self._tokens[key] = token
        self._bells.add(bell)
        self._wanted.set()
        try:
            yield bell
        finally:
            del self._tokens[key]
            self._bells.discard(bell)

    def streams_of(self, token: str) -> int:
        """Return how many pages of one session follow."""
        return sum(one == token for one in self._tokens.values())

    def keep(self, command: Told) -> None:
        """Remember how far an order has come, and `heard`, when (s, monotonic) that was heard.

        An answer that was overtaken by an event tells nothing new.
        """
        known = self._commands.get(command["id"])
        further = len(command["history"]) - (0 if known is None else len(known["history"]))
        if known is None or further > 0:
            self._commands[command["id"]] = {**command, "heard": time.monotonic()}
        elif further == 0:
            self._commands[command["id"]] = {**command, "heard": known["heard"]}
        while len(self._commands) > COMMANDS:
            self._commands.popitem(last=False)

    async def run(self) -> None:
        """Keep the picture fresh until cancelled."""
        ended = set[str]()
        while True:
            await self._wanted.wait()
            if not self._tokens:
                self._wanted.clear()
                continue
            token = next(iter(self._tokens.values()))
            try:
                async with self._upstream.events(token) as lines:
                    ended.clear()
                    listening = asyncio.create_task(self._listen(lines), name="event stream")
                    try:
                        await self._watch(token, listening)
                    finally:
                        listening.cancel()
                        await asyncio.gather(listening, return_exceptions=True)
            except (Unreachable, Answered) as error:
                self._drop(token, error)
                ended.add(token)
                if next(iter(self._tokens.values()), token) not in ended:
                    continue  # the session has ended, and the site is as well known by another
                ended.clear()
                self._show(replace(self.latest, number=self.latest.number + 1, why=str(error)))
                await asyncio.sleep(RETRY_S)

    def _drop(self, token: str, error: Exception) -> None:
        """Look with another's session where this one has ended; its own pages are told by their next look at it."""
        if isinstance(error, Answered) and error.status == 401:
            for key in [key for key, one in self._tokens.items() if one == token]:
                self._tokens[key] = self._tokens.pop(key)  # to the end

    async def _watch(self, token: str, listening: asyncio.Task[None]) -> None:
        due, clock = 0.0, asyncio.get_running_loop().time
        # Whoever has left looks no longer, whose session may stand for hours.
        while token in self._tokens.values():
            self._stirred.clear()
            news, self._news = self._news, News()
            if news.much or clock() >= due:
                due = clock() + LOOK_S
                number = self.latest.number + 1
                self._show(await look(self._upstream, token, self._commands, self.since, number, ahead=True))
            else:
                self._show(await glance(self.latest, news, self._upstream, token, self._commands, self.since))
            await self._pause(listening, due - clock())

    async def _pause(self, listening: asyncio.Task[None], longest_s: float) -> None:
        stirred = asyncio.create_task(self._stirred.wait())
        try:
            await asyncio.wait({listening, stirred}, timeout=longest_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stirred.cancel()
        if listening.done():
            listening.result()
            raise Unreachable("the event stream of the controller has ended")
        if self._stirred.is_set():
            await asyncio.sleep(BREATH_S)

    async def _listen(self, lines: Any) -> None:
        kind, data = "", ""
        async for line in lines:
            if line.startswith("event: "):
                kind = line.removeprefix("event: ")
            elif line.startswith("data: "):
                data = line.removeprefix("data: ")
            elif not line and data:
                try:
                    self._hear(kind, json.loads(data))
                except (LookupError, TypeError, ValueError) as error:
                    raise Unreachable(f"an event of the controller is not understood: {kind} {error!r}") from error
                kind, data = "", ""

    def _hear(self, kind: str, told: Told) -> None:
        if kind == "command":
            self.keep(told)
        self._news.heard(kind, told)
        self._stirred.set()

    def _show(self, latest: Look) -> None:
        self.latest = latest
        self.site = latest.site or self.site
        for bell in self._bells:
            bell.set()
