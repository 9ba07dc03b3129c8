"""The farm against a client that is not ours: its steel, its illnesses, and what it records."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.exceptions import ModbusIOException

from benchmarks import native
from benchmarks.farm import Arrival, Farm, Health, Layout
from benchmarks.trouble import NotPossible

LOWERED, RAISED = [False] * 8 + [True] * 8, [True] * 8 + [False] * 8
PATIENCE_S = 1.0


@asynccontextmanager
async def connected(farm: Farm, device: int, *, patience_s: float = 10.0) -> AsyncIterator[AsyncModbusTcpClient]:
    client = AsyncModbusTcpClient(
        "127.0.0.1", port=farm.base + device, timeout=patience_s, retries=0, reconnect_delay=0
    )
    assert await client.connect()
    try:
        yield client
    finally:
        client.close()


async def limits(client: AsyncModbusTcpClient) -> list[bool]:
    return list((await client.read_discrete_inputs(0, count=16)).bits)


async def until_limits(client: AsyncModbusTcpClient, wanted: list[bool]) -> None:
    async with asyncio.timeout(10):
        while await limits(client) != wanted:
            pass


async def test_the_limits_change_when_the_steel_has_travelled(farm: Farm):
    async with connected(farm, 1) as client:
        assert await limits(client) == LOWERED
        await client.write_coil(0, value=True)
        await until_limits(client, RAISED)
        await client.write_coils(0, [False, True])
        await until_limits(client, LOWERED)
    assert farm.positions() == ["lowered"] * 4


async def test_steel_that_is_let_go_in_mid_travel_stands_there(tmp_path: Path, farm: Farm):
    with Farm(1, tmp_path, travel_ms=60_000) as slow:
        async with connected(slow, 0) as client:
            await client.write_coil(0, value=True)
            await client.write_coil(0, value=False)
            assert await limits(client) == [False] * 16
        assert slow.positions() == ["between"]


async def test_each_write_is_recorded_with_its_arrival(farm: Farm):
    before = time.monotonic_ns()
    async with connected(farm, 2) as client:
        await client.write_coil(1, value=True)
        await client.write_coils(0, [True, False])
        await client.write_register(3, 77)
    one, many, register = farm.arrivals()
    assert before < one.at < many.at < register.at < time.monotonic_ns()
    assert (one.device, one.function, one.address) == (2, 5, 1)
    assert [it.switches_on(0) for it in (one, many, register)] == [False, True, False]
    assert [it.switches_on(1) for it in (one, many, register)] == [True, False, False]
    assert (register.function, register.address, register.value) == (6, 3, 77)


async def test_a_scan_is_sixteen_inputs_and_eight_registers_in_however_many_requests(farm: Farm):
    async with connected(farm, 0) as client:
        for _ in range(2):
            await client.read_discrete_inputs(0, count=8)
            await client.read_discrete_inputs(8, count=8)
            await client.read_coils(0, count=16)
            await client.read_holding_registers(0, count=8)
    stats = farm.stats()
    assert (stats["scans"], stats["requests"], stats["gap_ms"]["n"]) == (2, 8, 1)
    farm.reset()
    assert farm.stats()["scans"] == 0


async def test_what_is_asked_wrongly_is_an_exception(farm: Farm):
    async with connected(farm, 0) as client:
        answer = await client.read_holding_registers(0, count=125)
        assert not answer.isError()
        answer = await client.read_device_information()
        assert (answer.isError(), answer.exception_code) == (True, 1)
    assert farm.stats()["exceptions"] == 1


async def test_a_silent_device_answers_nothing_and_its_neighbour_everything(farm: Farm):
    farm.fall_ill(0, Health.SILENT)
    async with connected(farm, 0, patience_s=PATIENCE_S) as ill, connected(farm, 1) as well:
        with pytest.raises(ModbusIOException):
            await ill.read_discrete_inputs(0, count=16)
        assert await limits(well) == LOWERED
    farm.heal()
    async with connected(farm, 0) as client:
        assert await limits(client) == LOWERED


async def test_a_device_whose_reads_hang_takes_writes(farm: Farm):
    farm.fall_ill(0, Health.WRITES_ONLY)
    async with connected(farm, 0, patience_s=PATIENCE_S) as client:
        assert not (await client.write_coil(0, value=True)).isError()
        with pytest.raises(ModbusIOException):
            await client.read_discrete_inputs(0, count=16)
    assert farm.arrivals()[0].switches_on(0)


async def test_a_refusing_device_resets_what_stands_and_refuses_what_comes(farm: Farm):
    reader, writer = await asyncio.open_connection("127.0.0.1", farm.base)
    farm.stats()
    farm.fall_ill(0, Health.REFUSING)
    with pytest.raises(ConnectionResetError):
        await reader.read()
    writer.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", farm.base)
    farm.heal()
    async with connected(farm, 0) as client:
        assert await limits(client) == LOWERED


async def test_a_half_open_device_keeps_its_connection_and_hears_nothing_until_it_is_well(farm: Farm):
    async with connected(farm, 0, patience_s=PATIENCE_S) as client:
        assert await limits(client) == LOWERED
        farm.fall_ill(0, Health.HALF_OPEN)
        with pytest.raises(ModbusIOException):
            await client.write_coil(0, value=True)
        assert farm.stats()["connections"] == 1
    farm.heal()
    assert farm.stats()["connections"] == 0
    assert farm.arrivals() == []
    async with connected(farm, 0) as client:
        assert await limits(client) == LOWERED


async def test_a_slow_device_answers_late(farm: Farm):
    farm.fall_ill(0, Health.SLOW)
    async with connected(farm, 0) as client:
        began = time.monotonic()
        assert await limits(client) == LOWERED
    assert time.monotonic() - began >= 0.4


async def test_answers_that_are_owed_are_paid_in_the_order_in_which_they_are_due(farm: Farm):
    farm.ask("delay 1000")
    farm.fall_ill(0, Health.SLOW)
    async with connected(farm, 0) as slow, connected(farm, 1) as quick:
        answered: list[str] = []
        late = asyncio.create_task(limits(slow))
        late.add_done_callback(lambda _: answered.append("slow"))
        await asyncio.sleep(0)
        await limits(quick)
        answered.append("quick")
        await late
    assert answered == ["quick", "slow"]


async def test_behind_a_gateway_the_unit_tells_the_device(tmp_path: Path, farm: Farm):
    with Farm(3, tmp_path, Layout.GATEWAY, travel_ms=1) as shared:
        shared.fall_ill(1, Health.SILENT)
        async with connected(shared, 0, patience_s=PATIENCE_S) as client:
            await client.write_coil(0, value=True, device_id=3)
            assert not (await client.read_discrete_inputs(0, count=16, device_id=1)).isError()
            with pytest.raises(ModbusIOException):
                await client.read_discrete_inputs(0, count=16, device_id=2)
        assert [it.device for it in shared.arrivals()] == [2]
        assert len(shared.urls) == 1


async def test_a_serial_line_takes_the_time_of_its_characters(tmp_path: Path, farm: Farm):
    with Farm(2, tmp_path, Layout.BUS, travel_ms=1) as line:
        client = AsyncModbusSerialClient(line.wire, baudrate=19200, timeout=10, retries=0)
        assert await client.connect()
        began = time.monotonic()
        assert (await client.read_discrete_inputs(0, count=16, device_id=2)).bits == LOWERED
        # 15 characters of 11 bits, at the least.
        assert time.monotonic() - began >= 15 * 11 / 19200
        await client.write_coils(0, [True, False], device_id=2)
        assert (await client.read_discrete_inputs(0, count=16, device_id=1)).bits == LOWERED
        client.close()
        assert [(it.device, it.switches_on(0)) for it in line.arrivals()] == [(1, True)]
        assert line.stats()["exceptions"] == 0


async def test_a_unit_that_is_silent_on_a_line_leaves_its_neighbour_alone(tmp_path: Path, farm: Farm):
    with Farm(2, tmp_path, Layout.BUS) as line:
        line.fall_ill(0, Health.SILENT)
        client = AsyncModbusSerialClient(line.wire, baudrate=19200, timeout=PATIENCE_S, retries=0)
        assert await client.connect()
        with pytest.raises(ModbusIOException):
            await client.read_discrete_inputs(0, count=16, device_id=1)
        assert (await client.read_discrete_inputs(0, count=16, device_id=2)).bits == LOWERED
        client.close()


def test_a_coil_is_on_where_its_bit_is():
    assert Arrival(0, 0, 15, 1, 0b01).switches_on(1)
    assert not Arrival(0, 0, 15, 1, 0b10).switches_on(1)
    assert not Arrival(0, 0, 15, 1, 0b01).switches_on(0)
    assert not Arrival(0, 0, 5, 0, 0).switches_on(0)


def test_without_a_compiler_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(native, "BUILT", tmp_path / "nothing")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotPossible, match="apt-get install gcc"):
        native.program("responder")


def test_a_source_that_does_not_compile_is_told_with_the_compilers_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, require: Callable[[str], Path]
):
    require("gcc")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "cclient.c").write_text("int main(void) { return nonsense; }\n")
    monkeypatch.setattr(native, "SOURCES", tmp_path / "c")
    monkeypatch.setattr(native, "BUILT", tmp_path / "build")
    with pytest.raises(NotPossible, match="nonsense"):
        native.program("cclient")
