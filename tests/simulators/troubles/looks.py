"""How the proofs look at wires: raw bytes over a socket, a serial line, from a radar."""

from __future__ import annotations

import asyncio
import os
from struct import pack
from typing import Any

from simulators.run import Running
from simulators.servers.modbus_rtu import crc
from tests.simulators.support import control, endpoint, serial_path
from tests.simulators.troubles.proof import Do

PASS_S = 0.005
PASSES, PASSES_AFTER = 30, 8
"""Turns of the loop in which nothing comes, before and after something has: on a slow machine they take longer."""
TRANSACTION = 7


def frame(pdu: str, unit: int = 1, transaction: int = TRANSACTION) -> bytes:
    body = bytes([unit]) + bytes.fromhex(pdu)
    return pack(">HHH", transaction, 0, len(body)) + body


def over_tcp(link: str, pdu: str, unit: int = 1) -> Do:
    """See what a new connection gets for a request: bytes, `closed` after them, or `refused`."""

    async def see(running: Running) -> str:
        try:
            reader, writer = await asyncio.open_connection(*endpoint(running, link))
        except ConnectionRefusedError:
            return "refused"
        try:
            writer.write(frame(pdu, unit))
            came, closed = await heard(reader)
            return came.hex() + (" closed" if closed else "")
        finally:
            writer.transport.abort()

    return see


async def heard(reader: asyncio.StreamReader) -> tuple[bytes, bool]:
    """Return what comes until there is quiet, and whether the connection was closed then."""
    came, quiet = b"", PASSES
    while quiet > 0:
        reading = asyncio.ensure_future(reader.read(256))
        while quiet > 0 and not reading.done():
            await asyncio.sleep(PASS_S)
            quiet -= 1
        if not reading.done():
            reading.cancel()
            return came, False
        if reading.exception() is not None or not reading.result():
            return came, True
        came, quiet = came + reading.result(), PASSES_AFTER
    return came, False


def answer(pdu: str, unit: int = 1) -> str:
    return frame(pdu, unit).hex()


def on_the_bus(unit: int, pdu: str) -> Do:
    """See what the bus of Gambetta gives for a request, in hex."""

    async def see(running: Running) -> str:
        line = os.open(serial_path(running, "gambetta-bus"), os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            os.write(line, rtu(unit, pdu))
            return (await _read(line)).hex()
        finally:
            os.close(line)

    return see


def rtu(unit: int, pdu: str) -> bytes:
    body = bytes([unit]) + bytes.fromhex(pdu)
    return body + crc(body)


async def radar(running: Running) -> str:
    """See one frame of the radar of Albert 1er."""
    line = os.open(serial_path(running, "albert-radar-line"), os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        await _read(line, 2, 2)  # frames of a moment ago
        came = await _read(line)
    finally:
        os.close(line)
    start = came.find(0x02)
    return came[start : start + 7].hex()


async def _read(line: int, passes: int = PASSES, after: int = PASSES_AFTER) -> bytes:
    came = b""
    while passes > 0:
        try:
            came += os.read(line, 256)
        except BlockingIOError:
            passes -= 1
        else:
            passes = min(passes, after)
        await asyncio.sleep(PASS_S)
    return came


def all_of(see: Do, times: int = 12) -> Do:
    """See what is seen one after the other, each once."""

    async def look(running: Running) -> list[Any]:
        return sorted({await see(running) for _ in range(times)})

    return look


def write(unit: str, **values: Any) -> Do:
    """Make outputs ready, as if they had been written."""

    async def ready(running: Running) -> None:
        running.built.images[unit].write(values)

    return ready


def ask(**request: Any) -> Do:
    """Make ready by a request to the simulators."""

    async def ready(running: Running) -> None:
        assert (await control(running, **request))["ok"]

    return ready
