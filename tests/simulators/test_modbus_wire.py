"""Foreign clients against the simulated couplers, over real sockets and pseudo-terminals."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from struct import pack
from time import monotonic
from typing import Any

import pytest
from pymodbus import FramerType
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from ruamel.yaml import YAML

from simulators.servers.modbus_rtu import crc, frame_length
from tests.simulators.support import HEAVY, SITE, RawTcp, endpoint, serial_path, served, until, write_site

ONE_COIL_ON = bytes.fromhex("05 00 00 FF 00")


async def run(*command: str | Path) -> str:
    process = await asyncio.create_subprocess_exec(*map(str, command), stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(10):
        out, _ = await process.communicate()
    assert process.returncode == 0, out
    return out.decode()


async def test_pymodbus_raises_the_bollards_over_tcp():
    async with served("albert", speed=50) as field:
        host, port = endpoint(field, "albert")
        client = AsyncModbusTcpClient(host, port=port, timeout=2, retries=0, reconnect_delay=0)
        assert await client.connect()
        try:
            assert not (await client.write_coil(0, True, device_id=1)).isError()
            await until(lambda: min(field.built.field.world.steel["albert-bollards"]) == 1)
            field.built.field.advance()
            await asyncio.sleep(0)

            async def raised() -> list[bool]:
                return [(await client.read_discrete_inputs(0, count=16, device_id=1)).bits[i] for i in (0, 2, 4)]

            async with asyncio.timeout(5):
                while await raised() != [True, True, True]:
                    pass
            assert (await client.read_holding_registers(0x2010, count=3, device_id=1)).registers == [16, 750, 352]
        finally:
            client.close()


@pytest.mark.needs("mbpoll")
async def test_mbpoll_reads_the_coupler(require: Callable[[str], Path]):
    mbpoll = require("mbpoll")
    async with served("albert") as field:
        host, port = endpoint(field, "albert")
        tell = await run(mbpoll, "-m", "tcp", "-p", str(port), "-a", "1", "-t", "4:hex", "-r", "8195", "-1", host)
        assert "[8195]: \t0x1234" in tell
        tell = await run(mbpoll, "-m", "tcp", "-p", str(port), "-a", "1", "-t", "1", "-r", "1", "-c", "6", "-1", host)
        assert "[2]: \t1" in tell
        assert "[1]: \t0" in tell


@pytest.mark.needs("mbpoll")
async def test_mbpoll_reads_a_loop_detector_on_the_bus(require: Callable[[str], Path]):
    mbpoll = require("mbpoll")
    async with served("gambetta-bus") as field:
        line = os.readlink(serial_path(field, "gambetta-bus"))
        tell = await run(mbpoll, "-m", "rtu", "-b", "19200", "-P", "even", "-a", "12", "-t", "3", "-r", "1", "-1", line)
        assert f"[1]: \t{0x0122}" in tell


async def test_requests_in_one_segment_are_all_answered_in_their_order():
    async with served("albert") as field, RawTcp.connected(*endpoint(field, "albert")) as client:
        requests = [client.send(bytes.fromhex(f"03 20 {place:02X} 00 01")) for place in (2, 3, 4)]
        answers = [await client.receive() for _ in requests]
        assert [(tid, pdu.hex()) for tid, _, pdu in answers] == list(
            zip(requests, ["03021234", "0302aaaa", "03025555"], strict=True)
        )


async def test_a_request_in_pieces_is_put_together():
    async with served("albert") as field, RawTcp.connected(*endpoint(field, "albert")) as client:
        frame = pack(">HHHB", 7, 0, 6, 1) + bytes.fromhex("03 20 02 00 01")
        for byte in frame:
            client.writer.write(bytes([byte]))
            await client.writer.drain()
            await asyncio.sleep(0)
        assert await client.receive() == (7, 1, bytes.fromhex("03 02 12 34"))


async def test_a_unit_that_is_not_there_is_answered_for_as_a_gateway_does():
    async with served("massena-relays") as field, RawTcp.connected(*endpoint(field, "massena-relays")) as client:
        assert await client.ask(bytes.fromhex("01 00 00 00 01"), unit=3) == bytes.fromhex("81 0B")
        assert await client.ask(bytes.fromhex("01 00 00 00 01"), unit=2) == bytes.fromhex("01 01 00")


@pytest.mark.parametrize("header", ["00 01 00 01 00 06", "00 01 00 00 00 01", "00 01 00 00 01 00"])
async def test_what_is_not_modbus_ends_the_connection(header: str):
    async with served("albert") as field, RawTcp.connected(*endpoint(field, "albert")) as client:
        client.writer.write(bytes.fromhex(header) + bytes(300))
        assert await client.closed() == b""


async def test_r26_the_coupler_drops_a_motion_that_nobody_watches_over():
    async with served("albert", speed=HEAVY) as field, RawTcp.connected(*endpoint(field, "albert")) as client:
        for request in ("06 10 00 00 02", "06 10 03 00 01"):
            await client.ask(bytes.fromhex(request))
        await client.ask(ONE_COIL_ON)
        await until(lambda: not field.built.images["albert-io"].true("do0"))
        stopped_at = field.built.field.world.steel["albert-bollards"]
        assert 0 < stopped_at[0] < 1
        assert await client.ask(bytes.fromhex("03 10 06 00 01")) == bytes.fromhex("03 02 00 02")
        assert await client.ask(ONE_COIL_ON) == bytes.fromhex("85 04")


async def test_r26_moxa_relays_fall_into_safe_mode_and_must_be_cleared(tmp_path: Path):
    document = YAML(typ="safe").load(SITE / "simulation.yaml")
    document["units"]["massena-io"]["host_lost_s"] = 0.3
    site = write_site(tmp_path / "site", document)
    async with (
        served("massena-relays", site=site) as field,
        RawTcp.connected(*endpoint(field, "massena-relays")) as client,
    ):
        await client.ask(bytes.fromhex("05 00 03 FF 00"))
        image = field.built.images["massena-io"]
        await until(lambda: not image.true("do3"))
        assert await client.ask(bytes.fromhex("01 10 10 00 06")) == bytes.fromhex("01 01 3F")
        assert await client.ask(bytes.fromhex("05 00 03 FF 00")) == bytes.fromhex("85 04")
        await client.ask(bytes.fromhex("0F 10 20 00 06 01 3F"))
        assert await client.ask(bytes.fromhex("01 10 20 00 06")) == bytes.fromhex("01 01 00")
        assert await client.ask(bytes.fromhex("05 00 03 FF 00")) == bytes.fromhex("05 00 03 FF 00")


async def test_pymodbus_speaks_with_every_unit_of_the_bus():
    async with served("gambetta-bus") as field:
        client = AsyncModbusSerialClient(
            serial_path(field, "gambetta-bus"),
            framer=FramerType.RTU,
            baudrate=19200,
            timeout=2,
            retries=0,
            reconnect_delay=0,
        )
        assert await client.connect()
        try:
            inputs = (await client.read_discrete_inputs(0, count=8, device_id=1)).bits
            assert inputs[:4] == [True, False, True, False]
            for unit in (11, 12, 13):
                assert (await client.read_input_registers(0, count=1, device_id=unit)).registers == [0x0122]
                assert (await client.read_holding_registers(13, count=1, device_id=unit)).registers == [unit]
            assert not (await client.write_coils(0, [False, True], device_id=1)).isError()
            assert field.built.images["gambetta-io"].true("do1") is True
        finally:
            client.close()


class RawLine:
    """Raw bytes over a serial line."""

    def __init__(self, path: str) -> None:
        self.line = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self.came = b""
        asyncio.get_running_loop().add_reader(self.line, self._read)

    def _read(self) -> None:
        self.came += os.read(self.line, 256)

    def send(self, unit: int, pdu: str) -> None:
        body = bytes([unit]) + bytes.fromhex(pdu)
        os.write(self.line, body + crc(body))

    def __enter__(self) -> RawLine:
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self.line)
        os.close(self.line)


async def test_the_line_takes_the_time_of_its_baud_rate():
    async with served("gambetta-bus") as field:
        with RawLine(serial_path(field, "gambetta-bus")) as line:
            began = monotonic()
            line.send(1, "02 00 00 00 08")
            await until(lambda: len(line.came) == 6)
            assert monotonic() - began >= (8 + 3.5 + 6) * 11 / 19200


async def test_nobody_answers_for_a_unit_that_is_not_on_the_bus():
    async with served("gambetta-bus") as field:
        with RawLine(serial_path(field, "gambetta-bus")) as line:
            line.send(99, "02 00 00 00 08")
            line.send(1, "02 00 00 00 08")
            await until(lambda: len(line.came) >= 6)
            assert line.came[0] == 1
            assert len(line.came) == 6


async def test_after_noise_on_the_line_the_next_request_is_understood():
    async with served("gambetta-bus") as field:
        server: Any = field.servers["gambetta-bus"]
        with RawLine(serial_path(field, "gambetta-bus")) as line:
            os.write(line.line, bytes.fromhex("01 02 00"))
            await until(lambda: server._buffer)
            await until(lambda: not server._buffer)
            line.send(1, "02 00 00 00 08")
            await until(lambda: len(line.came) == 6)


async def test_a_request_with_a_wrong_checksum_is_not_carried_out():
    async with served("gambetta-bus") as field:
        server: Any = field.servers["gambetta-bus"]
        server._receive(bytes.fromhex("01 05 00 07 FF 00 00 00"))
        assert server._requests.empty()
        server._receive(bytes.fromhex("01 05 00 07 FF 00") + crc(bytes.fromhex("01 05 00 07 FF 00")))
        await until(lambda: field.built.images["gambetta-io"].true("do7"))


async def test_a_function_that_no_unit_knows_is_refused_on_the_bus():
    async with served("gambetta-bus") as field:
        with RawLine(serial_path(field, "gambetta-bus")) as line:
            line.send(1, "11")
            await until(lambda: len(line.came) == 5)
            assert line.came[:3] == bytes.fromhex("01 91 01")


async def test_a_broadcast_is_carried_out_and_not_answered():
    async with served("gambetta-bus") as field:
        with RawLine(serial_path(field, "gambetta-bus")) as line:
            line.send(0, "05 00 07 FF 00")
            await until(lambda: field.built.images["gambetta-io"].true("do7"))
            assert line.came == b""


@pytest.mark.parametrize(
    ("head", "length"),
    [("01", None), ("01 03", 8), ("01 0F 00 00 00 08", None), ("01 0F 00 00 00 08 01", 10), ("01 11", 4)],
)
def test_the_length_of_a_request_is_known_from_its_head(head: str, length: int | None):
    assert frame_length(bytes.fromhex(head)) == length
