"""Modbus RTU on a pseudo-terminal: several units on one bus, each silent unless addressed, and a line that takes its time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path

from simulators.servers import modbus_pdu as pdu
from simulators.servers import spoil
from simulators.servers.base import Gate, GateOf
from simulators.servers.couplers import UnitMemory
from simulators.servers.pty import Pty

BITS_A_CHARACTER = 11
FRAME_GAP_CHARACTERS = 3.5
FIXED = {1: 8, 2: 8, 3: 8, 4: 8, 5: 8, 6: 8}
COUNTED = (15, 16)
TURNAROUND_S = 0.002
"""What a module takes to think of its answer."""


class ModbusRtuServer:
    """A bus at `baudrate`, by unit id. Broadcasts (unit 0) are carried out and not answered."""

    protocol = "modbus-rtu"

    def __init__(self, path: Path, units: Mapping[int, UnitMemory], gate: GateOf, baudrate: int, parity: str) -> None:
        self._units = units
        self._gate = gate
        # A pseudo-terminal carries no parity bit, and the C library refuses to set one on it.
        self._options = f"baudrate={baudrate}&bytesize=8&parity=N"
        self._character_s = BITS_A_CHARACTER / baudrate
        self._pty = Pty(path, self._receive)
        self._buffer = b""
        self._requests: asyncio.Queue[bytes] = asyncio.Queue()
        self._worker: asyncio.Task[None] | None = None
        self._quiet: asyncio.TimerHandle | None = None

    @property
    def url(self) -> str:
        return f"modbus+rtu://{self._pty.path}?{self._options}"

    async def up(self) -> None:
        self._pty.plug()
        if self._worker is None:
            self._worker = asyncio.create_task(self._work(), name=f"rtu {self._pty.path.name}")

    async def down(self) -> None:
        self._forget()
        self._pty.unplug()
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)
            self._worker = None
        self._requests = asyncio.Queue()

    async def close(self) -> None:
        await self.down()
        for memory in self._units.values():
            memory.close()

    def reboot(self, unit: str) -> None:
        for memory in self._units.values():
            if memory.image.unit == unit:
                memory.reset()

    def memory(self, unit: str) -> UnitMemory | None:
        return next((memory for memory in self._units.values() if memory.image.unit == unit), None)

    def _receive(self, data: bytes) -> None:
        self._buffer += data
        while (length := frame_length(self._buffer)) is not None and len(self._buffer) >= length:
            frame, self._buffer = self._buffer[:length], self._buffer[length:]
            if crc(frame[:-2]) != frame[-2:]:
                self._buffer = b""
                break
            self._requests.put_nowait(frame)
        if self._quiet is not None:
            self._quiet.cancel()
        # A frame that stays unfinished is noise; on a pseudo-terminal the pause between two chunks says little.
        wait = max(0.05, 2 * FRAME_GAP_CHARACTERS * self._character_s)
        self._quiet = asyncio.get_running_loop().call_later(wait, self._forget) if self._buffer else None

    def _forget(self) -> None:
        self._buffer = b""
        if self._quiet is not None:
            self._quiet.cancel()
            self._quiet = None

    async def _work(self) -> None:
        while True:
            frame = await self._requests.get()
            with contextlib.suppress(OSError):
                await self._answer(frame)

    async def _answer(self, frame: bytes) -> None:
        unit, request = frame[0], frame[1:-2]
        await asyncio.sleep((len(frame) + FRAME_GAP_CHARACTERS) * self._character_s + TURNAROUND_S)
        if unit == 0:
            for each in self._units.values():
                pdu.answer(each, request)
            return
        memory = self._units.get(unit)
        if memory is None:
            return
        await self._speak(memory, frame, self._gate(memory.image.unit))

    async def _speak(self, memory: UnitMemory, frame: bytes, gate: Gate) -> None:
        unit, request = frame[0], frame[1:-2]
        if gate.echo:
            self._pty.write(frame)
        if gate.delay_s:
            await asyncio.sleep(gate.delay_s)
        if gate.silent:
            return
        response = pdu.answer(memory, request) if gate.exception is None else pdu.refusal(request[0], gate.exception)
        if gate.one_way:
            return
        body = bytes([unit ^ 0x01 if gate.wrong_unit else unit]) + spoil.response(response, gate)
        sent = body + crc(body)
        if gate.garbled:
            sent = sent[:-3] + bytes([sent[-3] ^ 0x01]) + sent[-2:]
        await asyncio.sleep(len(sent) * self._character_s)
        for piece in spoil.pieces(sent, gate):
            self._pty.write(piece)
            if gate.trickle_s:
                await asyncio.sleep(gate.trickle_s)


def frame_length(buffer: bytes) -> int | None:
    """Return how long the request at the beginning of a buffer is; None while that cannot be told.

    A function that no unit here knows is taken for the shortest frame there is, so that it can be refused.
    """
    if len(buffer) < 2:
        return None
    if buffer[1] in COUNTED:
        return 9 + buffer[6] if len(buffer) > 6 else None
    return FIXED.get(buffer[1], 4)


def crc(data: bytes) -> bytes:
    """Return the two CRC bytes of a frame, low byte first (Modbus over Serial Line V1.02, 6.2.2)."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return value.to_bytes(2, "little")
