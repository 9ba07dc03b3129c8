"""Whether bytes that came are the answer to the request that went out: function, unit, length, echo, checksum.

pymodbus takes an answer of the wrong function or length for good, so every frame passes here before pymodbus decodes it.
Layouts: Modbus Application Protocol V1.1b3, 6; Modbus Messaging on TCP/IP V1.0b, 3.1.3; Modbus over Serial Line V1.02, 2.5.1.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from pymodbus.framer.rtu import FramerRTU

Examine = Callable[[bytes, bytes], bytes | None]

MBAP = 7  # transaction 2, protocol 2, length 2, unit 1
EXCEPTION = 0x80
READ_BITS, READ_WORDS, WRITE_ONE, WRITE_MANY = (1, 2), (3, 4), (5, 6), (15, 16)


class Unfit(Exception):
    """Bytes came that cannot be the answer; the text says why."""


def examine_tcp(sent: bytes, got: bytes) -> bytes | None:
    """Return the frame in `got` that answers `sent`, None while it is not whole. Raises Unfit.

    Frames of other transactions are answers that came too late for theirs, and are stepped over.
    """
    while len(got) >= MBAP:
        transaction, protocol, length, unit = struct.unpack(">HHHB", got[:MBAP])
        if protocol != 0 or not 2 < length <= 254:
            raise Unfit(f"not a Modbus TCP header: {_hex(got)}")
        frame, rest = got[: 6 + length], got[6 + length :]
        if transaction == int.from_bytes(sent[:2], "big"):
            if unit != sent[6]:
                raise Unfit(f"unit {unit} answered in place of unit {sent[6]}")
            _check(sent[MBAP:], frame[MBAP:], length - 1)
            if rest:
                raise Unfit(f"more follows the answer: {_hex(rest)}")
            return frame if len(frame) == 6 + length else None
        got = rest
    return None


def examine_rtu(sent: bytes, got: bytes) -> bytes | None:
    """Return `got` when it is the whole answer to `sent`, None while it is not whole. Raises Unfit."""
    if len(got) < 2:
        return None
    if got[0] != sent[0]:
        raise Unfit(f"unit {got[0]} answered in place of unit {sent[0]}: {_hex(got)}")
    length = _length(sent[1:-2], got[1])
    _check(sent[1:-2], got[1 : 1 + length], length)
    if len(got) < length + 3:
        return None
    if len(got) > length + 3:
        raise Unfit(f"{len(got) - length - 3} bytes too many: {_hex(got)}")
    if not FramerRTU.check_CRC(got[:-2], int.from_bytes(got[-2:], "big")):
        raise Unfit(f"wrong checksum: {_hex(got)}")
    return got


def _check(asked: bytes, answer: bytes, length: int) -> None:
    """Hold the answer's PDU, `length` bytes of which the first few are here, against the request's."""
    if not answer:
        return
    if answer[0] not in (asked[0], asked[0] | EXCEPTION):
        raise Unfit(f"function {answer[0]} answers function {asked[0]}")
    if length != _length(asked, answer[0]):
        raise Unfit(f"the answer is {length} bytes long where {_length(asked, answer[0])} belong")
    if answer[0] & EXCEPTION or len(answer) < 2:
        return
    if asked[0] in READ_BITS + READ_WORDS:
        if answer[1] != length - 2:
            raise Unfit(f"{answer[1]} data bytes where {length - 2} belong")
    elif not asked[:5].startswith(answer):
        raise Unfit(f"the echo differs: {_hex(answer)} for {_hex(asked[:5])}")


def _length(asked: bytes, function: int) -> int:
    """Tell how long the answer's PDU must be."""
    if function & EXCEPTION:
        return 2
    if asked[0] in WRITE_ONE + WRITE_MANY:
        return 5
    count = int.from_bytes(asked[3:5], "big")
    return 2 + (2 * count if asked[0] in READ_WORDS else (count + 7) // 8)


def _hex(data: bytes) -> str:
    return data[:24].hex(" ") + (" …" if len(data) > 24 else "")
