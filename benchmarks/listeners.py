"""Many clients of the service's event stream, in a process of their own.

    python -m benchmarks.listeners PORT TOKEN_FILE COUNT

They say `listening` once each has had its first event, and at the end how many events they had.
"""

from __future__ import annotations

import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector

from benchmarks.contenders.base import Running
from benchmarks.contenders.rempart import RunningRempart
from benchmarks.machine import cpus
from benchmarks.processes import Process, python
from benchmarks.trouble import NotDone

START_S = 30.0
READY, HEARD = "listening", "heard"


@contextmanager
def listening(running: Running, count: int, folder: Path) -> Iterator[Callable[[], int]]:
    """Let `count` clients listen for the length of the block; what is given tells afterwards how many events they had."""
    if not isinstance(running, RunningRempart):
        raise NotDone(f"{running.process.name} has no event stream")
    card, log = running.card, folder / "listeners.log"
    command = python("benchmarks.listeners", str(card["url"]).rpartition(":")[2], card["token_file"], str(count))
    with Process("the listeners", command, cpu=cpus()[0], log=log) as process:
        deadline = time.monotonic() + START_S
        while process.alive() and READY not in log.read_text("utf-8"):
            if time.monotonic() >= deadline:
                raise NotDone(f"{count} clients do not hear the event stream after {START_S:g} s")
            time.sleep(0.05)
        yield lambda: int(log.read_text("utf-8").rpartition(HEARD)[2] or 0)


def main() -> None:
    """Listen until SIGTERM."""
    port, token, count = int(sys.argv[1]), Path(sys.argv[2]).read_text("ascii").strip(), int(sys.argv[3])
    selector, events, heard = DefaultSelector(), 0, set[int]()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    request = f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\r\n"
    for _ in range(count):
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
