"""The scripted Modbus peer on a pseudo-terminal (Modbus over Serial Line V1.02). A cut is an adapter that is unplugged."""

from __future__ import annotations

import asyncio
import os
import tty
from pathlib import Path

from tests.links.peers.modbus import ModbusPeer
from tests.links.peers.modbus_device import crc


class RtuPeer(ModbusPeer):
    """One end of a pseudo-terminal; the other is at a path that stays the same when it is plugged in again."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.path = folder / "usb-rs485"
        self._master = -1
        self._slave = -1
        self._buffer = b""
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"modbus+rtu://{self.path}?baudrate=115200&parity=N"

    async def start(self) -> None:
        # The peer's own hold of the slave end keeps the line up while the driver has its port closed.
        self._plug()

    async def stop(self) -> None:
        self._unplug()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def cut(self) -> None:
        self._unplug()
        self._plug()

    def say(self, data: bytes) -> None:
        """Put bytes on the line unasked."""
        os.write(self._master, data)

    def _plug(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.path.symlink_to(os.ttyname(self._slave))
        asyncio.get_running_loop().add_reader(self._master, self._readable)

    def _unplug(self) -> None:
        if self._master >= 0:
            asyncio.get_running_loop().remove_reader(self._master)
            os.close(self._master)
            os.close(self._slave)
            self.path.unlink()
            self._master = self._slave = -1
            self._buffer, self.in_flight = b"", 0
            self._held.clear()

    def _readable(self) -> None:
        self._buffer += os.read(self._master, 4096)
        while frame := self._frame():
            self._buffer = self._buffer[len(frame) :]
            unit, master = frame[0], self._master

            def send(answer: bytes, unit: int = unit, master: int = master) -> None:
                frame = bytes([unit]) + answer
                if master == self._master >= 0 and (spoilt := self.spoil(frame + crc(frame))):
                    os.write(master, spoilt)

            assert frame[-2:] == crc(frame[:-2]), f"wrong checksum in {frame.hex()}"
            task = asyncio.create_task(self.take(frame, unit, frame[1:-2], send))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _frame(self) -> bytes:
        """Return the first whole request, or nothing."""
        if len(self._buffer) < 8:
            return b""
        length = 9 + self._buffer[6] if self._buffer[1] in (15, 16) else 8
        return self._buffer[:length] if len(self._buffer) >= length else b""
