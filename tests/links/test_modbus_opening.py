"""Connecting to a Modbus peer, opening its units, and giving both up again."""

from __future__ import annotations

import asyncio
import errno
import socket
import termios
from pathlib import Path
from typing import Any

import pytest

from controller.core.readings import Readings
from controller.ports import Mute, Point, PointType, Refusing, Unit, Unreachable
from drivers.modbus import ModbusLink
from drivers.profile import Register, Table
from tests.links.adapter import ENDLESS_S, Mode
from tests.links.peers.modbus import UNIT_ID, opened
from tests.links.peers.modbus_rtu import RtuPeer
from tests.links.peers.modbus_tcp import TcpPeer
from tests.links.suite.base import dialled, open_files, soon, turns


async def test_a_port_that_is_not_there_is_unreachable_and_says_what_to_do(tmp_path: Path, rtu: RtuPeer):
    link = ModbusLink("wire", f"modbus+rtu://{tmp_path}/nothing")
    with pytest.raises(Unreachable, match="no such port: is the adapter plugged in"):
        await link.open(rtu.unit, soon())
    await link.close()


async def test_a_port_that_another_has_open_is_unreachable_and_says_what_to_do(rtu: RtuPeer):
    first, second = ModbusLink("wire", rtu.url), ModbusLink("wire", rtu.url)
    await first.open(rtu.unit, soon())
    with pytest.raises(Unreachable, match="another process has it open"):
        await second.open(rtu.unit, soon())
    await first.close()
    await second.open(rtu.unit, soon())
    await second.close()


async def test_a_port_that_refuses_its_settings_is_unreachable(rtu: RtuPeer, monkeypatch: pytest.MonkeyPatch):
    """A pseudo-terminal refuses parity when it is opened again; pyserial lets termios' own error through."""

    def refuse(*_: object) -> None:
        raise termios.error(errno.EINVAL, "Invalid argument")

    link, files = ModbusLink("wire", rtu.url), open_files()
    with monkeypatch.context() as patch:
        patch.setattr(termios, "tcsetattr", refuse)
        with pytest.raises(Unreachable, match="refuses these settings"):
            await link.open(rtu.unit, soon())
    assert not open_files() - files
    await link.open(rtu.unit, soon())
    await link.close()


async def test_a_refused_connection_says_what_to_do(tcp: TcpPeer):
    await tcp.stop()
    link = ModbusLink("wire", tcp.url)
    with pytest.raises(Unreachable, match="connection refused: the host is up, but nothing listens there"):
        await link.open(tcp.unit, soon())
    await link.close()


async def test_close_while_connecting_ends_it_at_once(tcp: TcpPeer):
    """A listener whose queue is full answers no further connection."""
    loop = asyncio.get_running_loop()
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for client in (first, second):
            client.setblocking(False)
            task = asyncio.create_task(loop.sock_connect(client, listener.getsockname()))
            await asyncio.wait({task}, timeout=0.05)
            task.cancel()
            await asyncio.wait({task})
        link, files = ModbusLink("wire", f"modbus+tcp://127.0.0.1:{listener.getsockname()[1]}"), open_files()
        opening = asyncio.create_task(link.open(tcp.unit, soon(ENDLESS_S)))
        await turns()
        assert not opening.done()
        async with asyncio.timeout(1):
            await link.close()
            with pytest.raises(Unreachable, match="closed"):
                await opening
        await turns()
        assert not open_files() - files


async def test_an_opening_that_is_overtaken_by_a_close_does_not_connect_again(tcp: TcpPeer):
    link = ModbusLink("wire", tcp.url)
    tcp.mode = Mode.HOLD
    openings = [asyncio.create_task(link.open(tcp.patient(ENDLESS_S), soon(ENDLESS_S))) for _ in range(3)]
    await tcp.heard(1)
    await link.close()
    for ended in await asyncio.gather(*openings, return_exceptions=True):
        assert isinstance(ended, Mute | Unreachable)
    await turns()
    assert tcp.connections == 1
    assert not link._wire.up


async def test_a_connection_lost_between_the_proof_and_its_acceptance_is_unreachable(tcp: TcpPeer):
    link = ModbusLink("wire", tcp.url)
    read = link._read

    async def read_and_lose(*asked: Any) -> Readings:
        readings = await read(*asked)
        tcp.cut()
        await turns()
        return readings

    link._read = read_and_lose  # type: ignore[method-assign,assignment]
    with pytest.raises(Unreachable, match="lost while it was opened"):
        await link.open(tcp.unit, soon())
    await link.close()


async def test_after_the_deadline_nothing_is_opened(tcp: TcpPeer):
    link = ModbusLink("wire", tcp.url)
    with pytest.raises(Unreachable, match="deadline passed"):
        await link.open(tcp.unit, soon(-0.001))
    assert tcp.connections == 0
    await link.close()


async def test_a_unit_without_points_is_only_connected_to(tcp: TcpPeer):
    link = await opened(tcp, Unit("bare", "wire", 1, {}))
    assert tcp.connections == 1
    assert tcp.frames == []
    await link.close()


async def test_a_unit_without_identity_must_answer_something(tcp: TcpPeer):
    link = ModbusLink("wire", tcp.url)
    tcp.mute_units = {1}
    with pytest.raises(Mute):
        await link.open(tcp.unit_at(1), soon(0.05))
    tcp.mute_units, tcp.mode = set(), Mode.REFUSE
    assert await link.open(tcp.unit_at(1), soon()) == {}, "no is an answer"
    await link.close()


async def test_a_point_of_another_protocol_is_refused(tcp: TcpPeer):
    link = await opened(tcp, tcp.unit)
    with pytest.raises(Refusing, match="not a Modbus address"):
        await link.read(tcp.unit, (Point("p", "ns=2;s=Wedge.Up"),), soon())
    await link.close()


async def test_a_refusal_that_may_be_an_owed_one_proves_nothing(rtu: RtuPeer):
    """An exception answer shows only its function: it may be the late answer to what was asked before."""
    wide = Point("wide", Register(Table.HOLDING, 500), PointType.U32)
    unit = Unit("counter", "wire", UNIT_ID, {"dial": rtu.unit.points["dial"], "wide": wide}, {}, {"patience_s": 0.05})
    link = await opened(rtu, unit)
    rtu.mode = Mode.HOLD
    with pytest.raises(Mute):
        await dialled(link, rtu, unit)
    rtu.mode = Mode.ANSWER
    with pytest.raises(Refusing):
        await link.open(unit, soon())
    with pytest.raises(Unreachable, match="late answers must be let pass"):
        await link.open(unit, soon(0.01))
    await link.open(unit, soon())
    await link.close()


@pytest.mark.parametrize("url", ["opc.tcp://h:1", "serial:///dev/x", "modbus+udp://h"])
def test_another_protocols_url_is_refused(url: str):
    with pytest.raises(ValueError, match=r"expected|not one of"):
        ModbusLink("wire", url)


@pytest.mark.parametrize("address", ["1", -1, 256, 0, None])
async def test_a_bus_address_that_is_none_is_refused(rtu: RtuPeer, address: str | int | None):
    link = ModbusLink("wire", rtu.url)
    with pytest.raises(ValueError, match="not a unit id from 1 to 255"):
        await link.open(Unit("u", "wire", address, rtu.unit.points), soon())
    await link.close()


async def test_after_a_time_out_the_port_is_given_up_and_opened_anew(rtu: RtuPeer):
    link = await opened(rtu, rtu.unit)
    port = str(rtu.path.resolve())
    held = open_files()[port]
    rtu.mode = Mode.HOLD
    with pytest.raises(Mute):
        await dialled(link, rtu, deadline=soon(0.02))
    assert open_files()[port] == held - 1
    rtu.mode = Mode.ANSWER
    await link.open(rtu.unit, soon())
    assert open_files()[port] == held
    await link.close()


async def test_nothing_reconnects_by_itself(tcp: TcpPeer):
    """Rule 5: a session ends with its connection; only `open` begins another."""
    link = await opened(tcp, tcp.unit)
    tcp.cut()
    await asyncio.sleep(0.1)  # what must not happen has no event to wait for
    assert tcp.connections == 1
    await link.open(tcp.unit, soon())
    assert tcp.connections == 2
    await link.close()
