"""A pseudo-terminal pair under a lasting name: our end of a serial cable, and the other that a controller opens."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import struct
import termios
import tty
from collections.abc import Callable
from pathlib import Path

BACKLOG = 512
"""Unread bytes that the other end may have; a real line loses what nobody listens to."""


class Pty:
    """`path` is a link to the terminal, which is another one after each `plug`."""

    def __init__(self, path: Path, received: Callable[[bytes], None]) -> None:
        self.path = path
        self._received = received
        self._ours = self._theirs = -1

    @property
    def plugged(self) -> bool:
        """Tell whether the cable is in."""
        return self._ours >= 0

    def plug(self) -> None:
        """Make the terminal and its name."""
        if self.plugged:
            return
        # Their end stays open here too: without a reader of it, reading ours would fail.
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        os.set_blocking(self._ours, False)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(self._theirs))
        asyncio.get_running_loop().add_reader(self._ours, self._read)

    def unplug(self) -> None:
        """Pull the cable: who has it open is told so, and the name is gone."""
        if not self.plugged:
            return
        asyncio.get_running_loop().remove_reader(self._ours)
        self.path.unlink(missing_ok=True)
        os.close(self._theirs)
        os.close(self._ours)
        self._ours = self._theirs = -1

    def write(self, data: bytes) -> None:
        """Send; what does not fit is lost."""
        if not self.plugged:
            return
        if self._unread() > BACKLOG:
            termios.tcflush(self._theirs, termios.TCIFLUSH)
        with contextlib.suppress(BlockingIOError):
            os.write(self._ours, data)

    def _unread(self) -> int:
        (count,) = struct.unpack("i", fcntl.ioctl(self._theirs, termios.FIONREAD, b"\0" * 4))
        return int(count)

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError, OSError):
            self._received(os.read(self._ours, 4096))
