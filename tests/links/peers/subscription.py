"""A subscriber to any link."""

from __future__ import annotations

import asyncio

from controller.core.readings import Readings
from controller.ports import Link, Unit
from tests.links.adapter import OVERALL_S
from tests.links.suite.base import asked


class Subscription:
    """What a subscriber gets, and how it ended; all points of the unit, or those named."""

    def __init__(self, link: Link, unit: Unit, *names: str) -> None:
        points = asked(unit, names or tuple(unit.points))
        self._got: asyncio.Queue[Readings] = asyncio.Queue()
        self.task = asyncio.create_task(link.subscribe(unit, points, self._got.put_nowait))

    @property
    def empty(self) -> bool:
        """Tell whether there is nothing that `next` would not wait for."""
        return self._got.empty()

    async def next(self) -> Readings:
        """Wait for the next readings."""
        async with asyncio.timeout(OVERALL_S):
            return await self._got.get()

    async def end(self) -> None:
        """Wait until it ends; raises what it ended with."""
        async with asyncio.timeout(OVERALL_S):
            await self.task

    async def stop(self) -> None:
        """Cancel it."""
        self.task.cancel()
        await asyncio.wait([self.task])
