"""The yard of tests.shell.scripted, served on a unix socket and on loopback TCP, and clients of both."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette

from controller.api import ApiServer, build_app
from controller.api.service import Service, Stamper, wall_clock
from controller.people.demo import add_demo_users
from controller.people.passwords import Passwords
from controller.people.reception import Reception
from controller.people.store import Store
from tests.shell.scripted import Rig, running

TOKEN = "a-token-of-the-length-that-tokens-have"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
SUPERVISOR_TOKEN = "another-token-for-who-resets-emergencies"
SUPERVISOR = {"Authorization": f"Bearer {SUPERVISOR_TOKEN}"}
WAIT_S = 10.0
PASSWORD = "rempart-demo"
LogIn = Callable[..., Any]


def service_of(rig: Rig) -> Service:
    """The site of `rig` as the API sees it, for what is called without a server."""
    now = asyncio.get_running_loop().time
    reception = reception_of(rig)
    stamp = Stamper(now, wall_clock)
    return Service(
        supervisor=rig.supervisor, reception=reception, now=now, utc=wall_clock, stamp=stamp, version="0.0.0"
    )


CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
"""Of passwords that nobody guesses: a hash takes as long as an answer."""


def reception_of(rig: Rig, store: Store | None = None, **more: Any) -> Reception:
    """The people of `rig`."""
    clocks = {"now": asyncio.get_running_loop().time, "utc": wall_clock, **more}
    return Reception(store or Store(None), rig.supervisor.journal, passwords=CHEAP, demo=True, **clocks)


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
def store(tmp_path: Path) -> Store:
    """The users olga, tom, sam, ada and vic, one of each role."""
    store = Store(tmp_path / "people.db")
    add_demo_users(store, simulated=True, passwords=CHEAP)
    return store


class Clock:
    """The time of people's attempts and sessions: it goes on only when it is told to."""

    def __init__(self, at: float) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at

    def goes_on(self, seconds: float) -> None:
        self.at += seconds


@pytest.fixture
async def clock() -> Clock:
    return Clock(asyncio.get_running_loop().time())


@pytest.fixture
async def reception(rig: Rig, store: Store, clock: Clock) -> AsyncIterator[Reception]:
    reception = reception_of(rig, store, now=clock)
    yield reception
    reception.close()


@pytest.fixture
async def app(rig: Rig, reception: Reception) -> Starlette:
    return build_app(rig.supervisor, token=TOKEN, supervisor_token=SUPERVISOR_TOKEN, reception=reception)


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


@pytest.fixture
async def nobody(server: ApiServer) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a token."""
    async with over_unix(server, Accept="*/*") as client:
        yield client


@pytest.fixture
async def log_in(server: ApiServer, nobody: httpx.AsyncClient) -> AsyncIterator[LogIn]:
    """`await log_in("olga")`: a client with a session of hers."""
    async with AsyncExitStack() as stack:

        async def one(user: str, password: str = PASSWORD) -> httpx.AsyncClient:
            answer = await nobody.post("/api/v1/sessions", json={"user": user, "password": password})
            assert answer.status_code == 201, answer.text
            bearer = f"Bearer {answer.json()['token']}"
            return await stack.enter_async_context(over_unix(server, Authorization=bearer))

        yield one
