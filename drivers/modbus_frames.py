"""Whether bytes that came are the answer to the request that went out: function, unit, length, echo, checksum.

pymodbus takes an answer of the wrong function or length for good, so every frame passes here before pymodbus decodes it.
Layouts: Modbus Application Protocol V1.1b3, 6; Modbus Messaging on TCP/IP V1.0b, 3.1.3; Modbus over Serial Line V1.02, 2.5.1.
"""

from __future__ import annotations

from functools import lru_cache

from pymodbus.framer.rtu import FramerRTU

MBAP = 7  # transaction 2, protocol 2, length 2, unit 1
EXCEPTION = 0x80
READ_BITS, READ_WORDS, WRITES = (1, 2), (3, 4), (5, 6, 15, 16)
READS = READ_BITS + READ_WORDS


class Unfit(Exception):
    """Bytes came that cannot be the answer; the text says why."""


def examine_rtu(sent: bytes, got: bytes) -> bytes | None:
    """Return `got` when it is the whole answer to `sent`, None while it is not whole. Raises Unfit."""
    if len(got) < 2:
        return None
    if got[0] != sent[0]:
        raise Unfit(f"unit {got[0]} answered in place of unit {sent[0]}: {hexed(got)}")
    length = _length(sent[1:-2], got[1])
    check(sent[1:-2], got[1 : 1 + length], length)
    if len(got) < length + 3:
        return None
    if len(got) > length + 3:
        raise Unfit(f"{len(got) - length - 3} bytes too many: {hexed(got)}")
    if not FramerRTU.check_CRC(got[:-2], int.from_bytes(got[-2:], "big")):
        raise Unfit(f"wrong checksum: {hexed(got)}")
    return got


def check(asked: bytes, answer: bytes, length: int) -> None:
    """Hold the answer's PDU, `length` bytes of which the first few are here, against the request's."""
    if not answer:
        return
    if answer[0] not in (asked[0], asked[0] | EXCEPTION):
        raise Unfit(f"function {answer[0]} answers function {asked[0]}")
    if length != _length(asked, answer[0]):
        raise Unfit(f"the answer is {length} bytes long where {_length(asked, answer[0])} belong")
    if answer[0] & EXCEPTION or len(answer) < 2:
        return
    if asked[0] in READS:
        if answer[1] != length - 2:
            raise Unfit(f"{answer[1]} data bytes where {length - 2} belong")
    elif not asked[:5].startswith(answer):
        raise Unfit(f"the echo differs: {hexed(answer)} for {hexed(asked[:5])}")


@lru_cache(maxsize=4096)
def _length(asked: bytes, function: int) -> int:
    """Tell how long the answer's PDU must be."""
    if function & EXCEPTION:
        return 2
    if asked[0] in WRITES:
        return 5
    count = int.from_bytes(asked[3:5], "big")
    return 2 + (2 * count if asked[0] in READ_WORDS else (count + 7) // 8)


def hexed(data: bytes) -> str:
    """Return the first bytes of `data` for a person to read."""
    return data[:24].hex(" ") + (" …" if len(data) > 24 else "")
