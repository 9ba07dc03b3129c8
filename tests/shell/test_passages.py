"""Passages through the service in virtual time, with simulated drivers: from the request to steel behind a vehicle."""

from __future__ import annotations

import asyncio

import pytest

from controller.core.command import Life
from controller.core.passing import step
from controller.core.spec import Route
from controller.ledger import DifferentBody
from controller.orders import NoSuchTarget
from controller.passages import MOST, Misdirected
from controller.ports import Mute
from tests.shell.steel import MemoryJournal
from tests.shell.street import PAIR, THREE, Bollards, Street

pytestmark = pytest.mark.virtual_time


async def test_r12_a_vehicle_is_let_through_and_the_way_is_closed_behind_it() -> None:
    async with Street() as street:
        account = await street.ask(vehicle="AB-123-CD", by="night desk", reason="delivery")
        assert (account.stage, account.ended) == ("opening", False)
        vehicle = street.traffic.send("street")
        await asyncio.sleep(60)
        assert vehicle.name not in street.world.vehicles
        assert (account.stage, street.state()) == ("done", "raised")
    assert street.stages()[:5] == ["requested", "a opening", "a open", "a occupied", "a cleared"]
    assert street.stages()[-3:] == ["a securing", "a done", "done"]


async def test_r14_the_signal_goes_with_the_steel_and_not_with_the_passage() -> None:
    async with Street() as street:
        await street.ask()
        await asyncio.sleep(2)
        assert (street.state(), street.state("a-signal")) == ("lowering", "halt")
        await asyncio.sleep(4)
        assert (street.state(), street.state("a-signal")) == ("lowered", "go")


async def test_r12_nobody_came_so_it_is_closed_after_30_s() -> None:
    async with Street() as street:
        account = await street.ask()
        await asyncio.sleep(33)
        assert street.state() == "lowered"
        await asyncio.sleep(8)
        assert (account.stage, street.state()) == ("done", "raised")


async def test_r12_without_loops_it_is_refused_and_nothing_moves() -> None:
    async with Street([Bollards("a", 50.0, presence=False)]) as street:
        account = await street.ask()
        assert [(r.rule, r.device) for r in account.refusals] == [("R12", "a")]
        assert (account.stage, account.ended, street.wire.writes) == ("refused", True, [])
    assert street.stages() == ["requested", "refused"]


async def test_rule_3_a_request_is_recorded_before_its_first_order_and_who_asked_is_in_both() -> None:
    async with Street() as street:
        await street.ask(by="night desk")
        records = [r.entry for r in street.journal.records if r.entry.command.startswith("p")]
    first, order = records[0], next(entry for entry in records if entry.kind == "command")
    assert (first.kind, first.body["by"], first.body["principal"]) == ("passage", "night desk", "guard")
    assert (order.body["passage"], order.body["by"], order.body["automatic"]) == ("p", "night desk", False)


async def test_the_securing_order_is_marked_as_automatic() -> None:
    async with Street() as street:
        await street.ask()
        await asyncio.sleep(45)
        marks = {
            r.entry.body["action"]: r.entry.body["automatic"]
            for r in street.journal.records
            if "action" in r.entry.body
        }
    assert marks == {"lower": False, "raise": True}


async def test_the_same_id_opens_once_and_is_remembered_over_a_restart() -> None:
    journal = MemoryJournal()
    async with Street(journal=journal) as street:
        first, second = await asyncio.gather(street.ask(), street.ask())
        assert first is second
        await asyncio.sleep(45)
        assert await street.ask() is first
        assert [name for _, name in street.wire.writes] == ["a.lower", "a.raise"]
        with pytest.raises(DifferentBody, match="vehicle '' then, 'x' now"):
            await street.ask(vehicle="x")
    async with Street(journal=journal) as again:
        known = await again.ask()
        assert (known.stage, known.ended, known.stages) == ("done", True, {"a": ("done", "")})
        assert again.wire.writes == []


async def test_an_id_of_a_command_is_none_of_a_passage_and_the_other_way_round() -> None:
    async with Street() as street:
        command = await street.order("stop")
        assert await street.supervisor.passages.logbook.find(command.request.id) is None
        await street.ask()
        assert await street.supervisor.ledger.find("p") is None


async def test_rule_9_an_order_of_a_person_takes_over_at_once() -> None:
    async with Street() as street:
        account = await street.ask()
        await asyncio.sleep(2)
        stop = await street.order("stop")
        assert (account.stage, account.because) == ("cancelled", f"a cancelled: order {stop.request.id} to a took over")
        await asyncio.sleep(60)
        assert [name for _, name in street.wire.writes] == ["a.lower"]


async def test_an_order_to_the_zone_takes_over_as_well() -> None:
    async with Street() as street:
        account = await street.ask()
        await asyncio.sleep(8)
        assert account.stage == "open"
        await street.order("secure", "gate")
        assert account.stage == "cancelled"
        await asyncio.sleep(8)
        assert street.state() == "raised"


async def test_an_order_that_is_refused_takes_nothing_over() -> None:
    async with Street() as street:
        account = await street.ask()
        street.park(51.0)
        await asyncio.sleep(8)
        assert (await street.order("raise")).life is Life.REFUSED
        assert account.stage == "occupied"


async def test_r29_a_loop_in_fault_keeps_it_open_and_alarms_until_a_person_has_secured_it() -> None:
    async with Street() as street:
        account = await street.ask()
        await asyncio.sleep(6)
        street.wire.broken.add("a-behind")
        await asyncio.sleep(60)
        assert (account.stage, street.state(), "a.passage" in street.alarms()) == ("held", "lowered", True)
        street.wire.broken.clear()
        await asyncio.sleep(60)
        assert street.state() == "lowered"
        await street.order("raise")
        assert account.stage == "cancelled"
        (standing,) = [s for s in street.supervisor.alarms.standing() if s.id == "a.passage"]
        assert standing.state == "returned-unacknowledged"


async def test_r10_r11_steel_that_meets_a_vehicle_comes_back_and_is_secured_again_three_times_at_most() -> None:
    async with Street() as street:
        account = await street.ask()
        for attempt in range(3):
            await street.until(lambda: street.state() == "raising" and street.world.steel["a"][0] > 0.3)
            street.park(49.0)
            await street.until(lambda: street.state() == "lowered" and account.stage != "securing")
            assert account.stage == ("occupied" if attempt < 2 else "held")
            street.world.vehicles.clear()
        await asyncio.sleep(120)
        assert (account.stage, street.state(), "a.passage" in street.alarms()) == ("held", "lowered", True)
        await street.order("raise")
        await asyncio.sleep(8)
        assert (account.stage, street.state()) == ("cancelled", "raised")


async def test_r10_steel_that_came_back_once_is_secured_when_the_vehicle_has_gone() -> None:
    async with Street() as street:
        account = await street.ask()
        await street.until(lambda: street.state() == "raising" and street.world.steel["a"][0] > 0.3)
        street.park(49.0)
        await street.until(lambda: account.stage == "occupied")
        street.world.vehicles.clear()
        await asyncio.sleep(8)
        assert (account.stage, street.state()) == ("done", "raised")


async def test_r17_after_the_wire_was_lost_nothing_follows_by_itself() -> None:
    async with Street() as street:
        account = await street.ask()
        await asyncio.sleep(6)
        street.wire.error = Mute
        await asyncio.sleep(10)
        assert account.stage == "failed"
        street.wire.error = None
        await asyncio.sleep(120)
        assert (street.state(), [name for _, name in street.wire.writes]) == ("lowered", ["a.lower"])


async def test_r17_a_restart_ends_it_as_unknown_and_resumes_nothing() -> None:
    journal = MemoryJournal()
    async with Street(journal=journal) as street:
        account = await street.ask()
        await asyncio.sleep(6)
    assert (account.stage, account.ended, street.stages()[-1]) == ("unknown", True, "unknown")


async def test_r17_what_a_crash_left_open_is_ended_at_the_next_start() -> None:
    journal = MemoryJournal()
    async with Street(journal=journal) as street:
        await street.ask()
        await asyncio.sleep(6)
        kept = list(journal.records)
    journal.records = kept
    async with Street(journal=journal) as again:
        known = await again.supervisor.passages.logbook.find("p")
        assert known is not None
        assert (known.stage, known.ended) == ("unknown", True)
        await asyncio.sleep(60)
        assert again.wire.writes == []


async def test_one_passage_at_a_mover_at_a_time() -> None:
    async with Street() as street:
        await street.ask()
        second = await street.ask(passage="q")
        assert [(r.rule, r.device, r.because) for r in second.refusals] == [
            ("passage", "a", "it is in passage p (opening)")
        ]
        await asyncio.sleep(45)
        assert (await street.ask(passage="r")).stage == "opening"


async def test_the_number_of_passages_is_bounded() -> None:
    rows = [Bollards(f"row{i}", 10.0 * i) for i in range(MOST + 1)]
    async with Street(rows) as street:
        for row in rows[:-1]:
            assert (await street.ask(row.name, row.name)).stage == "opening"
        (refusal,) = (await street.ask(rows[-1].name, "last")).refusals
        assert (refusal.rule, refusal.because) == ("passage", "16 passages are under way, as many as there may be")


async def test_an_open_order_that_is_refused_refuses_the_passage() -> None:
    async with Street(PAIR) as street:
        await street.order("open", "b")
        await asyncio.sleep(6)
        account = await street.ask("a")
        assert (account.stage, [r.rule for r in account.refusals]) == ("refused", ["airlock"])


@pytest.mark.parametrize(("target", "direction"), [("a", "in"), ("all", "out")])
async def test_only_an_airlock_has_a_direction(target: str, direction: str) -> None:
    async with Street(THREE, {"all": Route(title="All", points=("a", "b"), hold_s=60)}) as street:
        with pytest.raises(Misdirected, match=f"^{target} is "):
            await street.ask(target, direction=direction)


async def test_what_is_no_mover_cannot_be_passed_and_what_is_nothing_is_not_there() -> None:
    async with Street() as street:
        assert [r.rule for r in (await street.ask("a-before")).refusals] == ["kind"]
        with pytest.raises(NoSuchTarget, match="no device or route 'x'"):
            await street.ask("x", "q")


async def test_rule_3_without_a_journal_nothing_begins() -> None:
    async with Street() as street:
        street.journal.trouble = "disk full"
        account = await street.ask()
        assert ([r.rule for r in account.refusals], account.stage, street.wire.writes) == (["journal"], "refused", [])


async def test_a_journal_that_fails_on_the_way_keeps_the_way_open_with_an_alarm() -> None:
    async with Street() as street:
        account = await street.ask()
        await asyncio.sleep(6)
        street.journal.trouble = "disk full"
        await asyncio.sleep(60)
        assert (account.stage, street.state(), "a.passage" in street.alarms()) == ("held", "lowered", True)


async def test_a_passage_whose_logic_fails_is_an_alarm_and_the_others_go_on(monkeypatch) -> None:
    async with Street(THREE) as street:
        first, second = await street.ask("a"), await street.ask("b", "q")

        def failing(passage, *more):
            if passage.id == "p":
                raise RuntimeError("a mistake of ours")
            return step(passage, *more)

        monkeypatch.setattr("controller.passages.step", failing)
        await asyncio.sleep(45)
        assert (first.stage, first.because) == ("failed", "its logic failed: RuntimeError('a mistake of ours')")
        assert (second.stage, "passage p.crashed" in street.alarms()) == ("done", True)
