"""A wire that a test writes the script of. Nothing on it moves by itself until `follow` makes it obey its outputs."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from controller.core.readings import Readings, Value, bad, good
from controller.ports import Expired, Identity, LinkError, Point, Sink, Unit, Wanted, always

OVERALL_S = 10.0
"""Whoever waits longer than this for anything in a test has failed."""

STEEL = {
    "raised": {"raised": True, "lowered": False},
    "lowered": {"raised": False, "lowered": True},
    "between": {"raised": False, "lowered": False},
    "contradiction": {"raised": True, "lowered": True},
}


@dataclass
class ScriptedLink:
    """A wire whose units hold what the test puts there.

    `held` keeps the next requests of a kind ("open", "read", "write") in flight until the test releases it.
    """

    name: str = "wire"
    values: dict[str, dict[str, Value | None]] = field(default_factory=dict)
    identity: dict[str, Identity] = field(default_factory=dict)
    writes: list[tuple[str, str, Value]] = field(default_factory=list)
    requests: Counter[tuple[str, str]] = field(default_factory=Counter)
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    sinks: dict[str, Sink] = field(default_factory=dict)
    most_in_flight: int = 0
    closed: bool = False
    _in_flight: int = 0
    _failing: dict[tuple[str, str], tuple[type[LinkError], str]] = field(default_factory=dict)
    _reactions: list[Callable[[str, str, Value], None]] = field(default_factory=list)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    # What a test does.

    def set(self, unit: str, **values: Value | None) -> None:
        """Put values there for the next read; None is answered with bad quality."""
        self.values.setdefault(unit, {}).update(values)

    def steel(self, where: str) -> None:
        """Put the bollard at one of STEEL."""
        self.set("io", **STEEL[where])

    def detect(self, loop: str, occupied: bool = True) -> None:
        """Let a vehicle stand on `loop` ("entry" or "exit"), or leave it."""
        self.set("detectors", **{loop: occupied})

    def fail(self, unit: str, error: type[LinkError], detail: str = "scripted", *, on: str = "") -> None:
        """Answer every request of `unit`, or those of one kind, with `error` until `heal`."""
        for kind in [on] if on else ["open", "read", "write"]:
            self._failing[unit, kind] = (error, detail)

    def heal(self, unit: str) -> None:
        """End what `fail` began."""
        self._failing = {key: what for key, what in self._failing.items() if key[0] != unit}

    def hold(self, kind: str) -> asyncio.Event:
        """Keep requests of `kind` in flight until the event that is returned is set."""
        self.held[kind] = asyncio.Event()
        return self.held[kind]

    def react(self, reaction: Callable[[str, str, Value], None]) -> None:
        """Call `reaction(unit, point, value)` for each value written."""
        self._reactions.append(reaction)

    def follow(self) -> None:
        """From now on steel and lamps follow the outputs at once."""
        self.react(self._obey)

    def written(self, point: str) -> list[Value]:
        """Return what was written to `point`, in order."""
        return [value for _, name, value in self.writes if name == point]

    async def until(self, met: Callable[[], bool]) -> None:
        """Return when `met()` holds after some request."""
        async with asyncio.timeout(OVERALL_S):
            while not met():
                self._changed.clear()
                await self._changed.wait()

    async def wrote(self, point: str, value: Value) -> None:
        """Return when `value` was written to `point` once."""
        await self.until(lambda: value in self.written(point))

    def _obey(self, unit: str, point: str, value: Value) -> None:
        if value is True and point in ("raise", "lower"):
            self.steel("raised" if point == "raise" else "lowered")
        elif point in ("go", "halt"):
            self.set(unit, **{f"{point}_lamp": value})

    # What the endpoint does (ports.Link).

    async def open(self, unit: Unit, deadline: float) -> Identity:
        await self._request("open", unit)
        return self.identity.get(unit.name, {})

    async def read(self, unit: Unit, points: tuple[Point, ...], deadline: float) -> Readings:
        taken = asyncio.get_running_loop().time()
        await self._request("read", unit)
        held = {point.name: self.values.get(unit.name, {}).get(point.name) for point in points}
        return {name: bad(taken) if value is None else good(value, taken) for name, value in held.items()}

    async def write(
        self, unit: Unit, values: Sequence[tuple[Point, Value]], deadline: float, wanted: Wanted = always
    ) -> None:
        if asyncio.get_running_loop().time() >= deadline:
            raise Expired(f"{self.name}/{unit.name}: the deadline passed: nothing was sent")
        await self._request("write", unit)
        for point, value in values:
            self.writes.append((unit.name, point.name, value))
            for reaction in self._reactions:
                reaction(unit.name, point.name, value)

    async def subscribe(self, unit: Unit, points: tuple[Point, ...], sink: Sink) -> None:
        self.sinks[unit.name] = sink
        await asyncio.get_running_loop().create_future()

    async def close(self) -> None:
        self.closed = True

    async def _request(self, kind: str, unit: Unit) -> None:
        self.requests[kind, unit.name] += 1
        self._in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            await asyncio.sleep(0)
            if (gate := self.held.get(kind)) is not None:
                await gate.wait()
        finally:
            self._in_flight -= 1
            asyncio.get_running_loop().call_soon(self._changed.set)
        if (failing := self._failing.get((unit.name, kind))) is not None:
            error, detail = failing
            raise error(self.name, unit.name, detail)
