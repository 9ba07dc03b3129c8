"""Links that do what the libraries' own comforts do, so that the count is seen to catch it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from controller.core.readings import Readings, Value
from controller.ports import Identity, Link, LinkError, Point, Sink, Unit, Wanted, always
from tests.replay.run import Setting

PERSEVERES_S = 2.0
ROUNDS = 2
"""How often the loop comes round before a careless link sends: as a client does that hands a frame to another task."""


class Naive:
    """A link of ours, as it is."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def open(self, unit: Unit, deadline: float) -> Identity:
        return await self._link.open(unit, deadline)

    async def read(self, unit: Unit, points: tuple[Point, ...], deadline: float) -> Readings:
        return await self._link.read(unit, points, deadline)

    async def write(
        self, unit: Unit, values: Sequence[tuple[Point, Value]], deadline: float, wanted: Wanted = always
    ) -> None:
        await self._link.write(unit, values, deadline, wanted)

    async def subscribe(self, unit: Unit, points: tuple[Point, ...], sink: Sink) -> None:
        await self._link.subscribe(unit, points, sink)

    async def close(self) -> None:
        await self._link.close()


class Resending(Naive):
    """Opens the unit again after a write that failed, and sends it again."""

    async def write(
        self, unit: Unit, values: Sequence[tuple[Point, Value]], deadline: float, wanted: Wanted = always
    ) -> None:
        try:
            await self._link.write(unit, values, deadline, wanted)
        except LinkError:
            again = asyncio.get_running_loop().time() + PERSEVERES_S
            await self._link.open(unit, again)
            await self._link.write(unit, values, again, wanted)


class Hoarding(Naive):
    """Delivers at the next opening what it has reported as failed, as a client does that is used again."""

    def __init__(self, link: Link) -> None:
        super().__init__(link)
        self._kept: list[Sequence[tuple[Point, Value]]] = []

    async def open(self, unit: Unit, deadline: float) -> Identity:
        identity = await self._link.open(unit, deadline)
        kept, self._kept = self._kept, []
        for values in kept:
            await self._link.write(unit, values, deadline)
        return identity

    async def write(
        self, unit: Unit, values: Sequence[tuple[Point, Value]], deadline: float, wanted: Wanted = always
    ) -> None:
        try:
            await self._link.write(unit, values, deadline, wanted)
        except LinkError:
            self._kept.append(values)
            raise


class Careless(Naive):
    """Leaves the deadline to whoever asked: between his look at the clock and the sending, the loop comes round."""

    async def write(
        self, unit: Unit, values: Sequence[tuple[Point, Value]], deadline: float, wanted: Wanted = always
    ) -> None:
        for _ in range(ROUNDS):
            await asyncio.sleep(0)
        await self._link.write(unit, values, asyncio.get_running_loop().time() + 60, wanted)


def made_naive(setting: Setting, kind: type[Naive]) -> Setting:
    """Return the same transport with such a link."""
    return replace(setting, link=lambda url: kind(setting.link(url)))


def seldom(setting: Setting) -> Setting:
    """Return the same transport, polled so seldom that what befalls its peer meets the order and not a poll."""
    return replace(setting, poll_s=0.5)
