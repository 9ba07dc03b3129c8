"""A wire without sockets: ports.Link over the images of simulated units, with the contract of the real drivers.

Each request is one frame. It leaves when it is sent, acts when it arrives, and its answer comes back later: a caller that is
cancelled, or a controller that is killed, calls no frame back. A connection that is made anew brings nothing of the old one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from controller.core.readings import Look, Readings, Value, good
from controller.ports import (
    Expired,
    Garbled,
    Identity,
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
from tests.faults.field import Box
from tests.faults.weather import Weather

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Frame:
    """A write as it went onto a wire: `at` is when it was sent, `arrived` when the unit took it, if it did."""

    at: float
    link: str
    unit: str
    values: Mapping[str, Value]
    deadline: float
    arrived: float | None = None
    device: str = ""
    order: str = ""


class Ear(Protocol):
    """Who hears what happens on the wires, at the instant at which it happens."""

    def sent(self, frame: Frame) -> None:
        """A write was sent."""

    def arrived(self, frame: Frame) -> None:
        """A write reached its unit, and acts from now on."""

    def heard(self, unit: str, readings: Readings) -> None:
        """Readings are about to be handed to the controller."""


@dataclass
class MemoryLink:
    """One wire of the site. `one_frame` puts all the values of a write into one frame, as contiguous points are."""

    name: str
    boxes: Mapping[str, Box]
    weather: Weather
    ear: Ear
    advance: Callable[[], None]
    pushes_s: Mapping[str, float] = field(default_factory=dict)
    """How often a unit that talks by itself does."""
    polls: bool = True
    one_frame: bool = True
    dead: bool = False
    _open: set[str] = field(default_factory=set)
    _underway: list[asyncio.TimerHandle] = field(default_factory=list)

    async def open(self, unit: Unit, deadline: float) -> Identity:
        self._open.discard(unit.name)
        loop = asyncio.get_running_loop()
        if self.dead or self.weather.lasting("partition", self.name, unit.name):
            await asyncio.sleep(min(0.05, max(0.0, deadline - loop.time())))
            raise Unreachable(self.name, unit.name, "no connection")
        for timer in self._underway:
            timer.cancel()
        self._underway.clear()
        try:
            found = await self._ask(unit, deadline, lambda box: box.read(tuple(unit.identity)))
        except Expired as error:
            raise Unreachable(self.name, unit.name, str(error)) from None
        if found != dict(unit.identity) or self.weather.lasting("stranger", self.name, unit.name):
            raise Stranger(self.name, unit.name, f"it says {found}, expected {dict(unit.identity)}")
        self._open.add(unit.name)
        return dict(unit.identity)

    async def read(self, unit: Unit, points: tuple[Point, ...], deadline: float) -> Readings:
        self._must_be_open(unit)
        if not self.polls:
            return {}
        taken = asyncio.get_running_loop().time()
        names = tuple(point.name for point in points)
        values = await self._ask(unit, deadline, lambda box: box.read(names))
        readings = Look(values, taken)
        self.ear.heard(unit.name, readings)
        return readings

    async def write(
        self, unit: Unit, values: Sequence[tuple[Point, Value]], deadline: float, wanted: Wanted = always
    ) -> None:
        self._must_be_open(unit)
        parts = [values] if self.one_frame else [[pair] for pair in values]
        for done, part in enumerate(parts):
            if not wanted():
                raise Withdrawn(f"{self.name}/{unit.name}: taken back", part=done > 0)
            await self._write(unit, {point.name: value for point, value in part}, deadline)

    async def subscribe(self, unit: Unit, points: tuple[Point, ...], sink: Sink) -> None:
        every = self.pushes_s.get(unit.name)
        if every is None:
            return
        loop = asyncio.get_running_loop()
        names = tuple(point.name for point in points)
        while True:
            self._must_be_open(unit)
            if self.weather.lasting("partition", self.name, unit.name):
                self._open.discard(unit.name)
                raise Unreachable(self.name, unit.name, "the connection went")
            fate = self.weather.fate(self.name, unit.name)
            if fate.answered and not fate.garbled and not fate.refused:
                self.advance()
                said = {name: good(value, loop.time()) for name, value in self.boxes[unit.name].read(names).items()}
                for _ in range(1 + fate.twice):
                    # Late ones come after younger ones: a listener must sort them out by the time they were taken.
                    loop.call_later(fate.to_s + fate.back_s, self._push, sink, unit.name, said)
            await asyncio.sleep(every)

    async def close(self) -> None:
        self._open.clear()

    def _push(self, sink: Sink, unit: str, said: Readings) -> None:
        if unit in self._open and not self.dead:
            self.ear.heard(unit, said)
            sink(said)

    def _must_be_open(self, unit: Unit) -> None:
        if self.dead or unit.name not in self._open:
            raise Unreachable(self.name, unit.name, "the unit is not connected")

    async def _write(self, unit: Unit, values: Mapping[str, Value], deadline: float) -> None:
        frame = Frame(asyncio.get_running_loop().time(), self.name, unit.name, values, deadline)

        def arrive(box: Box) -> bool:
            frame.arrived = asyncio.get_running_loop().time()
            taken = box.write(values)
            self.ear.arrived(frame)
            return taken

        if not await self._ask(unit, deadline, arrive, lambda: self.ear.sent(frame)):
            raise Refusing(self.name, unit.name, "its watchdog has expired")

    async def _ask(
        self, unit: Unit, deadline: float, act: Callable[[Box], T], sent: Callable[[], None] | None = None
    ) -> T:
        """Send a request that does `act` where it arrives, and return its answer. Raises as ports.Link says."""
        loop = asyncio.get_running_loop()
        if self.dead:
            raise Unreachable(self.name, unit.name, "this controller is no more")
        left = deadline - loop.time()
        if left <= 0:
            raise Expired(f"{self.name}/{unit.name}: the deadline passed: nothing was sent")
        fate = self.weather.fate(self.name, unit.name)
        answers: list[T] = []

        def arrive() -> None:
            self.advance()
            answers.extend(act(self.boxes[unit.name]) for _ in range(1 + fate.twice))

        if sent is not None:
            sent()
        if fate.arrives:
            self._underway = [timer for timer in self._underway if timer.when() > loop.time()]
            self._underway.append(loop.call_later(fate.to_s, arrive))
        patience = min(float(unit.options.get("patience_s", 0.5)), left)
        if not fate.answered or fate.to_s + fate.back_s >= patience:
            await asyncio.sleep(patience)
            self._open.discard(unit.name)
            raise Mute(self.name, unit.name, "no answer")
        await asyncio.sleep(fate.to_s + fate.back_s)
        if fate.garbled:
            self._open.discard(unit.name)
            raise Garbled(self.name, unit.name, "the answer does not fit the request")
        if fate.refused:
            raise Refusing(self.name, unit.name, "it declines")
        return answers[0]
