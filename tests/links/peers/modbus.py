"""A scripted Modbus peer: one device that answers, holds, refuses, cuts, or spoils its answers, and counts what it hears."""

from __future__ import annotations

import asyncio
import struct
from abc import abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar

from controller.core.readings import Value
from controller.ports import Link, Point, PointType, Unit
from drivers.modbus import ModbusLink
from drivers.profile import Register, Table
from tests.links.adapter import OVERALL_S, Adapter, Mode
from tests.links.peers.modbus_device import ILLEGAL_ADDRESS, Device, exception

UNIT_ID = 7
SERIAL_NUMBER = 0x2A17

POINTS = (
    *(Point(f"di{i}", Register(Table.DISCRETE, i)) for i in range(4)),
    *(Point(f"do{i}", Register(Table.COIL, i), writable=True) for i in range(4)),
    Point("dial", Register(Table.HOLDING, 0), PointType.U16),
    Point("setpoint", Register(Table.HOLDING, 10), PointType.I16, scale=0.1, writable=True),
    Point("serial_number", Register(Table.HOLDING, 100), PointType.U16),
    Point("pressure", Register(Table.INPUT, 5), PointType.F32),
    Point("cycles", Register(Table.INPUT, 20, low_word_first=True), PointType.U32),
    Point("fault", Register(Table.INPUT, 30, bit=3)),
    Point("ready", Register(Table.INPUT, 31), PointType.U16, equals=3),
)


def device() -> Device:
    """Make the device that `EXPECTED` tells of."""
    high, low = struct.unpack(">HH", struct.pack(">f", 12.5))
    return Device(
        coil=dict.fromkeys(range(4), 0),
        discrete={0: 1, 1: 0, 2: 1, 3: 1},
        holding={0: 0, 10: 0, 100: SERIAL_NUMBER},
        input={5: high, 6: low, 20: 0x86A0, 21: 0x0001, 30: 0b1000, 31: 3},
    )


class ModbusPeer(Adapter):
    """The part that TCP and RTU share."""

    not_applicable: ClassVar[Mapping[str, str]] = {
        "test_pushed_readings_are_handed_over_in_order": "Modbus is asked, it does not push",
        "test_a_subscription_whose_wire_is_cut_ends_at_once": "Modbus is asked, it does not push",
    }
    dial = "dial"
    orders = (("do0", True), ("do1", False), ("setpoint", -3.5))

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.device = device()
        self.expected: Mapping[str, Value] = {
            "di0": True, "di1": False, "di2": True, "di3": True,
            "do0": False, "do1": False, "do2": False, "do3": False,
            "dial": 0, "setpoint": 0.0, "serial_number": SERIAL_NUMBER,
            "pressure": 12.5, "cycles": 100_000, "fault": True, "ready": True,
        }  # fmt: skip
        self.unit = self.unit_at(UNIT_ID, {"serial_number": SERIAL_NUMBER})
        self.stranger = self.unit_at(UNIT_ID, {"serial_number": 4711})
        self.frames: list[bytes] = []
        """Every request frame that was heard."""
        self.spoil: Callable[[bytes], bytes] = lambda frame: frame
        """What becomes of an answer frame on its way out; b"" is silence."""
        self.spoil_pdu: Callable[[bytes], bytes] = lambda pdu: pdu
        self.mute_units: set[int] = set()
        self._held: list[Callable[[], None]] = []

    def unit_at(self, address: int, identity: Mapping[str, Value] | None = None) -> Unit:
        """Return the device's unit at another unit id; the peer answers for all of them but `mute_units`."""
        name = f"peer-{address}"
        options = {"patience_s": 0.5, "gap": 0}
        return Unit(name, "wire", address, {point.name: point for point in POINTS}, identity or {}, options)

    @property
    @abstractmethod
    def url(self) -> str:
        """Where the peer is."""

    @abstractmethod
    def say(self, data: bytes) -> None:
        """Put bytes on the wire unasked."""

    def link(self) -> Link:
        return ModbusLink("wire", self.url)

    def turn(self, value: int) -> None:
        self.device.holding[0] = value

    async def release(self) -> None:
        held, self._held = self._held, []
        for answer in held:
            answer()
        await self.news()

    async def take(self, frame: bytes, unit: int, pdu: bytes, send: Callable[[bytes], None]) -> None:
        """Deal with one request; `send` puts an answer PDU on the wire."""
        self.frames.append(frame)
        if unit in self.mute_units:
            return
        self.requests += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        if self.mode is Mode.REFUSE:
            self._send(exception(pdu[0], ILLEGAL_ADDRESS), send)
        else:
            answer = self.device.answer(pdu)
            self.written += [self._named(*write) for write in self.device.writes]
            self.device.writes.clear()
            match self.mode:
                case Mode.ANSWER:
                    self._send(answer, send)
                case Mode.HOLD:
                    self._held.append(lambda: self._send(answer, send))
                case Mode.CUT:
                    self.cut()
        await self.news()

    def _send(self, answer: bytes, send: Callable[[bytes], None]) -> None:
        self.in_flight -= 1
        send(self.spoil_pdu(answer))

    def _named(self, table: str, address: int, raw: int) -> tuple[str, Value]:
        if table == "coil":
            return f"do{address}", bool(raw)
        assert address == 10, f"no point is written at {table} {address}"
        signed: int = struct.unpack(">h", struct.pack(">H", raw))[0]
        return "setpoint", signed * 0.1


async def opened(peer: ModbusPeer, *units: Unit) -> ModbusLink:
    """Return a link with these units open, as if nothing had been heard yet."""
    link = ModbusLink("wire", peer.url)
    for unit in units:
        await link.open(unit, asyncio.get_running_loop().time() + OVERALL_S)
    peer.frames.clear()
    return link
