"""A server for each module."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from drivers.opcua import OpcUaLink
from tests.links.peers.opcua import OpcUaPeer
from tests.links.peers.opcua_process import ServerProcess


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    OpcUaPeer.server = server = ServerProcess()
    yield server
    server.end()


@pytest.fixture
async def peer(server: ServerProcess, tmp_path: Path) -> AsyncIterator[OpcUaPeer]:
    peer = OpcUaPeer(tmp_path)
    await peer.start()
    yield peer
    server.thaw()
    await peer.stop()


@pytest.fixture
async def link(peer: OpcUaPeer) -> AsyncIterator[OpcUaLink]:
    link = peer.link()
    assert isinstance(link, OpcUaLink)
    yield link
    await link.close()
