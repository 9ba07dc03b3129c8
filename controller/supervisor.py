"""One site: starts, watches and stops everything, and takes orders for it.

The tree is one TaskGroup of endpoints (a wire each) and runners (a device each). A task that fails is a fault and an alarm, and
is not started again: its device or wire is shown as what it is, and the rest goes on. Stopping goes against the flow of orders:
first no new order, then the runners, which release their outputs, then the wires.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

import structlog

from controller import alarm_memory, holds
from controller.annunciator import Annunciator, Clock, Place
from controller.board import Board
from controller.core import kinds
from controller.core.device import Alarm, Lost, Progress, Restored
from controller.core.readings import Readings
from controller.core.said import said, word
from controller.core.spec import MoverSpec
from controller.endpoint import Endpoint
from controller.feeds import Feed
from controller.ledger import Command, Ledger
from controller.logbook import Logbook
from controller.metrics import Metrics
from controller.orders import Orders
from controller.passages import Passages
from controller.plant import Fitting, Plant
from controller.ports import Entry, Identity, Journal, LinkError, Unreachable
from controller.recall import Recall
from controller.runner import Outlet, Runner
from controller.stream import Stream
from controller.telling import Telling

log = structlog.get_logger("rempart.supervisor")

HOUSEKEEPING_S = 0.5
"""How often the site's own condition is looked at."""

STUCK_S = 10.0
"""A task that has made no progress for this long keeps the watchdog from being fed."""


class Supervisor:
    """The service of one site. Made and `run` once, in one loop; `stop` it from anywhere in that loop."""

    def __init__(self, plant: Plant, journal: Journal, metrics: Metrics, *, boot: str, utc: Callable[[], str]) -> None:
        self.plant, self.journal, self.metrics, self.utc = plant, journal, metrics, utc
        self.board = Board()
        self.stream = Stream(boot)
        clock = Clock(now=asyncio.get_running_loop().time, label=utc, later=lambda s: alarm_memory.later(utc(), s))
        places = {f.spec.id: Place(f.spec.zone, tuple(sorted(f.units))) for f in plant.fittings}
        self.telling = Telling(
            journal,
            self.stream,
            self.board,
            lambda told, flooded: Annunciator(clock, told, flooded, places),
            of_passages=lambda device: self.passages.alarms(device),
            held=lambda before, after: self.custody.changed(before, after),
            failed=partial(self._announce, "telling", self.failed, said("telling of what was decided")),
        )
        self.ledger = Ledger(journal, utc, self._commanded, self.telling.later)
        self.stopping = asyncio.Event()
        self.started = asyncio.Event()
        self.runners: dict[str, Runner] = {}
        self.endpoints: dict[str, Endpoint] = {}
        self.units_up: set[str] = set()
        self.identities: dict[str, Identity] = {}
        self._feeds: dict[str, list[Feed]] = {}
        self._build()
        self.custody: holds.Custody = holds.Custody(journal, self.runners, partial(self.telling.conditions, "holds"))
        self.orders = Orders(
            self.ledger,
            self.runners,
            self._zones(lambda fitting: isinstance(fitting.spec, MoverSpec)),
            driven=self._zones(lambda fitting: bool(fitting.outputs)),
            units=self._arming(),
            timed=metrics.order_latency,
        )
        logbook = Logbook(journal, utc, self.telling.passed, self.telling.later)
        self.passages: Passages = Passages(self.board, logbook, plant.routes, self.orders.give, self)
        self._recall = Recall(journal, self.ledger, logbook, self.alarms, utc)

    # Building.

    def _build(self) -> None:
        for wire in self.plant.wires:
            self.endpoints[wire.name] = Endpoint(wire.name, wire.link, wire.plans, self)
            for plan in wire.plans:
                self._feeds[plan.unit.name] = []
        for fitting in self.plant.fittings:
            self._fit(fitting)

    def _fit(self, fitting: Fitting) -> None:
        outlets = {
            signal: Outlet(self.endpoints[wire], unit, point) for signal, (wire, unit, point) in fitting.outputs.items()
        }
        device = holds.forgotten(kinds.new_device(fitting.spec, fitting.units, asyncio.get_running_loop().time()))
        runner = self.runners[fitting.spec.id] = Runner(device, self.board, outlets, self)
        polls = {plan.unit.name: plan.poll_s for wire in self.plant.wires for plan in wire.plans}
        for unit in fitting.units:
            wiring = [(point, s) for (of, point), signals in fitting.inputs.items() if of == unit for s in signals]
            self._feeds[unit].append(Feed(runner, wiring, polls[unit]))

    def _zones(self, which: Callable[[Fitting], bool]) -> dict[str, list[str]]:
        """Return those devices of each zone; the site's own name stands for all of them."""
        found = [f.spec for f in self.plant.fittings if which(f)]
        zones = {zone: [spec.id for spec in found if spec.zone == zone] for zone in self.plant.zones}
        return {**zones, self.plant.name: [spec.id for spec in found]}

    def _arming(self) -> dict[str, Callable[[], bool]]:
        """Return for each unit what arms it anew (R26)."""
        wires = [(self.endpoints[wire.name], plan.unit.name) for wire in self.plant.wires for plan in wire.plans]
        return {unit: partial(endpoint.rearm, unit) for endpoint, unit in wires}

    # Running.

    async def run(self) -> None:
        """Serve the site until `stop`. A journal that cannot be written is an alarm: the site is still supervised (rule 3)."""
        body = {"event": "started", "revision": self.plant.revision, "simulated": self.plant.simulated}
        if self.plant.simulated:
            body["simulated_links"] = [wire.name for wire in self.plant.wires if wire.simulated]
        self.journal.note(Entry("service", body={**body, "left_open": await self._recall.at_start()}))
        async with asyncio.TaskGroup() as group:
            wires = [
                group.create_task(
                    self._watched(f"wire {name}", endpoint.run, self._wire_failed, name), name=f"wire {name}"
                )
                for name, endpoint in self.endpoints.items()
            ]
            keeping = self._watched("housekeeping", self._keep_house, self.crashed, "")
            house = [
                group.create_task(keeping, name="housekeeping"),
                group.create_task(self.guard(said("record of holds"), self.custody.run), name="record of holds"),
            ]
            if not self._recall.done:
                recalling = self._watched("recall", self._recall.later, self.crashed, "")
                house.append(group.create_task(recalling, name="recall"))
            devices = [
                group.create_task(self._watched(f"device {d}", r.run, self.crashed, d), name=f"device {d}")
                for d, r in self.runners.items()
            ]
            self.started.set()
            try:
                await self.stopping.wait()
            finally:
                self.orders.close(said("the controller is stopping"))
                self.passages.close(said("the controller stopped"))
                await _cancelled(devices)
                await _cancelled([*wires, *house])
                self.telling.everything()
        self.stream.close()
        self.journal.note(Entry("service", body={"event": "stopped"}))

    async def _keep_house(self) -> None:
        """Make an alarm of a journal that cannot be written: without it no ordinary order is accepted (R37). End shelvings."""
        while True:
            trouble = self.journal.trouble
            text = said("the journal cannot be written: {why}", why=trouble)
            self.telling.conditions("", [Alarm("journal", 1, text)] if trouble else [])
            self.telling.tick()
            await asyncio.sleep(HOUSEKEEPING_S)

    def stop(self) -> None:
        """Begin the orderly stop; `run` returns when it is done."""
        self.stopping.set()

    async def guard(self, what: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run a task that serves the site beside its wires and devices: that it failed is an alarm, never silence."""
        await self._watched(what, run, self.failed, what)

    async def _watched(
        self, what: str, run: Callable[[], Awaitable[None]], failed: Callable[[str, Exception], None], name: str
    ) -> None:
        task = asyncio.current_task()
        try:
            await run()
        except asyncio.CancelledError:
            if task is None or task.cancelling():
                raise
            # Nobody has cancelled it: a library below let a cancellation of its own through.
            self._announce(what, failed, name, RuntimeError("it was cancelled from within"))
        except Exception as error:  # noqa: BLE001 (the task's root: one wire's failure must not take the others with it)
            self._announce(what, failed, name, error)

    @staticmethod
    def _announce(what: str, failed: Callable[[str, Exception], None], name: str, error: Exception) -> None:
        log.error("a task failed", task=what, exc_info=error)
        try:
            failed(name, error)
        except Exception:
            log.exception("the failure of a task could not be announced", task=what)

    def stuck(self, now: float) -> list[str]:
        """Name the tasks that have work and have not got on with it for too long."""
        endpoints = [f"wire {name}" for name, e in self.endpoints.items() if e.busy_since(now) > STUCK_S]
        return endpoints + [f"device {name}" for name, r in self.runners.items() if r.busy_since(now) > STUCK_S]

    # What the wires say (ports.Listener).

    def heard(self, unit: str, readings: Readings) -> None:
        """Hand each device the readings of its signals."""
        for feed in self._feeds[unit]:
            feed.take(readings)

    def up(self, unit: str, identity: Identity) -> None:
        """Tell the devices on `unit` that it answers."""
        self.units_up.add(unit)
        self.identities[unit] = identity
        self._tell_unit(unit, {"event": "up", "identity": dict(identity)}, f"unit {unit}", ())
        for feed in self._feeds[unit]:
            feed.forget()
            feed.runner.post(Restored(unit))

    def down(self, unit: str, error: LinkError) -> None:
        """Tell the devices on `unit` that it does not."""
        self.units_up.discard(unit)
        why = said("{error}: {detail}", error=word(type(error).__name__.lower()), detail=error.detail)
        mute = Alarm("no-answer", 3, said("cannot be reached: {why}", why=why))
        self._tell_unit(unit, {"event": "down", "why": why}, f"unit {unit}", (mute,))
        for feed in self._feeds[unit]:
            feed.runner.post(Lost(unit, why))

    def expired(self, unit: str) -> None:
        """Make an alarm, to be acknowledged, of a unit whose outputs were off while it could not be reached (R26)."""
        text = said(
            "its watchdog expired while it could not be reached: its outputs went off, and it is armed again (R26)"
        )
        over = Alarm("watchdog", 2, text, over=text)
        self._tell_unit(unit, {"event": "watchdog-expired", "why": text}, f"watchdog of {unit}", (over,), ())

    def _tell_unit(self, unit: str, body: Mapping[str, Any], source: str, *conditions: Sequence[Alarm]) -> None:
        """Record what became of a unit, and let these conditions follow each other, in their order among what is told."""
        self.telling.later(partial(self.journal.note, Entry("unit", unit, body=body)))
        for alarms in conditions:
            self.telling.later(partial(self.telling.conditions, source, alarms, device=unit))

    def _wire_failed(self, name: str, error: Exception) -> None:
        for plan in next(wire.plans for wire in self.plant.wires if wire.name == name):
            self.down(
                plan.unit.name, Unreachable(name, plan.unit.name, said("its task failed: {error}", error=repr(error)))
            )
        text = said("the task of wire {wire} failed: {error}; restart the controller", wire=name, error=repr(error))
        self._fail(name, text)

    # What the runners say (runner.Reports).

    def progressed(self, device: str, progress: Progress) -> None:
        """Write down how an order fares, and answer whoever waits for its decision."""
        self.orders.progressed(device, progress)

    def crashed(self, device: str, error: Exception) -> None:
        """Make a failed runner a fault that people see."""
        text = said("the logic of the site failed: {error}; restart the controller", error=repr(error))
        if device:
            text = said(
                "the logic of {device} failed: {error}; restart the controller", device=device, error=repr(error)
            )
        self._fail(device, text)

    def failed(self, what: str, error: Exception) -> None:
        """Make a failed task, or a failed passage, an alarm of its own."""
        self._fail(what, said("the {what} failed: {error}; restart the controller", what=what, error=repr(error)))

    def _fail(self, name: str, text: str) -> None:
        self.telling.crashed(name, Alarm("crashed", 1, text))

    # What is told.

    @property
    def alarms(self) -> Annunciator:
        """The alarms of the site, as they follow from everything that has been decided."""
        return self.telling.alarms

    def alarmed(self, device: str) -> None:
        """Look again what a mover's passage has to do with its alarms."""
        self.telling.alarmed(device)

    def _commanded(self, command: Command) -> None:
        if command.life.ended:
            self.metrics.order(str(command.life))
        self.telling.commanded(command)
        self.passages.commanded(command)


async def _cancelled(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
