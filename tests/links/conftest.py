"""Scripted Modbus peers, started."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.links.peers.modbus_rtu import RtuPeer
from tests.links.peers.modbus_tcp import TcpPeer


@pytest.fixture
async def tcp(tmp_path: Path) -> AsyncIterator[TcpPeer]:
    peer = TcpPeer(tmp_path)
    await peer.start()
    yield peer
    await peer.stop()


@pytest.fixture
async def rtu(tmp_path: Path) -> AsyncIterator[RtuPeer]:
    peer = RtuPeer(tmp_path)
    await peer.start()
    yield peer
    await peer.stop()
