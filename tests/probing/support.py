"""What the tests of the probe share: a probe of a URL, and a serial bus on which a test answers byte by byte."""

from __future__ import annotations

import asyncio
import os
import tty
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from controller.probing import Bounds, Findings, known_profiles, probe, take_apart, verdicts
from drivers.probing.likeness import Verdict
from tests.links.peers.modbus_device import crc

PATIENCE_S = 0.2
OVERALL_S = 30.0
IDENTIFY = 0x2B

Answer = Callable[[int, bytes], bytes]
"""From a unit id and a request's PDU to the bytes that come back, whole frames or not."""


async def probed(url: str, **bounds: Any) -> Findings:
    """Probe a URL with the profiles that are shipped."""
    findings = Findings(url)
    await probe_into(findings, url, **bounds)
    return findings


def probe_into(
    findings: Findings, url: str, tell: Callable[[str], None] = lambda _: None, **bounds: Any
) -> Awaitable[None]:
    """Begin to probe a URL."""
    allowed = {"patience_s": PATIENCE_S, "most": 2000, "listen_s": 0.5} | bounds
    probing = probe(take_apart(url), known_profiles(), Bounds(**allowed), findings, tell)
    return asyncio.wait_for(probing, OVERALL_S)


def best(findings: Findings, thing: int = 0) -> Verdict:
    """Return the verdict that is named first."""
    return verdicts(findings.things[thing], known_profiles())[0]


def framed(unit: int, pdu: bytes) -> bytes:
    """Make an RTU frame."""
    body = bytes([unit]) + pdu
    return body + crc(body)


class Bus:
    """The far end of a serial line. `frames` are the requests that were heard, whoever they were for."""

    def __init__(self, path: str, master: int, answer: Answer) -> None:
        self.url = f"modbus+rtu://{path}?baudrate=115200&parity=N"
        self.frames: list[bytes] = []
        self._master, self._answer = master, answer
        self._got = b""

    def say(self, data: bytes) -> None:
        """Put bytes on the line."""
        os.write(self._master, data)

    def readable(self) -> None:
        """Take what was sent, frame by frame."""
        self._got += os.read(self._master, 4096)
        while len(self._got) >= (length := 7 if self._got[1:2] == bytes([IDENTIFY]) else 8):
            frame, self._got = self._got[:length], self._got[length:]
            assert frame[-2:] == crc(frame[:-2]), f"wrong checksum in {frame.hex()}"
            self.frames.append(frame)
            if answer := self._answer(frame[0], frame[1:-2]):
                self.say(answer)


@asynccontextmanager
async def bus(answer: Answer) -> AsyncIterator[Bus]:
    """A serial line on which `answer` answers."""
    master, slave = os.openpty()
    tty.setraw(slave)
    line = Bus(os.ttyname(slave), master, answer)
    loop = asyncio.get_running_loop()
    loop.add_reader(master, line.readable)
    try:
        yield line
    finally:
        loop.remove_reader(master)
        os.close(master)
        os.close(slave)
