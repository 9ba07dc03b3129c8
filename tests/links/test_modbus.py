"""The conformance suite over Modbus TCP and RTU."""

from __future__ import annotations

from tests.links.conformance import Conformance
from tests.links.peers.modbus_rtu import RtuPeer
from tests.links.peers.modbus_tcp import TcpPeer


class TestModbusTcp(Conformance):
    adapter = TcpPeer


class TestModbusRtu(Conformance):
    adapter = RtuPeer
