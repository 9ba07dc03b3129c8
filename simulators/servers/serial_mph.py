"""An MPH speed radar on a serial line: a frame of seven bytes every 250 ms, target or none (MPH radar protocol; 1200 8N1)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from simulators.image import Image
from simulators.profiles import Value
from simulators.servers.base import GateOf
from simulators.servers.pty import Pty

EVERY_S = 0.25
STX, ETX = 0x02, 0x03
ALWAYS, FRONT_ANTENNA = 0x80, 0x04
FLAGS = {"low_voltage": 0x01, "rfi": 0x02, "self_test": 0x0C, "moving": 0x10, "alternative": 0x20, "opposite": 0x40}
SLOWEST, FASTEST = 4, 255
NONE = 1
"""How the protocol's own examples write a speed that is not there: below 4, and neither STX nor ETX."""


class MphRadar:
    """Talks by itself; hears nothing."""

    protocol = "serial"

    def __init__(self, path: Path, image: Image, gate: GateOf, baudrate: int) -> None:
        self._image = image
        self._gate = gate
        self._baudrate = baudrate
        self._pty = Pty(path, lambda _: None)
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return f"serial://{self._pty.path}?baudrate={self._baudrate}&bytesize=8&parity=N"

    async def up(self) -> None:
        self._pty.plug()
        if self._task is None:
            self._task = asyncio.create_task(self._talk(), name=f"radar {self._image.unit}")

    async def down(self) -> None:
        self._pty.unplug()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def close(self) -> None:
        await self.down()

    def reboot(self, unit: str) -> None:
        """Nothing is lost: it holds no output."""

    async def _talk(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            gate = self._gate(self._image.unit)
            if gate.delay_s:
                await asyncio.sleep(gate.delay_s)
            if not gate.silent:
                sent = frame(self._image)
                self._pty.write(sent[: len(sent) // 2] if gate.cut else sent)


def frame(image: Image) -> bytes:
    """Return the frame of what the radar sees."""
    return encode({row.where["field"]: image.read(name) for name, row in image.profile.points.items()})


def encode(fields: Mapping[str, Value]) -> bytes:
    """Lay fields out as status, patrol, target, lock and alternative speed between STX and ETX."""
    status = ALWAYS | (0 if fields.get("standby") else FRONT_ANTENNA)
    for field, bits in FLAGS.items():
        status |= bits if fields.get(field) else 0
    speeds = [int(fields.get(field, 0)) for field in ("patrol", "target", "lock", "alt")]
    return bytes([STX, status, *(NONE if speed < SLOWEST else min(speed, FASTEST) for speed in speeds), ETX])
