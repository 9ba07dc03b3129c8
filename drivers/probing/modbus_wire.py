"""A Modbus wire that can only ask: every function but those that read is refused here, before a byte goes out.

The links of a running site are not used: they serve known units, with debts, deadlines and writes. Here a request may be
asked again, because it changes nothing.
"""

from __future__ import annotations

import asyncio
import os
import struct
from contextlib import suppress
from typing import Protocol

import serial
from pymodbus.framer.rtu import FramerRTU

from drivers.modbus_ends import Declined, Lost, NoAnswer, NoConnection
from drivers.modbus_frames import EXCEPTION, MBAP, READ_WORDS, Unfit, check, examine_rtu, hexed
from drivers.modbus_rtu import CHARACTER_BITS, QUIET_CHARACTERS, QUIET_FAST_S
from drivers.probing import modbus_identity as identity
from drivers.probing.findings import Taken
from drivers.remedies import why_no_host
from drivers.serial import PortTaken, open_port
from drivers.url import SerialLine

READING = frozenset({1, 2, 3, 4, identity.FUNCTION})
HEADER = struct.Struct(">HHHB")
IDENTIFICATION = 96
"""Bytes of a device identification with a few names in it."""


class Wire(Protocol):
    """One wire; for one caller at a time."""

    async def connect(self, within_s: float) -> None:
        """Open it. Raises NoConnection or Taken, whose text says what to do."""

    async def ask(self, unit: int, pdu: bytes, patience_s: float) -> bytes:
        """Return the PDU of the answer. Raises NoConnection, NoAnswer, Lost, Declined, Unfit."""

    async def overhear(self, listen_s: float) -> bytes:
        """Return what is said on the wire while nobody was asked."""

    async def close(self) -> None:
        """Release it."""


def read_request(function: int, address: int, count: int) -> bytes:
    """Make the PDU of a read."""
    return struct.pack(">BHH", function, address, count)


class TcpWire:
    """A TCP connection, made again where the device has closed it."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._number = 0
        self._got = b""
        self._within_s = 0.0

    async def connect(self, within_s: float) -> None:
        self._within_s, failure = within_s, None
        try:
            async with asyncio.timeout(within_s):
                self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
                self._got = b""
                return
        except TimeoutError:
            pass
        except OSError as error:
            failure = error
        raise NoConnection(why_no_host(self._host, self._port, failure, within_s))

    async def overhear(self, listen_s: float) -> bytes:
        """Return nothing at once: a connection is nobody else's."""
        return b""

    async def ask(self, unit: int, pdu: bytes, patience_s: float) -> bytes:
        _only_reading(pdu)
        if self._writer is None or self._reader is None:
            await self.connect(self._within_s)
        assert self._writer is not None  # noqa: S101 (connect has raised otherwise)
        self._number = number = self._number % 0xFFFF + 1
        self._writer.write(HEADER.pack(number, 0, len(pdu) + 1, unit) + pdu)
        try:
            async with asyncio.timeout(patience_s):
                answer = await self._answer(number, unit)
        except TimeoutError:
            raise NoAnswer(f"no answer within {patience_s:.2f} s") from None
        except Unfit:
            await self.close()
            raise
        except OSError:
            await self.close()
            raise Lost("the device closed the connection") from None
        if answer[0] == pdu[0] | EXCEPTION and len(answer) == 2:
            raise Declined(answer[1])
        _must_fit(pdu, answer)
        return answer

    async def close(self) -> None:
        writer, self._writer, self._reader = self._writer, None, None
        if writer is not None:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _answer(self, number: int, unit: int) -> bytes:
        assert self._reader is not None  # noqa: S101 (ask has seen to it)
        while True:
            while (frame := self._frame()) is not None:
                # One of another number came too late for its own request.
                if HEADER.unpack_from(frame)[0] == number:
                    if frame[6] != unit:
                        raise Unfit(f"unit {frame[6]} answered in place of unit {unit}")
                    return frame[MBAP:]
            more = await self._reader.read(4096)
            if not more:
                raise ConnectionResetError
            self._got += more

    def _frame(self) -> bytes | None:
        if len(self._got) < MBAP:
            return None
        _, protocol, length, _ = HEADER.unpack_from(self._got)
        if protocol != 0 or not 2 < length <= 254:
            raise Unfit(f"not a Modbus TCP header: {hexed(self._got)}")
        end = MBAP - 1 + length
        if len(self._got) < end:
            return None
        frame, self._got = self._got[:end], self._got[end:]
        return frame


class RtuWire:
    """A serial bus. What comes from another unit, or too late, is let pass, and the question asked once more."""

    def __init__(self, line: SerialLine) -> None:
        self._line = line
        self._port: serial.Serial | None = None
        self._descriptor = -1
        self._got = b""
        self._news = asyncio.Event()
        self._lost = ""
        self._silent: int | None = None
        self._quiet_s = max(QUIET_CHARACTERS * CHARACTER_BITS / line.baudrate, QUIET_FAST_S)

    async def connect(self, within_s: float) -> None:
        try:
            self._port = open_port(self._line)
        except PortTaken as error:
            raise Taken(str(error)) from None
        except OSError as error:
            raise NoConnection(str(error)) from None
        self._descriptor = self._port.fileno()
        asyncio.get_running_loop().add_reader(self._descriptor, self._readable)

    async def overhear(self, listen_s: float) -> bytes:
        await asyncio.sleep(listen_s)
        got, self._got = self._got, b""
        return got

    async def ask(self, unit: int, pdu: bytes, patience_s: float) -> bytes:
        _only_reading(pdu)
        if self._silent == unit:
            # RTU answers carry no number: a late one of this unit must not be taken for the next.
            await self._silence(patience_s)
        try:
            return await self._ask(unit, pdu, patience_s)
        except Unfit:
            await self._silence(patience_s)
            return await self._ask(unit, pdu, patience_s)

    async def close(self) -> None:
        self._release("the port was closed")

    async def _ask(self, unit: int, pdu: bytes, patience_s: float) -> bytes:
        if self._port is None or self._lost:
            raise NoConnection(self._lost or "the port is not open")
        await asyncio.sleep(self._quiet_s)
        body = bytes([unit]) + pdu
        sent, self._got, self._silent = body + FramerRTU.compute_CRC(body).to_bytes(2, "big"), b"", None
        try:
            if os.write(self._descriptor, sent) != len(sent):
                raise BlockingIOError
            on_the_way_s = (len(sent) + _longest_answer(pdu)) * CHARACTER_BITS / self._line.baudrate
            async with asyncio.timeout(patience_s + on_the_way_s):
                while (answer := _whole(sent, self._got)) is None:
                    self._news.clear()
                    await self._news.wait()
                    if self._lost:
                        raise NoConnection(self._lost)
        except TimeoutError:
            self._silent = unit
            if self._got:
                raise Unfit(f"only a part of an answer: {hexed(self._got)}") from None
            raise NoAnswer(f"no answer within {patience_s:.2f} s") from None
        except OSError:
            raise NoConnection(f"{self._line.port}: the port takes no bytes; is its adapter still there?") from None
        if answer[0] & EXCEPTION:
            raise Declined(answer[1])
        return answer

    async def _silence(self, for_s: float) -> None:
        """Return when nothing has come for so long; at most ten times as long from now, on a line that never rests."""
        with suppress(TimeoutError):
            async with asyncio.timeout(10 * for_s):
                heard = True
                while heard:
                    self._news.clear()
                    try:
                        async with asyncio.timeout(for_s):
                            await self._news.wait()
                    except TimeoutError:
                        heard = False

    def _readable(self) -> None:
        try:
            data = os.read(self._descriptor, 4096)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._release(f"{self._line.port}: the port is gone; was its adapter unplugged?")
        self._got += data
        self._news.set()

    def _release(self, why: str) -> None:
        if self._port is not None:
            asyncio.get_running_loop().remove_reader(self._descriptor)
            self._port.close()
            self._port, self._lost = None, why
            self._news.set()


def _only_reading(pdu: bytes) -> None:
    if pdu[0] not in READING:
        raise ValueError(f"function {pdu[0]} does not read, and a probe sends nothing else")


def _longest_answer(pdu: bytes) -> int:
    """Tell how many bytes of a frame may come in answer, so that a slow line is not taken for a slow device."""
    if pdu[0] == identity.FUNCTION:
        return IDENTIFICATION
    count = int.from_bytes(pdu[3:5], "big")
    return 5 + (2 * count if pdu[0] in READ_WORDS else (count + 7) // 8)


def _must_fit(pdu: bytes, answer: bytes) -> None:
    if pdu[0] != identity.FUNCTION:
        check(pdu, answer, len(answer))
    elif answer[0] != pdu[0] or identity.length(answer) != len(answer):
        raise Unfit(f"no device identification: {hexed(answer)}")


def _whole(sent: bytes, got: bytes) -> bytes | None:
    """Return the PDU of the answer that `got` is, None while it is not whole. Raises Unfit."""
    if sent[1] != identity.FUNCTION:
        frame = examine_rtu(sent, got)
        return None if frame is None else frame[1:-2]
    if len(got) < 2:
        return None
    if got[0] != sent[0] or got[1] & ~EXCEPTION != identity.FUNCTION:
        raise Unfit(f"no answer to function 43 of unit {sent[0]}: {hexed(got)}")
    length = 2 if got[1] & EXCEPTION else identity.length(got[1:])
    if length is None or len(got) < length + 3:
        return None
    if len(got) > length + 3 or not FramerRTU.check_CRC(got[:-2], int.from_bytes(got[-2:], "big")):
        raise Unfit(f"wrong checksum or length: {hexed(got)}")
    return got[1:-2]
