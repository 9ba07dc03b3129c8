"""The farm of simulated devices, and its control port."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import dataclass
from enum import IntEnum
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
    """`count` devices from port `base` on. Raises NotPossible where it does not come up."""

    def __init__(self, count: int, folder: Path, *, travel_ms: int = TRAVEL_MS, change_ms: int = 0) -> None:
        self.count = count
        self.base = free_ports(count + 1)
        control = self.base + count
        options = {
            "base": self.base, "count": count, "control": control, "travel-ms": travel_ms, "change-ms": change_ms,
        }  # fmt: skip
        given = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        self.process = Process("the farm", [program("responder"), *given], cpu=cpus()[0], log=folder / "farm.log")
        try:
            self._control = self._connected(control)
        except BaseException:
            self.process.stop()
            raise
        self._answers = self._control.makefile("r", encoding="ascii")

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
