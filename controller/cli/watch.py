"""`rempart watch`: the live picture of the site, fed by asking twice a second and by the event stream."""

from __future__ import annotations

import asyncio
import io
import re
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.live import Live

from controller.cli import client, screen
from controller.cli.exits import Exit, Failure
from controller.cli.sse import Parser, ServerEvent

EVERY_S = 0.5
AGAIN_S = 1.0
ASK_S = 2.0
ORDERS_KEPT = 8
RECALLED = 60
"""An order leaves up to six records in the journal."""
SVG_COLUMNS = 100
FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""Fonts from elsewhere: a picture of ours fetches nothing."""


def declare(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--once", action="store_true", help="print the picture once (what happens without a terminal)")
    parser.add_argument("--svg", metavar="FILE", type=Path, help="draw the picture into FILE and end")
    client.declare(parser)


def run(given: Namespace) -> Exit:
    """Show it until Ctrl-C, or once."""
    door = client.find(given)
    if given.svg is None and not given.once and sys.stdout.isatty():
        with suppress(KeyboardInterrupt):
            asyncio.run(live(door))
        return Exit.DONE
    picture = asyncio.run(_once(door))
    if given.svg is not None:
        draw(picture, given.svg)
    else:
        console = Console(highlight=False)
        console.print(screen.board(picture, console.width))
    return Exit.DONE


def draw(picture: screen.Picture, path: Path) -> None:
    """Write the picture as SVG. Raises Failure."""
    console = Console(record=True, width=SVG_COLUMNS, file=io.StringIO(), force_terminal=True, highlight=False)
    console.print(screen.board(picture, SVG_COLUMNS))
    svg = FONT_FACE.sub("", console.export_svg(title="rempart watch"))
    try:
        path.write_text(svg, "utf-8")
    except OSError as error:
        raise Failure(Exit.FAILED, f"{path}: cannot be written: {error.strerror}") from error


async def live(door: client.Door, hint: str = "Ctrl-C ends") -> None:
    """Show the live picture in the terminal until cancelled."""
    console = Console(highlight=False)
    async with opened(door) as http:
        watcher = Watcher(http, door, hint)
        await watcher.ask()
        await watcher.recall()
        with Live(console=console, screen=True, auto_refresh=False, redirect_stderr=False) as shown:

            def refresh() -> None:
                picture = watcher.picture()
                shown.update(screen.board(picture, console.width, console.height), refresh=True)

            await watcher.run(refresh)


def opened(door: client.Door) -> httpx.AsyncClient:
    """Return a client of this door."""
    return client.opened(door, ASK_S)


async def _once(door: client.Door) -> screen.Picture:
    async with opened(door) as http:
        watcher = Watcher(http, door)
        await watcher.ask()
        await watcher.recall()
        return watcher.picture()


class Watcher:
    """What is known of a site from outside, and since when nothing new has come."""

    def __init__(self, http: httpx.AsyncClient, door: client.Door, hint: str = "") -> None:
        self._http, self._door, self._hint = http, door, hint
        self._told: dict[str, Any] = {}
        self._orders: dict[str, dict[str, Any]] = {}
        self._heard_at, self._heard_label = time.monotonic(), _clock()
        self._lost = ""
        self._moved = asyncio.Event()

    def picture(self) -> screen.Picture:
        """Return what is to be shown now."""
        lost, older_s = "", 0.0
        if self._lost:
            older_s = time.monotonic() - self._heard_at
            lost = f"NO CONNECTION TO THE CONTROLLER SINCE {self._heard_label}: what is below is old"
        return screen.Picture(
            site=self._told["site"],
            devices=self._told["devices"],
            alarms=self._told["alarms"]["alarms"],
            flood=self._told["alarms"]["flood"],
            orders=list(self._orders.values()),
            lost=lost,
            older_s=older_s,
            hint=self._hint,
            shown_at=_clock(),
        )

    async def ask(self) -> None:
        """Fetch everything. Raises Failure."""
        with client.reaching(self._door):
            for part in ("site", "devices", "alarms"):
                self._told[part] = client.understood(await self._http.get(f"{client.API}/{part}"), self._door)
        self._heard_at, self._heard_label, self._lost = time.monotonic(), _clock(), ""

    async def recall(self) -> None:
        """Fetch the last orders in place of those that are known, so far as the journal can be read."""
        query: dict[str, str | int] = {"kind": "command", "newest": "true", "limit": RECALLED}
        self._orders = {}
        with suppress(Failure), client.reaching(self._door):
            page = client.understood(await self._http.get(f"{client.API}/journal", params=query), self._door)
            newest = dict.fromkeys(record["command"] for record in reversed(page["records"]))
            for name in reversed(list(newest)[:ORDERS_KEPT]):
                order = await self._http.get(f"{client.API}/commands/{name}")
                self._orders[name] = client.understood(order, self._door)

    async def run(self, refresh: Callable[[], None]) -> None:
        """Keep the picture up to date until cancelled."""
        asyncio.get_running_loop().set_exception_handler(_unless_cancelled_reader)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._asking(refresh), name="watch: asking")
                group.create_task(self._listening(refresh), name="watch: listening")
        finally:
            asyncio.get_running_loop().set_exception_handler(None)

    async def _asking(self, refresh: Callable[[], None]) -> None:
        while True:
            self._moved.clear()
            await self._tried(self.ask)
            refresh()
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await self._moved.wait()

    async def _listening(self, refresh: Callable[[], None]) -> None:
        while True:
            await self._tried(lambda: self._follow(refresh))
            await asyncio.sleep(AGAIN_S)

    async def _tried(self, step: Callable[[], Awaitable[None]]) -> None:
        try:
            await step()
        except Failure as failure:
            self._lost = str(failure)

    async def _follow(self, refresh: Callable[[], None]) -> None:
        """Take in events for as long as the stream lasts."""
        timeout = httpx.Timeout(ASK_S, read=client.SILENCE_S)
        parser = Parser()
        with client.reaching(self._door):
            async with self._http.stream("GET", f"{client.API}/events", timeout=timeout) as answer:
                if answer.is_success:
                    async for line in answer.aiter_lines():
                        if (event := parser.feed(line)) is not None and await self._take(event):
                            refresh()

    async def _take(self, event: ServerEvent) -> bool:
        """Take in one event; tell whether it changed the picture."""
        match event.kind:
            case "hello" | "reset":
                await self.recall()
            case "command":
                self._take_order(event.data)
            case "device":
                self._take_device(event.data)
            case _:
                return False
        return True

    def _take_order(self, order: dict[str, Any]) -> None:
        known = self._orders.get(order["id"])
        if known is not None and len(known["history"]) > len(order["history"]):
            return  # it was fetched after this had happened
        self._orders.pop(order["id"], None)
        self._orders[order["id"]] = order
        for old in list(self._orders)[:-ORDERS_KEPT]:
            del self._orders[old]

    def _take_device(self, told: dict[str, Any]) -> None:
        for device in self._told["devices"]:
            if device["id"] != told["id"]:
                continue
            if device["secures_by"] is not None:
                self._moved.set()  # how its zone stands is for the controller to say, and together with it
            elif told["version"] >= device["version"]:
                device.update({key: told[key] for key in ("state", "mode", "version", "why")})


def _unless_cancelled_reader(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Pass on what a loop complains of, but for one thing that is none.

    anyio waits at a unix socket with `add_reader(future.set_result)`: data that comes in the same turn of the loop as the
    cancellation sets the result of a future that is done.
    """
    if not isinstance(context.get("exception"), asyncio.InvalidStateError):
        loop.default_exception_handler(context)


def _clock() -> str:
    return time.strftime("%H:%M:%S")
