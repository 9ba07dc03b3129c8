"""A Modbus device as the specification has it (Application Protocol V1.1b3): four tables, PDU in, PDU out."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS = 1, 2
COIL, DISCRETE, HOLDING, INPUT = "coil", "discrete", "holding", "input"
READ_TABLE = {1: COIL, 2: DISCRETE, 3: HOLDING, 4: INPUT}


@dataclass
class Device:
    """Tables as address → raw value; what is not in them does not exist. `writes` lists (table, address, raw)."""

    coil: dict[int, int] = field(default_factory=dict)
    discrete: dict[int, int] = field(default_factory=dict)
    holding: dict[int, int] = field(default_factory=dict)
    input: dict[int, int] = field(default_factory=dict)
    writes: list[tuple[str, int, int]] = field(default_factory=list)

    def answer(self, pdu: bytes) -> bytes:
        """Carry a request out."""
        function = pdu[0]
        if function in READ_TABLE:
            return self._read(function, *struct.unpack(">HH", pdu[1:5]))
        if function in (5, 6):
            address, value = struct.unpack(">HH", pdu[1:5])
            return self._write(pdu[:5], function, address, [int(value == 0xFF00) if function == 5 else value])
        if function in (15, 16):
            address, count, size = struct.unpack(">HHB", pdu[1:6])
            data = pdu[6 : 6 + size]
            words = struct.unpack(f">{count}H", data) if function == 16 else _bits(data, count)
            return self._write(pdu[:5], function, address, list(words))
        return exception(function, ILLEGAL_FUNCTION)

    def _read(self, function: int, address: int, count: int) -> bytes:
        table: dict[int, int] = getattr(self, READ_TABLE[function])
        wanted = range(address, address + count)
        if any(place not in table for place in wanted):
            return exception(function, ILLEGAL_ADDRESS)
        values = [table[place] for place in wanted]
        if function in (3, 4):
            return struct.pack(f">BB{count}H", function, 2 * count, *values)
        packed = sum(bit << place for place, bit in enumerate(values)).to_bytes((count + 7) // 8, "little")
        return bytes([function, len(packed)]) + packed

    def _write(self, echo: bytes, function: int, address: int, values: list[int]) -> bytes:
        name = COIL if function in (5, 15) else HOLDING
        table: dict[int, int] = getattr(self, name)
        if any(address + place not in table for place in range(len(values))):
            return exception(function, ILLEGAL_ADDRESS)
        for place, value in enumerate(values):
            table[address + place] = value
            self.writes.append((name, address + place, value))
        return echo


def exception(function: int, code: int) -> bytes:
    """Make an exception answer."""
    return bytes([function | 0x80, code])


def crc(data: bytes) -> bytes:
    """Compute the checksum of Modbus over Serial Line V1.02, 6.2.2, bit by bit, in the order it is sent."""
    register = 0xFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0xA001 if register & 1 else 0)
    return register.to_bytes(2, "little")


def _bits(data: bytes, count: int) -> list[int]:
    return [data[place // 8] >> place % 8 & 1 for place in range(count)]
