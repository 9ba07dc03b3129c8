"""The yard of tests.shell.scripted, served on a unix socket and on loopback TCP, and clients of both."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from controller.api import ApiServer, build_app
from controller.api.service import Service, Stamper, wall_clock
from tests.shell.scripted import Rig, running

TOKEN = "a-token-of-the-length-that-tokens-have"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
SUPERVISOR_TOKEN = "another-token-for-who-resets-emergencies"
SUPERVISOR = {"Authorization": f"Bearer {SUPERVISOR_TOKEN}"}
WAIT_S = 10.0


def service_of(rig: Rig) -> Service:
    """The site of `rig` as the API sees it, for what is called without a server."""
    now = asyncio.get_running_loop().time
    return Service(supervisor=rig.supervisor, now=now, utc=wall_clock, stamp=Stamper(now, wall_clock), version="0.0.0")


@pytest.fixture
def sockets() -> Iterator[Path]:
    """A folder with a path short enough for a socket, whatever the test is called."""
    with tempfile.TemporaryDirectory(prefix="rempart-") as folder:
        yield Path(folder)


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    """The yard, running, everything heard once: bollard raised, loops clear, signal at halt."""
    async with running(tmp_path) as rig:
        await rig.quiet()
        yield rig


@pytest.fixture
async def app(rig: Rig) -> Starlette:
    return build_app(rig.supervisor, token=TOKEN, supervisor_token=SUPERVISOR_TOKEN)


@pytest.fixture
async def server(app: Starlette, sockets: Path) -> AsyncIterator[ApiServer]:
    async with ApiServer(app, sockets / "api.sock", port=0) as server:
        yield server


def over_tcp(server: ApiServer, **headers: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=server.url, headers=headers or BEARER, timeout=WAIT_S)


def over_unix(server: ApiServer, **headers: str) -> httpx.AsyncClient:
    transport = httpx.AsyncHTTPTransport(uds=str(server.socket_path))
    return httpx.AsyncClient(transport=transport, base_url="http://rempart", headers=headers or BEARER, timeout=WAIT_S)


@pytest.fixture
async def tcp(server: ApiServer) -> AsyncIterator[httpx.AsyncClient]:
    async with over_tcp(server) as client:
        yield client


@pytest.fixture
async def unix(server: ApiServer) -> AsyncIterator[httpx.AsyncClient]:
    async with over_unix(server) as client:
        yield client


@pytest.fixture
def client(tcp: httpx.AsyncClient) -> httpx.AsyncClient:
    """Either way in serves."""
    return tcp


@pytest.fixture(params=["tcp", "unix"])
async def each(request: pytest.FixtureRequest, server: ApiServer) -> AsyncIterator[httpx.AsyncClient]:
    """Each of the two ways in."""
    reach: Callable[[ApiServer], httpx.AsyncClient] = over_tcp if request.param == "tcp" else over_unix
    async with reach(server) as client:
        yield client


@pytest.fixture
async def serve(sockets: Path) -> AsyncIterator[Callable[[Rig], object]]:
    """`await serve(rig)`: a client of another rig's API, for tests that need their own."""
    async with AsyncExitStack() as stack:

        async def one(rig: Rig, name: str = "other.sock") -> httpx.AsyncClient:
            app = build_app(rig.supervisor, token=TOKEN, supervisor_token=SUPERVISOR_TOKEN)
            server = await stack.enter_async_context(ApiServer(app, sockets / name, port=0))
            return await stack.enter_async_context(over_unix(server))

        yield one
