"""One life of the controller on a bench: from its start to its orderly stop, or to its sudden end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from controller.composition import compose
from controller.config.site import LinkConfig
from controller.core.command import Life
from controller.journal import SqliteJournal
from controller.journal.chain import label
from controller.ledger import Command, Ledger, Request
from controller.metrics import Metrics
from controller.supervisor import Supervisor
from tests.faults.disk import LoopWriter
from tests.faults.loop import OWNER
from tests.faults.wires import MemoryLink

if TYPE_CHECKING:
    from tests.faults.bench import Bench

EPOCH = datetime(2026, 7, 14, 12, 0, tzinfo=UTC)
TALKS_S = {"serial": 0.4, "opcua": 0.4}
"""How often units of these protocols talk by themselves; those on MQTT do as the simulation's `every_s` says."""

T = TypeVar("T")


class Killed(Exception):
    """The controller ended before it had decided about an order."""


class Service:
    """The controller's own supervisor and journal, as the service's process would hold them."""

    supervisor: Supervisor
    journal: SqliteJournal

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._context = copy_context()
        self._context.run(OWNER.set, self)
        self._running: asyncio.Task[None] | None = None
        self._writers: list[LoopWriter] = []
        self._links: list[MemoryLink] = []
        self.alive = False
        self.began = bench.loop.time()

    def utcnow(self) -> datetime:
        """Return the wall clock: virtual time, and whatever somebody has set the clock ahead."""
        return EPOCH + timedelta(seconds=self._bench.loop.time() + self._bench.wall_ahead_s)

    async def start(self) -> None:
        """Start; returns when the supervisor takes orders."""
        bench = self._bench
        self.journal = await SqliteJournal.open(bench.journal_path, utcnow=self.utcnow, writer=self._writer)
        plant = compose(bench.site, self._link)
        bench.trace.fit(plant)
        bench.trace.began()
        self.supervisor = Supervisor(
            plant, self.journal, Metrics("0.0.0"), boot=f"boot-{bench.runs}", utc=lambda: label(self.utcnow())
        )
        self.supervisor.board.watch(bench.trace.shown)
        self._listen(self.supervisor.ledger)
        self.alive = True
        self._running = self.task(self.supervisor.run())
        await self.supervisor.started.wait()

    def _listen(self, ledger: Ledger) -> None:
        """Hear of every order before it is recorded: passages give theirs without asking the bench."""
        receive = ledger.receive

        async def heard(request: Request, device: str, expires: float, parts: Sequence[Request] = ()) -> Command:
            for asked in (request, *parts):
                self._bench.trace.ordered(asked, expires)
            return await receive(request, device, expires, parts)

        setattr(ledger, "receive", heard)  # noqa: B010 (mypy takes a method for one that stays)

    async def stop(self) -> None:
        """Stop in order. Does nothing to one that was killed."""
        if not self.alive or self._running is None:
            return
        self.supervisor.stop()
        await self._running
        self.alive = False
        await self.journal.close()

    def kill(self) -> None:
        """End as `kill -9` does. What its tasks do on their way out reaches neither a wire nor the disk."""
        self.alive = False
        for link in self._links:
            link.dead = True
        for writer in self._writers:
            writer.kill()
        for task in self._bench.loop.owned(self):
            task.cancel()

    def task(self, coroutine: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run something in the controller's own process: it dies with it."""
        return self._bench.loop.create_task(coroutine, context=self._context)

    async def give(self, request: Request) -> Command:
        """Hand over an order as the API does. Raises Killed where the controller ends before it has decided."""
        giving = self.task(self.supervisor.orders.give(request))
        await asyncio.wait({giving})
        if giving.cancelled():
            raise Killed(request.id)
        return giving.result()

    def accepted(self, command: str) -> bool:
        """Tell whether the controller takes a command for one that it has accepted and that has not ended."""
        return any(c.request.id == command and c.life is not Life.RECEIVED for c in self.supervisor.ledger.live())

    def outcome(self, command: str) -> Life | None:
        """Return what the controller answers about a command; None where it does not know it, or is not there to answer."""
        if not self.alive:
            return None
        found = self.supervisor.ledger.held(command)
        return None if found is None else found.life

    def _writer(self, *given: Any) -> LoopWriter:
        writer = LoopWriter(self._bench.disk, *given)
        self._writers.append(writer)
        return writer

    def _link(self, config: LinkConfig) -> MemoryLink:
        bench, plan = self._bench, self._bench.built.plan
        protocol = {"modbus-tcp": "modbus", "modbus-rtu": "modbus"}.get(kind := plan.links[config.name].protocol, kind)
        units = {name: unit for name, unit in plan.units.items() if unit.link == config.name}
        link = MemoryLink(
            name=config.name,
            boxes={name: bench.boxes[name] for name in units},
            weather=bench.weather,
            ear=bench.trace,
            advance=bench.field.advance,
            pushes_s={n: TALKS_S.get(protocol, u.every_s) for n, u in units.items() if protocol != "modbus"},
            polls=protocol in ("modbus", "opcua"),
            one_frame=bench.random.random() < 0.5,
        )
        self._links.append(link)
        return link
