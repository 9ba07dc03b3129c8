"""The yard running for real: supervisor, journal and loop, on a wire that the test writes the script of.

async with running(tmp_path) as rig:
    await rig.shows("bollard", "raised")
    rig.link.detect("entry")
    …
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from controller.core.device import Device
from controller.journal import SqliteJournal
from controller.metrics import Metrics
from controller.plant import Plant
from controller.ports import Journal
from controller.supervisor import Supervisor
from tests.shell.scripted_link import OVERALL_S, STEEL, ScriptedLink
from tests.shell.yard import link_at_rest, plant

__all__ = ["OVERALL_S", "STEEL", "Rig", "ScriptedLink", "link_at_rest", "plant", "running", "utc"]


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

    async def quiet(self) -> None:
        """Return when nothing more comes by itself: all are at rest, lamps are proven, and everybody has been told."""
        await self.at_rest()
        await self.until(lambda: all(d.shown_since < math.inf for d in self.supervisor.board.values()))
        self.supervisor.telling.everything()


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
