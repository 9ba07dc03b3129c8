"""The stream of events: nothing is missed, nothing comes twice, and a client that was away goes on where it was."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from controller import stream
from controller.api import ApiServer, events
from controller.api.gate import OPERATOR
from tests.api.conftest import BEARER, service_of
from tests.shell.scripted import OVERALL_S, Rig

EVENTS = "/api/v1/events"


@dataclass
class Event:
    kind: str
    id: str
    data: Any


async def parsed(answer: httpx.Response) -> AsyncIterator[Event | str]:
    """Events, and comments as text; a client written from the standard (HTML, server-sent events)."""
    fields: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if line.startswith(":"):
            yield line[1:].strip()
        elif line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "data" in fields:
            yield Event(fields.get("event", "message"), fields.get("id", ""), json.loads(fields["data"]))
            fields = {}
        else:
            fields = {}


class Following:
    def __init__(self, heard: AsyncIterator[Event | str]) -> None:
        self._heard = heard

    async def next(self) -> Event | str:
        async with asyncio.timeout(OVERALL_S):
            return await anext(self._heard)

    async def event(self, kind: str, **data: Any) -> Event:
        """The next event of this kind that says this."""
        async with asyncio.timeout(OVERALL_S):
            while True:
                event = await self.next()
                if isinstance(event, Event) and event.kind == kind and data.items() <= event.data.items():
                    return event

    async def to_the_end(self) -> None:
        async with asyncio.timeout(OVERALL_S):
            async for _ in self._heard:
                pass


@asynccontextmanager
async def following(client: httpx.AsyncClient, last_id: str = "") -> AsyncIterator[Following]:
    headers = {"Last-Event-ID": last_id} if last_id else {}
    async with client.stream("GET", EVENTS, headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        async with aclosing(parsed(answer)) as heard:  # type: ignore[type-var]
            yield Following(heard)


async def test_the_first_event_is_hello_with_boot_and_site(each: httpx.AsyncClient, rig: Rig):
    async with following(each) as stream_:
        hello = await stream_.next()
    assert isinstance(hello, Event)
    assert (hello.kind, hello.data["boot"], hello.data["site"]["name"]) == ("hello", "boot", "yard")
    assert hello.id == rig.supervisor.stream.last_id


async def test_an_order_is_told_from_its_receipt_to_its_end(client: httpx.AsyncClient, rig: Rig):
    rig.link.follow()
    async with following(client) as stream_:
        await stream_.event("hello")
        await client.post("/api/v1/commands", json={"target": "bollard", "action": "lower", "id": "o"})
        lives = []
        while "confirmed" not in lives:
            lives.append((await stream_.event("command", id="o")).data["life"])
    assert (lives[:2], lives[-1]) == (["received", "accepted"], "confirmed")


async def test_device_and_alarm_events_come_as_they_happen(client: httpx.AsyncClient, rig: Rig):
    async with following(client) as stream_:
        rig.link.detect("entry")
        told = await stream_.event("device", id="entry")
        assert (told.data["was"], told.data["state"]) == ("clear", "occupied")
        rig.link.steel("contradiction")
        assert (await stream_.event("alarm", device="bollard")).data["state"] == "unacknowledged"


async def test_ids_are_the_boot_and_a_number_without_gaps(client: httpx.AsyncClient, rig: Rig):
    async with following(client) as stream_:
        hello = await stream_.event("hello")
        rig.link.detect("entry")
        rig.link.detect("exit")
        ids = [(await stream_.event("device")).id for _ in range(2)]
    first = int(hello.id.removeprefix("boot-"))
    assert ids == [f"boot-{first + 1}", f"boot-{first + 2}"]


async def test_a_client_that_was_away_hears_what_it_missed_once_and_in_order(client: httpx.AsyncClient, rig: Rig):
    async with following(client) as stream_:
        last = (await stream_.event("hello")).id
    rig.link.detect("entry")
    await rig.shows("entry", "occupied")
    rig.link.detect("entry", occupied=False)
    await rig.shows("entry", "clear")
    async with following(client, last) as stream_:
        hello = await stream_.next()
        assert isinstance(hello, Event)
        # Without an id: a client that is cut off here still resumes where it was.
        assert (hello.kind, hello.id) == ("hello", "")
        missed = [await stream_.next() for _ in range(2)]
        rig.link.detect("exit")
        then = await stream_.next()
    assert [m.data["state"] for m in missed if isinstance(m, Event)] == ["occupied", "clear"]
    assert isinstance(then, Event)
    assert then.data["id"] == "exit"


async def test_what_happens_while_hello_is_on_its_way_is_not_missed(rig: Rig):
    service = service_of(rig)
    async with aclosing(events._lines(service, OPERATOR, "", rig.supervisor.stream.last_id)) as lines:
        assert b"event: hello" in await anext(lines)
        rig.supervisor.stream.publish("test", {"n": 1})
        assert b"event: test" in await anext(lines)


@pytest.mark.parametrize("last_id", ["earlier-3", "boot-999999", "boot--1", "garbage", "boot-", "boot-" + "9" * 5000])
async def test_an_id_that_is_not_known_gets_a_reset_to_go_on_from(client: httpx.AsyncClient, rig: Rig, last_id: str):
    async with following(client, last_id) as stream_:
        await stream_.event("hello")
        reset = await stream_.next()
        assert isinstance(reset, Event)
        assert (reset.kind, reset.id) == ("reset", rig.supervisor.stream.last_id)
        rig.link.detect("entry")
        assert (await stream_.event("device", id="entry")).data["state"] == "occupied"


async def test_more_than_is_kept_for_a_slow_reader_may_be_missed_and_resumed(client: httpx.AsyncClient, rig: Rig):
    last = rig.supervisor.stream.last_id
    for number in range(stream.BEHIND + 500):
        rig.supervisor.stream.publish("test", {"n": number})
    async with following(client, last) as stream_:
        await stream_.event("hello")
        heard = [await stream_.event("test") for _ in range(stream.BEHIND + 500)]
    assert [e.data["n"] for e in heard] == list(range(stream.BEHIND + 500))


async def test_a_silent_stream_says_that_it_is_alive(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(events, "KEEP_ALIVE_S", 0.01)
    async with following(client) as stream_:
        await stream_.event("hello")
        assert [await stream_.next() for _ in range(3)] == ["keep-alive"] * 3


async def test_events_are_not_lost_between_keep_alives(
    client: httpx.AsyncClient, rig: Rig, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(events, "KEEP_ALIVE_S", 0.001)
    async with following(client) as stream_:
        await stream_.event("hello")
        for number in range(200):
            rig.supervisor.stream.publish("test", {"n": number})
            assert (await stream_.event("test")).data == {"n": number}


async def test_the_end_of_the_supervisor_ends_the_stream(client: httpx.AsyncClient, rig: Rig):
    async with following(client) as stream_:
        await stream_.event("hello")
        rig.supervisor.stop()
        await stream_.to_the_end()


async def test_a_client_that_goes_away_leaves_nothing_behind(server: ApiServer, rig: Rig):
    reader, writer = await asyncio.open_unix_connection(str(server.socket_path))
    writer.write(f"GET {EVENTS} HTTP/1.1\r\nHost: x\r\nAuthorization: {BEARER['Authorization']}\r\n\r\n".encode())
    async with asyncio.timeout(OVERALL_S):
        await reader.readuntil(b"event: hello")
        rig.link.detect("entry")
        await reader.readuntil(b"event: device")
        await waiting(rig.supervisor.stream, 1)
        writer.close()
        await waiting(rig.supervisor.stream, 0)


async def test_a_client_that_resumes_leaves_the_loop_its_turns(rig: Rig):
    last = rig.supervisor.stream.last_id
    for number in range(4 * stream.AT_ONCE):
        rig.supervisor.stream.publish("test", {"n": number})
    service = service_of(rig)
    turns, texts = 0, list[bytes]()

    async def counting() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(counting())
    async with aclosing(events._lines(service, OPERATOR, last, last)) as lines:
        while sum(text.count(b"event: test") for text in texts) < 4 * stream.AT_ONCE:
            texts.append(await anext(lines))
    other.cancel()
    assert max(text.count(b"event: ") for text in texts) == stream.AT_ONCE
    assert turns >= 3


async def waiting(followed: stream.Stream, count: int) -> None:
    """Return once so many followers wait for news."""
    while len(followed._bells) != count:  # noqa: ASYNC110 (they tell nobody)
        await asyncio.sleep(0)
