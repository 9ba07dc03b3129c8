"""The conformance suite over OPC UA, with asyncua's server in a process of its own as the peer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.links.conformance import Conformance
from tests.links.peers.opcua import OpcUaPeer
from tests.links.peers.opcua_process import ServerProcess


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[ServerProcess]:
    OpcUaPeer.server = server = ServerProcess()
    yield server
    server.end()


class TestOpcUa(Conformance):
    adapter = OpcUaPeer
