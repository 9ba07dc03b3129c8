"""Many clients of an event stream, in a process of their own.

    python -m benchmarks.listeners PORT PATH HEADER_FILE COUNT

They say `listening` once each has had its first event, and at the end how many events they had.
"""

from __future__ import annotations

import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector

from benchmarks.contenders.base import Running
from benchmarks.contenders.rempart import RunningRempart
from benchmarks.machine import cpus
from benchmarks.processes import Process, python
from benchmarks.trouble import NotDone

START_S = 30.0
READY, HEARD = "listening", "heard"


@dataclass(frozen=True, slots=True)
class Streams:
    """Where an event stream is, and the lines of the head by which one is let in, each for some of the clients."""

    port: int
    path: str
    headers: tuple[str, ...]


@contextmanager
def listening(running: Running, count: int, folder: Path) -> Iterator[Callable[[], int]]:
    """As `streaming`, of the events of the service itself."""
    if not isinstance(running, RunningRempart):
        raise NotDone(f"{running.process.name} has no event stream")
    token = Path(running.card["token_file"]).read_text("ascii").strip()
    port = int(str(running.card["url"]).rpartition(":")[2])
    with streaming(Streams(port, "/api/v1/events", (f"Authorization: Bearer {token}",)), count, folder) as heard:
        yield heard


@contextmanager
def streaming(where: Streams, count: int, folder: Path) -> Iterator[Callable[[], int]]:
    """Let `count` clients listen for the length of the block; what is given tells afterwards how many events they had."""
    log, header = folder / "listeners.log", folder / "listeners.header"
    header.write_text("\n".join(where.headers), "ascii")
    # As a console is: behind what measures.
    command = ["nice", "-n", "19", *python("benchmarks.listeners", str(where.port), where.path, header, str(count))]
    with Process("the listeners", command, cpu=cpus()[0], log=log) as process:
        deadline = time.monotonic() + START_S
        while process.alive() and READY not in log.read_text("utf-8"):
            if time.monotonic() >= deadline:
                raise NotDone(f"{count} clients do not hear the event stream after {START_S:g} s")
            time.sleep(0.05)
        yield lambda: int(log.read_text("utf-8").rpartition(HEARD)[2] or 0)


def main() -> None:
    """Listen until SIGTERM."""
    port, path, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[4])
    headers = Path(sys.argv[3]).read_text("ascii").splitlines()
    selector, events, heard = DefaultSelector(), 0, set[int]()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for number in range(count):
        header = headers[number % len(headers)]
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{header}\r\n\r\n"
        connection = socket.create_connection(("127.0.0.1", port))
        connection.sendall(request.encode())
        selector.register(connection, EVENT_READ)
    try:
        while True:
            for key, _ in selector.select():
                got = key.fileobj.recv(65536) if isinstance(key.fileobj, socket.socket) else b""
                if not got:
                    raise SystemExit("a stream has ended")
                found = got.count(b"\ndata: ")
                events += found
                if found and len(heard) < count:
                    heard.add(key.fd)
                    if len(heard) == count:
                        print(READY, flush=True)
    except KeyboardInterrupt:
        print(HEARD, events, flush=True)


if __name__ == "__main__":
    main()
