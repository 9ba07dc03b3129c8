"""Modbus units by the name of their profile; and the WAGO 750 coupler, which is more than its points."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import Protocol

from simulators.image import Image
from simulators.servers.adam import MODULES, AdamMemory
from simulators.servers.deadman import Deadman, Now
from simulators.servers.ld120 import Ld120Memory
from simulators.servers.modbus_memory import ProfileMemory, encode
from simulators.servers.modbus_pdu import Code, Memory, Refused
from simulators.servers.moxa import MoxaMemory
from simulators.servers.point_lists import LISTS, PointListMemory
from simulators.servers.roger import RogerMemory
from simulators.servers.watchdog import Watchdog


class UnitMemory(Memory, Protocol):
    """A unit's tables, and what happens to them when it starts and ends."""

    image: Image

    def reset(self) -> None:
        """Power up: every output is off, every watchdog as delivered."""
        ...

    def close(self) -> None:
        """Leave no timer behind."""
        ...


class WagoMemory:
    """A WAGO 750 coupler (WAGO 750 Ethernet TCP/IP manual, p. 160-164).

    Bits: functions 1 and 2 alike read inputs at 0x0000 and outputs at 0x0200; 5 and 15 write outputs at 0x0000 and at 0x0200.
    Words: 0x0000 inputs, 0x0200 outputs, 0x1000 watchdog, 0x2000 constants. The unit id does not matter to it.
    """

    CONSTANTS: Mapping[int, int] = {
        0x2000: 0x0000,
        0x2001: 0xFFFF,
        0x2002: 0x1234,
        0x2003: 0xAAAA,
        0x2004: 0x5555,
        0x2005: 0x7FFF,
        0x2006: 0x8000,
        0x2007: 0x3FFF,
        0x2008: 0x4000,
        0x2010: 16,
        0x2011: 750,
        0x2012: 352,
    }
    OUTPUTS = 0x0200

    def __init__(self, image: Image, now: Now = monotonic) -> None:
        self.image = image
        self._now = now
        self._inputs = _terminals(image, "discrete", writable=False)
        self._outputs = _terminals(image, "coil", writable=True)
        rows = [image.profile.points[name] for name in image.given]
        self._given = {row.where["address"]: row for row in rows if row.where["address"] in self.CONSTANTS}
        self.watchdog = Watchdog()
        self._deadman = Deadman(lambda: self.watchdog.expires_at, self._expire, now)

    def before(self, function: int) -> None:
        self.watchdog.seen(function, self._now())
        self._deadman.poke()

    def reset(self) -> None:
        self.watchdog = Watchdog()
        self._deadman.close()
        self._drop()

    def close(self) -> None:
        self._deadman.close()

    def expire(self) -> None:
        """Let the watchdog expire now."""
        self.watchdog.expire()
        self._drop()

    def mend(self) -> None:
        """Do what somebody at the module does about it, unless it was re-armed over the wire."""
        self.watchdog.mend()

    def read_bits(self, function: int, address: int, count: int) -> list[bool]:
        if address >= self.OUTPUTS:
            return self._bits(self._outputs, address - self.OUTPUTS, count)
        return self._bits(self._inputs, address, count)

    def read_words(self, function: int, address: int, count: int) -> list[int]:
        return [self._word(place) for place in range(address, address + count)]

    def write_bits(self, address: int, values: list[bool]) -> None:
        first = address - self.OUTPUTS if address >= self.OUTPUTS else address
        if first + len(values) > len(self._outputs):
            raise Refused(Code.ILLEGAL_ADDRESS)
        if self.watchdog.expired(self._now()):
            raise Refused(Code.DEVICE_FAILURE)
        self.image.write(dict(zip(self._outputs[first : first + len(values)], values, strict=True)))

    def write_words(self, address: int, values: list[int]) -> None:
        for place, value in enumerate(values, address):
            if place in (0x0000, self.OUTPUTS):
                self.write_bits(0, [bool(value >> i & 1) for i in range(len(self._outputs))])
            else:
                self.watchdog.write(place, value, self._now())
        self._deadman.poke()

    def _bits(self, names: list[str], first: int, count: int) -> list[bool]:
        if first + count > len(names):
            raise Refused(Code.ILLEGAL_ADDRESS)
        return [bool(self.image.read(name)) for name in names[first : first + count]]

    def _word(self, place: int) -> int:
        if (row := self._given.get(place)) is not None:
            return encode(row, self.image.read(row.name))[0]
        if place in self.CONSTANTS:
            return self.CONSTANTS[place]
        if 0x1000 <= place <= 0x100B:
            return self.watchdog.read(place, self._now())
        if place in (0x0000, self.OUTPUTS):
            names = self._outputs if place else self._inputs
            return sum(1 << i for i, name in enumerate(names) if self.image.read(name))
        raise Refused(Code.ILLEGAL_ADDRESS)

    def _expire(self) -> None:
        if self.watchdog.expired(self._now()):
            self._drop()

    def _drop(self) -> None:
        self.image.write(dict.fromkeys(self._outputs, False))


def _terminals(image: Image, table: str, *, writable: bool) -> list[str]:
    """Return the points of the process image's first block in the order of the terminals."""
    rows = [r for r in image.profile.points.values() if r.where["table"] == table and r.writable == writable]
    return [r.name for r in sorted(rows, key=lambda r: r.where["address"]) if r.where["address"] < WagoMemory.OUTPUTS]


def memory_of(image: Image, address: int, host_lost_s: float | None) -> UnitMemory:
    """Make the tables of a unit by its profile's name."""
    name = image.profile.name
    if name.startswith("wago-750"):
        return WagoMemory(image)
    if name.startswith("moxa-e1"):
        return MoxaMemory(image, host_lost_s)
    if name == "ld120":
        return Ld120Memory(image, address)
    if name in MODULES:
        return AdamMemory(image)
    if name == "roger-b70":
        return RogerMemory(image)
    if name in LISTS:
        return PointListMemory(image)
    return ProfileMemory(image)
