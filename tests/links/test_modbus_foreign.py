"""The driver against a peer that somebody else wrote: pymodbus' own server, over TCP and RTU."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pymodbus.framer import FramerType
from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from controller.core.readings import Value
from controller.ports import Point, PointType, Refusing, Unit
from drivers.modbus import ModbusLink
from drivers.profile import Register, Table
from tests.links.peers.line import bridge
from tests.links.suite.base import soon

POINTS = (
    *(Point(f"do{i}", Register(Table.COIL, i), writable=True) for i in range(16)),
    *(Point(f"di{i}", Register(Table.DISCRETE, i)) for i in range(16)),
    Point("count", Register(Table.INPUT, 0), PointType.U16),
    Point("pressure", Register(Table.INPUT, 20), PointType.F32),
    Point("limit", Register(Table.HOLDING, 0), PointType.I16, scale=0.5, writable=True),
    Point("total", Register(Table.HOLDING, 2), PointType.U32, writable=True),
    Point("beyond", Register(Table.HOLDING, 900), PointType.U16),
)
UNIT = Unit("foreign", "wire", 17, {point.name: point for point in POINTS})


def device(unit: int) -> SimDevice:
    high, low = struct.unpack(">HH", struct.pack(">f", 12.5))
    return SimDevice(
        unit,
        simdata=(
            [SimData(0, values=[False] * 16, datatype=DataType.BITS)],
            [SimData(0, values=[True, False] * 8, datatype=DataType.BITS)],
            # Holding registers come before input registers here.
            [SimData(0, values=[0] * 10, datatype=DataType.REGISTERS)],
            [
                SimData(0, values=[unit], datatype=DataType.REGISTERS),
                SimData(20, values=[high, low], datatype=DataType.REGISTERS),
            ],
        ),
    )


@asynccontextmanager
async def tcp() -> AsyncIterator[str]:
    server = ModbusTcpServer([device(17)], address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    assert isinstance(server.transport, asyncio.Server)
    yield f"modbus+tcp://127.0.0.1:{server.transport.sockets[0].getsockname()[1]}"
    await server.shutdown()


@asynccontextmanager
async def rtu() -> AsyncIterator[str]:
    with bridge() as (near, far):
        server = ModbusSerialServer([device(17)], port=far, framer=FramerType.RTU, baudrate=19200)
        await server.serve_forever(background=True)
        yield f"modbus+rtu://{near}?baudrate=19200&parity=N"
        await server.shutdown()


@pytest.mark.parametrize("peer", [tcp, rtu])
async def test_a_foreign_server_is_read_and_written(peer):
    async with peer() as url:
        link = ModbusLink("wire", url)
        await link.open(UNIT, soon())
        wanted = ("di0", "di1", "di15", "count", "pressure")
        readings = await link.read(UNIT, tuple(UNIT.points[name] for name in wanted), soon())
        assert [readings[name].value for name in wanted] == [True, False, False, 17, 12.5]
        orders: dict[str, Value] = {"do0": False, "do1": True, "do2": True, "do9": True, "limit": -7.5, "total": 70_000}
        await link.write(UNIT, [(UNIT.points[name], value) for name, value in orders.items()], soon())
        readings = await link.read(UNIT, tuple(UNIT.points[name] for name in orders), soon())
        assert {name: reading.value for name, reading in readings.items()} == orders
        await link.close()


@pytest.mark.parametrize("peer", [tcp, rtu])
async def test_a_foreign_servers_exception_is_a_refusal(peer):
    async with peer() as url:
        link = ModbusLink("wire", url)
        await link.open(UNIT, soon())
        with pytest.raises(Refusing, match=r"exception 2 \(illegal data address\)"):
            await link.read(UNIT, (UNIT.points["beyond"],), soon())
        assert (await link.read(UNIT, (UNIT.points["count"],), soon()))["count"].value == 17
        await link.close()
