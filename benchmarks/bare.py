"""Bare clients that do the polling and pass orders on, and nothing else: what the service is held against.

    python -m benchmarks.bare pymodbus|protocol asyncio|uvloop --base PORT --count N --hz HZ --http PORT

Each device has a connection and a task: read 16 discrete inputs, read 8 holding registers, keep the values, wait for the next
turn (HZ 0: none). POST /write/DEVICE/COIL switches a coil on, POST /all/COIL that coil of every device; both answer when it
is done.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol

import uvicorn
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.client.base import ModbusBaseClient
from pymodbus.exceptions import ModbusException
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

HEADER = struct.Struct(">HHHBB")
REQUEST = struct.Struct(">HHHBBHH")
ON = 0xFF00
AGAIN_S = 0.5
"""How long after a failure a device is tried again."""
SHARED_PATIENCE_S, PATIENCE_S = 0.1, 0.5
"""As the service's own, so that dead devices cost alike."""


class Client(Protocol):
    """A connection to one device. What fails raises OSError, TimeoutError or ModbusException."""

    async def connect(self, port: int) -> None:
        """Connect, again where it was before."""

    async def scan(self) -> tuple[Sequence[bool], Sequence[int]]:
        """Read the 16 inputs, then the 8 registers."""

    async def switch_on(self, coil: int) -> None:
        """Switch a coil on."""

    def sweep(self) -> None:
        """Called every `PATIENCE_S`: give up what has been waiting since the last time."""


class Pymodbus:
    """The client of pymodbus as it comes, with its own reconnection."""

    _client: AsyncModbusTcpClient | None = None

    async def connect(self, port: int) -> None:
        if self._client is None:
            self._client = AsyncModbusTcpClient("127.0.0.1", port=port)
            if not await self._client.connect():
                raise ConnectionError(f"port {port}: not connected")

    async def scan(self) -> tuple[Sequence[bool], Sequence[int]]:
        assert self._client is not None
        inputs = await self._client.read_discrete_inputs(0, count=16)
        registers = await self._client.read_holding_registers(0, count=8)
        return inputs.bits, registers.registers

    async def switch_on(self, coil: int) -> None:
        assert self._client is not None
        await self._client.write_coil(coil, value=True)

    def sweep(self) -> None:
        """It has time-outs of its own."""


class Frames(asyncio.Protocol):
    """Frames made by hand, a future for each request."""

    def __init__(self) -> None:
        self._rest = b""
        self._number = 0
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        self._old: set[int] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(ConnectionError("the connection is lost"))

    def data_received(self, data: bytes) -> None:
        data, at = self._rest + data, 0
        while len(data) - at >= HEADER.size:
            number, _, length, _, _ = HEADER.unpack_from(data, at)
            end = at + 6 + length
            if len(data) < end:
                break
            waiting = self._waiting.pop(number, None)
            if waiting is not None and not waiting.done():
                waiting.set_result(data[at + HEADER.size : end])
            at = end
        self._rest = data[at:]

    def request(self, function: int, address: int, value: int) -> asyncio.Future[bytes]:
        """Send a request at once; several may be under way."""
        self._number = (self._number + 1) & 0xFFFF
        waiting = self._waiting[self._number] = asyncio.get_running_loop().create_future()
        self._transport.write(REQUEST.pack(self._number, 0, 6, 1, function, address, value))
        return waiting

    def sweep(self) -> None:
        """Give up the requests that were waiting at the last sweep already."""
        for number in self._old & self._waiting.keys():
            waiting = self._waiting.pop(number)
            if not waiting.done():
                waiting.set_exception(TimeoutError())
        self._old = set(self._waiting)

    def close(self) -> None:
        """Hang up."""
        self._transport.abort()


class ByHand:
    """A client on asyncio.Protocol that decodes with struct."""

    _frames: Frames | None = None

    async def connect(self, port: int) -> None:
        if self._frames is not None:
            self._frames.close()
        _, self._frames = await asyncio.get_running_loop().create_connection(Frames, "127.0.0.1", port)

    async def scan(self) -> tuple[Sequence[bool], Sequence[int]]:
        assert self._frames is not None
        inputs = await self._frames.request(2, 0, 16)
        registers = await self._frames.request(3, 0, 8)
        bits = inputs[1] | inputs[2] << 8
        return [bool(bits >> i & 1) for i in range(16)], struct.unpack_from(">8H", registers, 1)

    async def switch_on(self, coil: int) -> None:
        assert self._frames is not None
        await self._frames.request(5, coil, ON)

    def sweep(self) -> None:
        if self._frames is not None:
            self._frames.sweep()


class OnOneWire:
    """One unit of many on a wire that pymodbus shares out; `by_point` asks for each point by itself."""

    def __init__(self, wire: ModbusBaseClient, unit: int, *, serial: bool, by_point: bool) -> None:
        self._wire, self._unit, self._serial, self._by_point = wire, unit, serial, by_point

    async def connect(self, port: int) -> None:
        """It was connected by `_on_one_wire`, and comes back by itself."""

    async def scan(self) -> tuple[Sequence[bool], Sequence[int]]:
        step = 1 if self._by_point else 16
        bits: list[bool] = []
        for at in range(0, 16, step):
            bits += (await self._wire.read_discrete_inputs(at, count=step, device_id=self._unit)).bits[:step]
        width, registers = 1 if self._by_point else 8, list[int]()
        for at in () if self._serial else range(0, 8, width):
            registers += (await self._wire.read_holding_registers(at, count=width, device_id=self._unit)).registers
        return bits, registers

    async def switch_on(self, coil: int) -> None:
        await self._wire.write_coil(coil, value=True, device_id=self._unit)

    def sweep(self) -> None:
        """It has time-outs of its own."""


CLIENTS: dict[str, Callable[[], Client]] = {"pymodbus": Pymodbus, "protocol": ByHand}


async def _on_one_wire(given: argparse.Namespace) -> list[Client]:
    serial = given.layout == "bus"
    wire: ModbusBaseClient
    if serial:
        wire = AsyncModbusSerialClient(given.wire, baudrate=19200, timeout=SHARED_PATIENCE_S, retries=0)
    else:
        wire = AsyncModbusTcpClient("127.0.0.1", port=int(given.wire), timeout=SHARED_PATIENCE_S, retries=0)
    if not await wire.connect():
        raise ConnectionError(f"{given.wire}: not connected")
    by_point = given.client == "points"
    return [OnOneWire(wire, n + 1, serial=serial, by_point=by_point) for n in range(given.count)]


class Poller:
    """One device, looked at every `period_s` seconds, without pause where that is 0."""

    def __init__(self, client: Client, port: int, phase_s: float, period_s: float) -> None:
        self.client, self._port, self._phase_s, self._period_s = client, port, phase_s, period_s
        self.seen: tuple[Sequence[bool], Sequence[int]] = ((), ())

    async def run(self) -> None:
        await self.client.connect(self._port)
        loop = asyncio.get_running_loop()
        due = loop.time() + self._phase_s
        while True:
            if self._period_s:
                await asyncio.sleep(due - loop.time())
                # What was missed is skipped.
                due = max(due + self._period_s, loop.time())
            try:
                self.seen = await self.client.scan()
            except (OSError, TimeoutError, ModbusException):
                await asyncio.sleep(AGAIN_S)
                with suppress(OSError):
                    await self.client.connect(self._port)


def app(clients: Sequence[Client]) -> Starlette:
    """Return the way in for orders."""

    async def write(request: Request) -> JSONResponse:
        await clients[request.path_params["device"]].switch_on(request.path_params["coil"])
        return JSONResponse({"done": True})

    async def write_all(request: Request) -> JSONResponse:
        coil: int = request.path_params["coil"]
        await asyncio.gather(*(client.switch_on(coil) for client in clients), return_exceptions=True)
        return JSONResponse({"done": True})

    return Starlette(
        routes=[
            Route("/write/{device:int}/{coil:int}", write, methods=["POST"]),
            Route("/all/{coil:int}", write_all, methods=["POST"]),
        ]
    )


async def _sweep(clients: Sequence[Client]) -> None:
    while True:
        await asyncio.sleep(PATIENCE_S)
        for client in clients:
            client.sweep()


async def serve(given: argparse.Namespace) -> None:
    """Poll and take orders until the process is ended."""
    period_s = 1 / given.hz if given.hz else 0.0
    if given.layout == "endpoints":
        clients = [CLIENTS[given.client]() for _ in range(given.count)]
    else:
        clients = await _on_one_wire(given)
    pollers = [Poller(it, given.base + n, period_s * n / given.count, period_s) for n, it in enumerate(clients)]
    server = uvicorn.Server(
        uvicorn.Config(
            app(clients), host="127.0.0.1", port=given.http, lifespan="off",
            log_level="warning", access_log=False,
        )
    )  # fmt: skip
    async with asyncio.TaskGroup() as tasks:
        for poller in pollers:
            tasks.create_task(poller.run())
        tasks.create_task(_sweep(clients))
        await server.serve()
        raise SystemExit(0)


def main() -> None:
    """Run the client that is named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bare")
    parser.add_argument("client", choices=(*CLIENTS, "points"))
    parser.add_argument("loop", choices=("asyncio", "uvloop"))
    parser.add_argument("--base", type=int, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--hz", type=float, required=True)
    parser.add_argument("--http", type=int, required=True)
    parser.add_argument("--layout", choices=("endpoints", "gateway", "bus"), default="endpoints")
    parser.add_argument("--wire", default="", help="the port of the gateway, or the path of the serial port")
    given = parser.parse_args()
    factory: Any = None if given.loop == "asyncio" else importlib.import_module("uvloop").new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(serve(given))


if __name__ == "__main__":
    main()
