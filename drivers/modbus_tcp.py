"""One Modbus TCP connection: numbered transactions, each with its own time limit.

pymodbus' client allows one transaction a connection, under a lock and with a task and a timer for each; here a request costs a
future, and another may go out while one is waited for, where the unit can take it. Layout: Modbus Messaging on TCP/IP
V1.0b, 3.1.3.

What was written is on its way or it is not: a connection that does not take a request whole is given up, so that no byte of an
order is left to be sent later.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Sequence
from typing import NamedTuple

from drivers.modbus_ends import Declined, Lost, NoAnswer, NoConnection, TooLate
from drivers.modbus_frames import EXCEPTION, MBAP, Unfit, check, hexed
from drivers.modbus_pdu import bytes_of
from drivers.modbus_plan import Read, Write
from drivers.remedies import why_no_host

HEADER = struct.Struct(">HHHB")
LONGEST = 254
"""The most that a header's length can say: unit and PDU."""


class _Asked(NamedTuple):
    """A request that is on its way; whoever asked may have gone, and then `answer` is cancelled."""

    unit: int
    pdu: bytes
    limit: float
    patience_s: float
    answer: asyncio.Future[bytes]


class TcpWire(asyncio.Protocol):
    """One connection after the other to the same peer. `on_lost` tells of a loss unasked for."""

    serial = False

    def __init__(self, host: str, port: int, on_lost: Callable[[], None]) -> None:
        self._host, self._port, self._on_lost = host, port, on_lost
        self._transport: asyncio.Transport | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._choked = False
        self._number = 0
        self._asked: dict[int, _Asked] = {}
        self._queue = asyncio.Lock()
        self._freed: asyncio.Future[None] | None = None
        self._got = b""
        self._timer: asyncio.TimerHandle | None = None

    @property
    def up(self) -> bool:
        """Whether there is a connection, as far as is known."""
        return self._transport is not None and not self._transport.is_closing()

    async def connect(self, within_s: float) -> None:
        """Make a new connection. Raises NoConnection whose text says what to do."""
        self.drop()
        connecting = self._connecting = asyncio.ensure_future(self._connect(within_s))
        try:
            await asyncio.wait({connecting})
        except asyncio.CancelledError:
            connecting.cancel()
            raise
        if self._connecting is not connecting:
            raise NoConnection("the link was closed")
        self._connecting = None
        connecting.result()

    async def _connect(self, within_s: float) -> None:
        failure: OSError | None = None
        try:
            async with asyncio.timeout(within_s):
                made, _ = await asyncio.get_running_loop().create_connection(lambda: self, self._host, self._port)
                self._transport, self._choked, self._got = made, False, b""
                return
        except TimeoutError:
            pass
        except OSError as error:
            failure = error
        raise NoConnection(why_no_host(self._host, self._port, failure, within_s))

    def has_room(self, in_flight: int) -> bool:
        """Tell whether fewer than `in_flight` requests are under way, and nobody waits for that."""
        return len(self._asked) < in_flight and not self._queue.locked()

    async def room(self, in_flight: int, within_s: float) -> None:
        """Return when fewer than `in_flight` requests are under way, first come, first served. Raises TooLate."""
        if self.has_room(in_flight):
            return
        try:
            async with asyncio.timeout(within_s), self._queue:
                while len(self._asked) >= in_flight:
                    self._freed = asyncio.get_running_loop().create_future()
                    await self._freed
        except TimeoutError:
            raise TooLate from None

    async def quiet(self) -> None:
        """Return at once: frames carry their length here."""

    async def ask(self, request: Read | Write, unit: int, since: float, patience_s: float) -> bytes:
        """Send `request` when nothing else is under way; return the answer's PDU. Raises TooLate and what `send` tells of."""
        await self.room(1, since + patience_s - asyncio.get_running_loop().time())
        (answer,) = self.send((bytes_of(request),), unit, since, patience_s)
        return await answer

    def send(self, pdus: tuple[bytes, ...], unit: int, since: float, patience_s: float) -> list[asyncio.Future[bytes]]:
        """Send requests now, in one piece; an answer, a PDU that fits, may take `patience_s` from `since` (loop's time).

        Raises NoConnection; then no byte was sent. The answers raise NoAnswer, Lost, Declined, and Unfit for one of the wrong
        unit, function, length or echo.
        """
        if self._transport is None or self._transport.is_closing():
            raise NoConnection("the connection is gone")
        loop, limit = asyncio.get_running_loop(), since + patience_s
        frames, answers = [], []
        for pdu in pdus:
            self._number = number = self._number % 0xFFFF + 1
            answer: asyncio.Future[bytes] = loop.create_future()
            self._asked[number] = _Asked(unit, pdu, limit, patience_s, answer)
            frames.append(HEADER.pack(number, 0, len(pdu) + 1, unit) + pdu)
            answers.append(answer)
        if self._timer is None or limit < self._timer.when():
            self._look_at(limit)
        self._transport.write(b"".join(frames))
        if self._choked:
            self.drop("the peer takes no more bytes")
        return answers

    def drop(self, why: str = "the link was closed") -> None:
        """Release the connection at once, unsent bytes too; who waits for an answer gets Lost, who connects NoConnection."""
        connecting, self._connecting = self._connecting, None
        if connecting is not None:
            connecting.cancel()
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()
        self._gone(Lost(why))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A connection stands (asyncio)."""
        if isinstance(transport, asyncio.Transport):
            # Any byte that the socket does not take at once counts as choked.
            transport.set_write_buffer_limits(high=0)

    def pause_writing(self) -> None:
        """The socket did not take all of it (asyncio)."""
        self._choked = True

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone (asyncio); one that was dropped here has been spoken for."""
        if self._transport is not None and self._transport.is_closing():
            self._transport = None
            self._gone(Lost("the connection was lost before the answer"))
            self._on_lost()

    def data_received(self, data: bytes) -> None:
        """Hand each answer to its request (asyncio)."""
        if not self._asked:
            # Nobody asked: a greeting, or late answers. What is asked later is answered in a frame of its own.
            self._got = b""
            return
        self._got += data
        answered: dict[int, tuple[_Asked, bytes]] = {}
        try:
            self._sort(answered)
        except Unfit as error:
            self._got = b""
            for asked, _ in answered.values():
                _fail(asked, error)
            self._gone(error)
            return
        for asked, pdu in answered.values():
            _answer(asked, pdu)
        self._let_in()

    def _sort(self, answered: dict[int, tuple[_Asked, bytes]]) -> None:
        """Sort the whole frames by their requests; one that belongs to none came too late for its own. Raises Unfit."""
        got, start = self._got, 0
        while len(got) - start >= MBAP:
            number, protocol, length, unit = HEADER.unpack_from(got, start)
            if protocol != 0 or not 2 < length <= LONGEST:
                raise Unfit(f"not a Modbus TCP header: {hexed(got[start:])}")
            pdu, end = start + MBAP, start + MBAP - 1 + length
            asked = self._asked.get(number)
            if asked is not None:
                if unit != asked.unit:
                    raise Unfit(f"unit {unit} answered in place of unit {asked.unit}")
                check(asked.pdu, got[pdu:end], length - 1)
            elif number in answered:
                raise Unfit(f"more follows the answer: {hexed(got[start:])}")
            if end > len(got):
                break
            if asked is not None:
                answered[number] = self._asked.pop(number), got[pdu:end]
            start = end
        self._got = got[start:]
        if self._got and answered and not self._asked:
            raise Unfit(f"more follows the answer: {hexed(self._got)}")

    def _let_in(self) -> None:
        """Let who waits for room look again."""
        if self._freed is not None and not self._freed.done():
            self._freed.set_result(None)

    def _gone(self, error: Exception) -> None:
        """End whatever is under way with `error`."""
        asked, self._asked = self._asked, {}
        for each in asked.values():
            _fail(each, error)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._let_in()

    def _look_at(self, when: float) -> None:
        """Look for what has taken too long at `when`. One timer serves every request: most are answered long before."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(when, self._look)

    def _look(self) -> None:
        self._timer, now = None, asyncio.get_running_loop().time()
        for number in [number for number, asked in self._asked.items() if asked.limit <= now]:
            asked = self._asked.pop(number)
            _fail(asked, NoAnswer(f"no answer within {asked.patience_s:.2f} s"))
        if self._asked:
            self._look_at(min(asked.limit for asked in self._asked.values()))
        self._let_in()


def _answer(asked: _Asked, pdu: bytes) -> None:
    if asked.answer.done():
        return
    if pdu[0] & EXCEPTION:
        asked.answer.set_exception(Declined(pdu[1]))
    else:
        asked.answer.set_result(pdu)


def _fail(asked: _Asked, error: Exception) -> None:
    if not asked.answer.done():
        asked.answer.set_exception(error)


def forsake(answers: Sequence[asyncio.Future[bytes]]) -> None:
    """Tell that nobody will look at these any more."""
    for answer in answers:
        if not answer.cancel() and not answer.cancelled():
            answer.exception()
