"""One site: starts, watches and stops everything, and takes orders for it.

The tree is one TaskGroup of endpoints (a wire each) and runners (a device each). A task that fails is a fault and an alarm, and
is not started again: its device or wire is shown as what it is, and the rest goes on. Stopping goes against the flow of orders:
first no new order, then the runners, which release their outputs, then the wires.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import structlog

from controller import alarm_memory, holds, views
from controller.afterwards import Afterwards
from controller.annunciator import Annunciator, Change, Clock, Place
from controller.board import Board
from controller.core import kinds, lockdown
from controller.core.alarms import Standing
from controller.core.device import Alarm, Device, Lost, Progress, Restored
from controller.core.mover import Mover
from controller.core.readings import Readings
from controller.core.spec import MoverSpec
from controller.endpoint import Endpoint
from controller.feeds import Feed
from controller.ledger import Command, Ledger
from controller.logbook import Account, Logbook
from controller.metrics import Metrics
from controller.orders import Orders
from controller.passages import Passages
from controller.plant import Fitting, Plant
from controller.ports import Entry, Identity, Journal, LinkError, Unreachable
from controller.recall import Recall
from controller.runner import Outlet, Runner
from controller.stream import Stream

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
        self._alarms = Annunciator(clock, self._annunciated, self._flooded, places)
        self.afterwards = Afterwards(partial(self._announce, "telling", self.failed, "telling of what was decided"))
        self.ledger = Ledger(journal, utc, self._commanded, self.afterwards.add)
        self.stopping = asyncio.Event()
        self.started = asyncio.Event()
        self.runners: dict[str, Runner] = {}
        self.endpoints: dict[str, Endpoint] = {}
        self.units_up: set[str] = set()
        self._feeds: dict[str, list[Feed]] = {}
        self._crashes: dict[str, Alarm] = {}
        self._build()
        self.custody = holds.Custody(journal, self.runners, lambda alarms: self._alarms.set("holds", alarms))
        self.orders = Orders(
            self.ledger,
            self.runners,
            self._zones(lambda fitting: isinstance(fitting.spec, MoverSpec)),
            driven=self._zones(lambda fitting: bool(fitting.outputs)),
            units=self._arming(),
            timed=metrics.order_latency,
        )
        logbook = Logbook(journal, utc, self._passed)
        self.passages = Passages(self.board, logbook, plant.routes, self.orders.give, self)
        self._recall = Recall(journal, self.ledger, logbook, self._alarms, utc)

    # Building.

    def _build(self) -> None:
        for wire in self.plant.wires:
            self.endpoints[wire.name] = Endpoint(wire.name, wire.link, wire.plans, self)
            for plan in wire.plans:
                self._feeds[plan.unit.name] = []
        self.board.watch(self._changed)
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
                group.create_task(self.guard("record of holds", self.custody.run), name="record of holds"),
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
                self.orders.close("the controller is stopping")
                self.passages.close("the controller stopped")
                await _cancelled(devices)
                await _cancelled([*wires, *house])
        self.afterwards.flush()
        self.stream.close()
        self.journal.note(Entry("service", body={"event": "stopped"}))

    async def _keep_house(self) -> None:
        """Make an alarm of a journal that cannot be written: without it no ordinary order is accepted (R37). End shelvings."""
        while True:
            trouble = self.journal.trouble
            self._alarms.set("", [Alarm("journal", 1, f"the journal cannot be written: {trouble}")] if trouble else [])
            self._alarms.tick()
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
        self.journal.note(Entry("unit", unit, body={"event": "up", "identity": dict(identity)}))
        for feed in self._feeds[unit]:
            feed.forget()
            feed.runner.post(Restored(unit))
        self._alarms.set(f"unit {unit}", (), device=unit)

    def down(self, unit: str, error: LinkError) -> None:
        """Tell the devices on `unit` that it does not."""
        self.units_up.discard(unit)
        why = f"{type(error).__name__.lower()}: {error.detail}"
        self.journal.note(Entry("unit", unit, body={"event": "down", "why": why}))
        self._alarms.set(f"unit {unit}", [Alarm("no-answer", 3, f"cannot be reached: {why}")], device=unit)
        for feed in self._feeds[unit]:
            feed.runner.post(Lost(unit, why))

    def expired(self, unit: str) -> None:
        """Make an alarm, to be acknowledged, of a unit whose outputs were off while it could not be reached (R26)."""
        text = "its watchdog expired while it could not be reached: its outputs went off, and it is armed again (R26)"
        self.journal.note(Entry("unit", unit, body={"event": "watchdog-expired", "why": text}))
        self._alarms.set(f"watchdog of {unit}", [Alarm("watchdog", 2, text, over=text)], device=unit)
        self._alarms.set(f"watchdog of {unit}", (), device=unit)

    def _wire_failed(self, name: str, error: Exception) -> None:
        for plan in next(wire.plans for wire in self.plant.wires if wire.name == name):
            self.down(plan.unit.name, Unreachable(name, plan.unit.name, f"its task failed: {error!r}"))
        self._fail(name, f"the task of wire {name} failed: {error!r}; restart the controller")

    # What the runners say (runner.Reports).

    def progressed(self, device: str, progress: Progress) -> None:
        """Write down how an order fares, and answer whoever waits for its decision."""
        self.orders.progressed(device, progress)

    def crashed(self, device: str, error: Exception) -> None:
        """Make a failed runner a fault that people see."""
        self._fail(device, f"the logic of {device or 'the site'} failed: {error!r}; restart the controller")

    def failed(self, what: str, error: Exception) -> None:
        """Make a failed task, or a failed passage, an alarm of its own."""
        self._fail(what, f"the {what} failed: {error!r}; restart the controller")

    def _fail(self, name: str, text: str) -> None:
        self._annunciate_crash(name, Alarm("crashed", 1, text))

    def _annunciate_crash(self, name: str, alarm: Alarm) -> None:
        self._crashes[name] = alarm
        if name in self.board:
            self.alarmed(name)
        else:
            self._alarms.set(name, [alarm])

    # Telling everybody.

    @property
    def alarms(self) -> Annunciator:
        """The alarms of the site, as they follow from everything that has been decided."""
        self.afterwards.flush()
        return self._alarms

    def _changed(self, before: Device, after: Device) -> None:
        self.afterwards.add(partial(self._tell, before, after))
        if holds.changed(before, after) and not holds.latched(before, after):
            # It may be confirmed as soon as it is on record, and a record of a latch that was to come before it comes before it.
            self.afterwards.flush()

    def _tell(self, before: Device, after: Device) -> None:
        body = {
            "state": after.state,
            "was": before.state,
            "mode": str(after.mode),
            "version": after.version,
            "why": after.why,
        }
        self.journal.note(Entry("device", after.spec.id, body=body))
        if holds.changed(before, after):
            self.custody.changed(before, after)
        self.stream.publish("device", {"id": after.spec.id, **body})
        self._alarm(after)

    def alarmed(self, device: str) -> None:
        """Make the conditions of a device, and of a passage that it is in, its alarms."""
        self.afterwards.flush()
        self._alarm(self.board[device])

    def _alarm(self, shown: Device) -> None:
        device = shown.spec.id
        crash = self._crashes.get(device)
        if crash is None:
            self._alarms.set(device, [*kinds.alarms(shown), *self.passages.alarms(device)])
        else:
            self._alarms.set(device, [crash, *(lockdown.alarms(shown) if isinstance(shown, Mover) else ())])

    def _commanded(self, command: Command) -> None:
        if command.life.ended:
            self.metrics.order(str(command.life))
        self.afterwards.add(partial(self._publish_command, command.as_it_is()))
        self.passages.commanded(command)

    def _publish_command(self, command: Command) -> None:
        self.stream.publish("command", views.command(command))

    def _passed(self, account: Account) -> None:
        self.stream.publish("passage", views.passage(account))

    def _annunciated(self, standing: Standing, change: Change) -> None:
        self.journal.note(alarm_memory.entry(standing, change))
        self.stream.publish("alarm", views.alarm(standing, self._alarms))

    def _flooded(self, flood: bool, count: int) -> None:
        self.journal.note(alarm_memory.flood_entry(flood, count))
        self.stream.publish("flood", {"flood": flood, "last_10_min": count})


async def _cancelled(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
