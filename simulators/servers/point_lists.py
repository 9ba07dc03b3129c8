"""A drive that answers by a generic French point list: "Borne escamotable" (bollard) or "Barrière levante" (lifting barrier).

Numbered as the lists number: 10001 is discrete input 0, 00001 coil 0, 30001 input register 0, 40001 holding register 0. The lists
give the words of the status register and not its codes; here they are the words' places in the list, from 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from simulators.image import Image
from simulators.profiles import Value
from simulators.servers.modbus_pdu import Code, Refused


class Status(IntEnum):
    """40001: RAISED/LOWERED/TRANSIT/FAULT of a bollard, OPEN/CLOSED/MOVING/FAULT of a barrier."""

    UP = 0
    DOWN = 1
    BETWEEN = 2
    FAULT = 3


@dataclass(frozen=True, slots=True)
class PointList:
    """Names of the points of each table, from its first address on. The first two contacts are the ends of the travel."""

    contacts: Sequence[str]
    orders: Sequence[str]
    measures: Sequence[str]


LISTS: Mapping[str, PointList] = {
    "bollard-points-fr": PointList(("raised", "lowered"), ("raise", "lower"), ("position", "pressure")),
    "barrier-points-fr": PointList(("open", "closed", "obstacle"), ("open_order", "close_order"), ("position",)),
}


class PointListMemory:
    """One drive. A trigger counts by its edge: the drive keeps the order until it stands at that end, or is given the other."""

    def __init__(self, image: Image) -> None:
        self.image = image
        self._list = LISTS[image.profile.name]
        self._coils = dict.fromkeys(self._list.orders, False)
        self._order_to = dict(zip(self._list.contacts, self._list.orders, strict=False))
        image.watch(self._arrived)

    def before(self, function: int) -> None:
        """Nothing watches its traffic."""

    def reset(self) -> None:
        """Power up: no trigger is on, no order is kept."""
        self._coils = dict.fromkeys(self._list.orders, False)
        self.image.write(dict(self._coils))

    def close(self) -> None:
        """Nothing to end."""

    def read_bits(self, function: int, address: int, count: int) -> list[bool]:
        if function == 1:
            return [self._coils[name] for name in _span(self._list.orders, address, count)]
        return [bool(self.image.read(name)) for name in _span(self._list.contacts, address, count)]

    def read_words(self, function: int, address: int, count: int) -> list[int]:
        if function == 4:
            return [int(self.image.read(name)) for name in _span(self._list.measures, address, count)]
        _span(("status",), address, count)
        return [self.status]

    def write_bits(self, address: int, values: list[bool]) -> None:
        named = dict(zip(_span(self._list.orders, address, len(values)), values, strict=True))
        edges = [name for name, value in named.items() if value and not self._coils[name]]
        self._coils |= named
        if edges:
            self.image.write({name: edges == [name] for name in self._list.orders})

    def write_words(self, address: int, values: list[int]) -> None:
        raise Refused(Code.ILLEGAL_FUNCTION)

    def _arrived(self, name: str, value: Value) -> None:
        if value and name in self._order_to:
            self.image.put({self._order_to[name]: False})

    @property
    def status(self) -> Status:
        """Return what the status register says; both ends at once are a fault."""
        up, down = (bool(self.image.read(name)) for name in self._list.contacts[:2])
        if up and down:
            return Status.FAULT
        return Status.UP if up else Status.DOWN if down else Status.BETWEEN


def _span(names: Sequence[str], address: int, count: int) -> Sequence[str]:
    if address + count > len(names):
        raise Refused(Code.ILLEGAL_ADDRESS)
    return names[address : address + count]
