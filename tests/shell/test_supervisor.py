"""The service of one site in virtual time: orders from the desk to the steel and back, and what happens when parts fail."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from controller.core import kinds
from controller.core.command import Life
from controller.core.device import Event, Sampled
from controller.core.readings import Readings
from controller.ledger import Command, DifferentBody, Request
from controller.metrics import Metrics
from controller.orders import NoSuchTarget
from controller.ports import Mute, Point, Refusing, Unit, Unreachable
from controller.supervisor import Supervisor
from tests.shell.followed import followed
from tests.shell.steel import MemoryJournal, SteelWire, now, plant

pytestmark = pytest.mark.virtual_time


class Service:
    """A running site for the length of an `async with`."""

    def __init__(self, journal: MemoryJournal | None = None, wire: SteelWire | None = None, **bollard: Any) -> None:
        self.wire = wire or SteelWire()
        self.journal = journal or MemoryJournal()
        self.supervisor = Supervisor(
            plant(self.wire, **bollard), self.journal, Metrics("test"), boot="boot", utc=lambda: f"t{now():.3f}"
        )

    async def __aenter__(self) -> Service:
        self.wire.since = now()
        self.task = asyncio.create_task(self.supervisor.run())
        await asyncio.sleep(2)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.supervisor.stop()
        await self.task

    async def order(self, action: str, target: str = "bollard", **more: Any) -> Command:
        request = Request(
            **{"id": f"{action}-{now():.3f}", "target": target, "action": action, "principal": "p", **more}
        )
        return await self.supervisor.orders.give(request)

    def state(self, device: str = "bollard") -> str:
        return self.supervisor.board[device].state

    def alarms(self) -> set[str]:
        return {standing.id for standing in self.supervisor.alarms.standing()}


async def test_rule_1_an_order_goes_to_the_wire_and_its_limit_switch_confirms_it() -> None:
    async with Service() as service:
        assert service.state() == "lowered"
        command = await service.order("raise")
        assert command.life is Life.ACCEPTED
        await asyncio.sleep(1)
        assert (service.state(), command.life) == ("raising", Life.MOVING)
        await asyncio.sleep(4)
        assert (service.state(), command.life) == ("raised", Life.CONFIRMED)
        assert service.wire.outputs["raise"] is False
    assert service.journal.life_of(command.request.id) == ["received", "accepted", "issued", "moving", "confirmed"]


async def test_rule_3_the_command_is_in_the_journal_before_the_first_frame() -> None:
    async with Service() as service:
        command = await service.order("raise")
        await asyncio.sleep(1)
        at = next(at for at, name, value in service.wire.written if name == "raise" and value)
        record = next(r for r in service.journal.records if r.entry.command == command.request.id)
    assert float(record.at[1:]) < at


async def test_rule_3_the_same_id_moves_steel_once_however_often_it_is_sent() -> None:
    async with Service() as service:
        answers = await asyncio.gather(*(service.order("raise", id="same") for _ in range(5)))
        assert len({id(answer) for answer in answers}) == 1
        await asyncio.sleep(6)
        again = await service.order("raise", id="same")
        assert again.life is Life.CONFIRMED
        assert service.wire.motions() == 1
        with pytest.raises(DifferentBody, match=r"action 'raise' then, 'lower' now$"):
            await service.order("lower", id="same")


async def test_rule_3_an_id_is_remembered_over_a_restart_and_writes_nothing() -> None:
    journal, wire = MemoryJournal(), SteelWire()
    async with Service(journal, wire) as first:
        await first.order("raise", id="once")
        await asyncio.sleep(6)
    wire.written.clear()
    async with Service(journal, wire) as second:
        answer = await second.order("raise", id="once")
        await asyncio.sleep(1)
        assert answer.life is Life.CONFIRMED
        assert wire.motions() == 0


async def test_rule_3_without_a_journal_an_ordinary_order_is_refused_and_alarmed() -> None:
    async with Service() as service:
        service.journal.trouble = "disk full"
        command = await service.order("raise")
        await asyncio.sleep(1)
        assert command.life is Life.REFUSED
        assert [r.rule for r in command.refusals] == ["journal"]
        assert service.wire.motions() == 0
        assert "site.journal" in service.alarms()


@pytest.mark.parametrize("action", ["stop", "lockdown"])
async def test_rule_3_without_a_journal_a_stop_and_an_emergency_go_ahead(action: str) -> None:
    async with Service() as service:
        if action == "stop":
            await service.order("raise")
            await asyncio.sleep(1)
        service.journal.trouble = "disk full"
        command = await service.order(action)
        await asyncio.sleep(6)
        assert command.life is Life.CONFIRMED
        assert service.wire.settle() == pytest.approx(0.25 if action == "stop" else 1.0, abs=0.1)


async def test_a_wire_whose_task_is_cancelled_by_something_below_it_is_a_failure_and_not_silence() -> None:
    class Cancelling(SteelWire):
        async def read(self, unit: Unit, points: tuple[Point, ...], deadline: float) -> Readings:
            if self.loop_occupied:
                raise asyncio.CancelledError
            return await super().read(unit, points, deadline)

    async with Service(wire=Cancelling()) as service:
        service.wire.loop_occupied = True
        await asyncio.sleep(1)
        assert service.state() == "offline"
        assert "wire.crashed" in service.alarms()


async def test_r09_an_occupied_loop_refuses_with_its_rule_and_name_and_again_for_a_second_after() -> None:
    async with Service() as service:
        service.wire.loop_occupied = True
        await asyncio.sleep(0.5)
        refused = await service.order("raise")
        assert [(r.rule, r.device) for r in refused.refusals] == [("R09", "loop")]
        service.wire.loop_occupied = False
        await asyncio.sleep(0.6)
        assert (await service.order("raise")).life is Life.REFUSED
        await asyncio.sleep(1.0)
        assert (await service.order("raise")).life is Life.ACCEPTED


async def test_r10_a_vehicle_arriving_during_the_motion_takes_it_back() -> None:
    async with Service() as service:
        command = await service.order("raise")
        await asyncio.sleep(2)
        service.wire.loop_occupied = True
        await asyncio.sleep(0.5)
        assert service.state() == "lowering"
        assert (service.wire.outputs["raise"], service.wire.outputs["lower"]) == (False, True)
        await asyncio.sleep(5)
        assert service.state() == "lowered"
        assert command.life is Life.FAILED
        assert command.because == "taken back: R09 loop: loop occupied"


async def test_r14_the_signal_shows_go_only_while_the_bollard_is_confirmed_lowered() -> None:
    async with Service() as service:
        assert service.wire.outputs["green"] is True
        await service.order("raise")
        await asyncio.sleep(0.5)
        assert (service.wire.outputs["green"], service.wire.outputs["red"]) == (False, True)
        await asyncio.sleep(5)
        assert service.wire.outputs["red"] is True


async def test_r17_after_a_loss_nothing_moves_and_the_released_outputs_are_written() -> None:
    async with Service() as service:
        command = await service.order("raise")
        await asyncio.sleep(1)
        service.wire.error = Unreachable
        await asyncio.sleep(1)
        assert service.state() == "offline"
        assert command.life is Life.UNKNOWN
        service.wire.error, service.wire.written[:] = None, []
        await asyncio.sleep(8)
        assert service.wire.motions() == 0
        assert service.wire.outputs["raise"] is False
        assert service.state() != "offline"


async def test_rule_4_a_write_without_an_answer_ends_the_order_as_unknown_and_is_not_repeated() -> None:
    async with Service() as service:
        service.wire.write_error = Mute
        command = await service.order("raise")
        await asyncio.sleep(0.3)
        service.wire.write_error = None
        await asyncio.sleep(8)
        assert command.life is Life.UNKNOWN
        assert service.wire.motions() == 0


async def test_a_write_that_the_unit_refuses_fails_the_order() -> None:
    async with Service() as service:
        service.wire.write_error = Refusing
        command = await service.order("raise")
        await asyncio.sleep(1)
        assert (command.life, service.state()) == (Life.FAILED, "stopped")
        await asyncio.sleep(10)
        assert service.state() == "lowered"


async def test_r16_steel_that_does_not_arrive_is_a_fault_with_an_alarm() -> None:
    async with Service() as service:
        service.wire.stuck = True
        command = await service.order("raise")
        await asyncio.sleep(9)
        assert (command.life, service.state()) == (Life.FAILED, "fault")
        assert service.wire.outputs["raise"] is False
        assert "bollard.travel-time" in service.alarms()


async def test_r20_steel_that_leaves_its_position_by_itself_is_a_priority_1_alarm() -> None:
    async with Service() as service:
        service.wire.height = 0.5
        await asyncio.sleep(1)
        (alarm,) = service.supervisor.alarms.standing()
    assert (alarm.id, alarm.alarm.priority) == ("bollard.left-position", 1)


async def test_a_newer_order_supersedes_and_opposite_outputs_never_meet() -> None:
    async with Service() as service:
        first = await service.order("raise")
        await asyncio.sleep(1)
        second = await service.order("lower")
        await asyncio.sleep(4)
        assert (first.life, second.life) == (Life.SUPERSEDED, Life.CONFIRMED)
    on: set[str] = set()
    for _, name, value in service.wire.written:
        (on.add if value else on.discard)(name)
        assert not {"raise", "lower"} <= on


async def test_stop_releases_the_outputs() -> None:
    async with Service() as service:
        first = await service.order("raise")
        await asyncio.sleep(1)
        stop = await service.order("stop")
        await asyncio.sleep(1)
        assert (first.life, stop.life, service.state()) == (Life.SUPERSEDED, Life.CONFIRMED, "stopped")


async def test_a_zone_is_secured_member_by_member_and_confirmed_when_all_are() -> None:
    async with Service() as service:
        zone = await service.order("secure", "gate", id="z")
        assert (zone.life, zone.members) == (Life.ACCEPTED, ("z:bollard",))
        await asyncio.sleep(6)
        assert zone.life is Life.CONFIRMED
        member = await service.supervisor.ledger.find("z:bollard")
        assert member is not None
        assert member.life is Life.CONFIRMED
    assert service.journal.life_of("z") == ["received", "accepted", "confirmed"]


async def test_a_zone_whose_members_all_refuse_is_refused_with_their_reasons() -> None:
    async with Service() as service:
        service.wire.loop_occupied = True
        await asyncio.sleep(0.5)
        zone = await service.order("secure", "gate")
        assert zone.life is Life.REFUSED
        assert [r.rule for r in zone.refusals] == ["R09"]


async def test_a_zone_with_a_member_that_fails_ends_failed_and_names_it() -> None:
    async with Service() as service:
        service.wire.stuck = True
        zone = await service.order("secure", "site")
        await asyncio.sleep(10)
        assert zone.life is Life.FAILED
        assert "bollard failed" in zone.because


async def test_unknown_targets_and_wrong_zone_actions_are_told() -> None:
    async with Service() as service:
        with pytest.raises(NoSuchTarget, match="nowhere"):
            await service.order("raise", "nowhere")
        with pytest.raises(NoSuchTarget, match="secure"):
            await service.order("raise", "gate")
        refused = await service.order("raise", "loop")
        assert [r.rule for r in refused.refusals] == ["kind"]


async def test_rule_2_nothing_is_commandable_before_a_full_fresh_read() -> None:
    async with Service(wire=SteelWire(error=Unreachable)) as service:
        refused = await service.order("raise")
        assert [r.rule for r in refused.refusals] == ["unreachable", "R29"]
        assert service.wire.written == []


async def test_a_crashed_device_is_shown_released_and_alarmed_and_its_neighbours_go_on(monkeypatch: Any) -> None:
    async with Service() as service:
        command = await service.order("raise")
        await asyncio.sleep(1)
        right = kinds.step

        def wrong(device: Any, event: Event, neighbours: Any, at: float) -> Any:
            if device.spec.id == "bollard" and isinstance(event, Sampled):
                raise ZeroDivisionError("seeded")
            return right(device, event, neighbours, at)

        monkeypatch.setattr(kinds, "step", wrong)
        await asyncio.sleep(1)
        assert service.state() == "unknown"
        assert service.wire.outputs["raise"] is False
        assert command.life is Life.UNKNOWN
        assert "bollard.crashed" in service.alarms()
        assert service.state("loop") == "clear"
        refused = await service.order("raise")
        assert [r.rule for r in refused.refusals] == ["crashed"]


async def test_a_crashed_wire_is_an_alarm_and_its_devices_are_offline() -> None:
    class Broken(SteelWire):
        async def read(self, *_: Any) -> Any:
            raise ZeroDivisionError("seeded")

    async with Service(wire=Broken()) as service:
        assert service.state() == "offline"
        assert "wire.crashed" in service.alarms()
        assert service.wire.closed == 1


async def test_stopping_in_mid_motion_releases_the_outputs_and_records_the_order_as_unknown() -> None:
    async with Service() as service:
        command = await service.order("raise")
        await asyncio.sleep(1)
        began = now()
    assert now() - began < 2
    assert service.wire.outputs["raise"] is False
    assert command.life is Life.UNKNOWN
    assert service.wire.closed == 1
    assert service.journal.records[-1].entry.body == {"event": "stopped"}


async def test_a_command_left_open_by_a_crash_is_unknown_after_the_restart_and_nothing_moves() -> None:
    journal, wire = MemoryJournal(), SteelWire()
    service = await Service(journal, wire).__aenter__()
    command = await service.order("raise", id="cut")
    await asyncio.sleep(1)
    # kill -9: no task gets a last word.
    frozen = list(journal.records)
    async with asyncio.timeout(5):
        service.supervisor.stop()
        await service.task
    journal.records[:] = frozen
    wire.outputs["raise"], wire.height, wire.written[:] = True, 0.3, []
    async with Service(journal, wire) as second:
        assert journal.life_of(command.request.id)[-1] == "unknown"
        assert second.state() == "stopped"
        assert wire.motions() == 0
        assert wire.outputs["raise"] is False


async def test_the_stream_tells_states_and_commands_in_order() -> None:
    async with Service() as service:
        told: list[tuple[str, str]] = []

        async def follow() -> None:
            async for event in followed(service.supervisor.stream):
                told.append((event.kind, event.data.get("life") or event.data.get("state") or ""))  # noqa: PERF401

        task = asyncio.create_task(follow())
        await asyncio.sleep(0)
        await service.order("raise")
        await asyncio.sleep(6)
    await task
    assert [life for kind, life in told if kind == "command"] == [
        "received",
        "accepted",
        "issued",
        "moving",
        "confirmed",
    ]
    assert next(state for kind, state in told if kind == "device") == "raising"


async def test_no_task_counts_as_stuck_while_it_waits_and_one_that_hangs_does() -> None:
    class Hanging(SteelWire):
        async def read(self, *_: Any) -> Any:
            await asyncio.get_running_loop().create_future()

    async with Service() as service:
        await asyncio.sleep(60)
        assert service.supervisor.stuck(now()) == []
    async with Service(wire=Hanging()) as service:
        await asyncio.sleep(60)
        assert service.supervisor.stuck(now()) == ["wire wire"]


async def test_a_task_of_the_service_that_fails_is_an_alarm_and_the_site_goes_on() -> None:
    async def heartbeat() -> None:
        raise ZeroDivisionError("seeded")

    async with Service() as service:
        await service.supervisor.guard("heartbeat", heartbeat)
        assert "heartbeat.crashed" in service.alarms()
        assert (await service.order("raise")).life is Life.ACCEPTED
