"""Read Device Identification, function 43 / 14: what a Modbus device says that it is.

Layout: Modbus Application Protocol V1.1b3, 6.21. Answers have no length of their own: each object brings its own.
"""

from __future__ import annotations

from drivers.modbus_frames import Unfit, hexed
from drivers.probing.findings import plain

FUNCTION, TYPE = 0x2B, 0x0E
BASIC, REGULAR = 1, 2
HEAD = 7  # function, type, code, conformity, more follows, next object, number of objects
OBJECTS = ("vendor", "product code", "revision", "vendor's address", "product", "model", "application")
MORE = 0xFF


def request(code: int, first: int = 0) -> bytes:
    """Ask for the objects of a level (`BASIC`, `REGULAR`) from `first` on."""
    return bytes([FUNCTION, TYPE, code, first])


def length(answer: bytes) -> int | None:
    """Tell how long an answer's PDU is; None while too little of it is here to tell. Raises Unfit."""
    if answer[1:2] and answer[1] != TYPE:
        raise Unfit(f"no device identification: {hexed(answer)}")
    if len(answer) < HEAD:
        return None
    end = HEAD
    for _ in range(answer[6]):
        if len(answer) < end + 2:
            return None
        end += 2 + answer[end + 1]
    return end


def objects(answer: bytes) -> tuple[dict[str, str], int | None, bool]:
    """Return the objects by name, from which one on more follow (None: no more), and whether a regular level exists."""
    found, at = {}, HEAD
    for _ in range(answer[6]):
        number, size = answer[at], answer[at + 1]
        name = OBJECTS[number] if number < len(OBJECTS) else f"object {number}"
        found[name] = plain(answer[at + 2 : at + 2 + size].decode("utf-8", "backslashreplace").strip("\0 "))
        at += 2 + size
    return found, answer[5] if answer[4] == MORE else None, answer[3] & 0x7F >= REGULAR
