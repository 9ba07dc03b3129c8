"""The simulated radar talks by itself on its serial line (R28)."""

from __future__ import annotations

import asyncio
import os
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from simulators.run import Running
from simulators.servers import serial_radar
from simulators.servers.pty import BACKLOG
from tests.simulators.support import control, serial_path, served, until

LINK = "albert-radar-line"


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(serial_radar.VOICES, "mph", replace(serial_radar.VOICES["mph"], every_s=0.02))


class Listener:
    def __init__(self) -> None:
        self.heard = b""
        self.gone = False


@contextmanager
def listening(field: Running):
    line = os.open(serial_path(field, LINK), os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
    loop, listener = asyncio.get_running_loop(), Listener()

    def read() -> None:
        try:
            data = os.read(line, 256)
        except OSError:
            data = b""
        listener.heard += data
        if not data:
            listener.gone = True
            loop.remove_reader(line)

    loop.add_reader(line, read)
    try:
        yield listener
    finally:
        loop.remove_reader(line)
        os.close(line)


async def test_a_frame_comes_whether_or_not_there_is_a_target():
    async with served(LINK) as field:
        with listening(field) as radar:
            await until(lambda: len(radar.heard) >= 14)
            assert radar.heard[:14] == bytes.fromhex("02 84 01 01 01 01 03") * 2


async def test_the_frame_tells_the_speed_of_a_vehicle_that_comes():
    async with served(LINK) as field:
        with listening(field) as radar:
            await control(field, do="drive", lane="albert", kmh=72)
            await until(lambda: bytes([2, 0x84, 1, 72, 1, 1, 3]) in radar.heard)


async def test_nobody_gets_frames_of_long_ago():
    async with served(LINK) as field:
        server: Any = field.servers[LINK]
        pty = server._pty
        for _ in range(1000):
            pty.write(bytes(7))
        assert pty._unread() <= BACKLOG + 7


async def test_silence_and_half_frames():
    async with served(LINK) as field:
        await control(field, do="trouble", kind="cut", target="albert-radar")
        with listening(field) as radar:
            await until(lambda: radar.heard.endswith(bytes.fromhex("02 84 01 02 84 01")))
            await control(field, do="clear")
            await control(field, do="trouble", kind="silence", target=LINK)
            count = len(radar.heard)
            await asyncio.sleep(0.2)  # ten frames' time, in which none must come
            assert len(radar.heard) == count


async def test_drop_pulls_the_cable_and_clear_plugs_it_in_again():
    async with served(LINK) as field:
        path = serial_path(field, LINK)
        with listening(field) as radar:
            await control(field, do="trouble", kind="drop", target=LINK)
            await until(lambda: radar.gone)
            assert Path(path).name not in os.listdir(field.control.path.parent)
        await control(field, do="clear")
        with listening(field) as radar:
            await until(lambda: len(radar.heard) >= 7)
