"""Modbus requests answered as the Modbus Application Protocol V1.1b3 says. Bytes in, bytes out; no sockets.

Written from the specification and not on a Modbus library: the drivers stand on one, and its mistakes shall not confirm
themselves here.
"""

from __future__ import annotations

from enum import IntEnum
from struct import pack, unpack
from typing import Protocol


class Code(IntEnum):
    """Exception codes (V1.1b3, 7)."""

    ILLEGAL_FUNCTION = 1
    ILLEGAL_ADDRESS = 2
    ILLEGAL_VALUE = 3
    DEVICE_FAILURE = 4
    GATEWAY_TARGET_SILENT = 11


class Refused(Exception):
    """The unit answers with an exception code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exception {code}")
        self.code = code


class Memory(Protocol):
    """A unit's four tables as functions address them; each may raise Refused."""

    def before(self, function: int) -> None:
        """See every well-formed request before it is carried out."""
        ...

    def read_bits(self, function: int, address: int, count: int) -> list[bool]:
        """Read coils (function 1) or discrete inputs (2)."""
        ...

    def read_words(self, function: int, address: int, count: int) -> list[int]:
        """Read holding (3) or input registers (4)."""
        ...

    def write_bits(self, address: int, values: list[bool]) -> None:
        """Write coils, all at the same instant."""
        ...

    def write_words(self, address: int, values: list[int]) -> None:
        """Write holding registers."""
        ...


def answer(memory: Memory, request: bytes) -> bytes:
    """Carry out one request PDU and return the response PDU."""
    function = request[0]
    try:
        handler = HANDLERS.get(function)
        if handler is None:
            raise Refused(Code.ILLEGAL_FUNCTION)
        return bytes([function]) + handler(memory, function, request[1:])
    except Refused as refused:
        return refusal(function, refused.code)


def refusal(function: int, code: int) -> bytes:
    """Make an exception response."""
    return bytes([function | 0x80, code])


def _read_bits(memory: Memory, function: int, body: bytes) -> bytes:
    address, count = _span(body, 2000)
    memory.before(function)
    bits = memory.read_bits(function, address, count)
    packed = bytes(sum(1 << i for i, bit in enumerate(bits[start : start + 8]) if bit) for start in range(0, count, 8))
    return bytes([len(packed)]) + packed


def _read_words(memory: Memory, function: int, body: bytes) -> bytes:
    address, count = _span(body, 125)
    memory.before(function)
    words = memory.read_words(function, address, count)
    return pack(f">B{count}H", 2 * count, *words)


def _write_bit(memory: Memory, function: int, body: bytes) -> bytes:
    address, value = _two(body)
    if value not in (0x0000, 0xFF00):
        raise Refused(Code.ILLEGAL_VALUE)
    memory.before(function)
    memory.write_bits(address, [value == 0xFF00])
    return body


def _write_word(memory: Memory, function: int, body: bytes) -> bytes:
    address, value = _two(body)
    memory.before(function)
    memory.write_words(address, [value])
    return body


def _write_many_bits(memory: Memory, function: int, body: bytes) -> bytes:
    address, count = _span(body[:4], 1968)
    data = _counted(body, (count + 7) // 8)
    memory.before(function)
    memory.write_bits(address, [bool(data[i // 8] >> (i % 8) & 1) for i in range(count)])
    return body[:4]


def _write_many_words(memory: Memory, function: int, body: bytes) -> bytes:
    address, count = _span(body[:4], 123)
    data = _counted(body, 2 * count)
    memory.before(function)
    memory.write_words(address, list(unpack(f">{count}H", data)))
    return body[:4]


def _two(body: bytes) -> tuple[int, int]:
    if len(body) != 4:
        raise Refused(Code.ILLEGAL_VALUE)
    first, second = unpack(">HH", body)
    return first, second


def _span(body: bytes, limit: int) -> tuple[int, int]:
    address, count = _two(body)
    if not 1 <= count <= limit:
        raise Refused(Code.ILLEGAL_VALUE)
    if address + count > 0x10000:
        raise Refused(Code.ILLEGAL_ADDRESS)
    return address, count


def _counted(body: bytes, length: int) -> bytes:
    if len(body) != 5 + length or body[4] != length:
        raise Refused(Code.ILLEGAL_VALUE)
    return body[5:]


HANDLERS = {
    1: _read_bits,
    2: _read_bits,
    3: _read_words,
    4: _read_words,
    5: _write_bit,
    6: _write_word,
    15: _write_many_bits,
    16: _write_many_words,
}
