"""Modbus TCP: requests answered one after the other in the order they came, however many come in one segment."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from struct import unpack

from simulators.servers import modbus_pdu as pdu
from simulators.servers import spoil
from simulators.servers.base import GateOf
from simulators.servers.couplers import UnitMemory
from simulators.servers.tcp import HOST, Listener

LONGEST = 254


class ModbusTcpServer:
    """Units behind one TCP port, by unit id."""

    protocol = "modbus-tcp"

    def __init__(self, units: Mapping[int, UnitMemory], gate: GateOf, port: int = 0) -> None:
        self._units = units
        self._gate = gate
        self.listener = Listener(self._converse, port)

    @property
    def url(self) -> str:
        return f"modbus+tcp://{HOST}:{self.listener.port}"

    async def up(self) -> None:
        await self.listener.up()

    async def down(self) -> None:
        await self.listener.down()

    async def close(self) -> None:
        await self.down()
        for memory in self._units.values():
            memory.close()

    def reboot(self, unit: str) -> None:
        for memory in self._units.values():
            if memory.image.unit == unit:
                memory.reset()

    def memory(self, unit: str) -> UnitMemory | None:
        return next((memory for memory in self._units.values() if memory.image.unit == unit), None)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            transaction, protocol, length = unpack(">HHH", await reader.readexactly(6))
            if protocol != 0 or not 2 <= length <= LONGEST:
                return
            body = await reader.readexactly(length)
            if self.listener.stranded(writer):
                continue
            if not await self._answer(transaction, body[0], body[1:], writer):
                return

    async def _answer(self, transaction: int, unit: int, request: bytes, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; return False to drop the connection."""
        memory = self._units.get(unit)
        gate = self._gate("" if memory is None else memory.image.unit)
        if gate.reset:
            return False
        if gate.delay_s:
            await asyncio.sleep(gate.delay_s)
        if gate.silent:
            return True
        if memory is None:
            response = pdu.refusal(request[0], pdu.Code.GATEWAY_TARGET_SILENT)
        elif gate.exception is not None:
            response = pdu.refusal(request[0], gate.exception)
        else:
            response = pdu.answer(memory, request)
        if gate.one_way:
            return True
        for piece in spoil.pieces(spoil.tcp(transaction, unit, response, gate), gate):
            writer.write(piece)
            await writer.drain()
            if gate.trickle_s:
                await asyncio.sleep(gate.trickle_s)
        return not gate.cut
