"""Answers spoiled on their way, as their gate has it: bytes in, bytes out."""

from __future__ import annotations

from struct import pack

from simulators.servers.base import Gate

OTHER_FUNCTION = {1: 2, 2: 1, 3: 4, 4: 3, 5: 6, 6: 5, 15: 16, 16: 15}
NOISE = bytes.fromhex("ff 00 55")
"""Neither a unit of ours nor a beginning of a radar's frame."""


def response(pdu: bytes, gate: Gate) -> bytes:
    """Return the Modbus response that comes instead of a right one."""
    if gate.short and pdu[0] in (1, 2, 3, 4):
        left = max(0, pdu[1] - (1 if pdu[0] < 3 else 2))
        pdu = bytes([pdu[0], left]) + pdu[2 : 2 + left]
    if gate.wrong_function:
        code = pdu[0] & 0x7F
        pdu = bytes([OTHER_FUNCTION.get(code, code ^ 1) | pdu[0] & 0x80]) + pdu[1:]
    if gate.function_zero:
        pdu = b"\x00" + pdu[1:]
    return pdu


def tcp(transaction: int, unit: int, pdu: bytes, gate: Gate) -> bytes:
    """Return the frame of a Modbus TCP response."""
    pdu = response(pdu, gate)
    transaction = (transaction - 1) % 0x10000 if gate.old_transaction else transaction
    length = len(pdu) + (5 if gate.bad_length else 1)
    return pack(">HHHB", transaction, 0, length, unit ^ 0x01 if gate.wrong_unit else unit) + pdu


def pieces(frame: bytes, gate: Gate) -> list[bytes]:
    """Return what is written of a frame, one piece after the other."""
    if gate.cut:
        frame = frame[: len(frame) // 2]
    if gate.twice:
        frame += frame
    if gate.noise:
        frame = (NOISE * gate.noise)[: gate.noise] + frame
    return [frame[i : i + 1] for i in range(len(frame))] if gate.trickle_s else [frame]
