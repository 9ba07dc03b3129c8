"""Modbus TCP and RTU: one Link per wire, whatever hangs on it.

TCP answers carry a transaction number: a unit may be asked as many things at a time as its profile says (`in_flight`), and what
nobody waits for any more is stepped over. RTU answers carry none: who asks waits for his turn, his request is finished on the
wire even if he is cancelled, after a time-out the port is closed and opened again, and the silent unit must first answer
something that cannot be mistaken for what it still owes.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from typing import Any

from controller.core.readings import Look, Readings, Value
from controller.ports import (
    Expired,
    Garbled,
    Identity,
    LinkError,
    Mute,
    Point,
    Refusing,
    Sink,
    Stranger,
    Unit,
    Unreachable,
    Wanted,
    Withdrawn,
    always,
)
from drivers.modbus_debts import Debts
from drivers.modbus_ends import Declined, Lost, NoAnswer, NoConnection, TooLate
from drivers.modbus_exceptions import BEHIND_THE_EXCEPTION, meaning
from drivers.modbus_frames import Unfit
from drivers.modbus_manner import Manner, manner, patience
from drivers.modbus_pdu import bytes_of
from drivers.modbus_plan import Read, Write, plan_writes, unit_id
from drivers.modbus_rtu import RtuWire
from drivers.modbus_scan import Scan, Scans
from drivers.modbus_tcp import TcpWire, forsake
from drivers.outcomes import halfway
from drivers.url import parse_url


class ModbusLink:
    """A Modbus TCP connection (to a device, or to a gateway with many units) or a serial RTU bus."""

    def __init__(self, name: str, url: str, *, now: Callable[[], float] | None = None) -> None:
        """Raises ValueError for a URL that is no Modbus wire."""
        parsed = parse_url(url)
        if parsed.scheme not in ("modbus+tcp", "modbus+rtu"):
            raise ValueError(f"{url!r}: not a Modbus wire; expected modbus+tcp://HOST:PORT or modbus+rtu:///dev/PORT")
        self.name = name
        self._now = now or (lambda: asyncio.get_running_loop().time())
        self._tcp = TcpWire(parsed.host, parsed.port, self._forget) if parsed.scheme == "modbus+tcp" else None
        self._wire: TcpWire | RtuWire = self._tcp or RtuWire(parsed, self._forget)
        self._scans = Scans()
        self._turn = asyncio.Lock()
        self._job: asyncio.Task[tuple[bytes, float]] | None = None
        self._opened: dict[str, Manner] = {}
        self._answered_last: int | None = None
        self._debts = Debts()
        self._closings = 0
        self._losses = 0
        self._closed: dict[str, str] = {}

    async def open(self, unit: Unit, deadline: float) -> Identity:
        """Connect if need be, and compare the identity points; a unit that has none must answer something at least."""
        self._opened.pop(unit.name, None)
        losses, closings = self._losses, self._closings
        try:
            await self._rouse(unit, deadline, closings)
            found = await self._read(unit, tuple(unit.points[name] for name in unit.identity), deadline, closings)
        except Expired as error:
            raise Unreachable(self.name, unit.name, str(error).partition(": ")[2]) from error
        for name, expected in unit.identity.items():
            if (value := found[name].value) != expected:
                detail = f"{name} is {value!r}, expected {expected!r}: is it the right device, at this address?"
                raise Stranger(self.name, unit.name, detail)
        if losses != self._losses:
            raise Unreachable(self.name, unit.name, "the connection was lost while it was opened")
        self._opened[unit.name] = manner(unit, serial=self._wire.serial)
        self._closed.pop(unit.name, None)
        return dict(unit.identity)

    async def read(self, unit: Unit, points: tuple[Point, ...], deadline: float) -> Readings:
        """Read `points`; a reading is of bad quality where the registers hold no number."""
        return await self._read(unit, points, deadline)

    async def write(
        self, unit: Unit, values: Sequence[tuple[Point, Value]], deadline: float, wanted: Wanted = always
    ) -> None:
        """Write in the order given. Where a later request of it fails, the text says how many were acknowledged."""
        try:
            requests = plan_writes(values)
        except ValueError as error:
            raise Refusing(self.name, unit.name, str(error)) from error
        for done, request in enumerate(requests):
            try:
                if self._tcp is not None:
                    await self._ask(self._tcp, unit, (request,), (bytes_of(request),), deadline, wanted)
                else:
                    await self._exchange(unit, request, deadline, wanted=wanted)
            except (LinkError, Expired, Withdrawn) as error:
                if not done:
                    raise
                raise halfway(error, done, len(requests)) from error

    async def subscribe(self, unit: Unit, points: tuple[Point, ...], sink: Sink) -> None:
        """Return at once: Modbus does not push."""

    async def close(self) -> None:
        """Release the socket or port; a request in flight ends as Mute."""
        self._closings += 1
        self._forget("the link was closed")
        self._wire.drop()
        if self._job is not None and not self._job.done():
            await asyncio.wait({self._job})
        self._wire.drop()
        await asyncio.sleep(0)  # a socket is closed by the loop, one turn later

    async def _read(
        self, unit: Unit, points: tuple[Point, ...], deadline: float, opening: int | None = None
    ) -> Readings:
        scan = self._scan(unit, points)
        if self._tcp is not None and opening is None:
            found, taken = await self._ask(self._tcp, unit, scan.requests, scan.pdus, deadline)
            return Look(scan.found(found), taken)
        answers = [await self._exchange(unit, request, deadline, opening) for request in scan.requests]
        return Look(scan.found([pdu for pdu, _ in answers]), min((sent for _, sent in answers), default=self._now()))

    def _scan(self, unit: Unit, points: tuple[Point, ...]) -> Scan:
        try:
            return self._scans.of(points, int(unit.options.get("gap", 0)))
        except ValueError as error:
            raise Refusing(self.name, unit.name, str(error)) from error

    async def _ask(
        self,
        wire: TcpWire,
        unit: Unit,
        requests: Sequence[Read | Write],
        pdus: tuple[bytes, ...],
        deadline: float,
        wanted: Wanted = always,
    ) -> tuple[list[bytes], float]:
        """Ask an open unit over TCP, as many things at a time as it takes; return the answers and the time of asking."""
        answers, taken = list[bytes](), math.inf
        _, address, most, patience_s = self._manner(unit)
        for start in range(0, len(pdus), most):
            piece = pdus[start : start + most]
            if not wire.has_room(free := most - len(piece) + 1):
                try:
                    await wire.room(free, deadline - self._now())
                except TooLate:
                    raise Expired(f"{self.name}/{unit.name}: the deadline passed while others had the wire") from None
            self._manner(unit)
            if not wanted():
                raise self._taken_back(unit, requests[start])
            # Taken before the time of sending, so that what is left of an order is never counted from later than that.
            loop_s, sent = asyncio.get_running_loop().time(), self._now()
            self._must_be_in_time(unit, requests[start], deadline, sent)
            taken, pending = min(taken, sent), list[asyncio.Future[bytes]]()
            try:
                pending = wire.send(piece, address, loop_s, min(patience_s, deadline - sent))
                for answer in pending:
                    answers.append(await answer)
            except (NoConnection, NoAnswer, Lost, Unfit, Declined) as error:
                raise self._failure(unit, requests[len(answers)], error) from error
            finally:
                if len(answers) < start + len(piece):
                    forsake(pending)
            self._answered_last = address
        return answers, taken

    def _manner(self, unit: Unit) -> Manner:
        """Raises Unreachable where the unit is not open."""
        found = self._opened.get(unit.name)
        if found is None:
            raise Unreachable(self.name, unit.name, f"the unit is not connected{self._closed.get(unit.name, '')}")
        return found if found.unit is unit else manner(unit, serial=self._wire.serial)

    def _taken_back(self, unit: Unit, request: Read | Write) -> Withdrawn:
        return Withdrawn(f"{self.name}/{unit.name}: taken back before the {request}")

    def _must_be_in_time(self, unit: Unit, request: Read | Write, deadline: float, sent: float) -> None:
        if sent >= deadline:
            late = f"the deadline passed {sent - deadline:.3f} s before the {request}"
            raise Expired(f"{self.name}/{unit.name}: {late}")

    async def _rouse(self, unit: Unit, deadline: float, opening: int) -> None:
        """Get any answer from a unit without identity, and from an RTU unit one that cannot be one it still owes."""
        address = unit_id(unit, self._wire.serial)
        requests = [self._scan(unit, (point,)).requests[0] for point in unit.points.values()]
        if not requests:
            await self._exchange(unit, None, deadline, opening)
        elif self._debts.owes(address) or not unit.identity:
            probe = self._debts.probe(address, requests)
            if probe is None:
                await self._silence(unit, deadline)
                probe = requests[0]
            try:
                await self._exchange(unit, probe, deadline, opening)
            except Refusing:
                if not self._debts.proves(address, probe):
                    self._debts.owe(address, probe, self._now())
                    raise
            self._debts.forgive(address)

    async def _silence(self, unit: Unit, deadline: float) -> None:
        """Let twice a unit's patience pass where nothing tells apart what it owes."""
        over = self._debts.since(unit_id(unit, self._wire.serial)) + 2 * patience(unit)
        if over >= deadline:
            raise Expired(f"{self.name}/{unit.name}: its late answers must be let pass for {over - self._now():.2f} s")
        await asyncio.sleep(over - self._now())
        self._debts.forgive(unit_id(unit, self._wire.serial))

    async def _exchange(
        self,
        unit: Unit,
        request: Read | Write | None,
        deadline: float,
        opening: int | None = None,
        wanted: Wanted = always,
    ) -> tuple[bytes, float]:
        """Wait for the wire, ask, and return the answer with the time of asking. None as request only connects.

        `opening` is the number of closings as the unit's opening began; None where it must be open already.
        """
        try:
            async with asyncio.timeout(max(0.0, deadline - self._now())):
                await self._turn.acquire()
        except TimeoutError:
            raise Expired(f"{self.name}/{unit.name}: the deadline passed while others had the wire") from None
        # From here on a cancelled caller leaves the wire alone: the task goes on without him, and keeps the turn.
        self._job = asyncio.create_task(self._talk(unit, request, deadline, opening, wanted))
        self._job.add_done_callback(self._done)
        return await asyncio.shield(self._job)

    def _done(self, job: asyncio.Task[Any]) -> None:
        self._turn.release()
        if not job.cancelled():
            job.exception()  # whoever wanted it may have gone

    async def _talk(
        self, unit: Unit, request: Read | Write | None, deadline: float, opening: int | None, wanted: Wanted
    ) -> tuple[bytes, float]:
        await self._connect(unit, deadline, opening)
        await self._wire.quiet()
        if request is not None and not wanted():
            raise self._taken_back(unit, request)
        # Taken before the time of sending, so that what is left of an order is never counted from later than that.
        loop_s, sent = asyncio.get_running_loop().time(), self._now()
        if request is None:
            return b"", sent
        self._must_be_in_time(unit, request, deadline, sent)
        try:
            raw = await self._wire.ask(
                request, unit_id(unit, self._wire.serial), loop_s, min(patience(unit), deadline - sent)
            )
        except TooLate:
            late = f"the deadline passed before the {request} was handed to the port"
            raise Expired(f"{self.name}/{unit.name}: {late}") from None
        except (NoConnection, NoAnswer, Lost, Unfit, Declined) as error:
            raise self._failure(unit, request, error) from error
        self._answered_last = unit_id(unit, self._wire.serial)
        return raw, sent

    async def _connect(self, unit: Unit, deadline: float, opening: int | None) -> None:
        if opening is None:
            self._manner(unit)
        if opening not in (None, self._closings):
            raise Unreachable(self.name, unit.name, "the link was closed")
        if self._wire.up:
            return
        # An RTU port that was closed after a time-out is opened again here for the units that did nothing wrong.
        if opening is None and not self._wire.serial:
            raise Unreachable(self.name, unit.name, "the connection is gone")
        left = deadline - self._now()
        if left <= 0:
            raise Expired(f"{self.name}/{unit.name}: the deadline passed before there was a connection")
        self._answered_last = None
        try:
            await self._wire.connect(left)
        except NoConnection as error:
            self._forget(str(error))
            raise Unreachable(self.name, unit.name, str(error)) from error

    def _failure(self, unit: Unit, request: Read | Write, error: Exception) -> LinkError:
        """Translate what happened on the wire, and close what counts as closed after it."""
        text = f"{error}, to the {request}"
        match error:
            case Declined(code=code):
                self._answered_last = unit_id(unit, self._wire.serial)
                text = f"exception {code} ({meaning(code)}), to the {request}"
                kind = BEHIND_THE_EXCEPTION.get(code, Refusing)
                if kind is not Refusing:
                    self._opened.pop(unit.name, None)
                return kind(self.name, unit.name, text)
            case NoConnection():
                return Unreachable(self.name, unit.name, text)
            case NoAnswer():
                # A unit may be mute behind a gateway that lives: another unit has answered since the last silence.
                neighbour_lives = self._answered_last not in (None, unit_id(unit, self._wire.serial))
                self._answered_last = None
                self._lose(unit, request, text, keep=neighbour_lives and not self._wire.serial)
                return Mute(self.name, unit.name, text)
            case Lost():
                self._lose(unit, request, text)
                return Mute(self.name, unit.name, text)
            case _:
                self._lose(unit, request, text)
                return Garbled(self.name, unit.name, text)

    def _lose(self, unit: Unit, request: Read | Write, why: str, *, keep: bool = False) -> None:
        self._opened.pop(unit.name, None)
        self._closed[unit.name] = f": {why}"
        if not keep:
            self._wire.drop()
        if self._wire.serial:
            self._debts.owe(unit_id(unit, self._wire.serial), request, self._now())
        elif not keep:
            self._forget(why)

    def _forget(self, why: str = "the peer closed the connection") -> None:
        """Every unit must prove anew who it is; `why` is what a request to one of them is told."""
        self._losses += 1
        self._closed.update(dict.fromkeys(self._opened, f": {why}"))
        self._opened.clear()
