"""Who is on a Modbus wire, and what he holds: scripted peers, a foreign server, and the project's own simulators."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from pymodbus.framer import FramerType
from pymodbus.pdu.device import ModbusDeviceIdentification
from pymodbus.server import ModbusSerialServer, ModbusTcpServer

from controller.probing import Findings, Fit, Unanswered
from drivers.probing import modbus, modbus_scan
from drivers.probing.modbus_wire import RtuWire, TcpWire
from drivers.profile import ModbusProfile, Table
from drivers.url import SerialLine
from tests.links.peers.line import bridge
from tests.links.peers.modbus_device import Device, crc
from tests.links.peers.modbus_tcp import TcpPeer
from tests.links.test_modbus_foreign import device as foreign_device
from tests.probing.support import IDENTIFY, best, bus, framed, probe_into, probed
from tests.simulators.support import endpoint, serial_path, served

READING = {1, 2, 3, 4, IDENTIFY}
FUNCTION, UNIT = 7, 6  # where they stand in a TCP frame


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch):
    monkeypatch.setattr(modbus, "OVERHEAR_S", 0.1)
    monkeypatch.setattr(modbus_scan, "PAUSE_S", 0.0)


@pytest.fixture
async def peer(tmp_path: Path) -> AsyncIterator[TcpPeer]:
    peer = TcpPeer(tmp_path)
    await peer.start()
    yield peer
    await peer.stop()


def values(findings: Findings, table: Table, thing: int = 0) -> dict[int, int]:
    told: dict[str, int] = findings.things[thing].data["tables"][table]["values"]
    return {int(address): value for address, value in told.items()}


async def test_a_unit_is_found_with_what_it_holds_and_why_the_rest_cannot_be_read(peer):
    peer.mute_units = {1, 2, 4}
    found = await probed(f"{peer.url}?unit=1-4")
    (thing,) = found.things
    assert thing.name == "unit 3"
    assert values(found, Table.DISCRETE) == {0: 1, 1: 0, 2: 1, 3: 1}
    assert values(found, Table.COIL) == dict.fromkeys(range(4), 0)
    assert values(found, Table.HOLDING) == {0: 0, 10: 0, 100: 0x2A17}
    assert dict(thing.rows)["inputs (function 2)"] == "0-3 = 1011"
    assert thing.data["tables"][Table.DISCRETE]["refused"]["4"] == "exception 2 (illegal data address)"
    assert thing.data["no_identification"] == "exception 1 (illegal function)"


async def test_a_silent_unit_is_asked_once_and_costs_its_patience_alone(peer):
    peer.mute_units = set(range(1, 6))
    loop = asyncio.get_running_loop()
    began = loop.time()
    with_one = await probed(f"{peer.url}?unit=1-5", patience_s=0.1)
    assert [frame[UNIT] for frame in peer.frames] == [1, 2, 3, 4, 5]
    assert 0.5 <= loop.time() - began < 5 * 0.1 + 30.0
    assert not with_one.things
    assert not with_one.heard


async def test_nothing_but_reading_is_ever_sent(peer):
    await probed(f"{peer.url}?unit=7-8")
    assert {frame[FUNCTION] for frame in peer.frames} == READING
    assert not peer.device.writes


@pytest.mark.parametrize("function", [5, 6, 15, 16, 22, 23, 8])
async def test_the_wire_itself_refuses_to_write(peer, function):
    wire = TcpWire("127.0.0.1", peer.port)
    await wire.connect(1)
    with pytest.raises(ValueError, match=f"function {function} does not read"):
        await wire.ask(7, struct.pack(">BHH", function, 0, 1), 1)
    with pytest.raises(ValueError, match=f"function {function} does not read"):
        await RtuWire(SerialLine("/dev/null", 9600, 8, "N", 1)).ask(7, bytes([function]), 1)
    await wire.close()
    assert peer.frames == []


async def test_no_more_is_asked_than_is_allowed(peer):
    found = await probed(f"{peer.url}?unit=7-8", most=10)
    assert len(peer.frames) == 10
    assert "stopped after 10 requests; --most N allows more" in found.notes
    assert [thing.name for thing in found.things] == ["unit 7"]
    assert "answered, and not looked at any more: unit 8" in found.notes


async def test_a_device_that_ignores_the_unit_id_is_shown_once(peer):
    found = await probed(f"{peer.url}?unit=1-10")
    assert [thing.name for thing in found.things] == ["unit 1"]
    assert "every unit id that was asked answers, 199 too" in found.notes[0]


async def test_units_that_hold_the_same_are_told_of_together(peer):
    peer.mute_units = {199}
    found = await probed(f"{peer.url}?unit=1-3")
    assert [thing.name for thing in found.things] == ["units 1-3 (which say and hold the same)"]
    assert [one["units"] for one in (thing.data for thing in found.things)] == [[1, 2, 3]]


async def test_a_gateways_word_that_a_unit_is_not_there_is_no_answer_of_the_unit(peer):
    peer.spoil_pdu = lambda pdu: bytes([pdu[0] | 0x80, 11])
    found = await probed(f"{peer.url}?unit=1-3")
    assert not found.things
    assert not found.heard


async def test_a_peer_that_speaks_something_else_is_left_alone_soon(peer):
    peer.spoil = lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n"
    found = await probed(f"{peer.url}?unit=1-10")
    assert len(peer.frames) == 3
    assert found.notes[-1] == "nothing that came was Modbus, so no further unit was asked"
    assert not found.heard


async def test_a_connection_that_is_closed_at_every_request_is_made_again_and_told_of(peer):
    peer.spoil = lambda _: peer.cut() or b""
    found = await probed(f"{peer.url}?unit=1-3")
    assert peer.connections == 3
    assert "the connection was closed from there 3 times: does it speak Modbus?" in found.notes


async def test_a_port_where_nobody_listens_says_what_to_do(peer):
    await peer.stop()
    with pytest.raises(Unanswered, match="connection refused: the host is up, but nothing listens there"):
        await probed(peer.url)


async def test_what_was_found_until_then_is_kept_when_it_is_interrupted(peer):
    found = Findings(peer.url)
    # Enough has been asked of unit 8 for it to be under way.
    peer.mute_units = {199}
    probing = asyncio.ensure_future(probe_into(found, f"{peer.url}?unit=7-8"))
    await peer.until(lambda: sum(frame[UNIT] == 8 for frame in peer.frames) > 5)
    probing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probing
    assert [thing.name for thing in found.things] == ["unit 7", "unit 8"]
    assert found.facts["answered"] == "unit ids 7-8"


def identity() -> ModbusDeviceIdentification:
    names = {"VendorName": "Acme", "ProductCode": "IO-4", "MajorMinorRevision": "2.1", "ProductName": "Relay board"}
    return ModbusDeviceIdentification(info_name=names)


async def test_a_foreign_server_says_what_it_is_and_holds():
    server = ModbusTcpServer([foreign_device(17)], address=("127.0.0.1", 0), identity=identity())
    await server.serve_forever(background=True)
    assert isinstance(server.transport, asyncio.Server)
    port = server.transport.sockets[0].getsockname()[1]
    found = await probed(f"modbus+tcp://127.0.0.1:{port}?unit=17")
    await server.shutdown()
    told = found.things[0].facts
    assert (told["vendor"], told["product code"], told["revision"]) == ("Acme", "IO-4", "2.1")
    assert told["product"] == "Relay board"
    assert values(found, Table.COIL) == dict.fromkeys(range(16), 0)
    assert values(found, Table.DISCRETE) == {number: 1 - number % 2 for number in range(16)}
    assert values(found, Table.HOLDING) == dict.fromkeys(range(10), 0)
    assert values(found, Table.INPUT)[0] == 17


async def test_an_unknown_relay_board_on_a_serial_port_is_found():
    with bridge() as (near, far):
        server = ModbusSerialServer(
            [foreign_device(17)], port=far, framer=FramerType.RTU, baudrate=19200, identity=identity()
        )
        await server.serve_forever(background=True)
        found = await probed(f"modbus+rtu://{near}?baudrate=19200&parity=N&unit=17")
        await server.shutdown()
    assert found.things[0].name == "unit 17"
    assert found.things[0].facts["product"] == "Relay board"
    assert values(found, Table.COIL) == dict.fromkeys(range(16), 0)
    assert best(found).fit is not Fit.MATCHES


async def test_the_simulated_bus_shows_four_detectors_and_a_relay_board():
    async with served("gambetta-bus") as field:
        path = serial_path(field, "gambetta-bus")
        found = await probed(f"modbus+rtu://{path}?baudrate=19200&parity=N&unit=1,10-11,14", patience_s=0.15)
    assert [thing.name for thing in found.things] == ["unit 1", "unit 11", "unit 14"]
    board, outer, inner = (best(found, number) for number in range(3))
    assert (board.profile, board.fit) == ("waveshare-io-8ch", Fit.POSSIBLE)
    assert (outer.profile, outer.fit, outer.address) == ("ld120", Fit.MATCHES, 11)
    assert outer.why == "module_type is 34, as it must be; 16 of 16 points can be read"
    assert inner.values["node_id"] == 14


async def test_the_simulated_coupler_is_told_by_its_identity():
    async with served("albert") as field:
        host, port = endpoint(field, "albert")
        found = await probed(f"modbus+tcp://{host}:{port}?unit=1")
    verdict = best(found)
    assert (verdict.profile, verdict.fit) == ("wago-750", Fit.MATCHES)
    assert verdict.unread == {}
    assert verdict.values["item"] == 352


# On a serial bus answers have no numbers, and others may be there.


def answering(device: Device, unit: int = 5):
    def answer(asked: int, pdu: bytes) -> bytes:
        return framed(unit, device.answer(pdu)) if asked == unit else b""

    return answer


BOARD = SimpleNamespace(inputs={number: number % 2 for number in range(4)})


def board() -> Device:
    return Device(discrete=dict(BOARD.inputs), holding={0: 7})


async def test_where_another_master_talks_nothing_is_sent(monkeypatch):
    monkeypatch.setattr(modbus, "OVERHEAR_S", 0.5)
    async with bus(answering(board())) as line:
        probing = asyncio.ensure_future(probed(f"{line.url}&unit=5"))
        # Not before the port is open: opening it throws away what came earlier.
        while not probing.done():
            line.say(framed(1, bytes.fromhex("03 00 00 00 01")))
            await asyncio.wait([probing], timeout=0.05)
        found = await probing
    assert found.intruder.startswith("01 03 00 00 00 01")
    assert line.frames == []


async def test_the_time_that_bytes_take_on_a_slow_line_is_no_part_of_the_patience():
    device, loop = board(), asyncio.get_running_loop()

    def answer(unit: int, pdu: bytes) -> bytes:
        # 8 bytes there and 7 back take 0.14 s at 1200 baud, 11 bits each.
        loop.call_later(0.1, line.say, framed(unit, device.answer(pdu)))
        return b""

    async with bus(answer) as line:
        found = await probed(f"{line.url.replace('115200', '1200')}&unit=5", patience_s=0.05, most=1)
    assert found.facts["answered"] == "unit ids 5"


def test_the_addresses_of_the_profiles_are_asked_for_in_pieces_that_one_request_can_read():
    def row(address: int, count: int) -> dict[str, object]:
        return {"table": "holding", "address": address, "type": "u16", "count": count, "source": "manual, p. 1"}

    points = {"long": row(1000, 200), "one": row(7, 1), "next": row(8, 1), "pair": row(7, 2)}
    document = {"profile": "p", "protocol": "modbus", "title": "p", "source": "manual", "points": points}
    rows = modbus_scan.rows_of([ModbusProfile.model_validate(document)])
    assert rows[Table.HOLDING] == [range(7, 9), range(1000, 1125), range(1125, 1200)]
    assert rows[Table.COIL] == []


async def test_a_late_answer_is_never_anothers():
    device, held = board(), list[bytes]()

    def answer(unit: int, pdu: bytes) -> bytes:
        if unit == 4:
            held.append(framed(4, struct.pack(">BBH", 3, 2, 4444)))
            return b""
        late = held.pop() if held else b""
        return late + framed(unit, device.answer(pdu))

    async with bus(answer) as line:
        found = await probed(f"{line.url}&unit=4-5")
    assert [thing.name for thing in found.things] == ["unit 5"]
    assert values(found, Table.HOLDING) == {0: 7}


async def test_a_late_answer_of_a_unit_is_not_taken_for_its_answer_to_the_next_question():
    device, loop = board(), asyncio.get_running_loop()
    patience_s, overdue = 0.1, list[float]()

    def answer(unit: int, pdu: bytes) -> bytes:
        """Answer in the order of the questions; for register 10 it has to think for longer than anybody waits."""
        if pdu == bytes.fromhex("03 00 0A 00 01"):
            overdue.append(loop.time() + 1.5 * patience_s)
            loop.call_at(overdue[0], line.say, framed(unit, struct.pack(">BBH", 3, 2, 4444)))
            return b""
        frame = framed(unit, device.answer(pdu))
        if overdue and loop.time() < overdue[0]:
            loop.call_at(overdue[0] + 0.01, line.say, frame)
            return b""
        return frame

    async with bus(answer) as line:
        found = await probed(f"{line.url}&unit=5", patience_s=patience_s)
    assert overdue
    assert values(found, Table.HOLDING) == {0: 7}


async def test_noise_on_the_line_is_asked_over_once_more():
    device, spoilt = board(), list[bytes]()

    def answer(unit: int, pdu: bytes) -> bytes:
        frame = framed(unit, device.answer(pdu))
        if pdu not in spoilt:
            spoilt.append(pdu)
            return frame[:-1] + bytes([frame[-1] ^ 0x55])
        return frame

    async with bus(answer) as line:
        found = await probed(f"{line.url}&unit=5", patience_s=0.05)
    assert values(found, Table.DISCRETE) == BOARD.inputs


async def test_two_devices_with_one_unit_id_are_told_of_as_garbled():
    device = board()

    def answer(unit: int, pdu: bytes) -> bytes:
        return framed(unit, device.answer(pdu)) * 2

    async with bus(answer) as line:
        found = await probed(f"{line.url}&unit=5", patience_s=0.05)
    assert not found.things
    assert found.notes[0].startswith("unit 5: garbled: ")
    assert "bytes too many" in found.notes[0]


async def test_a_unit_that_takes_no_notice_of_functions_it_lacks_costs_two_patiences_a_function():
    device = board()

    def answer(unit: int, pdu: bytes) -> bytes:
        return framed(unit, device.answer(pdu)) if pdu[0] in (2, 3) else b""

    async with bus(answer) as line:
        found = await probed(f"{line.url}&unit=5", patience_s=0.05)
    asked = [frame[1] for frame in line.frames]
    assert (asked.count(1), asked.count(4), asked.count(IDENTIFY)) == (2, 2, 1)
    assert values(found, Table.DISCRETE) == BOARD.inputs
    assert dict(found.things[0].rows)["coils (function 1)"] == "no answer within 0.05 s"


async def test_an_adapter_that_is_pulled_out_ends_it_with_what_was_found(monkeypatch):
    device = board()
    async with bus(answering(device)) as line:
        pulled = asyncio.Event()
        original = RtuWire.ask

        async def ask(self: RtuWire, unit: int, pdu: bytes, patience_s: float) -> bytes:
            if len(line.frames) == 10:
                self._release("the port is gone; was its adapter unplugged?")
                pulled.set()
            return await original(self, unit, pdu, patience_s)

        monkeypatch.setattr(RtuWire, "ask", ask)
        found = await probed(f"{line.url}&unit=5")
    assert pulled.is_set()
    assert [thing.name for thing in found.things] == ["unit 5"]
    assert found.notes == ["ended early: the port is gone; was its adapter unplugged?"]


async def test_line_settings_are_tried_until_somebody_answers(monkeypatch):
    monkeypatch.setattr(modbus, "COMMON_LINES", (("9600", "N"), ("38400", "N")))
    tried: list[str] = []
    async with bus(lambda unit, pdu: answering(board())(unit, pdu) if len(line.frames) > 1 else b"") as line:
        found = Findings(line.url)
        await probe_into(found, f"{line.url}&unit=5", tried.append, try_lines=True)
    assert [text for text in tried if text.endswith(":")] == ["115200 8N1:", "9600 8N1:"]
    assert found.link == f"{line.url.partition('?')[0]}?baudrate=9600&bytesize=8&parity=N&stopbits=1"
    assert [thing.name for thing in found.things] == ["unit 5"]


@pytest.mark.parametrize("try_lines", [False, True])
async def test_a_serial_port_that_is_not_there_says_what_to_do(tmp_path: Path, try_lines: bool):
    with pytest.raises(Unanswered, match=r"usb-bus: no such port: is the adapter plugged in\?"):
        await probed(f"modbus+rtu://{tmp_path}/usb-bus", try_lines=try_lines)


def test_the_support_computes_the_checksum_of_the_specification():
    # Modbus over Serial Line V1.02, 6.2.2, by another way than the driver's.
    assert framed(2, bytes.fromhex("07")) == bytes.fromhex("02 07 41 12")
    assert crc(b"\x02\x07") == b"\x41\x12"
