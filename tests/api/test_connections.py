"""Connections that never say what they want, and more of them than there is room for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from controller import connections
from controller.api import ApiServer, events
from tests.api.conftest import TOKEN, over_tcp, over_unix, service_of
from tests.shell.scripted import OVERALL_S, Rig

HEAD = f"POST /api/v1/commands HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
SITE = f"GET /api/v1/site HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode()
SHORT_S = 0.05


@asynccontextmanager
async def connected(server: ApiServer) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def closed(reader: asyncio.StreamReader) -> bytes:
    """What comes until the other side closes."""
    async with asyncio.timeout(OVERALL_S):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET /api", f"{HEAD}Content-Length: 100\r\n\r\n{{".encode()],
    ids=["nothing", "half a head", "half a body"],
)
async def test_a_request_that_does_not_come_to_its_end_is_given_up(
    server: ApiServer, monkeypatch: pytest.MonkeyPatch, begun: bytes
):
    monkeypatch.setattr(connections, "REQUEST_S", SHORT_S)
    async with connected(server) as (reader, writer):
        writer.write(begun)
        assert await closed(reader) == b""


async def test_half_a_second_request_on_a_connection_is_given_up_too(
    server: ApiServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connections, "REQUEST_S", SHORT_S)
    async with connected(server) as (reader, writer):
        writer.write(SITE)
        async with asyncio.timeout(OVERALL_S):
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.write(b"GET /api")
        assert b'"boot"' in await closed(reader)


async def test_a_stream_that_is_followed_lasts_longer_than_a_request_may_take(
    server: ApiServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connections, "REQUEST_S", SHORT_S)
    monkeypatch.setattr(events, "KEEP_ALIVE_S", 4 * SHORT_S)
    async with over_tcp(server) as client, client.stream("GET", "/api/v1/events") as answer:
        lines = answer.aiter_lines()
        async with asyncio.timeout(OVERALL_S):
            while await anext(lines) != ": keep-alive":
                pass


async def test_of_too_many_that_wait_the_oldest_goes_and_a_new_one_is_served(
    server: ApiServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connections, "MOST", 3)
    async with AsyncExitStack() as stack:
        waiting = [await stack.enter_async_context(connected(server)) for _ in range(3)]
        async with over_tcp(server) as client:
            assert (await client.get("/api/v1/site")).status_code == 200
            assert await closed(waiting[0][0]) == b""
            waiting[1][1].write(SITE)
            async with asyncio.timeout(OVERALL_S):
                assert (await waiting[1][0].readline()).startswith(b"HTTP/1.1 200")


async def test_where_all_are_being_answered_it_is_the_new_one_that_goes_and_the_owners_socket_serves(
    server: ApiServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connections, "MOST", 2)
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(over_tcp(server))
        for _ in range(2):
            await stack.enter_async_context(client.stream("GET", "/api/v1/events"))
        async with connected(server) as (reader, _):
            assert await closed(reader) == b""
        async with over_unix(server) as owner:
            assert (await owner.get("/api/v1/site")).status_code == 200


async def test_too_many_followers_are_told_so_and_one_that_leaves_makes_room(
    rig: Rig, server: ApiServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(events, "FOLLOWERS", 1)
    stream = service_of(rig).supervisor.stream
    async with over_tcp(server) as client:
        async with client.stream("GET", "/api/v1/events") as answer:
            assert (await anext(answer.aiter_lines())).startswith("retry")
            refused = await client.get("/api/v1/events")
            assert refused.status_code == 503
            assert refused.json()["error"]["code"] == "too-many-streams"
        # The server notices that it has left a moment later.
        async with asyncio.timeout(OVERALL_S):
            while stream.followers:
                assert (await client.get("/api/v1/site")).status_code == 200
        async with client.stream("GET", "/api/v1/events") as again:
            assert again.status_code == 200
