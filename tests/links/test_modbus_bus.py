"""How units share a Modbus wire, and what a silent one may still owe."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise

import pytest

from controller.ports import Expired, Garbled, Mute, Unit, Unreachable
from drivers.modbus import ModbusLink
from drivers.modbus_plan import unit_id
from tests.links.adapter import OVERALL_S, Mode
from tests.links.peers.modbus import UNIT_ID, opened
from tests.links.peers.modbus_rtu import RtuPeer
from tests.links.peers.modbus_tcp import TcpPeer
from tests.links.suite.base import dialled, ordered, soon, turns


async def test_a_mute_unit_behind_a_gateway_does_not_cost_its_neighbours_the_connection(tcp: TcpPeer):
    """Rule 9: a dead device does not slow its neighbours."""
    near, far = tcp.unit_at(1), tcp.unit_at(2)
    link = await opened(tcp, near, far)
    await dialled(link, tcp, near)
    tcp.mute_units = {2}
    with pytest.raises(Mute):
        await dialled(link, tcp, far, soon(0.02))
    for number in range(10):
        tcp.turn(number)
        assert await dialled(link, tcp, near) == number
        with pytest.raises(Mute):
            await link.open(far, soon(0.02))
    assert tcp.connections == 1
    await link.close()


async def test_a_connection_on_which_nobody_answers_is_given_up(tcp: TcpPeer):
    near, far = tcp.unit_at(1), tcp.unit_at(2)
    link = await opened(tcp, near, far)
    await dialled(link, tcp, near)
    tcp.mute_units = {1, 2}
    for unit in (far, near):
        with pytest.raises(Mute):
            await dialled(link, tcp, unit, soon(0.02))
    tcp.mute_units = set()
    for unit in (far, near):
        with pytest.raises(Unreachable):
            await dialled(link, tcp, unit)
    await link.open(near, soon())
    assert await dialled(link, tcp, near) == 0
    assert tcp.connections == 2
    await link.close()


async def test_the_only_unit_of_a_connection_that_falls_silent_loses_it(tcp: TcpPeer):
    link = await opened(tcp, tcp.unit)
    tcp.mode = Mode.HOLD
    with pytest.raises(Mute):
        await dialled(link, tcp, deadline=soon(0.05))
    await tcp.until(lambda: not tcp._writers)
    await link.close()


async def test_a_mute_unit_on_a_bus_does_not_close_its_neighbours(rtu: RtuPeer):
    """Rule 9: a dead device does not slow its neighbours. The port is opened again without asking who they are."""
    near, far = rtu.unit_at(1), rtu.unit_at(2)
    link = await opened(rtu, near, far)
    rtu.mute_units = {2}
    with pytest.raises(Mute):
        await dialled(link, rtu, far, soon(0.02))
    for number in range(10):
        rtu.turn(number)
        assert await dialled(link, rtu, near) == number
        with pytest.raises((Mute, Unreachable)):
            await link.open(far, soon(0.02))
    rtu.mute_units = set()
    await link.open(far, soon())
    assert await dialled(link, rtu, far) == 9
    await link.close()


async def test_an_unplugged_port_closes_every_unit_of_its_bus(rtu: RtuPeer):
    near, far = rtu.unit_at(1), rtu.unit_at(2)
    link = await opened(rtu, near, far)
    rtu.cut()
    await turns()
    for unit in (near, far):
        with pytest.raises(Unreachable, match="not connected"):
            await dialled(link, rtu, unit)
    await link.close()


async def test_a_unit_that_answers_one_request_behind_never_gives_a_wrong_value(rtu: RtuPeer):
    """RTU answers carry no number: a slow unit's answers must not shift by one, for ever."""
    link, unit = ModbusLink("wire", rtu.url), rtu.patient(0.02)
    owed: list[bytes] = []

    def one_behind(frame: bytes) -> bytes:
        owed.append(frame)
        return owed.pop(0) if len(owed) > 1 else b""

    rtu.spoil = one_behind
    given, lost = [], 0
    for number in range(60):
        rtu.turn(1000 + number)
        if number == 50:
            rtu.spoil, unit = (lambda frame: frame), rtu.patient(1.0)
        try:
            await link.open(unit, soon())
            given.append((await dialled(link, rtu, unit)) == 1000 + number)
        except (Mute, Garbled, Unreachable):
            lost += 1
    assert all(given)
    assert len(given) >= 9, "and it comes back once it answers in time"
    assert lost >= 50
    await link.close()


async def test_a_unit_whose_answers_all_look_alike_is_given_silence_first(rtu: RtuPeer):
    point = rtu.unit.points["dial"]
    unit = Unit("counter", "wire", UNIT_ID, {"dial": point}, {}, {"patience_s": 0.05})
    link = await opened(rtu, unit)
    rtu.mode, start = Mode.HOLD, soon(0)
    rtu.turn(1)
    with pytest.raises(Mute):
        await link.read(unit, (point,), soon())
    opening = asyncio.create_task(link.open(unit, soon()))
    await turns()
    rtu.mode = Mode.ANSWER
    await rtu.release()
    await opening
    assert soon(0) - start >= 0.15
    rtu.turn(2)
    assert (await link.read(unit, (point,), soon()))["dial"].value == 2
    await link.close()


async def test_an_answer_that_was_owed_before_a_close_is_not_taken_for_the_identity(rtu: RtuPeer):
    """Both are answers to the reading of one holding register; only what else is asked first tells them apart."""
    link, unit = await opened(rtu, rtu.unit), rtu.patient(OVERALL_S)
    rtu.mode, seen = Mode.HOLD, rtu.requests
    rtu.turn(1000)
    reading = asyncio.create_task(dialled(link, rtu, unit))
    await rtu.heard(seen + 1)
    await link.close()
    with pytest.raises(Mute):
        await reading
    opening = asyncio.create_task(link.open(unit, soon()))
    await rtu.heard(seen + 2)
    late = rtu._held.pop(0)
    late()
    with pytest.raises(Garbled):
        await opening
    rtu.mode = Mode.ANSWER
    await link.open(unit, soon())
    await link.close()


async def test_two_frames_are_three_and_a_half_characters_apart(rtu: RtuPeer):
    """Modbus over Serial Line V1.02, 2.5.1.1: 32 ms at 1200 baud; a unit takes what comes sooner for one frame."""
    loop, times = asyncio.get_running_loop(), []

    def note(frame: bytes) -> bytes:
        times.append(loop.time())
        return frame

    rtu.spoil = note
    link = ModbusLink("wire", f"modbus+rtu://{rtu.path}?baudrate=1200&parity=N")
    await link.open(rtu.unit, soon())
    for _ in range(3):
        await dialled(link, rtu)
    assert all(later - earlier >= 3.5 * 11 / 1200 for earlier, later in pairwise(times))
    await link.close()


async def test_a_frame_whose_deadline_passes_while_the_process_stalls_is_not_handed_to_the_port(
    rtu: RtuPeer, monkeypatch: pytest.MonkeyPatch
):
    """Rule 3: the port takes bytes a turn of the loop after the request; a turn can last."""
    link = await opened(rtu, rtu.unit)
    ask = link._wire.ask

    async def asking(*what):
        asyncio.get_running_loop().call_soon(time.sleep, 0.05)
        return await ask(*what)

    monkeypatch.setattr(link._wire, "ask", asking)
    with pytest.raises(Expired, match="the deadline passed before the write of coil 0 was handed to the port"):
        await link.write(rtu.unit, ordered(rtu, 1), soon(0.02))
    monkeypatch.undo()
    assert await dialled(link, rtu) == 0
    assert rtu.written == []
    await link.close()


async def test_what_is_left_of_an_order_counts_from_before_its_request_is_made(
    rtu: RtuPeer, monkeypatch: pytest.MonkeyPatch
):
    """Rule 3. A process that is slow between its look at the clock and the port has no more time than before."""
    link = await opened(rtu, rtu.unit)
    written = len(rtu.frames)

    def slowly(unit: Unit, serial: bool) -> int:
        time.sleep(0.05)
        return unit_id(unit, serial)

    monkeypatch.setattr("drivers.modbus.unit_id", slowly)
    with pytest.raises(Expired):
        await link.write(rtu.unit, ordered(rtu)[:1], soon(0.03))
    assert len(rtu.frames) == written
    await link.close()
