"""The peer that speaks: a server or a broker with a publisher, on the CPU of the farm."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import cpus, free_ports
from benchmarks.processes import Process, python
from benchmarks.pushed.control import Control, connected
from benchmarks.pushed.names import Protocol
from benchmarks.trouble import NotPossible

SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
"""Debian puts servers where the path of an ordinary user does not look."""
BROKER = "listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n"
"""It drops nothing."""


@dataclass(frozen=True, slots=True)
class Turn:
    """An item whose value has crossed the border of its states, and when (wall clock, ns)."""

    item: int
    at: int


@dataclass(frozen=True, slots=True)
class Played:
    """Changes that were made: how long it took, which of them turned, and the speed of each item at the end."""

    took_s: float
    turns: list[Turn]
    speeds: list[float]


@dataclass(frozen=True, slots=True)
class Source:
    """`count` items behind a port."""

    protocol: Protocol
    port: int
    count: int
    control: Control

    @property
    def url(self) -> str:
        """Return the wire of a site."""
        scheme = "opc.tcp" if self.protocol is Protocol.OPCUA else "mqtt"
        return f"{scheme}://127.0.0.1:{self.port}"

    def play(self, count: int, per_s: float, *, turning: bool = True) -> Played:
        """Make `count` changes at a steady pace; return when they are made."""
        told = self.control.ask(f"play {count} {per_s} {turning}")
        return Played(told["took_s"], [Turn(*it) for it in told["turns"]], told["speeds"])


@contextmanager
def playing(protocol: Protocol, count: int, folder: Path) -> Iterator[Source]:
    """Let a peer with `count` items be there for the length of the block. Raises NotPossible."""
    port = free_ports(2)
    ends = (str(port), str(port + 1), str(count))
    if protocol is Protocol.OPCUA:
        with _program("opcua_server", ends, folder) as control:
            yield Source(protocol, port, count, control)
    else:
        with _broker(port, folder), _program("mqtt_publisher", ends, folder) as control:
            yield Source(protocol, port, count, control)


@contextmanager
def _program(name: str, arguments: tuple[str, str, str], folder: Path) -> Iterator[Control]:
    command = python(f"benchmarks.pushed.{name}", *arguments)
    with Process(f"the {name}", command, cpu=cpus()[0], log=folder / f"{name}.log") as process:
        control = Control(process, int(arguments[1]))
        try:
            yield control
        finally:
            control.close()


@contextmanager
def _broker(port: int, folder: Path) -> Iterator[None]:
    program = shutil.which("mosquitto", path=SEARCH_PATH)
    if program is None:
        raise NotPossible(f"no mosquitto in {SEARCH_PATH}; install it (Debian: apt-get install mosquitto)")
    settings = folder / "mosquitto.conf"
    settings.write_text(BROKER.format(port=port), "utf-8")
    with Process("mosquitto", [program, "-c", settings], cpu=cpus()[0], log=folder / "mosquitto.log") as process:
        connected(process, port).close()
        yield
