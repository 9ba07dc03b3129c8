"""What a driver finds in `Point.address`: where on its kind of wire a point is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Table(StrEnum):
    """The four Modbus tables (Modbus Application Protocol V1.1b3, 4.3)."""

    COIL = "coil"
    DISCRETE = "discrete"
    INPUT = "input"
    HOLDING = "holding"


@dataclass(frozen=True, slots=True)
class Register:
    """A Modbus address, zero-based as on the wire; `bit` picks one of a register's sixteen (0 = least significant).

    `mask` picks some neighbouring bits of a 16-bit register: raw value = (register & mask) >> trailing zeros of mask.
    """

    table: Table
    address: int
    bit: int | None = None
    low_word_first: bool = False
    mask: int | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """An OPC UA node id in string form, e.g. `ns=2;s=Wedge.Up`; `variant` is the OPC UA type written to it."""

    node: str
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """A path into a JSON document, e.g. `device_info.device_sn`; keys match whatever their case."""

    path: str


@dataclass(frozen=True, slots=True)
class Field_:  # noqa: N801 (`Field` is pydantic's)
    """A named field of a decoded serial frame."""

    name: str
