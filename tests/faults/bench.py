"""A site in virtual time: the service as it is shipped, on wires in memory, before the simulated field of the site's folder.

async with bench("gate") as b:
    order = await b.order("raise", "bollards")
    await b.until("bollards", "raised", within_s=10)
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from controller.config.load import load_site
from controller.config.site import Site
from controller.core.device import Device
from controller.ledger import Command, Request
from controller.logbook import Account, Asked
from controller.ports import Record
from simulators import located
from simulators.build import Built, build
from simulators.clock import Clock
from simulators.plants.base import Plant as Equipment
from simulators.plants.mover import Mover
from simulators.plants.sensors import Loop
from simulators.world import Vehicle, World
from tests.faults.disk import Disk, JournalPath
from tests.faults.field import QuietField, boxes_of
from tests.faults.loop import SimLoop
from tests.faults.service import Service
from tests.faults.trace import Trace
from tests.faults.weather import Weather
from tests.faults.wires import Frame

SITES = Path(__file__).parent / "sites"
SHIPPED = Path(__file__).parents[2] / "sites"
SETTLED_S = 1.2
"""How long a bench is left alone at first: a loop must have been clear for a second before anything is raised (R09)."""
LOOK_S = 0.05
TICK_S, QUIET_TICK_S = 0.2, 0.4
"""How often the field is looked at where no frame makes it live; and while nothing moves."""


def folder_of(site: str | Path) -> Path:
    """Return the folder of a site made for the simulation, of a shipped one, or of a path."""
    places = [SITES / site, SHIPPED / site, Path(site)]
    found = next((place for place in places if (place / "site.yaml").is_file()), None)
    if found is None:
        raise ValueError(f"there is no site {str(site)!r} in {SITES}, {SHIPPED} or at that path")
    return found


loaded = cache(load_site)
_read_once = cache(located.read)


def built_of(folder: Path, seed: int, traffic: bool) -> Built:
    """Put the field of a folder together; its files are read once, as reading them takes longer than a run."""
    with patch.object(located, "read", _read_once):
        return build(folder, Clock(source=asyncio.get_running_loop().time), seed, traffic)


class Bench:
    """A field, a disk, and a controller that can be killed and started again. All times are seconds of virtual time."""

    def __init__(self, site: Site, built: Built, folder: Path, seed: int) -> None:
        loop = asyncio.get_running_loop()
        if not isinstance(loop, SimLoop):
            raise TypeError("a bench needs the simulation's loop: mark the test with @pytest.mark.simulated")
        self.loop, self.site, self.built = loop, site, built
        self.random = Random(f"{seed}/bench")
        self.field = QuietField.of(built)
        self.boxes = boxes_of(site, built)
        self.disk = Disk(Random(f"{seed}/disk"))
        self.weather = Weather(Random(f"{seed}/weather"))
        self.trace = Trace()
        self.journal_path = JournalPath(folder / "journal.db")
        self.wall_ahead_s = 0.0
        self.runs = 0
        self.service = Service(self)
        self._orders = 0
        self._reader: sqlite3.Connection | None = None
        self._living = loop.create_task(self._live(), name="field")
        loop.blocking_s = self.disk.access_s

    # The controller.

    async def start(self) -> None:
        """Start the controller, and return when it takes orders."""
        self.runs += 1
        self.service = Service(self)
        await self.service.start()

    async def stop(self) -> None:
        """Stop it as an operator would."""
        await self.service.stop()

    def crash(self) -> None:
        """Kill it: not one more frame goes out, nothing more reaches the journal."""
        self.service.kill()
        self.trace.crashed()

    def request(self, action: str, target: str, **rest: Any) -> Request:
        """Make the request of an order; `rest` as in ledger.Request."""
        self._orders += 1
        return Request(
            **{"id": f"order-{self._orders}", "principal": "operator", "by": "anna", **rest},
            action=action,
            target=target,
        )

    async def order(self, action: str, target: str, **rest: Any) -> Command:
        """Give an order, and return it once it is decided. Raises what Orders.give raises."""
        return await self.give(self.request(action, target, **rest))

    async def give(self, request: Request) -> Command:
        """Give an order, perhaps once more."""
        self.trace.asked(request)
        command = None
        try:
            command = await self.service.give(request)
        finally:
            self.trace.answered(request, command)
        return command

    async def passage(self, asked: Asked) -> Account:
        """Ask for a passage, and return it once it is known whether it opens. Raises what Passages.ask raises."""
        self.trace.passing(asked)
        return await self.service.task(self.service.supervisor.passages.ask(asked))

    def hold(self, command: str, *, let_go: bool = False) -> None:
        """Renew an order that moves only while its button is held, or let it go."""
        if not let_go:
            self.trace.held(command)
        if self.service.alive:
            self.service.supervisor.orders.hold(command, let_go=let_go)

    # What is to be seen.

    @property
    def world(self) -> World:
        """Where things are."""
        return self.field.world

    @property
    def now(self) -> float:
        return self.loop.time()

    def device(self, name: str) -> Device:
        """Return what the controller shows of a device."""
        return self.service.supervisor.board[name]

    def frames(self, device: str) -> list[Frame]:
        """Return every write to the outputs of a device that reached the wire, oldest first."""
        return [frame for frame in self.trace.frames if frame.device == device]

    async def records(self, **which: Any) -> Sequence[Record]:
        """Return what the journal holds once everything is told; `which` as in ports.Journal.select."""
        journal = self.service.journal
        self.service.supervisor.telling.everything()
        await journal.append()
        return await journal.select(**{"limit": 1_000_000, **which})

    async def until(self, device: str, state: str, within_s: float = 30.0) -> Device:
        """Return the device when it shows `state`. Raises AssertionError that says what it showed instead."""
        await self.met(lambda: self.device(device).state == state, within_s, f"{device} never became {state}")
        return self.device(device)

    async def ended(self, command: Command, within_s: float = 30.0) -> Command:
        """Return `command` when its end is known."""
        await self.met(lambda: command.life.ended, within_s, f"{command.request.id} never ended")
        return command

    async def met(self, condition: Callable[[], bool], within_s: float, what: str) -> None:
        """Return when `condition()` holds, looking every LOOK_S."""
        end = self.now + within_s
        while not condition():
            if self.now >= end:
                shown = ", ".join(f"{d.spec.id} {d.state}" for d in self.service.supervisor.board.values())
                raise AssertionError(f"{what} within {within_s:g} s: {shown}")
            await asyncio.sleep(LOOK_S)

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        await asyncio.sleep(seconds)

    def recorded(self, command: str) -> bool:
        """Tell whether the receipt of a command is on the disk at this instant."""
        query = "SELECT count(*) FROM journal WHERE command = ? AND command <> ''"
        return bool(self._disk_says(query, command)[0])

    def held_on_disk(self, mover: str) -> Mapping[str, Any] | None:
        """Return what the journal's last record of a mover's mode says people hold over it; None where there is none."""
        query = "SELECT body FROM journal WHERE kind = 'mode' AND device = ? ORDER BY seq DESC LIMIT 1"
        found = self._disk_says(query, mover)
        return None if found is None else dict(json.loads(found[0])["holds"])

    def _disk_says(self, query: str, value: str) -> Any:
        if self._reader is None:
            self._reader = sqlite3.connect(f"{self.journal_path.as_uri()}?mode=ro", uri=True, isolation_level=None)
        return self._reader.execute(query, (value,)).fetchone()

    # What people, vehicles and the weather do.

    def plant(self, name: str) -> Equipment:
        """Return a piece of the simulated equipment."""
        return self.built.field.wired[name].plant

    def mover(self, name: str) -> Mover:
        """Return the steel of a device."""
        plant = self.plant(name)
        assert isinstance(plant, Mover), f"{name} does not move"
        return plant

    def vehicle(self, lane: str, at_m: float, length_m: float = 4.5, name: str = "") -> Vehicle:
        """Park a vehicle whose front is at `at_m`."""
        name = name or f"parked-{lane}-{at_m:g}"
        vehicle = self.world.vehicles[name] = Vehicle(name, lane, at_m, length_m, parked=True)
        self.field.settle()
        return vehicle

    def gone(self, vehicle: str) -> None:
        """Take a vehicle away."""
        self.world.vehicles.pop(vehicle, None)
        self.field.settle()

    def occupy(self, loop: str) -> None:
        """Park something on a loop, and on nothing else."""
        plant = self.plant(loop)
        assert isinstance(plant, Loop), f"{loop} is no loop"
        middle = (plant.from_m + plant.to_m) / 2
        self.vehicle(plant.lane, middle + 0.5, 1.0, f"on {loop}")

    def free(self, loop: str) -> None:
        """Take away what `occupy` put there."""
        self.gone(f"on {loop}")

    def key(self, mover: str, *, local: bool) -> None:
        """Turn the key switch at a mover."""
        self.mover(mover).key.local = local
        self.field.settle()

    def pump(self, mover: str, to: float) -> None:
        """Move steel by hand to a part of its travel, 0 lowered … 1 raised."""
        self.mover(mover).by_hand = to
        self.field.settle()

    def reboot(self, unit: str) -> None:
        """Let a unit lose its power for an instant: its outputs are off."""
        self.boxes[unit].reboot()

    async def _live(self) -> None:
        while True:
            self.field.advance()
            self.trace.stepped(self.now)
            await asyncio.sleep(QUIET_TICK_S if self.field.asleep else TICK_S)

    async def close(self) -> None:
        """Stop everything."""
        await self.service.stop()
        self.trace.finished()
        if self._reader is not None:
            self._reader.close()
        self._living.cancel()
        await asyncio.gather(self._living, return_exceptions=True)


def memory_folder() -> str | None:
    """Return a folder whose files cost no disk, None where there is none."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


@asynccontextmanager
async def bench(
    site: str | Path, *, seed: int = 0, traffic: bool = False, known_within_s: float = 10.0
) -> AsyncIterator[Bench]:
    """Run a site until the block is left; it begins when every device is known and has been for SETTLED_S."""
    folder = folder_of(site)
    built = built_of(folder, seed, traffic)
    with tempfile.TemporaryDirectory(prefix="rempart-bench-", dir=memory_folder()) as state:
        made = Bench(loaded(folder), built, Path(state), seed)
        try:
            await made.start()
            board = made.service.supervisor.board
            known = "not every device became known"
            await made.met(
                lambda: all(d.state not in ("unknown", "offline") for d in board.values()), known_within_s, known
            )
            await made.sleep(SETTLED_S)
            yield made
        finally:
            await made.close()
