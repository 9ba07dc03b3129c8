"""The simulators answer as specifications and manuals print (tests/golden), on the wire itself."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from struct import pack
from typing import Any

import pytest
from ruamel.yaml import YAML

from simulators.image import Image
from simulators.servers import couplers, modbus_rtu, modbus_tcp, serial_radar
from simulators.servers.base import OPEN
from simulators.servers.couplers import UnitMemory
from simulators.servers.modbus_memory import ProfileMemory
from tests.simulators.support import RawTcp, image, plain

GOLDEN = Path(__file__).parents[1] / "golden"
FRAMES: list[dict[str, Any]] = YAML(typ="safe").load(GOLDEN / "modbus_frames.yaml")
RADAR: list[dict[str, Any]] = YAML(typ="safe").load(GOLDEN / "serial_frames.yaml")
UNIT = 1


def unit_of(frame: dict[str, Any]) -> UnitMemory:
    """Return a unit in the state that the frame's answer tells of."""
    profile = frame.get("profile") or ("moxa-e1214" if frame["name"].startswith("Moxa") else None)
    if profile is None:
        return ProfileMemory(table_of(frame))
    unit = image(profile)
    memory = couplers.memory_of(unit, frame.get("unit", UNIT), None)
    if "read" in frame:
        # A coupler answers for its outputs, its constants and its watchdog itself.
        unit.put(frame.get("state", {}))
        outputs = {name.replace("readback", "do"): value for name, value in frame["points"].items()}
        known = {name: value for name, value in outputs.items() if name in unit.profile.points}
        unit.put(known)
    if frame.get("points", {}).get("watchdog_status") == 2:
        memory = expired(unit)
    if frame.get("points", {}).get("safe0"):
        memory._expire()  # type: ignore[attr-defined]
    return memory


def expired(unit: Image) -> UnitMemory:
    now = 0.0
    memory = couplers.WagoMemory(unit, lambda: now)
    memory.watchdog.write(0x1003, 1, now)
    now = 1000.0
    return memory


def table_of(frame: dict[str, Any]) -> Image:
    place = frame.get("read") or frame["write"]
    if frame.get("exception") == 2:
        return plain((place["table"], 0, 1))
    values = frame.get("gives") or place.get("values") or [0] * place["count"]
    unit = plain((place["table"], place["address"], len(values)))
    if "read" in frame:
        bits = place["table"] in ("coil", "discrete")
        unit.put({f"{place['table']}{place['address'] + i}": bool(v) if bits else v for i, v in enumerate(values)})
    return unit


def check_written(frame: dict[str, Any], memory: UnitMemory) -> None:
    for name, value in frame.get("points", {}).items() if "write" in frame else ():
        if name.startswith("do"):
            assert memory.image.read(name) == value


def named(frames: list[dict[str, Any]]) -> Any:
    return pytest.mark.parametrize("frame", frames, ids=lambda frame: frame["name"])


@named([frame for frame in FRAMES if frame["framing"] != "rtu"])
async def test_over_tcp(frame: dict[str, Any]):
    memory, address = unit_of(frame), frame.get("unit", UNIT)
    server = modbus_tcp.ModbusTcpServer({address: memory}, lambda _: OPEN)
    await server.up()
    host, port = server.url.partition("://")[2].split(":")
    try:
        async with RawTcp.connected(host, int(port)) as client:
            if frame["framing"] == "pdu":
                assert await client.ask(bytes.fromhex(frame["request"]), address) == bytes.fromhex(frame["response"])
            else:
                request = bytes.fromhex(frame["request"])
                client.writer.write(request)
                assert await client.receive() == (request[1], address, bytes.fromhex("03 02 00 00"))
        check_written(frame, memory)
    finally:
        await server.close()


@named([frame for frame in FRAMES if frame["framing"] == "rtu"])
async def test_over_a_serial_line(frame: dict[str, Any], tmp_path: Path):
    memory = unit_of(frame)
    server = modbus_rtu.ModbusRtuServer(tmp_path / "bus", {frame["unit"]: memory}, lambda _: OPEN, 19200, "E")
    await server.up()
    try:
        assert await exchange(tmp_path / "bus", bytes.fromhex(frame["request"])) == bytes.fromhex(frame["response"])
        check_written(frame, memory)
    finally:
        await server.close()


async def exchange(path: Path, request: bytes) -> bytes:
    """Send raw bytes down a serial line and return what comes back at once."""
    line = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    came: asyncio.Queue[bytes] = asyncio.Queue()
    asyncio.get_running_loop().add_reader(line, lambda: came.put_nowait(os.read(line, 256)))
    try:
        os.write(line, request)
        async with asyncio.timeout(5):
            return await came.get()
    finally:
        asyncio.get_running_loop().remove_reader(line)
        os.close(line)


@named(RADAR)
def test_a_radar_frame(frame: dict[str, Any]):
    voice = serial_radar.voice_of(frame["dialect"], frame.get("message"))
    assert voice.encode(frame["fields"]) == bytes.fromhex(frame["frame"])


def test_the_checksum_of_the_serial_line_guide():
    # Modbus over Serial Line V1.02, 6.2.2: the CRC of 02 07 is 41 12.
    assert modbus_rtu.crc(bytes([0x02, 0x07])) == pack("BB", 0x41, 0x12)
