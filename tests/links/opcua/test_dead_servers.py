"""Servers that are frozen, say nothing, hang up or refuse."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field, replace

import pytest
from asyncua.client.client import Client
from asyncua.common.utils import wait_for

from controller.ports import Mute, Refusing, Unreachable
from drivers.opcua import OpcUaLink
from tests.links.adapter import ENDLESS_S, OVERALL_S, Mode
from tests.links.peers.opcua import OPTIONS, UNIT, OpcUaPeer
from tests.links.peers.opcua_process import ServerProcess
from tests.links.peers.subscription import Subscription
from tests.links.suite.base import asked, nothing_left, open_files, soon


async def test_r33_frozen_server_ends_a_subscription_within_revised_keepalive_and_patience(
    server: ServerProcess, link: OpcUaLink
):
    unit = replace(UNIT, options={**OPTIONS, "patience_s": 0.4})
    await link.open(unit, soon())
    subscription = Subscription(link, unit, "dial")
    await subscription.next()
    terms = link.terms[unit.name]
    server.freeze()
    frozen = soon(0)
    with pytest.raises(Mute, match="neither a change nor a keep-alive"):
        await subscription.task
    assert soon(0) - frozen < terms.keepalive_s + 0.4 + 3.0
    with pytest.raises(Unreachable, match="not connected"):
        await link.read(unit, asked(unit, ["dial"]), soon())


async def test_close_of_a_frozen_server_is_bounded(server: ServerProcess, link: OpcUaLink):
    await link.open(UNIT, soon())
    server.freeze()
    async with asyncio.timeout(3):
        await link.close()


async def test_session_that_is_lost_ends_a_subscription_of_any_patience_at_once(peer: OpcUaPeer, link: OpcUaLink):
    unit = peer.patient(ENDLESS_S)
    await link.open(unit, soon())
    subscription = Subscription(link, unit, "dial")
    await subscription.next()
    peer.mode = Mode.CUT
    with pytest.raises(Mute):
        await link.read(unit, asked(unit, ["dial"]), soon())
    with pytest.raises(Unreachable, match="the session was lost"):
        await subscription.task


async def test_session_that_is_ready_in_the_very_turn_in_which_its_time_is_over_is_mute(
    link: OpcUaLink, monkeypatch: pytest.MonkeyPatch
):
    """asyncua's wait_for ends such a wait with a cancellation of its own kind, which asyncio.timeout lets through."""
    loop, deadline = asyncio.get_running_loop(), soon(0.5)
    answer: asyncio.Future[None] = loop.create_future()

    def answer_and_stall() -> None:
        answer.set_result(None)
        time.sleep(0.03)

    async def activating(client: Client) -> None:
        await wait_for(answer, ENDLESS_S)

    monkeypatch.setattr(Client, "activate_session", activating)
    loop.call_at(deadline - 0.01, answer_and_stall)
    with pytest.raises(Mute, match="connected, but no session within"):
        await link.open(UNIT, deadline)


@dataclass
class BlackHole:
    """A server that takes connections and bytes, and never says anything."""

    url: str = ""
    spoken_to: asyncio.Event = field(default_factory=asyncio.Event)


@pytest.fixture
async def black_hole() -> AsyncIterator[BlackHole]:
    hole, writers = BlackHole(), []

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        while await reader.read(100):
            hole.spoken_to.set()
        writer.close()

    listening = await asyncio.start_server(swallow, "127.0.0.1", 0)
    hole.url = f"opc.tcp://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    yield hole
    listening.close()
    for writer in writers:
        writer.transport.abort()
    await listening.wait_closed()


async def test_server_that_says_nothing_is_mute_by_the_deadline_and_closed_at_once(black_hole: BlackHole):
    link = OpcUaLink("plc", black_hole.url)
    deadline = soon(0.2)
    with pytest.raises(Mute, match="connected, but no session"):
        await link.open(UNIT, deadline)
    assert soon(0) - deadline < 3
    async with asyncio.timeout(3):
        await link.close()


async def test_close_while_opening_tells_whoever_opens(black_hole: BlackHole):
    link = OpcUaLink("plc", black_hole.url)
    opening = asyncio.create_task(link.open(UNIT, soon(ENDLESS_S)))
    await black_hole.spoken_to.wait()
    async with asyncio.timeout(3):
        await link.close()
        with pytest.raises((Mute, Unreachable)):
            await opening


async def test_server_that_hangs_up_is_told():
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    listening = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    link = OpcUaLink("plc", f"opc.tcp://127.0.0.1:{listening.sockets[0].getsockname()[1]}")
    async with asyncio.timeout(OVERALL_S):
        with pytest.raises(Mute, match="the connection was closed"):
            await link.open(UNIT, soon(ENDLESS_S))
    await link.close()
    listening.close()
    await listening.wait_closed()


async def test_server_that_refuses_the_connection_is_refusing_and_says_why():
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        # Part 6, 7.1.2.5: an error message, here BadTcpEndpointUrlInvalid without a reason.
        writer.write(b"ERRF" + struct.pack("<IIi", 16, 0x80830000, -1))
        with suppress(ConnectionError):
            await reader.read(-1)
        writer.close()

    files, listening = open_files(), await asyncio.start_server(refuse, "127.0.0.1", 0)
    tasks = asyncio.all_tasks()
    link = OpcUaLink("plc", f"opc.tcp://127.0.0.1:{listening.sockets[0].getsockname()[1]}")
    with pytest.raises(Refusing, match="no session: BadTcpEndpointUrlInvalid"):
        await link.open(UNIT, soon())
    listening.close()
    await listening.wait_closed()
    await nothing_left(files, tasks)
