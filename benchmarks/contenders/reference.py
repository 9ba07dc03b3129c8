"""The references: bare clients in Python, and one in C as the limit of what is possible."""

from __future__ import annotations

import importlib.util
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.contenders.base import RAISE, Contender, Running, Stage, lower_all
from benchmarks.farm import Farm, Layout
from benchmarks.http import Http
from benchmarks.machine import cpus, free_port
from benchmarks.native import program
from benchmarks.processes import Process, await_port, python

START_S, REST_S = 30.0, 30.0


class Bare(Contender):
    """A bare client of `benchmarks.bare` behind HTTP."""

    def __init__(self, client: str, loop: str, title: str, layouts: frozenset[Layout]) -> None:
        self.client, self.loop, self.title, self.layouts = client, loop, title, layouts
        self.name, self.long = f"{client}/{loop}", loop == "uvloop"

    def missing(self) -> str:
        """Say that uvloop is not installed."""
        if self.loop == "uvloop" and importlib.util.find_spec("uvloop") is None:
            return "uvloop is not installed (the extra `fast`)"
        return ""

    @contextmanager
    def start(self, stage: Stage) -> Iterator[Running]:
        """Start it and wait until it takes orders."""
        port, farm = free_port(), stage.farm
        options = {
            "base": farm.base, "count": farm.count, "hz": stage.hz, "http": port, "layout": farm.layout.value, "wire": farm.wire,
        }  # fmt: skip
        given = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        command = python("benchmarks.bare", self.client, self.loop, *given)
        with (
            Process(self.name, command, cpu=cpus()[1], log=stage.folder / "bare.log") as process,
            asked_over_http(process, farm, port, START_S) as running,
        ):
            yield running


@contextmanager
def asked_over_http(process: Process, farm: Farm, port: int, within_s: float) -> Iterator[Running]:
    """Wait until a client takes orders at `port`, and let go of it with the block. Raises NotDone."""
    await_port(process, port, within_s)
    running = RunningBare(process, farm, Http(port))
    try:
        yield running
    finally:
        running.close()


class RunningBare(Running):
    """A bare client at work."""

    def __init__(self, process: Process, farm: Farm, http: Http) -> None:
        self.process, self._farm, self._http = process, farm, http
        http.open()

    def order(self, device: int, coil: int) -> int:
        self.settle()
        return self._http.post(f"/write/{device}/{coil}")

    def order_all(self) -> int:
        self.settle()
        return self._http.post(f"/all/{RAISE}")

    def settle(self, within_s: float = 0.0) -> None:
        for answer in self._http.answers(within_s):
            self.refused += answer.status != 200

    def rest(self) -> None:
        self.settle(REST_S)
        lower_all(self, self._farm, REST_S)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()


class Limit(Contender):
    """The client in C, which takes orders as lines on a socket."""

    name, title = "c", "C, one thread, the limit"

    @contextmanager
    def start(self, stage: Stage) -> Iterator[Running]:
        """Start it and wait until it takes orders."""
        port, farm = free_port(), stage.farm
        command: list[str | Path] = [program("cclient"), str(farm.base), str(farm.count), str(stage.hz), str(port)]
        with Process(self.name, command, cpu=cpus()[1], log=stage.folder / "c.log") as process:
            await_port(process, port, START_S)
            with socket.create_connection(("127.0.0.1", port)) as orders:
                orders.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                yield RunningLimit(process, farm, orders)


class RunningLimit(Running):
    """The client in C at work."""

    def __init__(self, process: Process, farm: Farm, orders: socket.socket) -> None:
        self.process, self._farm, self._orders = process, farm, orders

    def order(self, device: int, coil: int) -> int:
        at = time.monotonic_ns()
        self._orders.sendall(f"{device} {coil}\n".encode())
        return at

    def order_all(self) -> int:
        return self.order(-1, RAISE)

    def settle(self, within_s: float = 0.0) -> None:
        """Nothing is answered."""

    def rest(self) -> None:
        lower_all(self, self._farm, REST_S)
