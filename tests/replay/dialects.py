"""The outside of each protocol's messages: where one ends, and which orders it carries. No code of the drivers'."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from typing import ClassVar, Protocol

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_from_binary

from tests.links.peers.modbus_device import Device, crc
from tests.links.peers.opcua import POINTS, WRITE, node_of, service_of

Key = tuple[str, int]
"""An order on the wire: the point that is written, and the value that no other order writes to it."""

ORDER, SECOND, SERIAL_NUMBER = 10, 20, 100
NAMES = {ORDER: "order", SECOND: "second"}
OPCUA_NAMES = {node_of(point): name for name, point in POINTS.items() if point.writable}


class Backend(Protocol):
    """What carries out the messages of one connection."""

    def take(self, message: bytes) -> None:
        """Carry it out."""

    def close(self) -> None:
        """The connection has gone."""


class Dialect(Protocol):
    """One protocol, as the peer and the count need it."""

    def split(self, buffer: bytearray) -> list[bytes]:
        """Take the whole messages off the front of `buffer`."""

    def orders(self, message: bytes) -> list[Key]:
        """Return what a client's message writes."""

    def backend(self, reply: Callable[[bytes], None]) -> Backend:
        """Make what answers in one connection."""


class ModbusTcp:
    """Modbus Messaging on TCP/IP V1.0b."""

    def split(self, buffer: bytearray) -> list[bytes]:
        messages = []
        while len(buffer) >= 6 and len(buffer) >= (size := 6 + struct.unpack_from(">H", buffer, 4)[0]):
            messages.append(bytes(buffer[:size]))
            del buffer[:size]
        return messages

    def orders(self, message: bytes) -> list[Key]:
        return _written(message[7:])

    def backend(self, reply: Callable[[bytes], None]) -> Backend:
        def framed(message: bytes) -> None:
            answer = _DEVICE.answer(message[7:])
            reply(message[:4] + struct.pack(">HB", len(answer) + 1, message[6]) + answer)

        return _AtOnce(framed)


class ModbusRtu:
    """Modbus over Serial Line V1.02."""

    def split(self, buffer: bytearray) -> list[bytes]:
        messages = []
        while len(buffer) >= 8 and len(buffer) >= (size := 9 + buffer[6] if buffer[1] in (15, 16) else 8):
            message = bytes(buffer[:size])
            assert message[-2:] == crc(message[:-2]), f"wrong checksum in {buffer.hex()}"
            messages.append(message)
            del buffer[:size]
        return messages

    def orders(self, message: bytes) -> list[Key]:
        return _written(message[1:-2])

    def backend(self, reply: Callable[[bytes], None]) -> Backend:
        def framed(message: bytes) -> None:
            answer = message[:1] + _DEVICE.answer(message[1:-2])
            reply(answer + crc(answer))

        return _AtOnce(framed)


class OpcUa:
    """The binary encoding over TCP (Part 6, 7.1 and 6.7.2); asyncua's server answers."""

    def __init__(self, port: int) -> None:
        self._port = port

    def split(self, buffer: bytearray) -> list[bytes]:
        messages = []
        while len(buffer) >= 8 and len(buffer) >= (size := struct.unpack_from("<I", buffer, 4)[0]):
            messages.append(bytes(buffer[:size]))
            del buffer[:size]
        return messages

    def orders(self, message: bytes) -> list[Key]:
        if service_of(message) != WRITE:
            return []
        request = struct_from_binary(ua.WriteRequest, Buffer(message[24:]))
        return [(OPCUA_NAMES[i.NodeId.to_string()], i.Value.Value.Value) for i in request.Parameters.NodesToWrite]

    def backend(self, reply: Callable[[bytes], None]) -> Backend:
        return _Upstream(self._port, reply)


class Mqtt:
    """MQTT 3.1.1, 2.2: a broker that grants everything. A PUBLISH would be an order, and is none that was given."""

    GRANTED: ClassVar = {1: b"\x20\x02\x00\x00", 12: b"\xd0\x00"}
    PUBLISH, SUBSCRIBE = 3, 8

    def split(self, buffer: bytearray) -> list[bytes]:
        messages = []
        while len(buffer) >= 2 and len(buffer) >= (size := 2 + buffer[1]):
            assert buffer[1] < 128, f"a longer packet than this broker reads: {buffer.hex()}"
            messages.append(bytes(buffer[:size]))
            del buffer[:size]
        return messages

    def orders(self, message: bytes) -> list[Key]:
        return [("publish", 0)] if message[0] >> 4 == self.PUBLISH else []

    def backend(self, reply: Callable[[bytes], None]) -> Backend:
        def granted(message: bytes) -> None:
            kind = message[0] >> 4
            reply(b"\x90\x03" + message[2:4] + b"\x01" if kind == self.SUBSCRIBE else self.GRANTED.get(kind, b""))

        return _AtOnce(granted)


class _AtOnce:
    def __init__(self, answer: Callable[[bytes], None]) -> None:
        self.take = answer

    def close(self) -> None:
        """Nothing is held for a connection."""


class _Upstream(asyncio.Protocol):
    """A connection of its own to the server, for each of the client's."""

    def __init__(self, port: int, reply: Callable[[bytes], None]) -> None:
        self._reply, self._early = reply, bytearray()
        self._transport: asyncio.Transport | None = None
        loop = asyncio.get_running_loop()
        self._connecting = loop.create_task(loop.create_connection(lambda: self, "127.0.0.1", port))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(bytes(self._early))

    def data_received(self, data: bytes) -> None:
        self._reply(data)

    def take(self, message: bytes) -> None:
        if self._transport is None:
            self._early += message
        else:
            self._transport.write(message)

    def close(self) -> None:
        self._connecting.cancel()
        if self._transport is not None:
            self._transport.abort()


_DEVICE = Device(holding={0: 0, ORDER: 0, SECOND: 0, SERIAL_NUMBER: 4711}, input={0: 1})


def _written(pdu: bytes) -> list[Key]:
    if pdu[0] == 6:
        address, value = struct.unpack(">HH", pdu[1:5])
        return [(NAMES[address], value)]
    assert pdu[0] in (3, 4), f"neither read nor written by any order: {pdu.hex()}"
    return []
