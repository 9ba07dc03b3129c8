"""How much the console asks of the controller at once: an order of anybody waits behind no more than that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from controller.console import upstream
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
        assert await asking.ask("GET", "/site") == {}, "nobody has kept a turn"
