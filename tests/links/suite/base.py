"""What the cases share: fixtures, deadlines, and what may be left behind."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from controller.core.readings import Value
from controller.ports import Link, Point, Unit
from tests.links.adapter import OVERALL_S, Adapter


def soon(seconds: float = OVERALL_S) -> float:
    """Return a deadline."""
    return asyncio.get_running_loop().time() + seconds


async def turns(count: int = 20) -> None:
    """Let everything that is ready to run, run."""
    for _ in range(count):
        await asyncio.sleep(0)


def asked(unit: Unit, names: Sequence[str]) -> tuple[Point, ...]:
    """Return the points of these names."""
    return tuple(unit.points[name] for name in names)


def ordered(peer: Adapter, count: int | None = None) -> list[tuple[Point, Value]]:
    """Return the adapter's orders as `write` takes them."""
    return [(peer.unit.points[name], value) for name, value in peer.orders[:count]]


async def dialled(link: Link, peer: Adapter, unit: Unit | None = None, deadline: float | None = None) -> Value | None:
    """Read the point that `turn` turns."""
    readings = await link.read(unit or peer.unit, (peer.unit.points[peer.dial],), deadline or soon())
    return readings[peer.dial].value


def open_files() -> Counter[str]:
    """Return what this process has open: sockets, terminals, pipes."""
    found: Counter[str] = Counter()
    for number in os.listdir("/proc/self/fd"):
        try:
            found[os.readlink(f"/proc/self/fd/{number}")] += 1
        except OSError:
            continue  # the descriptor of the listing itself
    return found


async def nothing_left(files: Counter[str], tasks: set[asyncio.Task[Any]]) -> None:
    """Wait until no socket, port or task is there that was not there before."""
    async with asyncio.timeout(OVERALL_S):
        # Nobody tells when a descriptor is closed.
        while open_files() - files or asyncio.all_tasks() - tasks:  # noqa: ASYNC110
            await asyncio.sleep(0.001)


class Cases:
    """Some cases of the suite, over whatever `adapter` is."""

    adapter: type[Adapter]

    @pytest.fixture
    async def peer(self, tmp_path: Path) -> AsyncIterator[Adapter]:
        peer = self.adapter(tmp_path)
        await peer.start()
        yield peer
        await peer.stop()

    @pytest.fixture
    async def link(self, peer: Adapter) -> AsyncIterator[Link]:
        link = peer.link()
        yield link
        await link.close()
