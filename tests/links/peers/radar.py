"""An MPH radar at the far end of a pseudo-terminal: a frame every few milliseconds."""

from __future__ import annotations

import asyncio
import os
import tty
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from controller.ports import Link, Point, PointType, Unit
from drivers.addresses import Field_
from drivers.serial import SerialLink
from tests.links.adapter import Adapter, Mode
from tests.links.peers.pushing import TALKS_ONLY

EVERY_S = 0.005
POINTS = {
    "speed": Point("speed", Field_("target"), PointType.U16),
    "moving": Point("moving", Field_("moving")),
}
OPTIONS = {"patience_s": 2.0, "dialect": "mph"}


class RadarPeer(Adapter):
    """A radar whose adapter is plugged in at the same name again."""

    not_applicable: ClassVar = TALKS_ONLY

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.unit = Unit("radar", "line", None, POINTS, {"moving": False}, OPTIONS)
        self.stranger = Unit("radar", "line", None, POINTS, {"moving": True}, OPTIONS)
        self.expected = {"speed": 0, "moving": False}
        self.dial = "speed"
        self.orders = (("speed", 1),)
        self._port = folder / "radar"
        self._speed = 0
        self._ends: tuple[int, int] | None = None
        self._talking: asyncio.Task[None] | None = None

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
        return SerialLink("line", f"serial://{self._port}?baudrate=1200", now=asyncio.get_running_loop().time)

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
                os.write(self._ends[0], bytes((0x02, 0x84, 0, self._speed, 0, 0, 0x03)))
