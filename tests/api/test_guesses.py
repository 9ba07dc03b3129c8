"""Guessing at passwords gets nobody in, and keeps nobody from a lockdown."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import AsyncIterator

import httpx
import pytest
from argon2 import PasswordHasher

from controller.api import ApiServer
from controller.api.gate import address
from controller.people.passwords import WAITING
from controller.people.reception import Reception
from controller.people.throttle import FREE
from tests.api.conftest import PASSWORD, Clock, LogIn, over_tcp, over_unix
from tests.api.test_commands import COMMANDS, order
from tests.shell.scripted import Rig

SESSIONS = "/api/v1/sessions"
GUESSES, ADDRESSES, CONNECTIONS = 10_000, 100, 20
NAMES = ("olga", "tom", "sam", "ada", "vic", "nobody")


async def guess(server: ApiServer, numbers: range, seen: Counter[int]) -> None:
    """Guess over one connection, as a program does that wants to be quick: without waiting for one answer before the next."""
    reader, writer = await asyncio.open_unix_connection(str(server.socket_path))
    for number in numbers:
        body = json.dumps({"user": NAMES[number % len(NAMES)], "password": f"guess number {number}"})
        head = (
            f"POST {SESSIONS} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 198.51.100.{number % ADDRESSES}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body.encode())
        status = int((await reader.readline()).split()[1])
        length = 0
        while (line := await reader.readline()) != b"\r\n":
            name, _, value = line.decode().partition(":")
            length = int(value) if name.lower() == "content-length" else length
        await reader.readexactly(length)
        seen[status] += 1
    writer.close()


async def test_ten_thousand_guesses_from_a_hundred_addresses_get_in_nowhere_and_a_lockdown_is_accepted_meanwhile(
    server: ApiServer, log_in: LogIn, rig: Rig, reception: Reception
):
    olga, seen = await log_in("olga"), Counter[int]()
    share = GUESSES // CONNECTIONS
    async with asyncio.TaskGroup() as flood:
        for n in range(CONNECTIONS):
            flood.create_task(guess(server, range(n * share, (n + 1) * share), seen))
        while not seen[429]:  # noqa: ASYNC110 (the guesses go on in this loop: each turn of it lets one of them count)
            await asyncio.sleep(0)
        given = await olga.post(COMMANDS, json=order("lockdown"))
        before = seen.total()
    assert given.status_code == 202
    assert before < GUESSES
    assert seen.total() == GUESSES
    assert set(seen) <= {401, 429, 503}
    # Nobody's clock goes on: each address has its first five, each name as many.
    assert seen[401] <= FREE * len(NAMES)
    # Who is familiar at an address is let in there all the same.
    assert (await log_in("olga")).headers["Authorization"]
    records = await rig.supervisor.journal.select(kind="people")
    assert [record.entry.body["what"] for record in records].count("login-failed") == 1


class Held(PasswordHasher):
    """A hasher that does not come to an end before it is let go."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.begun, self.let_go = threading.Event(), threading.Event()

    def verify(self, *words: object, **more: object) -> bool:  # type: ignore[override]
        self.begun.set()
        self.let_go.wait()
        return bool(super().verify(*words, **more))  # type: ignore[arg-type]


@pytest.fixture
async def held(reception: Reception) -> AsyncIterator[Held]:
    hasher = Held()
    reception._passwords._hasher = hasher
    yield hasher
    hasher.let_go.set()


async def test_orders_do_not_wait_for_passwords_of_which_no_more_than_a_few_wait(
    server: ApiServer, client: httpx.AsyncClient, held: Held, rig: Rig
):
    statuses: list[int] = []

    async def one(number: int) -> None:
        async with over_unix(server, **{"X-Forwarded-For": f"198.51.100.{number}"}) as http:
            body = {"user": f"name-{number}", "password": "x"}
            answer = await http.post(SESSIONS, json=body)
            statuses.append(answer.status_code)
            if answer.status_code == 503:
                assert answer.json()["error"]["code"] == "too-many-logins"
                assert answer.headers["Retry-After"] == "2"
                turned_away.set()

    turned_away = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for number in range(WAITING + 2):
            group.create_task(one(number))
        await asyncio.to_thread(held.begun.wait)
        await turned_away.wait()
        assert statuses == [503]
        assert (await client.post(COMMANDS, json=order("lockdown"))).status_code == 202
        assert statuses == [503]
        held.let_go.set()
    assert Counter(statuses) == {503: 1, 401: WAITING + 1}


async def test_too_many_attempts_are_told_when_to_come_again(nobody: httpx.AsyncClient, clock: Clock):
    body = {"user": "olga", "password": "not-the-password"}
    answers = [await nobody.post(SESSIONS, json=body) for _ in range(FREE + 1)]
    assert [answer.status_code for answer in answers] == [401] * FREE + [429]
    assert answers[-1].headers["Retry-After"] == "1"
    assert answers[-1].json()["error"]["code"] == "too-many-attempts"
    right = {**body, "password": PASSWORD}
    assert (await nobody.post(SESSIONS, json=right)).status_code == 429
    clock.goes_on(1)
    assert (await nobody.post(SESSIONS, json=right)).status_code == 201


async def test_what_a_header_says_of_the_address_counts_only_on_the_unix_socket(server: ApiServer, clock: Clock):
    async with over_tcp(server, Accept="*/*") as tcp, over_unix(server, Accept="*/*") as unix:
        for client, last in ((tcp, 429), (unix, 401)):
            statuses = [
                (
                    await client.post(
                        SESSIONS,
                        json={"user": f"name-{client is tcp}-{n}", "password": "x"},
                        headers={"X-Forwarded-For": f"198.51.100.{n}"},
                    )
                ).status_code
                for n in range(FREE + 1)
            ]
            assert statuses == [401] * FREE + [last]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (["192.0.2.1"], "192.0.2.1"),
        (["203.0.113.9, 192.0.2.1"], "192.0.2.1"),
        (["203.0.113.9", "192.0.2.1"], "192.0.2.1"),
        ([" 2001:db8::1 "], "2001:db8::1"),
        (["nobody"], "this machine"),
        ([], "this machine"),
    ],
)
def test_the_address_is_what_the_console_says_last(said: list[str], found: str):
    headers = [(b"x-forwarded-for", text.encode()) for text in said]
    assert address({"type": "http", "server": ("/run/api.sock", None), "client": None, "headers": headers}) == found


def test_over_tcp_the_address_is_the_peers():
    scope = {"type": "http", "server": ("127.0.0.1", 8470), "client": ("127.0.0.1", 5), "headers": []}
    assert address({**scope, "headers": [(b"x-forwarded-for", b"192.0.2.1")]}) == "127.0.0.1"
    assert address({**scope, "client": None}) == ""
