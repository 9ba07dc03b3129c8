"""Devices that talk by themselves on a plain serial line. Nothing is ever sent to them.

pyserial sets the port up and locks it; its bytes are taken by the loop itself. pyserial-asyncio would close the port in a
thread, where nobody sees it finish.
"""

from __future__ import annotations

import asyncio
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
from drivers.mph import SELF_TEST_S, SPEEDS, Decoder, Frame
from drivers.remedies import why_no_port
from drivers.turns import Clock, loop_time
from drivers.url import SerialLine, parse_url, serial_line
from drivers.values import engineering

DIALECT = "mph"
# Half a minute of frames between the opening and the taking of them; then the oldest go.
BACKLOG = 128


def open_port(line: SerialLine) -> serial.Serial:
    """Open and lock a port. Raises OSError whose text says what to do."""
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
        raise OSError(why_no_port(line.port, error)) from None


class SerialLink:
    """One serial port and the one device that talks on it.

    `rejected` counts frames, over all sessions, that were none (R28).
    """

    def __init__(self, name: str, url: str, *, now: Clock = loop_time) -> None:
        self.name = name
        self.rejected = 0
        self._line = serial_line(parse_url(url), baudrate=1200)
        self._now = now
        self._port: _Port | None = None
        self._unit = ""

    async def open(self, unit: Unit, deadline: float) -> Identity:
        """Open the port and wait for the first frame, which proves line settings and dialect, and `identity` if any."""
        self._check(unit)
        self._unit = ""
        try:
            if self._port is None or self._port.lost:
                await self.close()
                self._port = _Port(self._line, self._now)
            self._port.frames.clear()
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
        raise Refusing(self.name, unit.name, f"a device that speaks {DIALECT} takes no orders")

    async def subscribe(self, unit: Unit, points: tuple[Point, ...], sink: Sink) -> None:
        """Hand over each frame as it comes, until cancelled or none has come for `patience_s`.

        Raises Unreachable as soon as the port is gone, Mute after silence, Garbled after bytes that are no frames.
        """
        port = self._opened(unit)
        patience, heard = float(unit.options["patience_s"]), self._now()
        try:
            while True:
                frame, taken = await self._next(port, unit, heard + patience)
                # A radar may be silent while it tests itself (R28).
                patience = max(float(unit.options["patience_s"]), SELF_TEST_S if frame.antennas > 1 else 0)
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

    async def _next(self, port: _Port, unit: Unit, limit: float) -> tuple[Frame, float]:
        before = port.received
        try:
            async with asyncio.timeout(limit - self._now()):
                while not port.frames:
                    if port.lost:
                        raise Unreachable(self.name, unit.name, port.lost)
                    port.news.clear()
                    await port.news.wait()
        except TimeoutError:
            count = port.received - before
            if not count:
                raise Mute(self.name, unit.name, "nothing came") from None
            raise Garbled(self.name, unit.name, f"{count} bytes and no frame among them; set to {self._line}") from None
        return port.frames.popleft()

    def _check(self, unit: Unit) -> None:
        if (dialect := unit.options.get("dialect")) != DIALECT:
            raise Refusing(self.name, unit.name, f"dialect {dialect!r} is not known, expected {DIALECT!r}")
        known = Frame(0, 0, 0, 0, 0).fields()
        for point in unit.points.values():
            if (field := _field(point)) not in known:
                raise Refusing(self.name, unit.name, f"{point.name}: no field {field!r}, only {', '.join(known)}")

    def _opened(self, unit: Unit) -> _Port:
        if self._port is None or self._unit != unit.name:
            raise Unreachable(self.name, unit.name, "the unit is not connected")
        if self._port.lost:
            raise Unreachable(self.name, unit.name, self._port.lost)
        return self._port


class _Port:
    """One opening of the port: whole frames, with the time of their arrival, wait here to be taken."""

    def __init__(self, line: SerialLine, now: Clock) -> None:
        self.decoder = Decoder()
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


def _field(point: Point) -> str:
    return point.address.name if isinstance(point.address, Field_) else ""


def _readings(frame: Frame, taken: float, points: tuple[Point, ...]) -> Readings:
    return {point.name: _reading(frame, taken, point) for point in points}


def _reading(frame: Frame, taken: float, point: Point) -> Reading:
    name = _field(point)
    try:
        value = engineering(frame.fields().get(name), point)
    except ValueError:
        return bad(taken)
    # Self-test and standby show speeds that no vehicle has; interference and low voltage make them up.
    doubtful = name in SPEEDS and not frame.measuring
    return Reading(value, Quality.UNCERTAIN if doubtful else Quality.GOOD, taken)
