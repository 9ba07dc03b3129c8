"""Listens on a serial line, and tells in which dialect somebody talks there. Nothing is sent."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from controller.core.readings import Value
from controller.ports import Point
from drivers.addresses import Field_
from drivers.dialects import DIALECTS
from drivers.outcomes import NoConnection
from drivers.probing.findings import Absent, Bounds, Findings, Read, Taken, Tell, Thing
from drivers.probing.target import Target, settings, with_line
from drivers.profile import AnyUnitProfile, SerialProfile
from drivers.serial import PortTaken, open_port
from drivers.serial_frames import Decoder, Frame
from drivers.turns import loop_time
from drivers.url import SerialLine, serial_line
from drivers.values import engineering

ENOUGH = 2
"""So many frames of a dialect, and more than it rejects, are no coincidence: a frame has at least three bytes that must fit."""

RATES = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)
LEAST = 3
"""A frame of fewer bytes is what anything may send: such a dialect is never recognised, only possible."""

SHOWN = 48
"""Bytes that are shown to a person, from the beginning."""


@dataclass(slots=True)
class Listener:
    """One dialect's ear."""

    dialect: str
    decoder: Decoder
    frames: int = 0
    last: Frame | None = None

    @property
    def telling(self) -> bool:
        """Whether its frames are more than any bytes would be."""
        return min(len(form.places) for form in DIALECTS[self.dialect].forms) >= LEAST

    @property
    def recognised(self) -> bool:
        """Whether what was heard is this dialect."""
        return self.telling and self.frames >= ENOUGH and self.frames > self.decoder.dropped

    def hear(self, data: bytes, at: float) -> None:
        """Take bytes."""
        for frame in self.decoder.feed(data, at):
            self.frames, self.last = self.frames + 1, frame


@dataclass(slots=True)
class Heard:
    """What came on a line that was set in one way."""

    line: SerialLine
    received: int = 0
    begin: bytearray = field(default_factory=bytearray)
    ears: list[Listener] = field(
        default_factory=lambda: [Listener(name, Decoder(it.forms)) for name, it in DIALECTS.items()]
    )
    lost: str = ""

    def hear(self, data: bytes, at: float) -> None:
        """Take bytes."""
        self.received += len(data)
        self.begin += data[: SHOWN - len(self.begin)]
        for ear in self.ears:
            ear.hear(data, at)

    @property
    def recognised(self) -> list[Listener]:
        """The dialects that it is, the one with the most frames first."""
        return sorted((ear for ear in self.ears if ear.recognised), key=lambda ear: -ear.frames)


async def probe(
    target: Target, profiles: Sequence[AnyUnitProfile], bounds: Bounds, found: Findings, tell: Tell
) -> None:
    """Fill in who talks on the line. Raises NoConnection, Taken."""
    line = serial_line(target.url, baudrate=1200)
    lines = _lines(line) if bounds.try_lines else [line]
    failures: list[NoConnection] = []
    for setting in lines:
        heard = Heard(setting)
        tell(f"listening for {bounds.listen_s:g} s at {settings(setting)} …")
        try:
            await _listen(heard, bounds.listen_s)
        except NoConnection as error:
            failures.append(error)
            found.notes.append(f"{settings(setting)}: {error}")
        finally:
            _note(heard, with_line(target.link, setting) if bounds.try_lines else target.link, found)
        if heard.recognised:
            return
    if len(failures) == len(lines):
        found.notes.clear()
        raise failures[0]


def _lines(line: SerialLine) -> list[SerialLine]:
    """Return settings to try: those given, those of the known dialects, then the usual ones."""
    plain = replace(line, bytesize=8, parity="N", stopbits=1)
    rates = [*(it.baudrate for it in DIALECTS.values() if it.baudrate), *RATES]
    seven = [replace(line, baudrate=rate, bytesize=7, parity="E", stopbits=1) for rate in (1200, 9600)]
    return list(dict.fromkeys([line, *(replace(plain, baudrate=rate) for rate in rates), *seven]))


async def _listen(heard: Heard, for_s: float) -> None:
    try:
        port = open_port(heard.line)
    except PortTaken as error:
        raise Taken(str(error)) from None
    except OSError as error:
        raise NoConnection(str(error)) from None
    loop, lost = asyncio.get_running_loop(), asyncio.Event()
    descriptor = port.fileno()

    def readable() -> None:
        try:
            data = os.read(descriptor, 4096)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            heard.hear(data, loop_time())
        else:
            heard.lost = "the port went away while it was listened to; was its adapter unplugged?"
            loop.remove_reader(descriptor)
            lost.set()

    loop.add_reader(descriptor, readable)
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(for_s):
                await lost.wait()
    finally:
        loop.remove_reader(descriptor)
        port.close()


def _note(heard: Heard, link: str, found: Findings) -> None:
    if heard.lost:
        found.notes.append(f"{settings(heard.line)}: {heard.lost}")
    if not heard.received:
        return
    found.heard = True
    if heard.recognised:
        # What was heard in other settings was this device, misunderstood.
        found.things.clear()
        found.link = link
    for ear in heard.recognised:
        found.things.append(_thing(heard, ear))
    if not heard.recognised:
        found.things.append(_unknown(heard))


def _thing(heard: Heard, ear: Listener) -> Thing:
    fields = (
        {name: value for name, value in ear.last.fields.items() if value is not None} if ear.last is not None else {}
    )
    name = f"speaks {ear.dialect} at {settings(heard.line)}"
    counted = f"{ear.frames} frames, {ear.decoder.rejected} rejected, in {heard.received} bytes"
    shown = ", ".join(f"{name} {_word(value)}" for name, value in fields.items())
    rows = [("frames", counted), ("last", shown), *_bytes(heard)]

    def addresses(profile: AnyUnitProfile) -> list[int | str | None]:
        return [None] if isinstance(profile, SerialProfile) and profile.dialect == ear.dialect else []

    data = _data(heard) | {"dialect": ear.dialect, "frames": ear.frames, "rejected": ear.decoder.rejected}
    return Thing(name, "serial", {}, rows, data | {"last": dict(fields)}, addresses, _reader(fields))


def _unknown(heard: Heard) -> Thing:
    name = f"bytes at {settings(heard.line)}, in no dialect that is known"
    rows = [("received", f"{heard.received} bytes"), *_bytes(heard)]
    tried = [f"{ear.dialect} {ear.frames} ({ear.decoder.rejected} rejected)" for ear in heard.ears]
    rows.append(("frames", ", ".join(tried)))
    return Thing(name, "serial", {}, rows, _data(heard) | {"dialect": None}, lambda _: [], _reader({}))


def _data(heard: Heard) -> dict[str, object]:
    return {"line": settings(heard.line), "received": heard.received, "bytes": heard.begin.hex(" ")}


def _bytes(heard: Heard) -> Iterator[tuple[str, str]]:
    more = " …" if heard.received > len(heard.begin) else ""
    yield "bytes (hex)", heard.begin.hex(" ") + more


def _reader(fields: Mapping[str, Value]) -> Read:
    def read(point: Point) -> Value | Absent:
        name = point.address.name if isinstance(point.address, Field_) else ""
        if name not in fields:
            return Absent(f"the dialect has no field {name!r}")
        try:
            return engineering(fields[name], point)
        except ValueError as error:
            return Absent(str(error))

    return read


def _word(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
