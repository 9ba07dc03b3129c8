"""The exception codes of Modbus and what each tells of the unit. Modbus Application Protocol V1.1b3, 7."""

from __future__ import annotations

from collections.abc import Mapping

from controller.ports import LinkError, Mute, Unreachable

EXCEPTIONS = {
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "device failure",
    5: "acknowledged, but not done yet",
    6: "busy",
    8: "memory parity error",
    10: "the gateway has no path to the unit",
    11: "the unit did not answer the gateway",
}
# After these the unit has not refused: it works on, or a gateway could not reach it, or heard nothing from it.
BEHIND_THE_EXCEPTION: Mapping[int, type[LinkError]] = {5: Mute, 10: Unreachable, 11: Mute}


def meaning(code: int) -> str:
    """Return what an exception code says."""
    return EXCEPTIONS.get(code, "unknown")
