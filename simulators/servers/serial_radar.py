"""A radar on a serial line: it talks by itself, in the dialect of its profile, and hears nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from simulators.image import Image
from simulators.servers import serial_decatur, serial_hikvision, serial_icoms, serial_mph, spoil
from simulators.servers.base import GateOf
from simulators.servers.pty import Pty
from simulators.servers.serial_fields import Fields, fields_of

ON_TARGET = "on-target"
SPEEDS = ("speed", "target")
TOP_BIT = 0x80


@dataclass(frozen=True, slots=True)
class Voice:
    """How a radar says what it sees, and how often."""

    encode: Callable[[Fields], bytes]
    every_s: float


VOICES: dict[str, Voice] = {
    "mph": Voice(serial_mph.encode, serial_mph.EVERY_S),
    "mph-ds4": Voice(serial_mph.encode_ds4, serial_mph.EVERY_S),
    "hikvision-byte": Voice(serial_hikvision.encode_byte, serial_hikvision.EVERY_S),
    "hikvision-two-bytes": Voice(serial_hikvision.encode_two_bytes, serial_hikvision.EVERY_S),
    "hikvision-text": Voice(serial_hikvision.encode_text, serial_hikvision.EVERY_S),
    "hikvision-td10n": Voice(serial_hikvision.encode_byte, serial_hikvision.EVERY_S),
    "icoms": Voice(partial(serial_icoms.encode, message=1), serial_icoms.EVERY_S),
    "decatur-si2": Voice(serial_decatur.encode, serial_decatur.EVERY_S),
}


def voice_of(dialect: str, message: int | None = None) -> Voice:
    """Return how a dialect sounds; `message` picks one of the types of message that an Icoms radar has."""
    if message is None:
        return VOICES[dialect]
    return Voice(partial(serial_icoms.encode, message=message), serial_icoms.EVERY_S)


class SerialRadar:
    """Talks by itself; hears nothing. One that talks `on-target` is silent while it sees nothing."""

    protocol = "serial"

    def __init__(self, path: Path, image: Image, gate: GateOf, baudrate: int, voice: Voice) -> None:
        self._image = image
        self._gate = gate
        self._baudrate = baudrate
        self._voice = voice
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
            await asyncio.sleep(self._voice.every_s)
            gate = self._gate(self._image.unit)
            if gate.delay_s:
                await asyncio.sleep(gate.delay_s)
            fields = fields_of(self._image)
            if gate.silent or (self._image.profile.talks == ON_TARGET and not any(map(fields.get, SPEEDS))):
                continue
            sent = self._voice.encode(fields)
            if gate.garbled:
                # No dialect begins like that. Where each byte is a speed, it is another one: nothing protects it.
                sent = bytes([sent[0] ^ TOP_BIT]) + sent[1:]
            for piece in spoil.pieces(sent, gate):
                self._pty.write(piece)
