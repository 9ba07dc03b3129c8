"""Who hears the peer, as the bench sees it from outside."""

from __future__ import annotations

import os
import socket
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from json import loads
from pathlib import Path
from typing import Any

from benchmarks.contenders.rempart import Rempart, RunningRempart
from benchmarks.machine import cpus, free_port
from benchmarks.processes import Process, python
from benchmarks.pushed.control import Control
from benchmarks.pushed.site import generate, radar
from benchmarks.pushed.source import Source, Turn
from benchmarks.trouble import NotDone

STATES = {"quiet", "target"}
PAGE = 1000


class Hearing(ABC):
    """Somebody who hears every item of a source."""

    process: Process

    @abstractmethod
    def reset(self) -> None:
        """Forget the turns that were heard."""

    @abstractmethod
    def speeds(self) -> Sequence[float | None]:
        """Return what is known of each item, None where that is nothing."""

    @abstractmethod
    def turns(self) -> Sequence[Turn]:
        """Return the turns that were heard since the reset, and when each was taken in."""

    def told(self) -> Sequence[Turn]:
        """Return the turns as others were told of them, and when they heard; nothing where nobody is told."""
        return ()


class BareHearing(Hearing):
    """A client of `benchmarks.pushed.bare`."""

    def __init__(self, control: Control) -> None:
        self.process, self._control = control.process, control

    def reset(self) -> None:
        self._control.ask("reset")

    def speeds(self) -> Sequence[float | None]:
        return list(self._control.ask("speeds"))

    def turns(self) -> Sequence[Turn]:
        return [Turn(*it) for it in self._control.ask("turns")]


class ServiceHearing(Hearing):
    """The service. It records each change of a state in its journal, and tells it on its event stream."""

    def __init__(self, running: RunningRempart, ear: Ear, count: int) -> None:
        self.process, self._http, self._ear = running.process, running.operator, ear
        self._items = {radar(item): item for item in range(count)}
        self._after = 0

    def reset(self) -> None:
        newest = self._asked("/api/v1/journal?newest=true&limit=1")["records"]
        self._after = newest[-1]["seq"] if newest else 0
        self._ear.heard.clear()

    def speeds(self) -> Sequence[float | None]:
        found: list[float | None] = [None] * len(self._items)
        for it in self._asked("/api/v1/devices"):
            if it["state"] in STATES:
                found[self._items[it["id"]]] = it["points"]["speed"]["value"]
        return found

    def turns(self) -> Sequence[Turn]:
        """Read them in the journal: the label of a record is made some turns of the loop after its device had its new state."""
        found: list[Turn] = []
        after, page = self._after, PAGE
        while page == PAGE:
            answer = self._asked(f"/api/v1/journal?after={after}&kind=device&limit={PAGE}")
            after, page = answer["next"], len(answer["records"])
            found += [
                Turn(self._items[it["device"]], _ns(it["at"]))
                for it in answer["records"]
                if {it["body"]["was"], it["body"]["state"]} == STATES
            ]
        return found

    def told(self) -> Sequence[Turn]:
        return [Turn(self._items[device], at) for device, at in tuple(self._ear.heard)]

    def _asked(self, path: str) -> Any:
        answer = self._http.ask(path)
        if answer.status != 200:
            raise NotDone(f"{path}: {answer.status}: {answer.body}")
        return answer.body


class Ear:
    """A client of the event stream, in a thread on the CPU of the farm: `heard` are devices that turned, and when."""

    def __init__(self, port: int, token: str) -> None:
        self.heard: list[tuple[str, int]] = []
        self._socket = socket.create_connection(("127.0.0.1", port))
        head = f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\r\n"
        self._socket.sendall(head.encode())
        self._thread = threading.Thread(target=self._listen, name="ear", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def _listen(self) -> None:
        os.sched_setaffinity(0, {cpus()[0]})
        rest = b""
        while got := self._socket.recv(65536):
            at = time.time_ns()
            *lines, rest = (rest + got).split(b"\n")
            for line in lines:
                if line.startswith(b'data: {"id":') and (turned := _turned(loads(line.removeprefix(b"data: ")))):
                    self.heard.append((turned, at))


@contextmanager
def bare(name: str, source: Source, folder: Path) -> Iterator[Hearing]:
    """Let a bare client hear a source for the length of the block."""
    control = free_port()
    command = python("benchmarks.pushed.bare", source.protocol.value, str(source.port), str(control), str(source.count))
    with Process(name, command, cpu=cpus()[1], log=folder / "bare.log") as process:
        asked = Control(process, control)
        try:
            yield BareHearing(asked)
        finally:
            asked.close()


@contextmanager
def service(contender: Rempart, source: Source, folder: Path) -> Iterator[Hearing]:
    """Let the service hear a source for the length of the block."""
    site = generate(folder / "site", source.protocol, source.url, source.count)
    with contender.run(site, folder) as running:
        port, token = int(str(running.card["url"]).rpartition(":")[2]), Path(running.card["token_file"])
        ear = Ear(port, token.read_text("ascii").strip())
        try:
            yield ServiceHearing(running, ear, source.count)
        finally:
            ear.close()


def _turned(event: dict[str, Any]) -> str:
    return str(event["id"]) if {event.get("was"), event.get("state")} == STATES else ""


def _ns(at: str) -> int:
    """Return an RFC 3339 time with microseconds as ns since 1970."""
    label = datetime.fromisoformat(at.replace("Z", "+00:00"))
    return int(label.timestamp()) * 1_000_000_000 + label.microsecond * 1000
