"""Hard cases of the service in virtual time: parts that fail at the worst moment, journals that hang, orders that arrive late."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from controller.core import kinds
from controller.core.command import Life
from controller.core.device import Event, Ordered, Sampled
from controller.core.readings import Readings, Value
from controller.metrics import Metrics
from controller.peer import Plan
from controller.plant import Plant, Wire
from controller.ports import (
    Entry,
    Identity,
    JournalUnavailable,
    LinkError,
    Mute,
    Point,
    Record,
    Sink,
    Unit,
    Unreachable,
    Wanted,
    always,
)
from controller.supervisor import Supervisor
from tests.shell.steel import POINTS, MemoryJournal, SteelWire, now, plant
from tests.shell.test_supervisor import Service

pytestmark = pytest.mark.virtual_time

NEVER = 3600.0


@dataclass
class Part:
    """One of several wires that lead to the same steel; `broken` breaks this one alone, `slow` delays its requests."""

    steel: SteelWire
    broken: type[LinkError] | None = None
    slow: float = 0.0

    async def _frame(self, unit: Unit) -> None:
        await asyncio.sleep(self.slow)
        if self.broken is not None:
            raise self.broken("wire", unit.name, "scripted")

    async def open(self, unit: Unit, deadline: float) -> Identity:
        await self._frame(unit)
        return await self.steel.open(unit, deadline)

    async def read(self, unit: Unit, points: tuple[Point, ...], deadline: float) -> Readings:
        await self._frame(unit)
        return await self.steel.read(unit, points, deadline)

    async def write(
        self, unit: Unit, values: Sequence[tuple[Point, Value]], deadline: float, wanted: Wanted = always
    ) -> None:
        await self._frame(unit)
        await self.steel.write(unit, values, deadline)

    async def subscribe(self, unit: Unit, points: tuple[Point, ...], sink: Sink) -> None:
        return

    async def close(self) -> None:
        return


def spread(steel: SteelWire, others: Part, act: Part | None = None) -> Plant:
    """Put the gate on `others`; with `act` the outputs of the bollard hang on a unit of their own, on that wire."""
    gate = plant(steel)
    (plan,) = gate.wires[0].plans
    wires = [Wire(name="wire", url="fake:", link=others, plans=(plan,))]
    if act is None:
        return replace(gate, wires=tuple(wires))
    own = Plan(unit=Unit("act", "act-wire", 1, POINTS), points=(POINTS["loop"],))
    wires.append(Wire(name="act-wire", url="fake:", link=act, plans=(own,)))
    bollard, loop, signal = gate.fittings
    bollard = replace(bollard, outputs={name: ("act-wire", "act", POINTS[name]) for name in ("raise", "lower")})
    return replace(gate, wires=tuple(wires), fittings=(bollard, loop, signal))


class Site(Service):
    """As Service, for any plant."""

    def __init__(self, site: Plant, wire: SteelWire, journal: MemoryJournal | None = None) -> None:
        self.wire, self.journal = wire, journal or MemoryJournal()
        self.supervisor = Supervisor(site, self.journal, Metrics("test"), boot="boot", utc=lambda: f"t{now():.3f}")


# Outputs that hang on another unit than the feedback.


async def test_rule_5_losing_the_limit_switches_releases_outputs_that_hang_on_another_unit() -> None:
    steel = SteelWire()
    sense, act = Part(steel), Part(steel)
    async with Site(spread(steel, sense, act), steel) as service:
        await service.order("raise")
        await asyncio.sleep(1)
        assert steel.outputs["raise"] is True
        sense.broken = Unreachable
        await asyncio.sleep(1)
        assert service.state() == "offline"
        assert steel.outputs["raise"] is False


async def test_r17_outputs_left_on_by_an_earlier_run_are_released_though_the_limit_switches_cannot_be_read() -> None:
    steel = SteelWire(height=0.5, outputs={"raise": True})
    sense, act = Part(steel, Unreachable), Part(steel)
    async with Site(spread(steel, sense, act), steel) as service:
        assert service.state() == "offline"
        assert steel.outputs["raise"] is False


async def test_stopping_releases_the_outputs_of_a_device_whose_limit_switches_were_just_lost() -> None:
    steel = SteelWire()
    sense, act = Part(steel), Part(steel)
    async with Site(spread(steel, sense, act), steel) as service:
        await service.order("raise")
        await asyncio.sleep(1)
        sense.broken, act.slow = Unreachable, 0.1
        offline = asyncio.Event()
        service.supervisor.board.watch(lambda _, after: offline.set() if after.state == "offline" else None)
        async with asyncio.timeout(8):
            await offline.wait()
    assert steel.outputs["raise"] is False


# Stopping.


async def test_rule_3_an_order_whose_frame_has_not_gone_out_when_the_controller_stops_never_goes_out() -> None:
    steel = SteelWire()
    wire = Part(steel)
    async with Site(spread(steel, wire), steel) as service:
        wire.slow = 0.4
        await asyncio.sleep(1)
        await service.order("raise")
    assert steel.motions() == 0


async def test_stopping_releases_the_outputs_though_the_wire_waits_for_a_mute_neighbour() -> None:
    trying = asyncio.Event()

    class Bus(Part):
        async def open(self, unit: Unit, deadline: float) -> Identity:
            if unit.name == "mute":
                trying.set()
                await asyncio.sleep(0.8)
                raise Mute("wire", "mute", "scripted")
            return await super().open(unit, deadline)

    steel = SteelWire()
    site = spread(steel, Bus(steel))
    mute = Plan(unit=Unit("mute", "wire", 2, POINTS), points=(POINTS["loop"],))
    site = replace(site, wires=(replace(site.wires[0], plans=(*site.wires[0].plans, mute)),))
    async with Site(site, steel) as service:
        await asyncio.sleep(10)
        steel.stuck = True
        assert (await service.order("raise")).life is Life.ACCEPTED
        await asyncio.sleep(0.5)
        trying.clear()
        async with asyncio.timeout(7):
            await trying.wait()
        assert service.state() == "raising"
        began = now()
    assert now() - began < 1.5
    assert steel.outputs["raise"] is False


async def test_stopping_waits_no_longer_for_a_wire_that_does_not_close() -> None:
    class Endless(SteelWire):
        async def close(self) -> None:
            await asyncio.sleep(NEVER)

    async with Service(wire=Endless()):
        began = now()
    assert now() - began < 1.5


async def test_a_child_that_fails_does_not_keep_the_others_from_releasing_their_outputs(monkeypatch: Any) -> None:
    async with Service() as service:
        await service.order("raise")
        await asyncio.sleep(1)

        def wrong(*_: Any) -> None:
            raise ZeroDivisionError("seeded")

        monkeypatch.setattr(service.supervisor.alarms, "set", wrong)
        await asyncio.sleep(2)
        assert not service.task.done()
        monkeypatch.undo()
    assert service.wire.outputs["raise"] is False


async def test_a_controller_that_is_cancelled_releases_its_outputs_before_it_lets_go_of_the_wires() -> None:
    service = await Service().__aenter__()
    await service.order("raise")
    await asyncio.sleep(1)
    service.task.cancel()
    await asyncio.gather(service.task, return_exceptions=True)
    assert service.wire.outputs["raise"] is False
    assert service.wire.closed == 1


# A device whose logic failed.


def broken_for(event_kind: type[Event]) -> Any:
    """Make a `kinds.step` that fails for the bollard on events of one kind."""
    right = kinds.step

    def wrong(device: Any, event: Event, neighbours: Any, at: float) -> Any:
        if device.spec.id == "bollard" and isinstance(event, event_kind):
            raise ZeroDivisionError("seeded")
        return right(device, event, neighbours, at)

    return wrong


async def test_an_order_that_the_logic_could_not_decide_on_is_answered_and_ends(monkeypatch: Any) -> None:
    async with Service() as service:
        monkeypatch.setattr(kinds, "step", broken_for(Ordered))
        async with asyncio.timeout(5):
            command = await service.order("raise", id="undecided")
        assert command.life is Life.REFUSED
        assert [r.rule for r in command.refusals] == ["crashed"]
    assert service.journal.life_of("undecided") == ["received", "refused"]


async def test_a_device_whose_logic_failed_gathers_no_mail(monkeypatch: Any) -> None:
    async with Service() as service:
        monkeypatch.setattr(kinds, "step", broken_for(Sampled))
        await asyncio.sleep(60)
        assert len(service.supervisor.runners["bollard"]._mail) == 0


async def test_r17_a_device_whose_logic_failed_is_released_again_when_its_unit_returns(monkeypatch: Any) -> None:
    async with Service() as service:
        await service.order("raise")
        await asyncio.sleep(1)
        service.wire.write_error = Mute
        monkeypatch.setattr(kinds, "step", broken_for(Sampled))
        await asyncio.sleep(0.3)
        assert service.wire.outputs["raise"] is True
        service.wire.write_error = None
        await asyncio.sleep(2)
        assert service.wire.outputs["raise"] is False


async def test_a_wire_whose_task_failed_is_an_alarm_and_no_reason_to_be_killed() -> None:
    class Broken(SteelWire):
        async def read(self, *_: Any) -> Any:
            raise ZeroDivisionError("seeded")

    async with Service(wire=Broken()) as service:
        await asyncio.sleep(60)
        assert "wire.crashed" in service.alarms()
        assert service.supervisor.stuck(now()) == []


async def test_mail_that_comes_after_a_long_silence_has_not_waited_for_as_long() -> None:
    async with Service(wire=SteelWire(error=Unreachable)) as service:
        await asyncio.sleep(60)
        service.supervisor.runners["loop"].wake()
        assert service.supervisor.stuck(now()) == []


# The journal.


class HangingJournal(MemoryJournal):
    """A journal whose disk takes `read_s` to find a command and `append_s` to take one."""

    read_s = append_s = 0.0

    async def of_command(self, command: str) -> Sequence[Record]:
        await asyncio.sleep(self.read_s)
        return await super().of_command(command)

    async def append(self, *entries: Entry) -> Sequence[Record]:
        await asyncio.sleep(self.append_s)
        return await super().append(*entries)


async def test_rule_3_the_time_that_the_journal_takes_is_the_orders_own() -> None:
    journal = HangingJournal()
    async with Service(journal) as service:
        journal.read_s = 20
        asked = now()
        with pytest.raises(JournalUnavailable, match="order's time"):
            await service.order("raise", expires_in_s=5.0)
        assert now() - asked <= 5.0
        journal.read_s = journal.append_s = 3
        command = await service.order("raise", id="second", expires_in_s=5.0)
        await asyncio.sleep(30)
        assert command.life is Life.REFUSED
        assert service.wire.motions() == 0


async def test_rule_3_a_journal_that_hangs_refuses_the_order_within_its_time() -> None:
    journal = HangingJournal()
    async with Service(journal) as service:
        journal.append_s = 60
        for target in ("bollard", "gate"):
            asked = now()
            command = await service.order("secure", target, id=f"hangs-{target}", expires_in_s=3.0)
            assert now() - asked <= 3.0
            assert [r.rule for r in command.refusals] == ["journal"]
        await asyncio.sleep(120)
        assert service.wire.motions() == 0
        again = await service.order("secure", id="hangs-bollard", expires_in_s=3.0)
        assert again.life is Life.REFUSED


async def test_a_journal_that_hangs_at_the_start_keeps_the_site_neither_from_starting_nor_from_stopping() -> None:
    class Unread(MemoryJournal):
        async def select(self, *_: Any, **__: Any) -> Sequence[Record]:
            await asyncio.sleep(NEVER)
            return []

    supervisor = Service(Unread()).supervisor
    task = asyncio.create_task(supervisor.run())
    began = now()
    async with asyncio.timeout(10):
        await supervisor.started.wait()
    supervisor.stop()
    await task
    assert now() - began < 10


async def test_an_order_left_open_is_ended_though_thousands_were_given_after_it() -> None:
    journal = MemoryJournal()
    journal.note(
        Entry("command", "bollard", "cut", {"life": "received"}), Entry("command", "bollard", "cut", {"life": "moving"})
    )
    for number in range(4000):
        journal.note(Entry("command", "bollard", f"c{number}", {"life": "refused"}))
    async with Service(journal):
        assert journal.life_of("cut")[-1] == "unknown"
