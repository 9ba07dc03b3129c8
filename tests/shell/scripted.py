"""A wire that a test writes the script of, a small plant on it, and that plant running for real: supervisor, journal, loop.

    async with running(tmp_path) as rig:
        await rig.shows("bollard", "raised")
        rig.link.detect("entry")
        …

Nothing moves by itself: a test that wants steel to follow its outputs calls `link.steel(...)`, or `link.follow()` once.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from controller.core.device import Device
from controller.core.readings import Readings, Value, bad, good
from controller.core.spec import Action, Drive, Kind, MoverSpec, SignalSpec, Spec
from controller.journal import SqliteJournal
from controller.metrics import Metrics
from controller.peer import Plan
from controller.ports import Expired, Identity, Journal, LinkError, Point, Sink, Unit
from controller.supervisor import Fitting, Plant, Supervisor, Wire

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

    async def write(self, unit: Unit, values: Sequence[tuple[Point, Value]], deadline: float) -> None:
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


def link_at_rest(where: str = "raised") -> ScriptedLink:
    """Make the wire of `plant`: steel at `where`, both loops clear, the signal at halt."""
    link = ScriptedLink()
    link.steel(where)
    link.set("io", halt_lamp=True, go_lamp=False)
    link.set("detectors", entry=False, exit=False)
    return link


def plant(
    link: ScriptedLink,
    *,
    presence: tuple[str, ...] = ("entry", "exit"),
    poll_s: float = 0.01,
    max_age_s: float = 5.0,
    travel_s: float = 10.0,
    simulated: bool = False,
) -> Plant:
    """Make the site `yard`: zone `gate` with a bollard and its signal on unit io, and loops entry and exit on detectors.

    Zone `empty` has nothing in it.
    """
    inputs = {name: Point(name, name, max_age_s=max_age_s) for name in ("raised", "lowered", "halt_lamp", "go_lamp")}
    outputs = {name: Point(name, name, writable=True) for name in ("raise", "lower", "go", "halt")}
    loops = {name: Point(name, name, max_age_s=max_age_s) for name in ("entry", "exit")}
    io = Unit("io", link.name, 1, {**inputs, **outputs})
    detectors = Unit("detectors", link.name, 2, loops)
    plans = (
        Plan(unit=io, points=tuple(inputs.values()), poll_s=poll_s),
        Plan(unit=detectors, points=tuple(loops.values()), poll_s=poll_s),
    )
    return Plant(
        name="yard",
        title="The yard",
        zones={"gate": "The gate", "empty": "Nothing here"},
        wires=(Wire(name=link.name, url="scripted://wire", link=link, plans=plans),),
        fittings=(
            _bollard(link, outputs, presence, max_age_s, travel_s),
            _signal(link, outputs, max_age_s),
            *(_loop(name, max_age_s) for name in loops),
        ),
        simulated=simulated,
        revision="0123abcd",
    )


def _bollard(
    link: ScriptedLink, outputs: dict[str, Point], presence: tuple[str, ...], max_age_s: float, travel_s: float
) -> Fitting:
    spec = MoverSpec(
        id="bollard",
        kind=Kind.BOLLARD,
        title="The bollard",
        zone="gate",
        inputs={"raised": max_age_s, "lowered": max_age_s},
        outputs=("raise", "lower"),
        tops=("raised",),
        bottoms=("lowered",),
        secures=Action.RAISE,
        drive=Drive(),
        travel_s=travel_s,
        presence=presence,
    )
    return Fitting(
        spec=spec,
        inputs={("io", name): (name,) for name in spec.inputs},
        outputs={name: (link.name, "io", outputs[name]) for name in spec.outputs},
    )


def _signal(link: ScriptedLink, outputs: dict[str, Point], max_age_s: float) -> Fitting:
    spec = SignalSpec(
        id="signal",
        kind=Kind.SIGNAL,
        title="The signal",
        zone="gate",
        inputs={"halt_lamp": max_age_s, "go_lamp": max_age_s},
        outputs=("halt", "go"),
        follows="bollard",
        go_state="lowered",
    )
    return Fitting(
        spec=spec,
        inputs={("io", name): (name,) for name in spec.inputs},
        outputs={name: (link.name, "io", outputs[name]) for name in spec.outputs},
    )


def _loop(name: str, max_age_s: float) -> Fitting:
    spec = Spec(id=name, kind=Kind.LOOP, title=f"Loop {name}", zone="gate", inputs={"detect": max_age_s})
    return Fitting(spec=spec, inputs={("detectors", name): ("detect",)}, outputs={})


@dataclass
class Rig:
    """A plant that runs. `shows` waits for what a device comes to show."""

    link: ScriptedLink
    supervisor: Supervisor
    task: asyncio.Task[None]

    def device(self, name: str) -> Device:
        """Return what a device shows now."""
        return self.supervisor.board[name]

    async def shows(self, name: str, state: str) -> None:
        """Return when `name` shows `state`; names what it showed instead when it never does."""
        try:
            await self.until(lambda: self.device(name).state == state)
        except TimeoutError:
            shown = self.device(name)
            raise AssertionError(f"{name} never became {state}: it is {shown.state} ({shown.why})") from None

    async def until(self, met: Callable[[], bool]) -> None:
        """Return when `met()` holds, looking whenever a device shows something new."""
        looked = asyncio.Event()
        self.supervisor.board.watch(lambda _before, _after: looked.set())
        async with asyncio.timeout(OVERALL_S):
            while not met():
                looked.clear()
                await looked.wait()

    async def at_rest(self) -> None:
        """Return when every device shows what its wire says."""
        await self.until(lambda: all(d.state not in ("unknown", "offline") for d in self.supervisor.board.values()))


def utc() -> str:
    """Return the wall clock as RFC 3339 UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@asynccontextmanager
async def running(
    folder: Path,
    *,
    link: ScriptedLink | None = None,
    site: Plant | None = None,
    journal: Journal | None = None,
    boot: str = "boot",
) -> AsyncIterator[Rig]:
    """Run `site` (the plant of this module) on a journal in `folder` until the block is left."""
    link = link or link_at_rest()
    async with AsyncExitStack() as stack:
        if journal is None:
            journal = own = await SqliteJournal.open(folder / "journal.db", utcnow=lambda: datetime.now(UTC))
            stack.push_async_callback(own.close)
        supervisor = Supervisor(site or plant(link), journal, Metrics("0.0.0"), boot=boot, utc=utc)
        task = asyncio.create_task(supervisor.run(), name="supervisor")
        stack.push_async_callback(_stopped, supervisor, task)
        started = asyncio.create_task(supervisor.started.wait())
        await asyncio.wait([task, started], return_when=asyncio.FIRST_COMPLETED)
        started.cancel()
        yield Rig(link, supervisor, task)


async def _stopped(supervisor: Supervisor, task: asyncio.Task[None]) -> None:
    supervisor.stop()
    await asyncio.wait_for(task, OVERALL_S)
