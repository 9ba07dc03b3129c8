"""HTTP as an operator's program speaks it: connections kept alive, one request at a time on each, sent at the time it is due.

A request never waits for the answer to another: where every connection is waiting, a new one is opened. The time of a
request is taken just before its bytes are handed to the socket.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from select import select
from typing import Any

from benchmarks.trouble import NotDone

END = b"\r\n\r\n"
ANSWER_S = 20.0


@dataclass(frozen=True, slots=True)
class Answer:
    """The status and the body of an answer."""

    status: int
    body: Any


class _Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.waiting = False
        self._heard = b""

    def send(self, request: bytes) -> int:
        self.waiting = True
        at = time.monotonic_ns()
        self.socket.sendall(request)
        return at

    def stands(self) -> bool:
        """Tell whether an idle connection can still be used: a server closes one that is idle for long."""
        try:
            return bool(self.socket.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return True
        except OSError:
            return False

    def take(self) -> Answer | None:
        """Return the answer once it is whole. Raises NotDone where the server has closed."""
        try:
            heard = self.socket.recv(65536)
        except BlockingIOError:
            return None
        if not heard:
            raise NotDone("the server has closed a connection with a request on it")
        self._heard += heard
        head, found, body = self._heard.partition(END)
        length = _length(head)
        if not found or len(body) < length:
            return None
        self.waiting, self._heard = False, b""
        return Answer(int(head.split(b" ", 2)[1]), json.loads(body[:length]) if length else None)


class Http:
    """The server on a port of this machine, asked with one bearer token."""

    def __init__(self, port: int, token: str = "") -> None:
        self._port = port
        self._head = f"Host: 127.0.0.1:{port}\r\n" + (f"Authorization: Bearer {token}\r\n" if token else "")
        self._connections: list[_Connection] = []

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> int:
        """Send a request and return when; its answer is for `answers`."""
        data = json.dumps(body).encode() if body is not None else b""
        return self._send(f"POST {path}", data)

    def answers(self, within_s: float = 0.0) -> list[Answer]:
        """Return what has been answered, once nothing is waiting or `within_s` seconds are over."""
        deadline, found = time.monotonic() + within_s, []
        while waiting := [it for it in self._connections if it.waiting]:
            ready, _, _ = select([it.socket for it in waiting], [], [], max(0.0, deadline - time.monotonic()))
            taken = [answer for it in waiting if it.socket in ready and (answer := it.take())]
            found += taken
            if not ready:
                break
        return found

    def ask(self, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Send a request, POST with a body and GET without, and wait for its answer. Raises NotDone."""
        self.answers(ANSWER_S)
        self._send(f"GET {path}", b"") if body is None else self.post(path, body)
        found = self.answers(ANSWER_S)
        if not found:
            raise NotDone(f"{path}: no answer within {ANSWER_S:g} s")
        return found[-1]

    def open(self, connections: int = 2) -> None:
        """Connect in advance, as a console that is open has."""
        while len(self._connections) < connections:
            self._connections.append(_Connection(self._port))

    def close(self) -> None:
        """Close the connections."""
        for connection in self._connections:
            connection.socket.close()
        self._connections.clear()

    def _send(self, what: str, data: bytes) -> int:
        for closed in [it for it in self._connections if not (it.waiting or it.stands())]:
            closed.socket.close()
            self._connections.remove(closed)
        idle = next((it for it in self._connections if not it.waiting), None)
        if idle is None:
            idle = _Connection(self._port)
            self._connections.append(idle)
        kind = "Content-Type: application/json\r\n" if data else ""
        head = f"{what} HTTP/1.1\r\n{self._head}{kind}Content-Length: {len(data)}\r\n\r\n"
        return idle.send(head.encode() + data)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
