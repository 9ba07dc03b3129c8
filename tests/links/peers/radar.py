"""A radar at the far end of a pseudo-terminal: a frame every few milliseconds, in one of the dialects of serial lines."""

from __future__ import annotations

import asyncio
import os
import tty
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from controller.ports import Link, Point, PointType, Unit
from drivers.addresses import Field_
from drivers.serial import SerialLink
from tests.links.adapter import Adapter, Mode
from tests.links.peers.pushing import TALKS_ONLY

EVERY_S = 0.005


class RadarPeer(Adapter):
    """An MPH radar whose adapter is plugged in at the same name again."""

    not_applicable: ClassVar = TALKS_ONLY
    dialect: ClassVar[str] = "mph"
    field: ClassVar[str] = "target"
    talks: ClassVar[str] = "always"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        points = {"speed": Point("speed", Field_(self.field), PointType.U16)}
        options: Mapping[str, Any] = {"patience_s": 2.0, "dialect": self.dialect, "talks": self.talks}
        identity = {"speed": 0} if self.talks == "always" else {}
        self.unit = Unit("radar", "line", None, points, identity, options)
        self.stranger = Unit("radar", "line", None, points, {"speed": 9}, options)
        self.expected = {"speed": 0}
        self.dial = "speed"
        self.orders = (("speed", 1),)
        self._port = folder / "radar"
        self._speed = 0
        self._ends: tuple[int, int] | None = None
        self._talking: asyncio.Task[None] | None = None

    def frame(self, speed: int) -> bytes:
        """Lay out what it says."""
        return bytes((0x02, 0x84, 0, speed, 0, 0, 0x03))

    async def start(self) -> None:
        self._ends = os.openpty()
        os.set_blocking(self._ends[0], False)
        tty.setraw(self._ends[1])
        self._port.symlink_to(os.ttyname(self._ends[1]))
        self._talking = asyncio.create_task(self._talk())

    async def stop(self) -> None:
        if self._talking is not None:
            self._talking.cancel()
            await asyncio.wait([self._talking])
            self._talking = None
        self.cut()

    def link(self) -> Link:
        return SerialLink("line", f"serial://{self._port}?baudrate=9600", now=asyncio.get_running_loop().time)

    def turn(self, value: int) -> None:
        self._speed = value

    def cut(self) -> None:
        ends, self._ends = self._ends, None
        if ends is not None:
            self._port.unlink()
            for end in ends:
                os.close(end)

    async def push(self) -> None:
        self._say()

    async def _talk(self) -> None:
        while True:
            self._say()
            await asyncio.sleep(EVERY_S)

    def _say(self) -> None:
        if self._ends is not None and self.mode is Mode.ANSWER:
            self.requests += 1
            # Where nobody listens, the terminal's buffer is full.
            with suppress(BlockingIOError):
                os.write(self._ends[0], self.frame(self._speed))


class Ds4Peer(RadarPeer):
    """An MPH DS4."""

    dialect = "mph-ds4"

    def frame(self, speed: int) -> bytes:
        return bytes((0x02, 0x80, 1, speed, 1, 55, 0x03))


class BytePeer(RadarPeer):
    """A Hikvision CSR-I in continuous mode."""

    dialect, field = "hikvision-byte", "speed"

    def frame(self, speed: int) -> bytes:
        return bytes((speed,))


class TwoBytesPeer(BytePeer):
    """The same, which tells the direction."""

    dialect = "hikvision-two-bytes"

    def frame(self, speed: int) -> bytes:
        return bytes((0xF9 if speed else 0xF7, speed))


class TextPeer(BytePeer):
    """The same, in characters."""

    dialect = "hikvision-text"

    def frame(self, speed: int) -> bytes:
        return b"%c%03d" % (b"+" if speed else b"*", speed)


class IcomsPeer(BytePeer):
    """An Icoms TMA-296, message type 1, set to talk without a target too."""

    dialect = "icoms"

    def frame(self, speed: int) -> bytes:
        return b"+%03d km/h\r\n" % speed


class Si2Peer(BytePeer):
    """A Decatur SI-2, set to talk without a target too."""

    dialect = "decatur-si2"

    def frame(self, speed: int) -> bytes:
        return b"*+%03d.0,100\r\n" % speed


class OnTargetPeer(BytePeer):
    """A Hikvision DS-TD10N-1, whose silence tells nothing."""

    dialect, talks = "hikvision-td10n", "on-target"
    not_applicable: ClassVar = {
        **TALKS_ONLY,
        "test_another_device_in_its_place_is_a_stranger": "proves no identity, since it may be silent for ever",
        "test_open_of_a_silent_peer_ends_by_its_deadline": "is open with its port: nothing has to come first",
    }
