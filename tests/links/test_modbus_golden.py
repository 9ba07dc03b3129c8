"""The driver sends what specifications and manuals print, and understands their answers (tests/golden)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from controller.core.readings import Value
from controller.ports import Point, PointType, Refusing, Unit
from drivers.modbus import ModbusLink
from drivers.profile import ModbusProfile, Register, Table
from tests.links.peers.modbus_device import crc
from tests.links.peers.modbus_rtu import RtuPeer
from tests.links.peers.modbus_tcp import TcpPeer
from tests.links.suite.base import soon

ROOT = Path(__file__).parents[2]
FRAMES: list[dict[str, Any]] = YAML(typ="safe").load(ROOT / "tests/golden/modbus_frames.yaml")
BITS = (Table.COIL, Table.DISCRETE)


def unit_of(frame: dict[str, Any], address: int) -> tuple[Unit, dict[str, Value]]:
    """Return a unit, and the values that its points have after the frame: the profile's, or plain registers and bits."""
    if profile := frame.get("profile"):
        document = YAML(typ="safe").load(ROOT / f"drivers/profiles/{profile}.yaml")
        unit = ModbusProfile.model_validate(document).unit("golden", "wire", address)
        return Unit("golden", "wire", address, unit.points, {}, unit.options), dict(frame["points"])
    place = frame.get("read") or frame["write"]
    table = Table(place["table"])
    values = frame.get("gives") or place.get("values") or [0] * place["count"]
    kind = PointType.BOOL if table in BITS else PointType.U16
    points = {
        f"p{i}": Point(
            f"p{i}", Register(table, place["address"] + i), kind, writable=table in (Table.COIL, Table.HOLDING)
        )
        for i in range(len(values))
    }
    return Unit("golden", "wire", address, points), {f"p{i}": value for i, value in enumerate(values)}


async def speak(frame: dict[str, Any], peer: TcpPeer | RtuPeer, address: int) -> None:
    """Make the driver send the frame's request and read its answer."""
    unit, values = unit_of(frame, address)
    link = ModbusLink("wire", peer.url)
    try:
        await link.open(unit, soon())
        peer.frames.clear()
        peer.spoil_pdu = playing(frame)
        if "write" in frame:
            orders = [(unit.points[name], value) for name, value in values.items()]
            exchange: Any = link.write(unit, orders, soon())
        else:
            exchange = link.read(unit, tuple(unit.points[name] for name in values), soon())
        if "exception" in frame:
            with pytest.raises(Refusing, match=f"exception {frame['exception']} "):
                await exchange
            return
        readings = await exchange
        if "read" in frame and "response" in frame:
            assert {name: reading.value for name, reading in readings.items()} == values
    finally:
        await link.close()


def playing(frame: dict[str, Any]) -> Callable[[bytes], bytes]:
    """Make the peer's answer: the one of the book, or zeros where it prints none."""
    pdu = bytes.fromhex(frame.get("response", "03 02 00 00"))
    return lambda _: pdu[1:-2] if frame["framing"] == "rtu" else pdu


def named(frames: list[dict[str, Any]]) -> Any:
    return pytest.mark.parametrize("frame", frames, ids=lambda frame: frame["name"])


@named([frame for frame in FRAMES if frame["framing"] != "rtu"])
async def test_over_tcp(frame: dict[str, Any], tmp_path: Path):
    peer, address = TcpPeer(tmp_path), frame.get("unit", 17)
    await peer.start()
    await speak(frame, peer, address)
    await peer.stop()
    (sent,), request = peer.frames, bytes.fromhex(frame["request"])
    if frame["framing"] == "tcp":
        assert sent[2:] == request[2:], "the transaction is the driver's own choice"
    else:
        assert sent[2:] == struct.pack(">HHB", 0, len(request) + 1, address) + request


@named([frame for frame in FRAMES if frame["framing"] != "tcp"])
async def test_over_rtu(frame: dict[str, Any], tmp_path: Path):
    peer, address = RtuPeer(tmp_path), frame.get("unit", 17)
    await peer.start()
    await speak(frame, peer, address)
    await peer.stop()
    (sent,), request = peer.frames, bytes.fromhex(frame["request"])
    if frame["framing"] == "pdu":
        request = bytes([address]) + request
        request += crc(request)
    assert sent == request


def test_the_checksum_of_the_tests_peer_is_the_standards():
    """Modbus over Serial Line V1.02, 6.2.2: 02 07 is followed by 41 12."""
    assert crc(bytes.fromhex("02 07")) == bytes.fromhex("41 12")


@named([frame for frame in FRAMES if frame["framing"] == "rtu"])
def test_the_books_checksums_are_right(frame: dict[str, Any]):
    for text in (frame["request"], frame["response"]):
        data = bytes.fromhex(text)
        assert data[-2:] == crc(data[:-2])


def test_every_frame_says_where_it_is_from():
    for frame in FRAMES:
        assert len(frame["source"]) > 20
        assert frame["meaning"]
