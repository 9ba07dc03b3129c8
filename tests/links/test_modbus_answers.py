"""Answers that do not fit their request are never taken for its answer, over TCP and RTU."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from controller.core.readings import Quality
from controller.ports import Garbled, LinkError, Mute, Refusing, Unit, Unreachable
from drivers.modbus import ModbusLink
from drivers.modbus_rtu import RtuWire
from tests.links.adapter import ENDLESS_S, OVERALL_S, Mode
from tests.links.peers.modbus import UNIT_ID, ModbusPeer
from tests.links.peers.modbus_device import crc, exception
from tests.links.peers.modbus_rtu import RtuPeer
from tests.links.peers.modbus_tcp import TcpPeer
from tests.links.suite.base import asked, dialled, ordered, soon, turns


@pytest.fixture(params=[TcpPeer, RtuPeer])
async def peer(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ModbusPeer]:
    peer: ModbusPeer = request.param(tmp_path)
    await peer.start()
    yield peer
    await peer.stop()


@pytest.fixture
async def link(peer: ModbusPeer) -> AsyncIterator[ModbusLink]:
    link = ModbusLink("wire", peer.url)
    await link.open(peer.patient(ENDLESS_S), soon(ENDLESS_S))
    yield link
    await link.close()


def unit_byte(peer: ModbusPeer) -> int:
    return 6 if isinstance(peer, TcpPeer) else 0


def resealed(peer: ModbusPeer, frame: bytes) -> bytes:
    """Make a spoilt RTU frame's checksum right again."""
    return frame if isinstance(peer, TcpPeer) else frame[:-2] + crc(frame[:-2])


async def garbled_read(link: ModbusLink, peer: ModbusPeer) -> str:
    """Read, get Garbled long before patience ends, and find the unit usable once it answers well again."""
    unit = peer.patient(ENDLESS_S)
    async with asyncio.timeout(OVERALL_S):
        with pytest.raises(Garbled) as caught:
            await dialled(link, peer, unit, soon(ENDLESS_S))
    peer.spoil = peer.spoil_pdu = lambda data: data
    with pytest.raises(Unreachable, match="not connected"):
        await dialled(link, peer)
    await link.open(unit, soon())
    peer.turn(77)
    assert await dialled(link, peer) == 77
    return str(caught.value)


@pytest.mark.parametrize(
    ("pdu", "told"),
    [
        ("01 01 00", "function 1 answers function 3"),
        ("04 02 00 00", "function 4 answers function 3"),
        ("00 02 00 00", "function 0 answers function 3"),
        ("81 02", "function 129 answers function 3"),
        ("03 04 00 00 00 00", ""),
        ("03 00", ""),
        ("03 01 00", ""),
        ("03 02 00 00 00", ""),
    ],
)
async def test_an_answer_of_another_function_or_length_is_garbled(
    peer: ModbusPeer, link: ModbusLink, pdu: str, told: str
):
    peer.spoil_pdu = lambda _: bytes.fromhex(pdu)
    assert told in await garbled_read(link, peer)


async def test_an_answer_of_another_unit_is_garbled(peer: ModbusPeer, link: ModbusLink):
    def spoil(frame: bytes) -> bytes:
        place = unit_byte(peer)
        return resealed(peer, frame[:place] + bytes([UNIT_ID + 1]) + frame[place + 1 :])

    peer.spoil = spoil
    assert f"unit {UNIT_ID + 1} answered in place of unit {UNIT_ID}" in await garbled_read(link, peer)


async def test_an_answer_with_more_behind_it_is_garbled(peer: ModbusPeer, link: ModbusLink):
    peer.spoil = lambda frame: frame + frame
    await garbled_read(link, peer)


@pytest.mark.parametrize("order", [0, 2], ids=["coil", "register"])
@pytest.mark.parametrize("place", [1, 2, 3, 4], ids=["address high", "address low", "value high", "value low"])
async def test_a_write_whose_echo_differs_is_garbled(peer: ModbusPeer, link: ModbusLink, order: int, place: int):
    def spoil(pdu: bytes) -> bytes:
        return pdu[:place] + bytes([pdu[place] ^ 1]) + pdu[place + 1 :]

    peer.spoil_pdu = spoil
    name, value = peer.orders[order]
    with pytest.raises(Garbled, match="echo"):
        await link.write(peer.unit, [(peer.unit.points[name], value)], soon())


async def test_a_write_of_several_whose_echo_differs_is_garbled(peer: ModbusPeer, link: ModbusLink):
    peer.spoil_pdu = lambda pdu: pdu[:4] + b"\x07"
    with pytest.raises(Garbled, match="echo"):
        await link.write(peer.unit, ordered(peer, 2), soon())
    assert peer.requests == 2, "one to open, one that was not repeated"


async def test_a_wrong_checksum_is_garbled(tmp_path: Path):
    peer = RtuPeer(tmp_path)
    await peer.start()
    link = ModbusLink("wire", peer.url)
    await link.open(peer.unit, soon())
    peer.spoil = lambda frame: frame[:-1] + bytes([frame[-1] ^ 1])
    assert "checksum" in await garbled_read(link, peer)
    await link.close()
    await peer.stop()


async def test_a_frame_that_is_no_modbus_tcp_is_garbled(tmp_path: Path):
    peer = TcpPeer(tmp_path)
    await peer.start()
    link = ModbusLink("wire", peer.url)
    await link.open(peer.unit, soon())
    peer.spoil = lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n"
    assert "not a Modbus TCP header" in await garbled_read(link, peer)
    await link.close()
    await peer.stop()


async def test_half_an_answer_is_mute(peer: ModbusPeer, link: ModbusLink):
    peer.spoil = lambda frame: frame[:-1]
    with pytest.raises(Mute):
        await dialled(link, peer, peer.patient(0.1))


async def test_an_answer_in_pieces_is_taken_whole(peer: ModbusPeer, link: ModbusLink):
    """Serial adapters and gateways hand frames over in pieces of any size."""
    pieces: list[bytes] = []

    def spoil(frame: bytes) -> bytes:
        pieces.extend(bytes([byte]) for byte in frame)
        return b""

    await link.open(peer.unit, soon())
    peer.spoil, say = spoil, peer.say
    peer.turn(513)
    reading = asyncio.create_task(dialled(link, peer, peer.patient(ENDLESS_S)))
    await peer.until(lambda: bool(pieces))
    for piece in pieces:
        say(piece)
        await turns(5)
    assert await reading == 513


async def test_bytes_that_nobody_asked_for_are_not_taken_for_an_answer(peer: ModbusPeer, link: ModbusLink):
    frames: list[bytes] = []

    def spoil(frame: bytes) -> bytes:
        frames.append(frame)
        return frame

    peer.spoil = spoil
    peer.turn(1)
    assert await dialled(link, peer) == 1
    peer.say(frames[-1])
    await turns()
    peer.turn(2)
    assert await dialled(link, peer) == 2


async def test_bytes_before_anything_was_asked_do_no_harm(peer: ModbusPeer, monkeypatch: pytest.MonkeyPatch):
    """Some serial servers greet who connects; a line that is plugged in crackles."""
    greeting, heard, take_in = b"\x00\xff welcome\r\n", asyncio.Event(), RtuWire._on_bytes
    got = bytearray()

    def listening(wire: RtuWire, sending: bool, data: bytes) -> bytes:
        if not sending:
            got.extend(data)
        if len(got) >= len(greeting):
            heard.set()
        return take_in(wire, sending, data)

    monkeypatch.setattr(RtuWire, "_on_bytes", listening)
    link, bare = ModbusLink("wire", peer.url), Unit("bare", "wire", UNIT_ID, {})
    await link.open(bare, soon())
    await turns()
    peer.say(greeting)
    await turns()
    if isinstance(peer, RtuPeer):
        # The kernel hands over what is written to a pseudo-terminal when it has time for it.
        async with asyncio.timeout(OVERALL_S):
            await heard.wait()
    await link.open(peer.unit, soon())
    assert await dialled(link, peer) == 0
    await link.close()


async def test_a_cut_in_mid_frame_is_told_at_once(peer: ModbusPeer, link: ModbusLink):
    unit = peer.patient(ENDLESS_S)
    peer.spoil = lambda frame: frame[:5]
    reading, seen = asyncio.create_task(dialled(link, peer, unit, soon(ENDLESS_S))), peer.requests
    await peer.heard(seen + 1)
    peer.cut()
    async with asyncio.timeout(OVERALL_S):
        with pytest.raises(Mute):
            await reading


@pytest.mark.parametrize(
    ("code", "error", "stays_open"),
    [(1, Refusing, True), (2, Refusing, True), (3, Refusing, True), (4, Refusing, True), (6, Refusing, True),
     (5, Mute, False), (10, Unreachable, False), (11, Mute, False), (99, Refusing, True)],
)  # fmt: skip
async def test_exception_codes(peer: ModbusPeer, link: ModbusLink, code: int, error: type[LinkError], stays_open: bool):
    """Acknowledge and the gateway's codes are no refusals: a write may have happened, or never reached the unit."""
    peer.spoil_pdu = lambda pdu: exception(pdu[0], code)
    with pytest.raises(error, match=f"exception {code} "):
        await dialled(link, peer)
    peer.spoil_pdu = lambda pdu: pdu
    assert link._wire.up, "the connection stays"
    if stays_open:
        assert await dialled(link, peer) == 0
    else:
        with pytest.raises(Unreachable, match="not connected"):
            await dialled(link, peer)


async def test_a_register_that_holds_no_number_is_of_bad_quality(peer: ModbusPeer, link: ModbusLink):
    peer.device.input |= {5: 0x7FC0, 6: 0}
    reading = (await link.read(peer.unit, asked(peer.unit, ["pressure"]), soon()))["pressure"]
    assert reading.value is None
    assert reading.quality is Quality.BAD


async def test_what_cannot_be_written_is_refused_before_anything_is_sent(peer: ModbusPeer, link: ModbusLink):
    points, seen = peer.unit.points, peer.requests
    for name, value in (
        ("di0", True),
        ("dial", 1),
        ("setpoint", 1e9),
        ("setpoint", 0.05),
        ("do0", 7),
        ("setpoint", "5"),
    ):
        with pytest.raises(Refusing, match=name):
            await link.write(peer.unit, [(points["do1"], True), (points[name], value)], soon())
    assert peer.requests == seen


async def test_a_partial_write_says_how_much_was_acknowledged(peer: ModbusPeer, link: ModbusLink):
    answers: Callable[[bytes], bytes] = lambda pdu: exception(pdu[0], 3) if pdu[0] == 6 else pdu  # noqa: E731
    peer.spoil_pdu = answers
    with pytest.raises(Refusing, match="1 of 2 requests were acknowledged before"):
        await link.write(peer.unit, ordered(peer), soon())


async def test_a_pending_request_takes_no_more_than_its_patience_from_the_next(peer: ModbusPeer, link: ModbusLink):
    """Rule 9: an emergency waits for at most the one frame in flight."""
    peer.mode, seen, start = Mode.HOLD, peer.requests, soon(0)
    first = asyncio.create_task(dialled(link, peer, peer.patient(0.2), soon(ENDLESS_S)))
    await peer.heard(seen + 1)
    first.cancel()
    second = asyncio.create_task(dialled(link, peer, peer.patient(0.2), soon(ENDLESS_S)))
    with pytest.raises((Mute, Unreachable)):
        await second
    assert soon(0) - start < 2
