"""A street in virtual time: rows and loops on one wire, and the simulators' world with its drivers at the other end of it.

The world is the oracle: `violations` lists steel that moved under a vehicle and airlocks that were open at both ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from controller.core.readings import Readings, Value, good
from controller.core.spec import Action, Drive, Kind, MoverSpec, Route, SignalSpec, Spec
from controller.ledger import Command, Request
from controller.logbook import Account, Asked
from controller.metrics import Metrics
from controller.peer import Plan
from controller.plant import Fitting, Plant, Wire
from controller.ports import Identity, LinkError, Point, Sink, Unit, Wanted, always
from controller.supervisor import Supervisor
from simulators.traffic import Traffic
from simulators.world import Lane, Row, Vehicle, World
from tests.shell.steel import FRAME_S, TRAVEL_S, MemoryJournal, now

STEP_S = 0.05
LANE = "street"
MAX_AGE_S = 1.0


@dataclass(frozen=True)
class Bollards:
    """A row at `at_m`, with a loop of 3.5 m before it and one behind it."""

    name: str
    at_m: float
    airlock_with: str = ""
    presence: bool = True

    @property
    def loops(self) -> Mapping[str, tuple[float, float]]:
        before, behind = f"{self.name}-before", f"{self.name}-behind"
        return {before: (self.at_m - 4, self.at_m - 0.5), behind: (self.at_m + 0.5, self.at_m + 4)}


ONE = (Bollards("a", 50.0),)
PAIR = (Bollards("a", 50.0, "b"), Bollards("b", 65.0, "a"))
THREE = (Bollards("a", 50.0), Bollards("b", 90.0), Bollards("c", 130.0))


@dataclass
class StreetWire:
    """The link: one unit that holds every row, its loops and its signals."""

    rows: Sequence[Bollards]
    world: World
    outputs: dict[str, Value] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    error: type[LinkError] | None = None
    writes: list[tuple[float, str]] = field(default_factory=list)

    def step(self) -> None:
        """Move the steel for one step."""
        for row in self.rows:
            way = bool(self.outputs.get(f"{row.name}.raise")) - bool(self.outputs.get(f"{row.name}.lower"))
            height = min(1.0, max(0.0, self.world.steel[row.name][0] + way * STEP_S / TRAVEL_S))
            self.world.move_steel(row.name, (height,))

    def shows(self, point: str) -> Value:
        name, _, signal = point.partition(".")
        if signal in ("up", "down"):
            return self.world.steel[name][0] == (1.0 if signal == "up" else 0.0)
        if signal.endswith("_lit"):
            return bool(self.outputs.get(f"{name}.{signal.removesuffix('_lit')}"))
        if signal == "fault":
            return name in self.broken
        start, end = next(row.loops[name] for row in self.rows if name in row.loops)
        return self.world.occupied(LANE, start, end)

    async def _frame(self, unit: Unit) -> None:
        await asyncio.sleep(FRAME_S)
        if self.error is not None:
            raise self.error("wire", unit.name, "scripted")

    async def open(self, unit: Unit, deadline: float) -> Identity:
        await self._frame(unit)
        return {}

    async def read(self, unit: Unit, points: tuple[Point, ...], deadline: float) -> Readings:
        taken = now()
        await self._frame(unit)
        return {point.name: good(self.shows(point.name), taken) for point in points}

    async def write(
        self, unit: Unit, values: Sequence[tuple[Point, Value]], deadline: float, wanted: Wanted = always
    ) -> None:
        await self._frame(unit)
        for point, value in values:
            self.outputs[point.name] = value
            if value and point.name.endswith((".raise", ".lower")):
                self.writes.append((now(), point.name))

    async def subscribe(self, unit: Unit, points: tuple[Point, ...], sink: Sink) -> None:
        return

    async def close(self) -> None:
        return


def _fittings(row: Bollards, points: dict[str, Point], changes: Mapping[str, Any]) -> list[Fitting]:
    def fitting(spec: Spec, inputs: Mapping[str, str], outputs: Mapping[str, str]) -> Fitting:
        for name in (*inputs, *outputs.values()):
            points[name] = Point(name, name)
        return Fitting(
            spec=spec,
            inputs={("io", point): (signal,) for point, signal in inputs.items()},
            outputs={signal: ("wire", "io", points[point]) for signal, point in outputs.items()},
        )

    name = row.name
    spec: dict[str, Any] = {
        "presence": tuple(row.loops) if row.presence else (),
        "airlock_with": row.airlock_with,
        "travel_s": 8.0,
        **changes,
    }
    bollard = MoverSpec(
        id=name,
        kind=Kind.BOLLARD,
        zone="gate",
        inputs={"raised": MAX_AGE_S, "lowered": MAX_AGE_S},
        outputs=("raise", "lower"),
        tops=("raised",),
        bottoms=("lowered",),
        secures=Action.RAISE,
        drive=Drive(),
        **spec,
    )
    signal = SignalSpec(
        id=f"{name}-signal",
        kind=Kind.SIGNAL,
        zone="gate",
        inputs={"halt_lamp": MAX_AGE_S, "go_lamp": MAX_AGE_S},
        outputs=("halt", "go"),
        follows=name,
        go_state="lowered",
    )
    lamps = {"halt": f"{name}-signal.halt", "go": f"{name}-signal.go"}
    loops = [
        fitting(
            Spec(id=loop, kind=Kind.LOOP, zone="gate", inputs={"detect": MAX_AGE_S, "fault": MAX_AGE_S}),
            {f"{loop}.detect": "detect", f"{loop}.fault": "fault"},
            {},
        )
        for loop in row.loops
    ]
    return [
        fitting(
            bollard,
            {f"{name}.up": "raised", f"{name}.down": "lowered"},
            {"raise": f"{name}.raise", "lower": f"{name}.lower"},
        ),
        fitting(signal, {f"{lamp}_lit": f"{which}_lamp" for which, lamp in lamps.items()}, lamps),
        *loops,
    ]


def plant(wire: StreetWire, routes: Mapping[str, Route], **bollards: Any) -> Plant:
    """Return the site of the street; `bollards` changes the specs of its rows."""
    points: dict[str, Point] = {}
    fittings = [fitting for row in wire.rows for fitting in _fittings(row, points, bollards)]
    unit = Unit("io", "wire", 1, points)
    polled = tuple(p for name, p in points.items() if name.endswith(("up", "down", "_lit", "detect", "fault")))
    return Plant(
        name="site",
        title="A street",
        zones={"gate": "The gate"},
        wires=(Wire(name="wire", url="fake:", link=wire, plans=(Plan(unit=unit, points=polled),)),),
        fittings=tuple(fittings),
        routes=routes,
    )


class Street:
    """A running street for the length of an `async with`."""

    def __init__(
        self,
        rows: Sequence[Bollards] = ONE,
        routes: Mapping[str, Route] | None = None,
        journal: MemoryJournal | None = None,
        **bollards: Any,
    ) -> None:
        self.world = World(
            lanes={LANE: Lane(LANE, length_m=200.0)},
            rows={row.name: Row(row.name, LANE, row.at_m) for row in rows},
            airlocks=[(row.name, row.airlock_with) for row in rows if row.name < row.airlock_with],
            steel={row.name: (1.0,) for row in rows},
        )
        self.traffic = Traffic(self.world, Random(1), on=False)
        self.wire = StreetWire(rows, self.world)
        self.journal = journal or MemoryJournal()
        self.supervisor = Supervisor(
            plant(self.wire, routes or {}, **bollards),
            self.journal,
            Metrics("test"),
            boot="boot",
            utc=lambda: f"t{now():.3f}",
        )

    async def __aenter__(self) -> Street:
        self.driving = asyncio.create_task(self._drive())
        self.task = asyncio.create_task(self.supervisor.run())
        await asyncio.sleep(2)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.supervisor.stop()
        await self.task
        self.driving.cancel()
        assert self.world.violations == []

    async def _drive(self) -> None:
        while True:
            await asyncio.sleep(STEP_S)
            self.world.now = now()
            self.wire.step()
            self.traffic.step(STEP_S)

    async def until(self, met: Callable[[], bool]) -> None:
        """Return when `met()` holds; two minutes are more than anything takes."""
        for _ in range(int(120 / STEP_S)):
            if met():
                return
            await asyncio.sleep(STEP_S)
        raise AssertionError("it never came to that")

    def park(self, front_m: float, name: str = "parked") -> Vehicle:
        """Put a vehicle of 4.5 m where it stays."""
        vehicle = self.world.vehicles[name] = Vehicle(name, LANE, front_m, parked=True)
        return vehicle

    async def ask(self, target: str = "a", passage: str = "p", **more: Any) -> Account:
        return await self.supervisor.passages.ask(Asked(id=passage, target=target, principal="guard", **more))

    async def order(self, action: str, target: str = "a") -> Command:
        request = Request(id=f"{action}-{now():.3f}", target=target, action=action, principal="guard")
        return await self.supervisor.orders.give(request)

    def stages(self, passage: str = "p") -> list[str]:
        """Return the stages that the passage was recorded to come to: those of a point have its name."""
        return [
            f"{r.entry.device} {r.entry.body['stage']}".strip()
            for r in self.journal.records
            if r.entry.kind == "passage" and r.entry.command == passage
        ]

    def state(self, device: str = "a") -> str:
        return self.supervisor.board[device].state

    def alarms(self) -> set[str]:
        return {standing.id for standing in self.supervisor.alarms.standing()}
