"""What goes over a Modbus wire: how points share requests."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from controller.core.readings import Look
from controller.ports import Expired, Point, PointType, Refusing, Unit, Withdrawn
from drivers.modbus import ModbusLink
from drivers.profile import Register, Table
from tests.links.adapter import ENDLESS_S, Mode
from tests.links.peers.modbus import opened
from tests.links.peers.modbus_device import exception
from tests.links.peers.modbus_rtu import RtuPeer
from tests.links.peers.modbus_tcp import TcpPeer
from tests.links.suite.base import asked, dialled, ordered, soon, turns


def pdus(peer: TcpPeer) -> list[str]:
    return [frame[7:].hex(" ") for frame in peer.frames]


async def test_contiguous_points_of_a_unit_are_read_in_one_request(tcp: TcpPeer):
    link = await opened(tcp, tcp.unit)
    await link.read(tcp.unit, asked(tcp.unit, ["di3", "di0", "di2", "di1"]), soon())
    assert pdus(tcp) == ["02 00 00 00 04"]
    await link.close()


async def test_each_table_is_read_by_its_own_request(tcp: TcpPeer):
    link = await opened(tcp, tcp.unit)
    await link.read(tcp.unit, asked(tcp.unit, ["di0", "do0", "dial", "pressure"]), soon())
    assert sorted(pdus(tcp)) == ["01 00 00 00 01", "02 00 00 00 01", "03 00 00 00 01", "04 00 05 00 02"]
    await link.close()


@pytest.mark.parametrize(
    ("orders", "sent"),
    [
        ([("do0", True)], ["05 00 00 ff 00"]),
        ([("do1", False)], ["05 00 01 00 00"]),
        ([("setpoint", -3.5)], ["06 00 0a ff dd"]),
        ([("do0", False), ("do1", True)], ["0f 00 00 00 02 01 02"]),
        ([("do1", False), ("do0", True)], ["05 00 01 00 00", "05 00 00 ff 00"]),
        ([("do0", True), ("do2", True)], ["05 00 00 ff 00", "05 00 02 ff 00"]),
        ([("do0", True), ("do0", False)], ["05 00 00 ff 00", "05 00 00 00 00"]),
        ([("do0", False), ("setpoint", 1.0), ("do1", True)], ["05 00 00 00 00", "06 00 0a 00 0a", "05 00 01 ff 00"]),
    ],
)
async def test_writes_share_a_request_only_where_the_order_given_allows(
    tcp: TcpPeer, orders: list[tuple[str, bool | float]], sent: list[str]
):
    link = await opened(tcp, tcp.unit)
    await link.write(tcp.unit, [(tcp.unit.points[name], value) for name, value in orders], soon())
    assert pdus(tcp) == sent
    await link.close()


async def test_a_wide_register_is_written_in_one_request(tcp: TcpPeer):
    tcp.device.holding |= {10: 0, 11: 0}
    point = Point("limit", Register(Table.HOLDING, 10), PointType.I32, writable=True)
    link = await opened(tcp, tcp.unit)
    tcp._named = lambda *write: ("limit", write[2])  # type: ignore[method-assign]
    await link.write(tcp.unit, [(point, -2)], soon())
    assert pdus(tcp) == ["10 00 0a 00 02 04 ff ff ff fe"]
    await link.close()


async def test_the_deadline_is_looked_at_before_each_request_of_a_write(tcp: TcpPeer):
    """Rule 3: after a command's expiry no frame of it is ever sent."""
    clock = [0.0]
    link = ModbusLink("wire", tcp.url, now=lambda: clock[0])
    await link.open(tcp.unit, 1.0)
    tcp.frames.clear()

    def late(pdu: bytes) -> bytes:
        clock[0] = 2.0
        return pdu

    tcp.spoil_pdu = late
    with pytest.raises(Expired, match="1 of 2 requests were acknowledged before") as told:
        await link.write(tcp.unit, ordered(tcp), 1.0)
    assert told.value.part
    assert pdus(tcp) == ["0f 00 00 00 02 01 01"]
    await link.close()


async def test_a_tcp_unit_without_a_number_is_asked_as_255(tcp: TcpPeer):
    """Modbus Messaging on TCP/IP V1.0b, 4.4.2.2."""
    unit = Unit("plc", "wire", None, tcp.unit.points)
    link = await opened(tcp, unit)
    await dialled(link, tcp, unit)
    assert tcp.frames[-1][6] == 255
    await link.close()


def taking(unit: Unit, in_flight: int, patience_s: float = 0.5) -> Unit:
    return replace(unit, options={"patience_s": patience_s, "gap": 0, "in_flight": in_flight})


@pytest.mark.parametrize(("in_flight", "at_once"), [(1, 1), (2, 2), (3, 3), (16, 3)])
async def test_a_unit_is_asked_as_many_things_at_a_time_as_it_takes(tcp: TcpPeer, in_flight: int, at_once: int):
    """Modbus Messaging on TCP/IP V1.0b, 4.2: a server says how many transactions it takes at a time; the default is one."""
    link = await opened(tcp, unit := taking(tcp.unit, in_flight))
    tcp.mode, seen = Mode.HOLD, tcp.requests
    reading = asyncio.create_task(link.read(unit, asked(unit, ["di0", "do0", "dial"]), soon()))
    await tcp.heard(seen + at_once)
    await turns()
    assert tcp.requests == seen + at_once
    tcp.mode = Mode.ANSWER
    await tcp.release()
    assert {name: r.value for name, r in (await reading).items()} == {"di0": True, "do0": False, "dial": 0}
    await link.close()


async def test_a_write_goes_out_beside_a_read_that_hangs(tcp: TcpPeer):
    link = await opened(tcp, unit := taking(tcp.unit, 2, ENDLESS_S))
    tcp.mode, seen = Mode.HOLD, tcp.requests
    reading = asyncio.create_task(dialled(link, tcp, unit, soon(ENDLESS_S)))
    await tcp.heard(seen + 1)
    tcp.mode = Mode.ANSWER
    await link.write(unit, ordered(tcp, 1), soon())
    assert tcp.written == list(tcp.orders[:1])
    assert not reading.done()
    await tcp.release()
    assert await reading == 0
    await link.close()


async def _taken_back_while_it_waits(peer: TcpPeer | RtuPeer, unit: Unit) -> None:
    link = await opened(peer, unit)
    peer.mode, seen, wanted = Mode.HOLD, peer.requests, [True]
    reading = asyncio.create_task(dialled(link, peer, unit, soon(ENDLESS_S)))
    await peer.heard(seen + 1)
    peer.mode = Mode.ANSWER
    writing = asyncio.create_task(link.write(unit, ordered(peer, 1), soon(ENDLESS_S), lambda: bool(wanted)))
    await turns()
    wanted.clear()
    await peer.release()
    with pytest.raises(Withdrawn):
        await writing
    await reading
    assert peer.written == []
    await link.close()


async def test_a_write_that_is_taken_back_while_it_waits_for_room_is_not_sent(tcp: TcpPeer):
    await _taken_back_while_it_waits(tcp, taking(tcp.unit, 1, ENDLESS_S))


async def test_a_write_that_is_taken_back_while_it_waits_for_its_turn_on_a_line_is_not_sent(rtu: RtuPeer):
    await _taken_back_while_it_waits(rtu, rtu.unit)


async def test_a_read_of_which_one_part_is_refused_leaves_the_connection_as_it_was(tcp: TcpPeer):
    link = await opened(tcp, unit := taking(tcp.unit, 3))
    tcp.spoil_pdu = lambda pdu: exception(pdu[0], 2) if pdu[0] == 1 else pdu
    with pytest.raises(Refusing, match="to the read of coil 0"):
        await link.read(unit, asked(unit, ["di0", "do0", "dial"]), soon())
    tcp.spoil_pdu = lambda pdu: pdu
    assert await dialled(link, tcp, unit) == 0
    assert tcp.connections == 1
    await link.close()


async def test_two_looks_that_found_the_same_are_decoded_once(tcp: TcpPeer):
    link = await opened(tcp, tcp.unit)
    points = asked(tcp.unit, ["di0", "dial", "pressure"])
    first, second = await link.read(tcp.unit, points, soon()), await link.read(tcp.unit, points, soon())
    assert isinstance(first, Look)
    assert isinstance(second, Look)
    assert second.found is first.found
    assert second.taken >= first.taken
    tcp.turn(5)
    third = await link.read(tcp.unit, points, soon())
    assert {name: reading.value for name, reading in third.items()} == {"di0": True, "dial": 5, "pressure": 12.5}
    await link.close()
