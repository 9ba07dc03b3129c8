"""Performs a schedule on a bench: begins each happening at its time, ends it at its end, and puts everything right at last."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from controller.ledger import Request
from simulators.mishaps import strike
from simulators.world import Vehicle
from tests.faults.bench import Bench
from tests.faults.people import People, Undo
from tests.faults.schedule import Happening, Schedule
from tests.faults.trace import Witness
from tests.faults.weather import KINDS as WIRE_KINDS
from tests.faults.wires import Frame

ACROSS_M = 6.0
"""The length of what is put across steel: it covers the loops on either side."""
UNDERWAY_S = 12.0
"""How long an order that nobody has answered may keep its caller: past that the caller has gone."""


class Conductor(Witness):
    """One schedule on one bench."""

    def __init__(self, bench: Bench, schedule: Schedule) -> None:
        self.bench, self.schedule = bench, schedule
        self.done = 0
        self._undo: dict[Happening, Undo] = {}
        self.people = People(bench)
        self._crash_after: tuple[str, int, float] | None = None
        self._over = False
        bench.trace.witnesses.append(self)
        bench.disk.durable.append(lambda: self._cue("commit"))

    async def perform(self) -> None:
        """Let everything happen that is to happen, and end what then still lasts."""
        begin = self.bench.now
        due = [(h.at, 0, number, h) for number, h in enumerate(self.schedule.happenings)]
        over = self.schedule.lasts_s
        due += [
            (max(h.at, min(h.at + h.for_s, over)), 1, number, h)
            for number, h in enumerate(self.schedule.happenings)
            if h.for_s
        ]
        for at, ends, _, happening in sorted(due, key=lambda item: item[:3]):
            await asyncio.sleep(max(0.0, begin + at - self.bench.now))
            if ends:
                await self._end(happening)
            else:
                self.done += happening.fault
                self._begin(happening)
        for happening in list(self._undo):
            await self._end(happening)
        await self._heal()

    async def _heal(self) -> None:
        # Whoever was about to be killed a few turns from now lives on.
        self._crash_after, self._over = None, True
        if not self.bench.service.alive:
            await self.bench.start()
        self.people.nobody_comes()
        for vehicle in list(self.bench.world.vehicles):
            self.bench.gone(vehicle)
        callers = self.people.callers
        if callers:
            await asyncio.wait(callers, timeout=UNDERWAY_S)
        for caller in callers:
            if caller.done() and not caller.cancelled() and (error := caller.exception()) is not None:
                raise error

    # Beginnings and ends.

    def _begin(self, happening: Happening) -> None:
        options, target = dict(happening.options), happening.target
        if happening.kind in WIRE_KINDS:
            spell = self.bench.weather.begin(happening.kind, target, options)
            self._undo[happening] = partial(self.bench.weather.end, spell)
        elif (act := self._act(happening.kind.replace("-", "_"))) is not None:
            undo = act(target, options)
            if undo is not None:
                self._undo[happening] = undo
        else:
            undo = strike(happening.kind, target, options, self.bench.built)
            self._undo[happening] = partial(self._undone, undo)
        self.bench.field.settle()

    def _act(self, name: str) -> Callable[[str, dict[str, Any]], Undo | None] | None:
        act: Callable[[str, dict[str, Any]], Undo | None] | None = getattr(self.people, name, None)
        return getattr(self, f"_{name}", None) if act is None else act

    def _undone(self, undo: Undo) -> None:
        undo()
        self.bench.field.settle()

    async def _end(self, happening: Happening) -> None:
        if happening.kind == "crash":
            self._crash_after = None
            if not self.bench.service.alive:
                await self.bench.start()
        if (undo := self._undo.pop(happening, None)) is not None:
            undo()

    # Machines.

    def _reboot(self, unit: str, options: dict[str, Any]) -> Undo:
        self.bench.reboot(unit)
        spell = self.bench.weather.begin("partition", unit)
        return partial(self.bench.weather.end, spell)

    def _slow_disk(self, _: str, options: dict[str, Any]) -> Undo:
        disk = self.bench.disk
        disk.slow_s += options["slow_s"]
        return lambda: setattr(disk, "slow_s", max(0.0, disk.slow_s - options["slow_s"]))

    def _full_disk(self, _: str, options: dict[str, Any]) -> Undo:
        self.bench.disk.full = True
        return lambda: setattr(self.bench.disk, "full", False)

    def _wall_jump(self, _: str, options: dict[str, Any]) -> None:
        self.bench.wall_ahead_s += options["seconds"]

    def _crash(self, _: str, options: dict[str, Any]) -> None:
        self._crash_after = options["after"], options["turns"], self.bench.now
        self._cue("now")

    def _cue(self, what: str) -> None:
        """Kill the controller a given number of the loop's turns after the next event of the kind that was asked for."""
        if self._crash_after is None or self._crash_after[0] != what:
            return
        turns, self._crash_after = self._crash_after[1], None
        self._turn(turns)

    def _turn(self, left: int) -> None:
        if left:
            self.bench.loop.call_soon(self._turn, left - 1)
        elif self.bench.service.alive and not self._over:
            self.bench.crash()

    def sent(self, frame: Frame) -> None:
        self._cue("frame")

    def asked(self, request: Request) -> None:
        self._cue("order")

    def _oscillate(self, target: str, options: dict[str, Any]) -> Undo:
        unit, _, point = target.partition(".")
        image, releases = self.bench.built.images[unit], [lambda: None]
        shown = bool(image.read(point))
        timers: list[asyncio.TimerHandle] = []

        def flip() -> None:
            nonlocal shown
            shown = not shown
            releases.pop()()
            releases.append(image.force(point, shown))
            timers[:] = [self.bench.loop.call_later(options["every_s"], flip)]

        def undo() -> None:
            timers[0].cancel()
            releases.pop()()

        flip()
        return undo

    # People and vehicles.

    def _key(self, mover: str, options: dict[str, Any]) -> Undo:
        self.bench.key(mover, local=True)
        return partial(self.bench.key, mover, local=False)

    def _hand(self, mover: str, options: dict[str, Any]) -> Undo:
        self.bench.key(mover, local=True)
        self.bench.pump(mover, options["to"])

        def undo() -> None:
            self.bench.mover(mover).by_hand = None
            self.bench.key(mover, local=False)

        return undo

    def _vehicle(self, target: str, options: dict[str, Any]) -> Undo:
        if (row := self.bench.world.rows.get(target)) is not None:
            vehicle: Vehicle = self.bench.vehicle(row.lane, row.at_m + ACROSS_M / 2, ACROSS_M, f"across {target}")
            return partial(self.bench.gone, vehicle.name)
        self.bench.occupy(target)
        return partial(self.bench.free, target)
