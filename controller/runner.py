"""One mailbox per device, and the only holder of that device's state.

A runner takes one event after the other, lets the core say what it makes of the device, shows the new value on the board, and
performs the effects: writes go to the endpoint, progress of orders to the ledger. It waits for nothing but its mailbox and the
core's next waking time. When its logic fails the device is shown as unknown, its outputs are released, and the runner ends.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from controller.board import Board, heeds
from controller.core import kinds
from controller.core.command import Life, Refusal, Rule
from controller.core.device import Device, DriveTo, Event, Lost, Ordered, Progress, Restored, Ticked
from controller.core.mover import Mover
from controller.core.ordering import waiting_over
from controller.core.readings import Readings, Value
from controller.core.said import said
from controller.endpoint import Endpoint
from controller.ports import Point
from controller.writes import Priority, Write, fate_of

log = structlog.get_logger("rempart.runner")

RELEASE_S = 1.1
"""How long a release by the runner itself may take: a wire may be waiting for a mute unit to open, twice its patience (0.5 s)."""


@dataclass(frozen=True, slots=True)
class Outlet:
    """Where one output signal goes."""

    endpoint: Endpoint
    unit: str
    point: Point


class Reports(Protocol):
    """Who hears how orders fare, and that a runner has failed. Must not block."""

    def progressed(self, device: str, progress: Progress) -> None:
        """An order has come further, or to its end."""

    def crashed(self, device: str, error: Exception) -> None:
        """The runner of `device` has ended because its logic failed."""


class Runner:
    """The life of one device. `run` it in a task; `post` to it from the same loop."""

    def __init__(self, device: Device, board: Board, outlets: Mapping[str, Outlet], reports: Reports) -> None:
        self.device = device
        self.progress_at = 0.0
        self._board, self._outlets, self._reports = board, outlets, reports
        self._mail: deque[Event] = deque()
        self._bell: asyncio.Future[None] | None = None
        self._wake_at: float | None = None
        self._writes: list[Write] = []
        self._ended = False
        self._failed = ""
        board.show(device)
        for neighbour in heeds(device.spec):
            board.heed(neighbour, self.wake)

    def post(self, event: Event) -> None:
        """Put `event` into the mailbox; an order that finds the runner ended is refused by the supervisor, not here.

        Nobody reads the mail of a runner that has ended; what is left of it is that outputs are released when a unit returns.
        """
        if self._ended:
            if isinstance(event, Restored):
                self._rest()
            return
        if not self._mail:
            self.progress_at = asyncio.get_running_loop().time()
        self._mail.append(event)
        self._ring()

    def renew(self, readings: Readings) -> bool:
        """Take in readings from which nothing follows; False where something may: then they are to be posted."""
        if self._mail or self._ended:
            return False
        device = kinds.renewed(self.device, readings, asyncio.get_running_loop().time())
        if device is None:
            return False
        self.device = device
        self._board.show(device)
        return True

    def wake(self) -> None:
        """Look again: a neighbour changed."""
        self.post(Ticked())

    def rearm(self) -> list[str]:
        """Let the units of its outputs whose watchdog has expired be armed again, and return their names (R26)."""
        units = {(outlet.endpoint.name, outlet.unit): outlet.endpoint for outlet in self._outlets.values()}
        return [unit for (_, unit), endpoint in units.items() if endpoint.rearm(unit)]

    def unsecured(self, why: str) -> None:
        """Show that a lockdown cannot reach the device: nobody reads its mail any more."""
        if isinstance(self.device, Mover):
            self.device = replace(self.device, unsecured=why, version=self.device.version + 1)
            self._board.show(self.device)

    def busy_since(self, now: float) -> float:
        """Return for how many seconds mail has waited; 0 while there is none."""
        return now - self.progress_at if self._mail and not self._ended else 0.0

    @property
    def ended(self) -> bool:
        """Tell whether nobody reads this mailbox any more."""
        return self._ended

    async def run(self) -> None:
        """Serve the mailbox until cancelled."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                self.progress_at = loop.time()
                self._take(await self._next())
        except Exception as error:
            # The task's root: a failing device is a fault, and its neighbours go on.
            log.exception("the logic of a device failed", device=self.device.spec.id)
            self._crash(error)
        finally:
            self._ended = True
            await self._release()

    async def _next(self) -> Event:
        """Return the first of the mail; it stays there until everything that follows from it is done."""
        loop = asyncio.get_running_loop()
        while not self._mail:
            if self._wake_at is not None and self._wake_at <= loop.time():
                self._mail.append(Ticked())
                break
            self._bell = loop.create_future()
            timer = None if self._wake_at is None else loop.call_at(self._wake_at, self._ring)
            try:
                await self._bell
            finally:
                self._bell = None
                if timer is not None:
                    timer.cancel()
        return self._mail[0]

    def _ring(self) -> None:
        if self._bell is not None and not self._bell.done():
            self._bell.set_result(None)

    def _take(self, event: Event) -> None:
        now = asyncio.get_running_loop().time()
        step = kinds.step(self.device, event, self._board, now)
        self.device, self._wake_at = step.device, step.wake_at
        self._board.show(step.device)
        for effect in step.effects:
            if isinstance(effect, DriveTo):
                self._drive(effect)
            else:
                self._reports.progressed(self.device.spec.id, effect)
        if isinstance(event, Lost | Restored) and self.device.down:
            # The core asks for nothing while a unit is missing; what hangs on the others must not stay on meanwhile (R17).
            self._rest()
        self._mail.popleft()

    def _drive(self, drive: DriveTo) -> None:
        """Hand the levels to their wires, and take back those of an earlier drive that have not gone out yet."""
        self._take_back()
        self._writes = self._submit(drive.levels, drive.deadline, _priority(drive))
        writes, waiting = self._writes, len(self._writes)

        def done(_: asyncio.Future[None]) -> None:
            nonlocal waiting
            waiting -= 1
            if not waiting:
                self.post(fate_of(drive.number, writes))

        for write in writes:
            write.done.add_done_callback(done)

    def _take_back(self) -> None:
        for write in self._writes:
            write.withdraw()
        self._writes = []

    def _rest(self) -> Sequence[Write]:
        """Write the levels of rest to every unit that answers, in place of whatever has not gone out yet."""
        self._take_back()
        levels = list(kinds.at_rest(self.device.spec).items())
        deadline = asyncio.get_running_loop().time() + RELEASE_S
        writes = self._writes = self._submit(levels, deadline, Priority.EMERGENCY)
        for write in writes:
            write.done.add_done_callback(asyncio.Future.exception)
        return writes

    def _submit(self, levels: Sequence[tuple[str, Value]], deadline: float, priority: Priority) -> list[Write]:
        units: dict[tuple[str, str], tuple[Endpoint, list[tuple[Point, Value]]]] = {}
        for signal, level in levels:
            outlet = self._outlets[signal]
            units.setdefault((outlet.endpoint.name, outlet.unit), (outlet.endpoint, []))[1].append(
                (outlet.point, level)
            )
        return [endpoint.write(unit, values, deadline, priority) for (_, unit), (endpoint, values) in units.items()]

    def _crash(self, error: Exception) -> None:
        now = asyncio.get_running_loop().time()
        why = self._failed = said("its logic failed: {error}", error=repr(error))
        self._end_order(why)
        self.device = kinds.crashed(self.device, why, now)
        self._board.show(self.device)
        self._reports.crashed(self.device.spec.id, error)

    def _end_order(self, why: str) -> None:
        """Tell the end of the order under way, which nobody will follow any more."""
        mover = self.device
        if not isinstance(mover, Mover):
            return
        if mover.force is not None:
            self._reports.progressed(mover.spec.id, Progress(mover.force.order.id, Life.UNKNOWN, why))
        if mover.order is None:
            return
        unknown = Progress(mover.order.id, Life.UNKNOWN, why)
        self._reports.progressed(mover.spec.id, waiting_over(mover.order, why) if mover.waiting else unknown)

    async def _release(self) -> None:
        """Leave no output on: what was last commanded ends with the one who commanded it (rule: outputs are levels)."""
        self._end_order(said("the controller stopped during the motion"))
        for event in self._mail:
            if isinstance(event, Ordered):
                rule = Rule.CRASHED if self._failed else Rule.STOPPING
                refusal = Refusal(rule, self.device.spec.id, self._failed or said("stopping"))
                told = Progress(event.order.id, Life.REFUSED, refusal.because, (refusal,))
                if event.order.emergency and self._failed:
                    self.unsecured(self._failed)
                self._reports.progressed(self.device.spec.id, told)
        self._mail.clear()
        if writes := self._rest():
            await asyncio.wait([write.done for write in writes], timeout=RELEASE_S)


def _priority(drive: DriveTo) -> Priority:
    if drive.urgent:
        return Priority.EMERGENCY
    return Priority.RELEASE if drive.at_rest else Priority.COMMAND
