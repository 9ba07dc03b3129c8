"""Each transport as the suite needs it: its unit, its link, its peer."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from controller.ports import Link, Point, PointType, Unit
from drivers.modbus import ModbusLink
from drivers.mqtt import MqttLink
from drivers.opcua import OpcUaLink
from drivers.profile import Register, Table
from tests.links.peers.mqtt import UNIT as COUNTER
from tests.links.peers.opcua import UNIT as PLC
from tests.replay.dialects import ORDER, SECOND, SERIAL_NUMBER, ModbusRtu, ModbusTcp, Mqtt, OpcUa
from tests.replay.misfortune import Misfortune
from tests.replay.peers import PtyPeer, TcpPeer
from tests.replay.run import Setting

MODBUS_POINTS = {
    point.name: point
    for point in (
        Point("status", Register(Table.INPUT, 0), PointType.U16),
        Point("order", Register(Table.HOLDING, ORDER), PointType.U16, writable=True),
        Point("second", Register(Table.HOLDING, SECOND), PointType.U16, writable=True),
        Point("serial_number", Register(Table.HOLDING, SERIAL_NUMBER), PointType.U16),
    )
}
MODBUS_UNIT = Unit("unit", "wire", 7, MODBUS_POINTS, {"serial_number": 4711}, {"patience_s": 0.2})


def modbus_link(url: str) -> Link:
    """Make our link."""
    return ModbusLink("wire", url)


def opcua_link(url: str) -> Link:
    """Make our link."""
    return OpcUaLink("wire", url, now=asyncio.get_running_loop().time)


def mqtt_link(url: str) -> Link:
    """Make our link."""
    return MqttLink("wire", url, now=asyncio.get_running_loop().time)


TCP = Setting("modbus+tcp", MODBUS_UNIT, ("order", "second"), ("status",), modbus_link)
RTU = Setting("modbus+rtu", MODBUS_UNIT, ("order", "second"), ("status",), modbus_link)
OPCUA = Setting(
    "opc.tcp", replace(PLC, options={"patience_s": 0.4}), ("command", "watchdog"), ("raised", "dial"), opcua_link
)
MQTT = Setting(
    "mqtt", replace(COUNTER, options={"patience_s": 0.4}), ("count", "serial"), ("count",), mqtt_link, "Refusing"
)
"""Asked although it cannot be, so that there is something to count: it answers with no readings."""


def tcp_peer(fate: Misfortune) -> TcpPeer:
    """Make the peer of a run."""
    return TcpPeer(fate, ModbusTcp(), "modbus+tcp")


def rtu_peer(fate: Misfortune, folder: Path) -> PtyPeer:
    """Make the peer of a run."""
    return PtyPeer(fate, ModbusRtu(), folder)


def opcua_peer(fate: Misfortune, server: int) -> TcpPeer:
    """Make the peer of a run, before the server at port `server`."""
    return TcpPeer(fate, OpcUa(server), "opc.tcp")


def mqtt_peer(fate: Misfortune) -> TcpPeer:
    """Make the broker of a run."""
    return TcpPeer(fate, Mqtt(), "mqtt")
