"""What is told of a decision, and in which order: nothing of it is lost, and nothing older comes after something newer."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from controller.core.command import Life
from controller.core.modes import Latch
from controller.core.mover import Mover
from controller.holds import KIND as HELD
from controller.ports import Entry, Mute
from tests.faults.bench import bench
from tests.shell.scripted import link_at_rest, running
from tests.shell.street import ONE, Street


async def test_r07_what_was_decided_before_the_logic_failed_is_told_as_it_was_then(tmp_path: Path) -> None:
    async with running(tmp_path, link=link_at_rest()) as rig:
        await rig.quiet()
        steel = rig.device("bollard")
        assert isinstance(steel, Mover)
        latched = replace(steel.holds, efo=Latch("op", "operator", "f"))
        rig.supervisor.board.show(replace(steel, holds=latched, version=steel.version + 1))
        rig.supervisor.crashed("bollard", ZeroDivisionError("seeded"))
        rig.supervisor.telling.everything()
        journal = rig.supervisor.journal
        await journal.append()
        told = [r.entry.body for r in await journal.select(0, 1000, kind="alarm")]
        assert [it["event"] for it in told if it["id"] == "bollard.duress"] == ["comes", "goes"]
        assert "bollard.crashed" in {alarm.id for alarm in rig.supervisor.alarms.standing()}


@pytest.mark.simulated
async def test_a_lock_out_is_on_record_even_where_nothing_can_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench("gate") as b:
        journal = b.service.journal
        right = journal.note

        def wrong(*entries: Entry) -> None:
            if any(entry.kind == "device" for entry in entries):
                raise ZeroDivisionError("seeded")
            right(*entries)

        monkeypatch.setattr(journal, "note", wrong)
        answer = await b.order("lock-out", "bollards", by="luc", reason="hose replaced")
        assert answer.life is Life.CONFIRMED
        (held,) = await b.records(kind=HELD)
        assert [tag["owner"] for tag in held.entry.body["holds"]["tags"]] == ["luc"]
        assert "telling of what was decided.crashed" in {one.id for one in b.service.supervisor.alarms.standing()}


async def test_a_unit_that_is_back_at_once_leaves_no_alarms_of_its_devices_behind(tmp_path: Path) -> None:
    """That it does not answer says it already; its devices are heard of before it is back."""
    async with running(tmp_path, link=link_at_rest()) as rig:
        await rig.quiet()
        rig.supervisor.down("io", Mute("wire", "io", "scripted"))
        for _ in range(4):
            await asyncio.sleep(0)
        rig.supervisor.up("io", {})
        await rig.quiet()
        journal = rig.supervisor.journal
        await journal.append()
        told = [r.entry.body for r in await journal.select(0, 1000, kind="alarm")]
        assert [(it["id"], it["event"]) for it in told if it["id"].endswith((".no-answer", ".offline"))][:3] == [
            ("io.no-answer", "comes"), ("bollard.offline", "suppress"), ("signal.offline", "suppress"),
        ]  # fmt: skip


@pytest.mark.virtual_time
async def test_what_a_passage_reaches_is_told_after_that_by_which_it_did() -> None:
    async with Street(ONE) as street:
        account = await street.ask("a")
        await street.until(lambda: account.stages["a"][0] == "open")
        street.supervisor.telling.everything()
        told = [(r.entry.kind, r.entry.body.get("stage", r.entry.body.get("state"))) for r in street.journal.records]
        assert told.index(("device", "lowered"), told.index(("device", "lowering"))) < told.index(("passage", "open"))


@pytest.mark.virtual_time
async def test_the_frames_of_a_take_over_are_out_before_anybody_is_told() -> None:
    async with Street(ONE) as street:
        account = await street.ask("a")
        await street.until(lambda: account.stages["a"][0] == "open")
        street.supervisor.telling.everything()
        before, noted = len(street.journal.records), list[list[str]]()
        writing = street.wire.write

        async def write(*given: Any, **named: Any) -> None:
            noted.append([record.entry.kind for record in street.journal.records[before:]])
            await writing(*given, **named)

        street.wire.write = write  # type: ignore[method-assign]
        await street.order("lockdown", "a")
        await street.until(lambda: bool(noted))
        assert account.ended
        assert noted[0] == ["command", "mode"]
