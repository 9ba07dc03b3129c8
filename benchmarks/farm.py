"""The farm of simulated devices, and its control port."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import dataclass
from enum import Enum, IntEnum
from pathlib import Path
from typing import Any, Self

from benchmarks.machine import cpus, free_ports
from benchmarks.native import program
from benchmarks.processes import Process
from benchmarks.trouble import NotDone

START_S = 10.0
LOOK_S = 0.02
TRAVEL_MS = 300
"""How long the steel of the farm takes; rempart waits for its limit switches."""


class Health(IntEnum):
    """How a device is ill (`benchmarks/c/farm.h`)."""

    WELL = 0
    SILENT = 1
    WRITES_ONLY = 2
    HALF_OPEN = 3
    REFUSING = 4
    SLOW = 5


class Layout(Enum):
    """How the devices are reached."""

    ENDPOINTS = "endpoints"
    """Each by an endpoint of its own."""
    GATEWAY = "gateway"
    """All behind one Modbus TCP endpoint, as units from 1 on."""
    BUS = "bus"
    """All on one serial line that takes its time, as units from 1 on; they have no registers."""


ILL = (Health.SILENT, Health.REFUSING, Health.HALF_OPEN, Health.SLOW)
"""The ways to be dead that are mixed where a work has dead devices."""

ON = 0xFF00
"""The value that switches a coil on (Modbus Application Protocol V1.1b3, 6.5)."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A write as a device got it: when (CLOCK_MONOTONIC, ns), where, and what.

    The value is that of the frame for one coil or register, the first sixteen bits for several coils.
    """

    at: int
    device: int
    function: int
    address: int
    value: int

    def switches_on(self, coil: int) -> bool:
        """Tell whether it switches `coil` on."""
        if self.function == 5:
            return self.address == coil and self.value == ON
        return self.function == 15 and coil >= self.address and bool(self.value >> (coil - self.address) & 1)


class Farm:
    """`count` devices, from port `base` on where each has an endpoint. Raises NotPossible where it does not come up."""

    def __init__(
        self, count: int, folder: Path, layout: Layout = Layout.ENDPOINTS, *,
        travel_ms: int = TRAVEL_MS, change_ms: int = 0,
    ) -> None:  # fmt: skip
        self.count, self.layout = count, layout
        self.base = free_ports(count + 1)
        self._port = folder / "bus"
        control = self.base + count
        options: dict[str, object] = {
            "base": self.base, "count": count, "control": control, "travel-ms": travel_ms, "change-ms": change_ms,
        }  # fmt: skip
        if layout is Layout.GATEWAY:
            options["gateway"] = 1
        if layout is Layout.BUS:
            options |= {"link": self._port, "scan-registers": 0}
        given = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        played = program("bus" if layout is Layout.BUS else "responder")
        self.process = Process("the farm", [played, *given], cpu=cpus()[0], log=folder / "farm.log")
        try:
            self._control = self._connected(control)
        except BaseException:
            self.process.stop()
            raise
        self._answers = self._control.makefile("r", encoding="ascii")

    @property
    def urls(self) -> list[str]:
        """Return the wires of a site: one for each device, or the one that they share."""
        if self.layout is Layout.BUS:
            # A pseudo-terminal carries no parity bit, and the C library refuses to set one on it.
            return [f"modbus+rtu://{self._port}?baudrate=19200&bytesize=8&parity=N"]
        ends = self.count if self.layout is Layout.ENDPOINTS else 1
        return [f"modbus+tcp://127.0.0.1:{self.base + n}" for n in range(ends)]

    @property
    def wire(self) -> str:
        """Return what the devices share, for a client: the port of a gateway, or the path of a serial port."""
        return str(self._port) if self.layout is Layout.BUS else str(self.base)

    def ask(self, line: str) -> Any:
        """Send a line to the control port and return the answer."""
        self._control.sendall(line.encode() + b"\n")
        return json.loads(self._answers.readline())

    def reset(self) -> None:
        """Forget everything counted and recorded."""
        self.ask("reset")

    def stats(self) -> dict[str, Any]:
        """Return counts since the last reset."""
        return dict(self.ask("stats"))

    def arrivals(self) -> list[Arrival]:
        """Return the writes since the last reset, oldest first."""
        return [Arrival(*row) for row in self.ask("writes")]

    def positions(self) -> list[str]:
        """Return where the steel of each device is: `lowered`, `raised` or `between`."""
        return list(self.ask("positions"))

    def fall_ill(self, device: int, health: Health, count: int = 1) -> None:
        """Make `count` devices from `device` on ill, or well again."""
        self.ask(f"dead {device} {count} {int(health)}")

    def heal(self) -> None:
        """Make every device well again."""
        self.fall_ill(0, Health.WELL, self.count)

    def await_full_scan(self, who: Process, within_s: float) -> int:
        """Wait until every device was scanned since the last reset; return when, CLOCK_MONOTONIC ns. Raises NotDone."""
        deadline = time.monotonic() + within_s
        while who.alive() and self.process.alive():
            stats = self.stats()
            if stats["full_at"]:
                return int(stats["full_at"])
            if time.monotonic() >= deadline:
                raise NotDone(f"{who.name}: {stats['seen']} of {self.count} devices scanned within {within_s:g} s")
            time.sleep(LOOK_S)
        raise AssertionError("a process that is not alive raises")

    def stop(self) -> None:
        """End the farm."""
        self._answers.close()
        self._control.close()
        self.process.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *why: object) -> None:
        self.stop()

    def _connected(self, port: int) -> socket.socket:
        deadline = time.monotonic() + START_S
        while self.process.alive():
            try:
                return socket.create_connection(("127.0.0.1", port))
            except ConnectionRefusedError:
                if time.monotonic() >= deadline:
                    raise
                time.sleep(LOOK_S)
        raise AssertionError("a process that is not alive raises")
