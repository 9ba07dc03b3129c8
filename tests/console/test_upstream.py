"""How much the console asks of the controller at once: an order of anybody waits behind no more than that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from controller.console import upstream
from controller.console.app import build_console
from controller.console.picture import Picture
from controller.console.upstream import QUESTIONS, SEARCHES, Unreachable, Upstream, Where


class Controller:
    """Takes questions over a real socket, and answers none before it is told to."""

    def __init__(self) -> None:
        self.asked = list[str]()
        self.answers = asyncio.Event()
        self._came = asyncio.Condition()

    @asynccontextmanager
    async def served(self) -> AsyncIterator[Upstream]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            async with Upstream(Where(f"http://127.0.0.1:{port}")) as asking:
                yield asking
        finally:
            self.answers.set()
            server.close()

    async def came(self, count: int) -> list[str]:
        """Return what was asked, once so much has been."""
        async with asyncio.timeout(30), self._came:
            await self._came.wait_for(lambda: len(self.asked) >= count)
        return self.asked

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            async with self._came:
                self.asked.append(" ".join(head.split()[:2]).replace("/api/v1", ""))
                self._came.notify_all()
            await self.answers.wait()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


async def test_few_questions_are_under_way_and_an_order_goes_ahead_of_those_that_wait() -> None:
    controller = Controller()
    async with controller.served() as asking:
        pages = [asyncio.create_task(asking.ask("GET", "/site")) for _ in range(QUESTIONS + 20)]
        await controller.came(QUESTIONS)
        order = asyncio.create_task(asking.ask("POST", "/commands", json={}))
        who = asyncio.create_task(asking.ask("GET", "/sessions/current", ahead=True))
        search = asyncio.create_task(asking.ask("GET", "/journal"))
        asked = await controller.came(QUESTIONS + 3)
        assert sorted(asked) == ["GET /journal", "GET /sessions/current", *["GET /site"] * QUESTIONS, "POST /commands"]
        controller.answers.set()
        assert await asyncio.gather(order, who, search, *pages) == [{}] * (3 + len(pages))


async def test_searches_have_turns_of_their_own() -> None:
    controller = Controller()
    async with controller.served() as asking:
        searches = [asyncio.create_task(asking.ask("GET", "/journal")) for _ in range(SEARCHES + 1)]
        await controller.came(SEARCHES)
        page = asyncio.create_task(asking.ask("GET", "/site"))
        assert (await controller.came(SEARCHES + 1))[-1] == "GET /site"
        controller.answers.set()
        await asyncio.gather(page, *searches)


async def test_who_waits_too_long_for_a_turn_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    controller = Controller()
    async with controller.served() as asking:
        pages = [asyncio.create_task(asking.ask("GET", "/site")) for _ in range(QUESTIONS)]
        await controller.came(QUESTIONS)
        monkeypatch.setattr(upstream, "PATIENCE_S", 0.0)
        with pytest.raises(Unreachable, match="too many pages ask at once"):
            await asking.ask("GET", "/site")
        controller.answers.set()
        assert await asyncio.gather(*pages) == [{}] * QUESTIONS
        controller.answers.clear()
        asked = len(controller.asked)
        again = [asyncio.create_task(asking.ask("GET", "/site")) for _ in range(QUESTIONS)]
        await controller.came(asked + QUESTIONS)
        controller.answers.set()
        assert await asyncio.gather(*again) == [{}] * QUESTIONS, "nobody has kept a turn"


async def test_an_order_waits_behind_no_page_but_a_page_does() -> None:
    controller = Controller()
    async with controller.served() as asking:
        console = build_console(asking.where)
        console.state.upstream = asking
        console.state.picture = Picture(asking)
        transport = httpx.ASGITransport(console, raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://console", cookies={"rempart-session-80": "t"}
        ) as browser:
            pages = [asyncio.create_task(browser.get("/")) for _ in range(QUESTIONS + 1)]
            await controller.came(QUESTIONS)
            order = asyncio.create_task(browser.post("/act", data={"target": "wedge", "action": "stop"}))
            assert await controller.came(QUESTIONS + 1) == ["GET /sessions/current"] * (QUESTIONS + 1)
            assert not order.done()
            controller.answers.set()
            await asyncio.gather(order, *pages)


async def test_a_page_that_waits_too_long_says_that_it_is_the_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    controller = Controller()
    async with controller.served() as asking:
        console = build_console(asking.where)
        console.state.upstream = asking
        pages = [asyncio.create_task(asking.ask("GET", "/site")) for _ in range(QUESTIONS)]
        await controller.came(QUESTIONS)
        monkeypatch.setattr(upstream, "PATIENCE_S", 0.0)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(console), base_url="http://console", cookies={"rempart-session-80": "t"}
        ) as browser:
            answer = await browser.get("/")
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")
        assert "Too many pages ask at this moment" in answer.text
        controller.answers.set()
        await asyncio.gather(*pages)
