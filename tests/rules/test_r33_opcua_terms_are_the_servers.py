"""R33 OPC UA staleness uses the server-REVISED interval; nothing of an old session is used after a new one (S7-1500 manual)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from controller.ports import Mute
from drivers.opcua import OpcUaLink
from drivers.opcua_session import Session, Terms
from tests.links.peers.opcua import OPTIONS, UNIT, OpcUaPeer
from tests.links.peers.opcua_process import ServerProcess
from tests.links.peers.subscription import Subscription
from tests.links.suite.base import soon

REAL_LOOP = True
"""A real server in a process of its own."""

IMPATIENT = replace(UNIT, options={**OPTIONS, "publish_s": 0.01, "patience_s": 0.4})
"""It asks to hear every 10 ms; this server publishes every 50 ms at most, and keeps alive accordingly."""


@asynccontextmanager
async def served() -> AsyncIterator[tuple[ServerProcess, OpcUaLink]]:
    with TemporaryDirectory() as folder:
        OpcUaPeer.server = server = ServerProcess()
        peer = OpcUaPeer(Path(folder))
        await peer.start()
        link = peer.link()
        assert isinstance(link, OpcUaLink)
        try:
            yield server, link
        finally:
            server.thaw()
            await link.close()
            await peer.stop()
            server.end()


async def test_r33_silence_is_measured_by_what_the_server_has_revised():
    async with served() as (server, link):
        await link.open(IMPATIENT, soon())
        subscription = Subscription(link, IMPATIENT, "dial")
        try:
            await subscription.next()
            assert link.terms[IMPATIENT.name].publish_s == 0.05
            server.freeze()
            async with asyncio.timeout(10):
                with pytest.raises(Mute, match="keep-alive"):
                    await subscription.task
        finally:
            await subscription.stop()
            await asyncio.gather(subscription.task, return_exceptions=True)


def broken(patch: pytest.MonkeyPatch) -> None:
    first = Session.listen

    async def as_asked(self: Session, nodes: Any, publish_s: float, *rest: Any) -> Terms:
        return replace(await first(self, nodes, publish_s, *rest), publish_s=publish_s, keepalive_s=3600.0)

    patch.setattr(Session, "listen", as_asked)
