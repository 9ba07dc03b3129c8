"""Misfortune on purpose: what can go wrong on a wire, in a unit or in the steel, each with a beginning, an end and a name.

On a wire (`target` a link, or one of its units):
    drop        connections are closed and new ones refused; a serial cable is pulled
    silence     everything is accepted and nothing answered
    delay       each answer comes `seconds` late (default 1)
    cut         each answer breaks off half-way, and the connection with it
    exception   each request is answered with a Modbus exception (`code`, default 6 busy; modbus only)
    wrong-unit  answers carry another unit's id (modbus only)
In a unit:
    reboot      outputs off at once, connections lost for as long as it lasts (default 3 s)
    freeze      a point (`target` unit.point) keeps its value, or shows `value`
At the equipment (`target` plant, or plant.signal, or plant.signal.member counted from 0):
    stick       a limit switch stays as it is, or as `value`
    break-cable an input reads false
    jam         a member's steel does not move (`member`, default all)
    obstruct    the edge of a mover is pressed: its input `obstruction` is on
    estop       the emergency stop at a mover is pressed: it stands still, its input `estop` is on
    lamp-out    a lamp is burnt (of a signal `lamp` halt or go)
    controller-fails
                a traffic controller is no longer in normal operation (`how` flashing, dark or failure)
    loop-open   a loop's wire is broken
    loop-short  a loop's wire is shorted
    mains-loss  a supply (`target`) fails: its contact opens, what it feeds stands still or goes dark, and after
                `battery_s` (else simulation.yaml's) the battery's contact opens as well
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from simulators.build import Built
from simulators.errors import SimulationError
from simulators.mishaps import PLANT_KINDS, Undo, strike
from simulators.servers.base import Gate, Server

WIRE_KINDS = ("drop", "silence", "delay", "cut", "exception", "wrong-unit")
MODBUS_ONLY = ("exception", "wrong-unit")
KINDS = (*WIRE_KINDS, "reboot", *PLANT_KINDS)
OPTIONS: Mapping[str, Mapping[str, type]] = {
    "delay": {"seconds": float},
    "exception": {"code": int},
    "freeze": {"value": object},
    "stick": {"value": object},
    "jam": {"member": int},
    "lamp-out": {"lamp": str},
    "controller-fails": {"how": str},
    "mains-loss": {"battery_s": float},
}
REBOOT_S = 3.0
LONGEST_DELAY_S = 600.0
Options = Mapping[str, Any]


@dataclass(slots=True)
class Trouble:
    """One misfortune that lasts."""

    id: str
    kind: str
    target: str
    options: Options
    ends_at: float | None
    undo: Undo | None = None
    over: bool = False
    timer: asyncio.TimerHandle | None = field(default=None, repr=False)

    def seen(self, now: float) -> dict[str, Any]:
        """Return it as plain data."""
        left = None if self.ends_at is None else round(max(0.0, self.ends_at - now), 3)
        return {"id": self.id, "kind": self.kind, "target": self.target, "options": dict(self.options), "left_s": left}


class Troubles:
    """Everything that is wrong at the moment."""

    def __init__(self, built: Built, servers: Mapping[str, Server]) -> None:
        self._built = built
        self._servers = servers
        self._active: dict[str, Trouble] = {}
        self._numbers = count(1)
        self._lock = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def gate(self, link: str, unit: str) -> Gate:
        """Return what befalls an answer of a unit on a link right now."""
        mine = [t for t in self._active.values() if t.target in (link, unit) and not t.over]
        kinds = {t.kind for t in mine}
        options = {t.kind: t.options for t in mine}
        return Gate(
            # A unit of a bus that reboots is mute; the bus itself stays.
            silent="silence" in kinds or "reboot" in kinds,
            delay_s=float(options.get("delay", {}).get("seconds", 1.0)) if "delay" in kinds else 0.0,
            cut="cut" in kinds,
            exception=int(options.get("exception", {}).get("code", 6)) if "exception" in kinds else None,
            wrong_unit="wrong-unit" in kinds,
        )

    async def begin(
        self, kind: str, target: str, for_s: float | None = None, options: Options | None = None
    ) -> Trouble:
        """Start a misfortune; it ends after `for_s` wall seconds or by `clear`. Raises SimulationError when it makes no sense."""
        given = dict(options or {})
        self._check(kind, target, given)
        if kind == "reboot":
            for_s = REBOOT_S if for_s is None else for_s
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
                if trouble.kind in ("drop", "reboot"):
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

    def _check(self, kind: str, target: str, options: Options) -> None:
        if kind not in KINDS:
            raise SimulationError(f"there is no trouble {kind!r}: expected one of {', '.join(KINDS)}")
        _check_options(kind, options)
        if kind in PLANT_KINDS:
            return
        plan = self._built.plan
        if target not in plan.links and target not in plan.units:
            known = ", ".join([*plan.links, *plan.units])
            raise SimulationError(f"{kind}: there is no link or unit {target!r}: expected one of {known}")
        link = self._link_of(target)
        if link not in self._servers:
            raise SimulationError(f"{kind}: link {link} is not simulated here")
        if kind in MODBUS_ONLY and not plan.links[link].protocol.startswith("modbus"):
            raise SimulationError(f"{kind}: link {link} is {plan.links[link].protocol}: expected a modbus link or unit")
        if kind == "drop" and target not in plan.links:
            raise SimulationError(f"drop: {target} is a unit: expected a link, e.g. {link}")

    async def _start(self, trouble: Trouble) -> None:
        if trouble.kind in PLANT_KINDS:
            trouble.undo = strike(trouble.kind, trouble.target, trouble.options, self._built)
            self._built.field.settle()
        elif trouble.kind == "drop":
            await self._servers[trouble.target].down()
        elif trouble.kind == "reboot":
            await self._reboot(trouble.target)

    async def _reboot(self, target: str) -> None:
        link = self._link_of(target)
        server = self._servers[link]
        units = [n for n, u in self._built.plan.units.items() if target in (n, u.link)]
        for unit in units:
            server.reboot(unit)
        if self._takes_down(target):
            await server.down()

    def _takes_down(self, target: str) -> bool:
        """Tell whether a reboot takes the whole link away: it does unless other units share a serial bus."""
        plan = self._built.plan
        shared = sum(u.link == self._link_of(target) for u in plan.units.values()) > 1
        return target in plan.links or not (shared and plan.links[self._link_of(target)].protocol == "modbus-rtu")

    async def _restore(self, link: str) -> None:
        lasting = [t for t in self._active.values() if not t.over and t.kind in ("drop", "reboot")]
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


def _check_options(kind: str, options: Options) -> None:
    allowed = OPTIONS.get(kind, {})
    for name, value in options.items():
        if name not in allowed:
            raise SimulationError(f"{kind}: there is no option {name!r}: expected {', '.join(allowed) or 'none'}")
        wanted = (int, float) if allowed[name] is float else allowed[name]
        if not isinstance(value, wanted) or (isinstance(value, bool) and allowed[name] is not object):
            raise SimulationError(f"{kind}: {name} is {value!r}: expected {allowed[name].__name__}")
    if not 1 <= options.get("code", 1) <= 255:
        raise SimulationError(f"{kind}: code is {options['code']}: expected 1 to 255")
    for name in ("seconds", "battery_s"):
        if not 0 < options.get(name, 1) <= LONGEST_DELAY_S:
            raise SimulationError(f"{kind}: {name} is {options[name]}: expected above 0, at most {LONGEST_DELAY_S:g}")
