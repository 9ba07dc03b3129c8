"""Who talks on a serial line: a dialect that is known, one that is not, nobody."""

from __future__ import annotations

import asyncio
import fcntl
import itertools
import os
import struct
import termios
import tty
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from serial import Serial

import drivers.serial
from controller.probing import Fit, InUse, Unanswered
from drivers.dialects import DIALECTS, Dialect
from drivers.probing import serial
from drivers.probing.target import settings
from drivers.serial_frames import Form, Frame, spelled
from drivers.url import SerialLine
from tests.probing.support import best, probed
from tests.simulators.support import serial_path, served

EVERY_S = 0.02
RADAR = bytes((0x02, 0x84, 0, 57, 0, 0, 0x03))


@asynccontextmanager
async def talking(*sayings: bytes) -> AsyncIterator[str]:
    """A serial port on which somebody says these things over and over; yields its URL."""
    master, slave = os.openpty()
    os.set_blocking(master, False)
    tty.setraw(slave)

    async def talk() -> None:
        for saying in itertools.cycle(sayings):
            with suppress(BlockingIOError):
                os.write(master, saying)
            await asyncio.sleep(EVERY_S)

    task = asyncio.create_task(talk())
    try:
        yield f"serial://{os.ttyname(slave)}"
    finally:
        task.cancel()
        await asyncio.wait([task])
        os.close(master)
        os.close(slave)


async def test_a_radar_is_recognised_and_its_profile_is_possible():
    async with talking(RADAR) as url:
        found = await probed(url)
    # A DS4 fills the same frame with something else: nothing on the line tells which of the two it is.
    thing, other = found.things
    assert thing.name == "speaks mph at 1200 8N1"
    assert other.name == "speaks mph-ds4 at 1200 8N1"
    assert found.link == url
    verdict = best(found)
    assert (verdict.profile, verdict.fit, verdict.why) == (
        "mph-radar", Fit.POSSIBLE, "no identity to check; 9 of 9 points can be read",
    )  # fmt: skip
    assert verdict.values["speed"] == 57


async def test_the_simulated_radar_is_recognised():
    async with served("albert-radar-line") as field:
        found = await probed(f"serial://{serial_path(field, 'albert-radar-line')}?baudrate=1200", listen_s=1.2)
    assert best(found).profile == "mph-radar"


async def test_bytes_in_no_known_dialect_are_shown():
    async with talking(b"S 057 km/h\r\n") as url:
        found = await probed(url)
    (thing,) = found.things
    assert thing.name == "bytes at 1200 8N1, in no dialect that is known"
    assert thing.data["bytes"].startswith(b"S 057 km/h\r\n".hex(" "))
    assert found.heard


async def test_frames_among_more_that_are_rejected_are_a_coincidence():
    noise = bytes((0x02, 0x04, 0, 0, 0, 0, 0x03))  # bit 7 of the status is clear
    async with talking(noise, RADAR, noise, noise) as url:
        found = await probed(url, listen_s=1.0)
    assert "in no dialect" in found.things[0].name


async def test_on_a_silent_line_nobody_is_heard():
    async with talking() as url:
        found = await probed(url, listen_s=0.1)
    assert not found.things
    assert not found.heard


async def test_settings_are_tried_until_a_dialect_is_recognised(monkeypatch):
    heard: list[str] = []
    listen = serial._listen

    async def only_at_4800(ear: serial.Heard, for_s: float) -> None:
        heard.append(settings(ear.line))
        if ear.line.baudrate == 4800:
            await listen(ear, for_s)
        else:
            ear.hear(b"\xff\x00\xfe", 0.0)

    # A pseudo-terminal has no rate: in another the bytes would come out wrong.
    monkeypatch.setattr(serial, "_listen", only_at_4800)
    async with talking(RADAR) as url:
        found = await probed(f"{url}?baudrate=9600", try_lines=True)
    assert heard == ["9600 8N1", "1200 8N1", "2400 8N1", "4800 8N1"]
    assert [thing.name for thing in found.things] == [f"speaks {name} at 4800 8N1" for name in ("mph", "mph-ds4")]
    assert found.link == f"{url}?baudrate=4800&bytesize=8&parity=N&stopbits=1"


async def test_settings_that_the_port_refuses_are_passed_over(monkeypatch):
    def open_port(line: SerialLine) -> Serial:
        # A pseudo-terminal refuses parity, but not every time.
        if line.parity != "N":
            raise OSError("x: the port refuses these settings")
        return drivers.serial.open_port(line)

    monkeypatch.setattr(serial, "open_port", open_port)
    async with talking(RADAR) as url:
        found = await probed(f"{url}?parity=E", try_lines=True)
    assert found.notes == ["1200 8E1: x: the port refuses these settings"]
    assert found.things[0].name == "speaks mph at 1200 8N1"


@pytest.mark.parametrize("try_lines", [False, True])
async def test_a_port_that_is_not_there_says_what_to_do(tmp_path: Path, try_lines: bool):
    with pytest.raises(Unanswered, match=r"usb-radar: no such port: is the adapter plugged in\?"):
        await probed(f"serial://{tmp_path}/usb-radar", try_lines=try_lines)


async def test_a_port_that_another_has_open_is_not_listened_to():
    async with talking(RADAR) as url:
        first = asyncio.ensure_future(probed(url, listen_s=60.0))
        await asyncio.sleep(0)
        for try_lines in (False, True):
            with pytest.raises(InUse, match="another process has it open"):
                await probed(url, try_lines=try_lines)
            with pytest.raises(InUse, match="another process has it open"):
                await probed(url.replace("serial:", "modbus+rtu:"), try_lines=try_lines)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)


async def test_an_adapter_that_is_pulled_out_ends_the_listening_with_what_was_heard():
    master, slave = os.openpty()
    tty.setraw(slave)
    probing = asyncio.ensure_future(probed(f"serial://{os.ttyname(slave)}", listen_s=20.0))
    # Until the bytes have been taken, which tells that the port is open; the kernel hands them over a moment later.
    os.write(master, b"?")
    while not _waiting(slave):
        pass
    while _waiting(slave):  # noqa: ASYNC110  another descriptor's state tells of it
        await asyncio.sleep(EVERY_S)
    os.close(slave)
    os.close(master)
    found = await probing
    assert found.notes == ["1200 8N1: the port went away while it was listened to; was its adapter unplugged?"]


def _waiting(slave: int) -> int:
    (count,) = struct.unpack("i", fcntl.ioctl(slave, termios.FIONREAD, b"\0" * 4))
    return int(count)


GREETING = Form(spelled("hello\n"), lambda _: Frame({"said": "hello"}))


async def test_one_more_dialect_is_one_more_row(monkeypatch):
    monkeypatch.setattr(serial, "DIALECTS", {**DIALECTS, "greeting": Dialect((GREETING,), ("said",), 9600)})
    async with talking(b"hello\n") as url:
        found = await probed(url)
    (thing,) = found.things
    assert thing.name.startswith("speaks greeting at")
    assert thing.data["last"] == {"said": "hello"}


@pytest.mark.parametrize("said", [b"\x32", b"\xf9\x32"])
async def test_a_dialect_whose_frames_are_what_anything_sends_is_recognised_in_nothing(said: bytes):
    async with talking(said) as url:
        found = await probed(url)
    (thing,) = found.things
    assert thing.data["dialect"] is None
    assert "hikvision-byte" in dict(thing.rows)["frames"]
