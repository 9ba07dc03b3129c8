"""Our requests as pymodbus' own, and its answers as bits and registers."""

from __future__ import annotations

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


def raw_of(request: Read | Write, answer: ModbusPDU) -> Sequence[int]:
    """Return the registers or bits that were read; nothing for a write."""
    if isinstance(request, Write):
        return ()
    # Bits come padded to whole bytes.
    return answer.bits[: request.count] if request.table in BIT_TABLES else answer.registers
