"""A field small enough for virtual time: one wire, one unit, a bollard and its loops, and what the controller sent them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from controller.core.readings import Readings, Value, good
from controller.core.spec import Action, Drive, Kind, MoverSpec, SignalSpec, Spec
from controller.peer import Plan
from controller.plant import Fitting, Plant, Wire
from controller.ports import (
    Checked,
    Entry,
    Found,
    Identity,
    JournalUnavailable,
    LinkError,
    Point,
    Record,
    Search,
    Sink,
    Unit,
    Wanted,
    always,
)

TRAVEL_S = 4.0
FRAME_S = 0.005

POINTS = {
    name: Point(name, name) for name in ("up", "down", "raise", "lower", "loop", "red", "green", "red_lit", "green_lit")
}


def now() -> float:
    return asyncio.get_running_loop().time()


@dataclass
class SteelWire:
    """A link whose unit holds one bollard (down at start), one loop and one signal."""

    height: float = 0.0
    since: float = 0.0
    outputs: dict[str, Value] = field(default_factory=dict)
    loop_occupied: bool = False
    stuck: bool = False
    error: type[LinkError] | None = None
    write_error: type[LinkError] | None = None
    written: list[tuple[float, str, Value]] = field(default_factory=list)
    closed: int = 0

    def settle(self) -> float:
        """Move the steel to where it is now."""
        passed, self.since = now() - self.since, now()
        way = (1 if self.outputs.get("raise") else 0) - (1 if self.outputs.get("lower") else 0)
        if not self.stuck:
            self.height = min(1.0, max(0.0, self.height + way * passed / TRAVEL_S))
        return self.height

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
        height = self.settle()
        values: Mapping[str, bool] = {
            "up": height >= 1.0,
            "down": height <= 0.0,
            "loop": self.loop_occupied,
            "red_lit": bool(self.outputs.get("red")),
            "green_lit": bool(self.outputs.get("green")),
        }
        return {p.name: good(values[p.name], taken) for p in points}

    async def write(
        self, unit: Unit, values: Sequence[tuple[Point, Value]], deadline: float, wanted: Wanted = always
    ) -> None:
        await self._frame(unit)
        if self.write_error is not None:
            raise self.write_error("wire", unit.name, "scripted")
        self.settle()
        for point, value in values:
            self.outputs[point.name] = value
            self.written.append((now(), point.name, value))

    async def subscribe(self, unit: Unit, points: tuple[Point, ...], sink: Sink) -> None:
        return

    async def close(self) -> None:
        self.closed += 1

    def motions(self) -> int:
        """How often steel was told to move."""
        return sum(1 for _, name, value in self.written if name in ("raise", "lower") and value)


class MemoryJournal:
    """A journal in memory: virtual time has no threads, which the real one needs."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.trouble = ""

    @property
    def healthy(self) -> bool:
        return not self.trouble

    async def append(self, *entries: Entry) -> Sequence[Record]:
        await asyncio.sleep(0.001)
        if self.trouble:
            raise JournalUnavailable(self.trouble)
        before = len(self.records)
        self.note(*entries)
        return self.records[before:]

    def note(self, *entries: Entry) -> None:
        for entry in entries:
            self.records.append(Record(len(self.records) + 1, f"t{now():.3f}", entry, ""))

    async def of_command(self, command: str) -> Sequence[Record]:
        return [r for r in self.records if r.entry.command == command]

    async def select(
        self, after: int = 0, limit: int = 1000, *, device: str = "", kind: str = "", newest: bool = False
    ) -> Sequence[Record]:
        found = [
            r
            for r in self.records
            if r.seq > after and (not device or r.entry.device == device) and (not kind or r.entry.kind == kind)
        ]
        return found[-limit:] if newest else found[:limit]

    async def search(self, wanted: Search) -> Found:
        raise NotImplementedError("nobody looks for records in virtual time")

    async def check(self, after: int, hash: str) -> Checked:
        raise NotImplementedError("no record here has a hash")

    def life_of(self, command: str) -> list[str]:
        return [str(r.entry.body["life"]) for r in self.records if r.entry.command == command]


BOLLARD = MoverSpec(
    id="bollard",
    kind=Kind.BOLLARD,
    zone="gate",
    inputs={"raised": 1.0, "lowered": 1.0},
    outputs=("raise", "lower"),
    tops=("raised",),
    bottoms=("lowered",),
    secures=Action.RAISE,
    drive=Drive(),
    travel_s=8.0,
    presence=("loop",),
)
LOOP = Spec(id="loop", kind=Kind.LOOP, zone="gate", inputs={"detect": 1.0})
SIGNAL = SignalSpec(
    id="signal",
    kind=Kind.SIGNAL,
    zone="gate",
    inputs={"halt_lamp": 1.0, "go_lamp": 1.0},
    outputs=("halt", "go"),
    follows="bollard",
    go_state="lowered",
)


def _fitting(spec: Spec, inputs: Mapping[str, str], outputs: Mapping[str, str]) -> Fitting:
    return Fitting(
        spec=spec,
        inputs={("io", point): (signal,) for point, signal in inputs.items()},
        outputs={signal: ("wire", "io", POINTS[point]) for signal, point in outputs.items()},
    )


def plant(wire: SteelWire, **bollard: Any) -> Plant:
    """One gate: a bollard, the loop before it and the signal at it; `bollard` changes the bollard's spec."""
    unit = Unit("io", "wire", 1, POINTS)
    polled = tuple(POINTS[p] for p in ("up", "down", "loop", "red_lit", "green_lit"))
    return Plant(
        name="site",
        title="A site",
        zones={"gate": "The gate"},
        wires=(Wire(name="wire", url="fake:", link=wire, plans=(Plan(unit=unit, points=polled),)),),
        fittings=(
            _fitting(
                replace(BOLLARD, **bollard),
                {"up": "raised", "down": "lowered"},
                {"raise": "raise", "lower": "lower"},
            ),
            _fitting(LOOP, {"loop": "detect"}, {}),
            _fitting(SIGNAL, {"red_lit": "halt_lamp", "green_lit": "go_lamp"}, {"halt": "red", "go": "green"}),
        ),
    )
