"""What the tests of the simulators share: a clock that stands until it is told, foreign clients, waiting with an end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from struct import pack, unpack
from typing import Any

from simulators.build import Built, build
from simulators.clock import Clock
from simulators.field import LONGEST_GAP_S
from simulators.image import Image
from simulators.profiles import PointRow, UnitProfile, load
from simulators.run import Options, Running, running

SITE = Path(__file__).parents[2] / "sites" / "nice-promenade"
OVERALL_S = 30.0
HEAVY = 0.1
"""The speed of a field whose steel is certainly under way when something happens to it, however busy the machine is."""


class Stage:
    """The shipped field without wires, in time that the test moves."""

    def __init__(self, seed: int = 0, traffic: bool = False, site: Path = SITE) -> None:
        self.time = 0.0
        self.built: Built = build(site, Clock(1.0, lambda: self.time), seed, traffic)
        self.field = self.built.field
        self.world = self.built.field.world

    def run(self, seconds: float) -> None:
        end = self.time + seconds
        while self.time < end:
            self.time = min(end, self.time + LONGEST_GAP_S / 2)
            self.field.advance()

    def write(self, unit: str, **values: bool | int) -> None:
        self.built.images[unit].write(values)

    def read(self, unit: str, point: str) -> Any:
        return self.built.images[unit].read(point)

    def kinds(self) -> list[str]:
        return [violation.kind for violation in self.world.violations]


def image(profile: str, **holds: Any) -> Image:
    return Image("unit", load(profile), holds)


def plain(*rows: tuple[str, int, int], gap: int = 0) -> Image:
    """An image of plain tables: (table, address, count), every coil and holding register writable."""
    points = {}
    for table, start, count in rows:
        for address in range(start, start + count):
            name = f"{table}{address}"
            kind = "bool" if table in ("coil", "discrete") else "u16"
            where = {"table": table, "address": address}
            points[name] = PointRow(name, kind, 1.0, None, table in ("coil", "holding"), where)
    return Image("unit", UnitProfile("plain", "modbus", gap, points))


async def until(condition: Callable[[], Any], what: str = "") -> None:
    """Wait for a condition; fail when it does not come."""
    async with asyncio.timeout(OVERALL_S):
        while not condition():  # noqa: ASYNC110 - the conditions are those of another program
            await asyncio.sleep(0.005)


@asynccontextmanager
async def served(*links: str, site: Path = SITE, speed: float = 1.0, runtime: Path | None = None):
    async with running(site, Options(speed=speed, traffic=False, only=links), runtime) as field:
        yield field


def endpoint(field: Running, link: str) -> tuple[str, int]:
    host, _, port = field.links[link].partition("://")[2].partition("/")[0].rpartition(":")
    return host, int(port)


def serial_path(field: Running, link: str) -> str:
    return field.links[link].partition("://")[2].partition("?")[0]


class RawTcp:
    """A Modbus TCP client of raw bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.transaction = 0

    @classmethod
    @asynccontextmanager
    async def connected(cls, host: str, port: int):
        client = cls(*await asyncio.open_connection(host, port))
        try:
            yield client
        finally:
            client.writer.transport.abort()

    def send(self, pdu: bytes, unit: int = 1) -> int:
        self.transaction += 1
        self.writer.write(pack(">HHHB", self.transaction, 0, len(pdu) + 1, unit) + pdu)
        return self.transaction

    async def receive(self) -> tuple[int, int, bytes]:
        async with asyncio.timeout(OVERALL_S):
            transaction, _, length = unpack(">HHH", await self.reader.readexactly(6))
            body = await self.reader.readexactly(length)
        return transaction, body[0], body[1:]

    async def ask(self, pdu: bytes, unit: int = 1) -> bytes:
        """Send a request and return the answer's PDU, which must be its own."""
        sent = self.send(pdu, unit)
        transaction, answering, body = await self.receive()
        assert (transaction, answering) == (sent, unit)
        return body

    async def closed(self) -> bytes:
        """Wait for the end of the connection; return what came before it."""
        async with asyncio.timeout(OVERALL_S):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""


async def control(field: Running, **request: Any) -> dict[str, Any]:
    """Ask over the control socket."""
    reader, writer = await asyncio.open_unix_connection(field.control.path)
    writer.write(json.dumps(request).encode() + b"\n")
    answer: dict[str, Any] = json.loads(await reader.readline())
    writer.close()
    await writer.wait_closed()
    return answer


def write_site(folder: Path, document: Mapping[str, Any]) -> Path:
    from ruamel.yaml import YAML

    folder.mkdir(exist_ok=True)
    YAML(typ="safe", pure=True).dump(dict(document), folder / "simulation.yaml")
    return folder
