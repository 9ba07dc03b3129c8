"""Devices that talk by themselves on a plain serial line. Nothing is ever sent to them.

pyserial sets the port up and locks it; its bytes are taken by the loop itself. pyserial-asyncio would close the port in a
thread, where nobody sees it finish.
"""

from __future__ import annotations

import asyncio
import errno
import os
import termios
from collections import deque
from collections.abc import Sequence

import serial

from controller.core.readings import Quality, Reading, Readings, Value, bad
from controller.ports import (
    Garbled,
    Identity,
    LinkError,
    Mute,
    Point,
    Refusing,
    Sink,
    Stranger,
    Unit,
    Unreachable,
    Wanted,
    always,
)
from drivers.addresses import Field_
from drivers.dialects import ALWAYS, DIALECTS, Dialect
from drivers.remedies import why_no_port
from drivers.serial_frames import Decoder, Frame
from drivers.turns import Clock, loop_time
from drivers.url import SerialLine, parse_url, serial_line
from drivers.values import engineering

# Frames between the opening and the taking of them, half a minute of those that come every 250 ms; then the oldest go.
BACKLOG = 128
# A device that need not talk may have a glitch on its line, or say something when it is switched on. So many bytes are neither.
NOISE = 32


class PortTaken(OSError):
    """Another process has the port open."""


def open_port(line: SerialLine) -> serial.Serial:
    """Open and lock a port. Raises OSError, of which PortTaken is one, whose text says what to do."""
    try:
        return serial.Serial(
            port=line.port,
            baudrate=line.baudrate,
            bytesize=line.bytesize,
            parity=line.parity,
            stopbits=line.stopbits,
            timeout=0,
            exclusive=True,
        )
    except termios.error as error:
        raise OSError(why_no_port(line.port, OSError(*error.args))) from None
    except OSError as error:
        kind = PortTaken if error.errno in (errno.EAGAIN, errno.EBUSY) else OSError
        raise kind(why_no_port(line.port, error)) from None


class SerialLink:
    """One serial port and the one device that talks on it.

    A device that talks only on a target (`talks` of its profile) proves nothing by its silence, neither that it is there nor that
    it is gone: it is open as soon as its port is, and lost with its port only, or by bytes that are no frames.
    `rejected` counts frames, over all sessions, that were none (R28).
    """

    def __init__(self, name: str, url: str, *, now: Clock = loop_time) -> None:
        self.name = name
        self.rejected = 0
        self._url = parse_url(url)
        self._now = now
        self._port: _Port | None = None
        self._unit = ""

    async def open(self, unit: Unit, deadline: float) -> Identity:
        """Open the port and wait for the first frame, which proves line settings and dialect, and `identity` if any."""
        dialect = self._check(unit)
        self._unit = ""
        try:
            if self._port is None or self._port.lost or self._port.dialect is not dialect:
                await self.close()
                self._port = _Port(self._line(unit, dialect), dialect, self._now)
            self._port.frames.clear()
            if not _always(unit):
                self._unit = unit.name
                return {}
            frame, taken = await self._next(self._port, unit, deadline)
        except OSError as error:
            await self.close()
            raise Unreachable(self.name, unit.name, str(error)) from None
        except LinkError:
            await self.close()
            raise
        # It was only looked at: whoever subscribes shall have it too.
        self._port.frames.appendleft((frame, taken))
        found = _readings(frame, taken, tuple(unit.points[name] for name in unit.identity))
        for name, expected in unit.identity.items():
            if found[name].value != expected:
                raise Stranger(self.name, unit.name, f"{name} is {found[name].value!r}, expected {expected!r}")
        self._unit = unit.name
        return dict(unit.identity)

    async def read(self, unit: Unit, points: tuple[Point, ...], deadline: float) -> Readings:
        """Return nothing: such a device cannot be asked. Raises Unreachable where the unit is not connected."""
        self._opened(unit)
        return {}

    async def write(
        self, unit: Unit, values: Sequence[tuple[Point, Value]], deadline: float, wanted: Wanted = always
    ) -> None:
        """Raise Refusing: such a device takes no orders. Raises Unreachable where the unit is not connected."""
        self._opened(unit)
        raise Refusing(self.name, unit.name, f"a device that speaks {unit.options['dialect']} takes no orders")

    async def subscribe(self, unit: Unit, points: tuple[Point, ...], sink: Sink) -> None:
        """Hand over each frame as it comes, until cancelled or, of one that talks always, none has come for `patience_s`.

        Raises Unreachable as soon as the port is gone, Mute after silence, Garbled after bytes that are no frames.
        """
        port = self._opened(unit)
        patience, heard = float(unit.options["patience_s"]), self._now()
        try:
            while True:
                frame, taken = await self._next(port, unit, heard + patience if _always(unit) else None)
                patience = max(float(unit.options["patience_s"]), frame.silence_s)
                heard = self._now()
                sink(_readings(frame, taken, points))
        except LinkError:
            await self.close()
            raise

    async def close(self) -> None:
        """Close and unlock the port; never raises."""
        self._unit = ""
        if self._port is not None:
            self.rejected += self._port.decoder.rejected
            self._port.close("the port was closed")
            self._port = None

    async def _next(self, port: _Port, unit: Unit, limit: float | None) -> tuple[Frame, float]:
        """Wait for a frame until `limit`; without one for as long as it takes, unless `NOISE` comes."""
        before, dropped = port.received, port.decoder.dropped
        try:
            async with asyncio.timeout(None if limit is None else limit - self._now()):
                while not port.frames:
                    if port.lost:
                        raise Unreachable(self.name, unit.name, port.lost)
                    if limit is None and port.decoder.dropped - dropped >= NOISE:
                        raise self._garbled(port, unit, before)
                    port.news.clear()
                    await port.news.wait()
        except TimeoutError:
            if port.received == before:
                raise Mute(self.name, unit.name, "nothing came") from None
            raise self._garbled(port, unit, before) from None
        return port.frames.popleft()

    def _garbled(self, port: _Port, unit: Unit, before: int) -> Garbled:
        count = port.received - before
        return Garbled(self.name, unit.name, f"{count} bytes and no frame among them; set to {port.line}")

    def _check(self, unit: Unit) -> Dialect:
        dialect = DIALECTS.get(name := str(unit.options.get("dialect")))
        if dialect is None:
            raise Refusing(
                self.name, unit.name, f"dialect {name!r} is not known, expected one of {', '.join(DIALECTS)}"
            )
        for point in unit.points.values():
            if (field := _field(point)) not in dialect.fields:
                known = ", ".join(dialect.fields)
                raise Refusing(self.name, unit.name, f"{point.name}: no field {field!r}, only {known}")
        if unit.identity and not _always(unit):
            raise Refusing(self.name, unit.name, "a unit that talks only on a target cannot prove an identity")
        return dialect

    def _line(self, unit: Unit, dialect: Dialect) -> SerialLine:
        if dialect.baudrate is None and "baudrate" not in self._url.options:
            text = "the dialect has no speed of its own: say in the URL what the unit is set to, e.g. ?baudrate=9600"
            raise Refusing(self.name, unit.name, text)
        return serial_line(self._url, baudrate=dialect.baudrate or 0)

    def _opened(self, unit: Unit) -> _Port:
        if self._port is None or self._unit != unit.name:
            raise Unreachable(self.name, unit.name, "the unit is not connected")
        if self._port.lost:
            raise Unreachable(self.name, unit.name, self._port.lost)
        return self._port


class _Port:
    """One opening of the port: whole frames, with the time of their arrival, wait here to be taken."""

    def __init__(self, line: SerialLine, dialect: Dialect, now: Clock) -> None:
        self.line = line
        self.dialect = dialect
        self.decoder = Decoder(dialect.forms)
        self.frames: deque[tuple[Frame, float]] = deque(maxlen=BACKLOG)
        self.received = 0
        self.lost = ""
        self.news = asyncio.Event()
        self._now = now
        self._serial = open_port(line)
        self._descriptor: int = self._serial.fileno()
        asyncio.get_running_loop().add_reader(self._descriptor, self._readable)

    def _readable(self) -> None:
        try:
            data = os.read(self._descriptor, 4096)
        except BlockingIOError:
            return
        except OSError as error:
            data, why = b"", str(error)
        else:
            why = "the line was hung up"
        if not data:
            self.close(f"the port is gone: {why}")
            return
        self.received += len(data)
        arrived = self._now()
        self.frames.extend((frame, arrived) for frame in self.decoder.feed(data, arrived))
        self.news.set()

    def close(self, why: str) -> None:
        """Release the descriptors; those who wait are told `why`. Twice does no harm."""
        if self._serial.is_open:
            asyncio.get_running_loop().remove_reader(self._descriptor)
            self._serial.close()
            self.lost = why
        self.news.set()


def _always(unit: Unit) -> bool:
    return bool(unit.options.get("talks", ALWAYS) == ALWAYS)


def _field(point: Point) -> str:
    return point.address.name if isinstance(point.address, Field_) else ""


def _readings(frame: Frame, taken: float, points: tuple[Point, ...]) -> Readings:
    return {point.name: _reading(frame, taken, point) for point in points}


def _reading(frame: Frame, taken: float, point: Point) -> Reading:
    name = _field(point)
    try:
        value = engineering(frame.fields.get(name), point)
    except ValueError:
        return bad(taken)
    return Reading(value, Quality.UNCERTAIN if name in frame.doubtful else Quality.GOOD, taken)
