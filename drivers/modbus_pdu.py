"""Requests in pymodbus' own words and as bytes, and the bytes of an answer as bits and registers.

Layouts: Modbus Application Protocol V1.1b3, 6.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.bit_message import (
    ReadCoilsRequest,
    ReadDiscreteInputsRequest,
    WriteMultipleCoilsRequest,
    WriteSingleCoilRequest,
)
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadInputRegistersRequest,
    WriteMultipleRegistersRequest,
    WriteSingleRegisterRequest,
)

from drivers.codec import BIT_TABLES
from drivers.modbus_plan import Read, Write
from drivers.profile import Table

READS: Mapping[Table, type[ReadCoilsRequest | ReadHoldingRegistersRequest]] = {
    Table.COIL: ReadCoilsRequest,
    Table.DISCRETE: ReadDiscreteInputsRequest,
    Table.HOLDING: ReadHoldingRegistersRequest,
    Table.INPUT: ReadInputRegistersRequest,
}


def pdu_of(request: Read | Write, unit: int) -> ModbusPDU:
    """Make pymodbus' request to `unit`."""
    address = request.address
    if isinstance(request, Read):
        return READS[request.table](address=address, count=request.count, dev_id=unit)
    if request.table is Table.COIL:
        bits = [bool(bit) for bit in request.raw]
        if len(bits) == 1:
            return WriteSingleCoilRequest(address=address, bits=bits, dev_id=unit)
        return WriteMultipleCoilsRequest(address=address, bits=bits, dev_id=unit)
    words = list(request.raw)
    if len(words) == 1:
        return WriteSingleRegisterRequest(address=address, registers=words, dev_id=unit)
    return WriteMultipleRegistersRequest(address=address, registers=words, dev_id=unit)


def bytes_of(request: Read | Write) -> bytes:
    """Return the PDU of a request: its function code and what follows."""
    pdu = pdu_of(request, 0)
    return bytes([pdu.function_code]) + pdu.encode()


def raw_of(request: Read, answer: bytes) -> Sequence[int]:
    """Return the registers or bits in an answer's PDU, of which function and length have been looked at."""
    data = answer[2:]
    if request.table in BIT_TABLES:
        # Bits come padded to whole bytes, the first in the lowest place.
        return [data[i >> 3] >> (i & 7) & 1 for i in range(request.count)]
    return struct.unpack(f">{request.count}H", data)
