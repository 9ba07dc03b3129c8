"""A peer that counts every order which reaches it, and that one misfortune befalls."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod

from tests.replay.dialects import Dialect, Key
from tests.replay.misfortune import Fault, Misfortune, Trigger
from tests.replay.sent import Place

CHUNK = 4096


class Line(ABC):
    """One connection of a client's: what has come and is not yet whole, and what is kept back from it."""

    def __init__(self, peer: Peer) -> None:
        self.coming = bytearray()
        self.held = bytearray()
        self.backend = peer.dialect.backend(lambda data: peer.reply(self, data))

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Send to the client, if it is still there."""


class Peer(ABC):
    """Well, until what triggers its misfortune happens; well again `down_s` later."""

    wire: Place

    def __init__(self, misfortune: Misfortune, dialect: Dialect) -> None:
        self.dialect = dialect
        self.arrived: list[tuple[Key, float]] = []
        """Each order that reached the peer, with the time of its reading."""
        self.fault: Fault | None = None
        self.struck = asyncio.Event()
        self.revived = asyncio.Event()
        self.over = False
        self._fate = misfortune
        self._armed: Trigger | None = None
        self._left = misfortune.amount

    @property
    @abstractmethod
    def url(self) -> str:
        """Where it is, as a link wants it."""

    @abstractmethod
    async def start(self) -> None:
        """Come up."""

    @abstractmethod
    async def stop(self) -> None:
        """Go away for good."""

    @abstractmethod
    def cut(self, *, in_order: bool = False) -> None:
        """Drop every connection."""

    @abstractmethod
    def leave(self) -> None:
        """Take no connection and read nothing, until `back`."""

    @abstractmethod
    def back(self) -> list[Line]:
        """Take connections and read again; return those that are still there."""

    def arm(self) -> None:
        """Wait for the trigger from now on. What never comes to pass is made up for after a while."""
        self._armed = self._fate.trigger
        loop = asyncio.get_running_loop()
        if self._armed is Trigger.SECONDS:
            loop.call_later(self._left, self.strike)
        else:
            loop.call_later(1.0, self.strike)
        if self._armed is Trigger.CONNECT:
            self.cut()

    def strike(self) -> None:
        """Let it happen, once."""
        if self.struck.is_set() or self.over:
            return
        self.struck.set()
        self._armed = None
        self.fault = fault = self._fate.fault
        if fault in (Fault.RST, Fault.FIN):
            self.cut(in_order=fault is Fault.FIN)
            if not self._fate.away:
                self._revive()
                return
        if fault is not Fault.SILENT:
            self.leave()
        asyncio.get_running_loop().call_later(self._fate.down_s, self._revive)

    def room(self) -> int:
        """Return how many bytes to read at most, so that a trigger finds its byte."""
        return max(1, int(self._left)) if self._armed is Trigger.BYTES_IN else CHUNK

    def connected(self) -> None:
        """Take note of a new connection."""
        if self._armed is Trigger.CONNECT:
            self._left -= 1
            if self._left <= 0:
                self.strike()

    def take(self, line: Line, data: bytes) -> None:
        """Deal with what a client sent. Its trigger comes first: an order that is read whole is done, and not answered."""
        line.coming += data
        if self._armed is Trigger.BYTES_IN:
            self._left -= len(data)
            if self._left <= 0:
                self.strike()
        if self.fault is not Fault.FROZEN:
            self._digest(line)

    def reply(self, line: Line, data: bytes) -> None:
        """Let an answer through, or what is left of it."""
        if self.fault is Fault.FROZEN:
            line.held += data
        elif self.fault is None:
            through = len(data)
            if self._armed is Trigger.BYTES_OUT:
                through = min(through, int(self._left))
                self._left -= through
            line.write(data[:through])
            if self._armed is Trigger.BYTES_OUT and (self._left <= 0 or through < len(data)):
                self.strike()
                self.reply(line, data[through:])

    def _digest(self, line: Line) -> None:
        for message in self.dialect.split(line.coming):
            now = asyncio.get_running_loop().time()
            self.arrived += [(key, now) for key in self.dialect.orders(message)]
            line.backend.take(message)

    def _revive(self) -> None:
        if self.over:
            return
        was, self.fault = self.fault, None
        for line in self.back() if was is not Fault.SILENT and (was is Fault.FROZEN or self._fate.away) else ():
            line.write(bytes(line.held))
            line.held.clear()
            self._digest(line)
        self.revived.set()
