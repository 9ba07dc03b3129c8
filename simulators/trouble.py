"""Everything that is wrong at the moment, each misfortune with a beginning, an end and a name.

Which kinds there are, and what each befalls, stands in `simulators.mishaps.table`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

from simulators.build import Built
from simulators.errors import SimulationError
from simulators.mishaps import PLANT_KINDS, TABLE, Undo, fitting, strike
from simulators.mishaps.gates import gate
from simulators.mishaps.kinds import Kind, Options, Target
from simulators.mishaps.serving import SERVER_KINDS, Arranged, Scene, refuse
from simulators.mishaps.table import MODBUS
from simulators.servers.base import OPEN, Gate, Server

DOWN = ("drop", "reboot", "warm-restart", "refuse")
"""Kinds that hold a server down, or keep it from taking new connections."""


@dataclass(slots=True)
class Trouble:
    """One misfortune that lasts."""

    id: str
    kind: str
    target: str
    options: Options
    ends_at: float | None
    undo: Undo | None = None
    arranged: Arranged | None = None
    over: bool = False
    timer: asyncio.TimerHandle | None = field(default=None, repr=False)

    def seen(self, now: float) -> dict[str, Any]:
        """Return it as plain data."""
        left = None if self.ends_at is None else round(max(0.0, self.ends_at - now), 3)
        return {"id": self.id, "kind": self.kind, "target": self.target, "options": dict(self.options), "left_s": left}


class Troubles:
    """Everything that is wrong at the moment."""

    def __init__(self, built: Built, servers: Mapping[str, Server], seed: int = 0) -> None:
        self._built = built
        self._servers = servers
        self._active: dict[str, Trouble] = {}
        self._numbers = count(1)
        self._lock = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._rng = Random(seed)

    def gate(self, link: str, unit: str) -> Gate:
        """Return what befalls an answer of a unit on a link right now."""
        if not self._active:
            return OPEN
        mine = [t for t in self._active.values() if t.target in (link, unit) and not t.over]
        return gate(((t.kind, TABLE[t.kind].filled(t.options)) for t in mine), self._rng)

    async def begin(
        self, kind: str, target: str, for_s: float | None = None, options: Options | None = None
    ) -> Trouble:
        """Start a misfortune; it ends after `for_s` wall seconds or by `clear`. Raises SimulationError when it makes no sense."""
        given = dict(options or {})
        self._check(kind, target, given)
        for_s = TABLE[kind].for_s if for_s is None else for_s
        loop = asyncio.get_running_loop()
        async with self._lock:
            for other in self._active.values():
                if (other.kind, other.target, dict(other.options)) == (kind, target, given):
                    raise SimulationError(f"{kind} of {target} lasts already, as {other.id}: clear it first")
            ends = None if for_s is None else loop.time() + for_s
            trouble = Trouble(f"trouble-{next(self._numbers)}", kind, target, given, ends)
            self._active[trouble.id] = trouble
            try:
                await self._start(trouble)
            except SimulationError:
                del self._active[trouble.id]
                raise
        if for_s is not None:
            trouble.timer = loop.call_later(for_s, self._expire, trouble.id)
        return trouble

    async def clear(self, which: str = "") -> list[str]:
        """End a misfortune by its id, all of one kind or on one target by that name, or all; return the ids that ended."""
        async with self._lock:
            ended = [t for t in self._active.values() if which in ("", t.id, t.kind, t.target)]
            for trouble in ended:
                trouble.over = True
                if trouble.timer is not None:
                    trouble.timer.cancel()
                if trouble.undo is not None:
                    trouble.undo()
            for trouble in ended:
                if trouble.arranged is not None:
                    await trouble.arranged.end()
                if trouble.kind in DOWN:
                    await self._restore(self._link_of(trouble.target))
                # Listed until it has no effect any more.
                del self._active[trouble.id]
        self._built.field.settle()
        return [t.id for t in ended]

    def seen(self) -> list[dict[str, Any]]:
        """Return all of them as plain data."""
        now = asyncio.get_running_loop().time()
        return [t.seen(now) for t in self._active.values()]

    async def close(self) -> None:
        """Forget everything, without repairing anything."""
        for trouble in self._active.values():
            if trouble.timer is not None:
                trouble.timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def check(self, kind: str, target: str, options: Options) -> None:
        """Find out whether a misfortune could begin. Raises SimulationError."""
        self._check(kind, target, options)
        if kind in PLANT_KINDS:
            strike(kind, target, options, self._built)()
        elif kind in SERVER_KINDS:
            self._arrange(kind, target, options)

    def _check(self, kind: str, target: str, options: Options) -> None:
        known = TABLE.get(kind)
        if known is None:
            raise SimulationError(f"there is no trouble {kind!r}: expected one of {', '.join(TABLE)}")
        if wrong := known.refuses(options):
            raise SimulationError(wrong)
        if kind in PLANT_KINDS and known.wires == ():
            return
        self._check_place(known, target)
        fitting.check(kind, target, self._built)

    def _check_place(self, kind: Kind, target: str) -> None:
        """Refuse what is not there, is not served here, or speaks another protocol."""
        plan = self._built.plan
        pointed = kind.target in (Target.POINT, Target.OUTPUT)
        links = {} if pointed or kind.target is Target.UNIT else plan.links
        place = target.partition(".")[0] if pointed else target
        if place not in links and place not in plan.units:
            if pointed and kind.name in PLANT_KINDS:
                # What has no such point says which points it has.
                return
            what, known = "link or unit" if links else "unit", ", ".join([*links, *plan.units])
            raise SimulationError(f"{kind.name}: there is no {what} {place!r}: expected one of {known}")
        link = self._link_of(place)
        if link not in self._servers and kind.name not in PLANT_KINDS:
            raise SimulationError(f"{kind.name}: link {link} is not simulated here")
        if (protocol := plan.links[link].protocol) not in kind.wires:
            wanted = "modbus" if kind.wires == MODBUS else " or ".join(kind.wires)
            article = "an" if wanted.startswith("o") else "a"
            raise SimulationError(f"{kind.name}: link {link} is {protocol}: expected {article} {wanted} link or unit")
        if kind.target is Target.LINK and target not in plan.links:
            raise SimulationError(f"{kind.name}: {target} is a unit: expected a link, e.g. {link}")

    def _arrange(self, kind: str, target: str, options: Options) -> Arranged:
        place = target.partition(".")[0] if TABLE[kind].target is Target.POINT else target
        scene = Scene(kind, target, self._servers[self._link_of(place)], self._built)
        return SERVER_KINDS[kind](scene, TABLE[kind].filled(options))

    async def _start(self, trouble: Trouble) -> None:
        if trouble.kind in PLANT_KINDS:
            trouble.undo = strike(trouble.kind, trouble.target, trouble.options, self._built)
            self._built.field.settle()
        elif trouble.kind in SERVER_KINDS:
            arranged = self._arrange(trouble.kind, trouble.target, trouble.options)
            await arranged.begin()
            trouble.arranged = arranged
        elif trouble.kind in DOWN:
            await self._take_down(trouble.kind, trouble.target)

    async def _take_down(self, kind: str, target: str) -> None:
        server = self._servers[self._link_of(target)]
        if kind == "refuse":
            refuse(server)
            return
        if kind == "reboot":
            for unit in [n for n, u in self._built.plan.units.items() if target in (n, u.link)]:
                server.reboot(unit)
        if self._takes_down(target):
            await server.down()

    def _takes_down(self, target: str) -> bool:
        """Tell whether a reboot takes the whole link away: it does unless other units share a serial bus."""
        plan = self._built.plan
        shared = sum(u.link == self._link_of(target) for u in plan.units.values()) > 1
        return target in plan.links or not (shared and plan.links[self._link_of(target)].protocol == "modbus-rtu")

    async def _restore(self, link: str) -> None:
        lasting = [t for t in self._active.values() if not t.over and t.kind in DOWN]
        if not any(self._takes_down(t.target) for t in lasting if self._link_of(t.target) == link):
            await self._servers[link].up()

    def _link_of(self, target: str) -> str:
        units = self._built.plan.units
        return units[target].link if target in units else target

    def _expire(self, trouble: str) -> None:
        task = asyncio.get_running_loop().create_task(self._clear_one(trouble))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _clear_one(self, trouble: str) -> None:
        await self.clear(trouble)
