"""What a protocol brings to the conformance suite: a link under test and a peer of its own that can misbehave.

In `tests/links/test_<protocol>.py`, the whole of the suite runs over one protocol with:

    class TestOpcUa(Conformance):
        adapter = OpcUaAdapter          # an Adapter; made anew for each test as OpcUaAdapter(tmp_path)

A case that makes no sense for a protocol is named in `not_applicable` with the reason; it is then not collected.
The peer must not share code with rempart's drivers or simulators. It may live in this process (its sockets are real).
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from controller.core.readings import Value
from controller.ports import Link, Unit

# A test that waits longer than this for anything has failed. Patience and deadlines that must NOT be what ends a wait
# are longer still.
OVERALL_S = 5.0
ENDLESS_S = 60.0


class Mode(StrEnum):
    """What the peer does with a request from now on."""

    ANSWER = "answer"  # at once
    HOLD = "hold"  # takes it, and answers when released; never, if it is not
    REFUSE = "refuse"  # says no in the protocol's own words (Modbus exception 2, OPC UA BadNodeIdUnknown)
    CUT = "cut"  # takes it and drops the connection (pulls the plug of a serial port) without an answer


class Adapter(ABC):
    """A peer, and how to make a link to it. Everything is off until `start`."""

    not_applicable: ClassVar[Mapping[str, str]] = {}

    unit: Unit
    """Who the peer is, with `identity` points if the protocol has any. Its patience is `patience_s`."""
    stranger: Unit
    """The same peer with one expectation in `identity` that it does not meet."""
    expected: Mapping[str, Value]
    """What the peer gives at first, by point name: some or all of `unit.points`."""
    orders: Sequence[tuple[str, Value]] = ()
    """Writes by point name, in an order; each name once."""
    dial: str = ""
    """An integer point that `turn` changes at the peer."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mode = Mode.ANSWER
        self.requests = 0
        """Requests (reads, writes; for a protocol that pushes: publications) that the peer has seen or made."""
        self.in_flight = 0
        self.most_in_flight = 0
        self.written: list[tuple[str, Value]] = []
        """What the peer was told to change, by point name, in the order of arrival. Repetitions are listed again."""
        self._news = asyncio.Condition()

    @abstractmethod
    async def start(self) -> None:
        """Bring the peer up, at the same address as before if it was up before."""

    @abstractmethod
    async def stop(self) -> None:
        """Take the peer down; return when its connections are closed and nobody listens. Twice does no harm."""

    @abstractmethod
    def link(self) -> Link:
        """Make a new link to the peer, not opened."""

    @abstractmethod
    def turn(self, value: int) -> None:
        """Set what the peer gives for the point `dial`."""

    def patient(self, patience_s: float) -> Unit:
        """Return `unit` with another patience for one answer."""
        unit = self.unit
        options = {**unit.options, "patience_s": patience_s}
        return Unit(unit.name, unit.link, unit.address, unit.points, unit.identity, options)

    async def release(self) -> None:
        """Answer what was held, oldest first, to whoever still listens; return when it is on its way."""
        raise AssertionError("declare the cases with a HOLD not applicable, or implement this")

    def cut(self) -> None:
        """Drop every connection now (pull the plug), and be ready for the next ones."""
        raise AssertionError("declare the cases with a cut not applicable, or implement this")

    async def push(self) -> None:
        """Publish the present values, for a protocol that pushes."""
        raise AssertionError("declare the cases of pushing not applicable, or implement this")

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until the peer has seen to it that `true` holds."""
        async with asyncio.timeout(OVERALL_S), self._news:
            await self._news.wait_for(true)

    async def heard(self, requests: int) -> None:
        """Wait until the peer has seen this many requests in all."""
        await self.until(lambda: self.requests >= requests)

    async def news(self) -> None:
        """Let those who wait in `until` look again. The peer calls it after each change."""
        async with self._news:
            self._news.notify_all()
