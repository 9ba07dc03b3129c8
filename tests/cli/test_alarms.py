"""`rempart alarms`, `ack`, `shelve` … against the real API."""

from __future__ import annotations

import json

import pytest

from controller.cli.exits import Exit
from controller.ports import Mute
from tests.cli.desk import Desk

SILENT = ["detectors.no-answer", "io.no-answer"]


@pytest.fixture
async def alarmed(desk: Desk) -> Desk:
    """A desk whose units have both gone silent: two alarms, and those of the devices behind them suppressed."""
    for unit in ("detectors", "io"):
        desk.rig.link.fail(unit, Mute)
    for name in ("entry", "exit", "bollard", "signal"):
        await desk.rig.shows(name, "offline")
    return desk


async def _standing(desk: Desk) -> dict[str, str]:
    told = json.loads((await desk.shell.rempart("alarms", "--json")).out)
    return {alarm["id"]: alarm["state"] for alarm in told}


async def test_where_none_stands_it_says_so(desk: Desk) -> None:
    listed = await desk.shell.rempart("alarms")
    acknowledged = await desk.shell.rempart("ack", "--all")
    assert (listed.code, listed.out.splitlines()[-1]) == (0, "no alarm stands")
    assert (acknowledged.code, acknowledged.out) == (0, "no alarm stands that nobody has seen\n")


async def test_the_list_names_priority_id_state_and_time_and_fits_80_columns(alarmed: Desk) -> None:
    lines = (await alarmed.shell.rempart("alarms")).out.splitlines()
    row = next(line for line in lines if "detectors.no-answer" in line)
    assert row.startswith("P3 detectors.no-answer")
    assert " new " in row
    assert row.endswith(" UTC")
    assert "cannot be reached" in lines[lines.index(row) + 1]
    assert "rempart ack" in lines[-2]
    assert lines[-1] == "hidden: 4 suppressed   rempart alarms --all"
    assert max(map(len, lines)) <= 80


async def test_one_is_acknowledged_and_stands_until_its_cause_is_gone(alarmed: Desk) -> None:
    ended = await alarmed.shell.rempart("ack", "detectors.no-answer")
    assert (ended.code, ended.out) == (0, "detectors.no-answer: seen; it stands until its cause is gone\n")
    assert await _standing(alarmed) == {"detectors.no-answer": "acknowledged", "io.no-answer": "unacknowledged"}


async def test_all_are_acknowledged_and_those_that_are_over_leave(alarmed: Desk) -> None:
    for unit in ("detectors", "io"):
        alarmed.rig.link.heal(unit)
    await alarmed.rig.at_rest()
    ended = await alarmed.shell.rempart("ack", "--all")
    assert sorted(ended.out.splitlines()) == [f"{name}: seen, and over" for name in SILENT]
    assert await _standing(alarmed) == {}


async def test_as_json_they_are_as_the_api_has_them(alarmed: Desk) -> None:
    told = json.loads((await alarmed.shell.rempart("ack", "--all", "--json")).out)
    assert sorted(alarm["id"] for alarm in told) == SILENT
    assert {alarm["state"] for alarm in told} == {"acknowledged"}


async def test_one_that_does_not_stand_acknowledges_nothing_and_names_what_is_near(alarmed: Desk) -> None:
    ended = await alarmed.shell.rempart("ack", "io.no-answer", "detectors.no-answe")
    assert ended.code == Exit.USAGE
    assert "did you mean detectors.no-answer" in ended.err
    assert set((await _standing(alarmed)).values()) == {"unacknowledged"}


async def test_all_has_the_hidden_ones_and_says_why(alarmed: Desk) -> None:
    lines = (await alarmed.shell.rempart("alarms", "--all")).out.splitlines()
    row = next(i for i, line in enumerate(lines) if "entry.offline" in line)
    assert " suppressed since " in lines[row]
    assert "suppressed: detectors.no-answer says it already" in lines[row + 2]
    assert max(map(len, lines)) <= 80
    told = json.loads((await alarmed.shell.rempart("alarms", "--all", "--json")).out)
    assert len(told) == 6


async def test_r36_one_is_shelved_listed_with_its_end_and_shown_again(alarmed: Desk) -> None:
    words = ("--for", "30m", "--reason", "being repaired", "--by", "luc")
    shelved = await alarmed.shell.rempart("shelve", "io.no-answer", *words)
    assert shelved.code == 0
    assert shelved.out.startswith("io.no-answer: shelved until ")
    assert shelved.out.endswith(" UTC, by luc (local-token): being repaired\n")
    assert list(await _standing(alarmed)) == ["detectors.no-answer"]
    assert "1 shelved, 4 suppressed" in (await alarmed.shell.rempart("alarms")).out
    back = await alarmed.shell.rempart("unshelve", "io.no-answer")
    assert (back.code, back.out) == (0, "io.no-answer: stands, new\n")


async def test_one_is_removed_from_service_and_returned(alarmed: Desk) -> None:
    removed = await alarmed.shell.rempart("remove", "io.no-answer", "--reason", "being replaced", "--by", "luc")
    assert removed.out == "io.no-answer: out-of-service, by luc (local-token): being replaced\n"
    back = json.loads((await alarmed.shell.rempart("return", "io.no-answer", "--json")).out)
    assert back["state"] == "unacknowledged"


@pytest.mark.parametrize("time", ["9h", "0m", "30", "1d", "-5m"])
async def test_r36_a_time_that_is_none_or_too_long_is_a_mistake(shell, time: str) -> None:
    ended = await shell.rempart("shelve", "io.no-answer", f"--for={time}", "--reason", "works")
    assert ended.code == Exit.USAGE
    assert "at most 8h" in ended.err


async def test_r36_a_hiding_without_a_reason_is_a_mistake(shell) -> None:
    assert (await shell.rempart("shelve", "io.no-answer", "--for", "30m")).code == Exit.USAGE
    assert (await shell.rempart("remove", "io.no-answer")).code == Exit.USAGE


async def test_what_cannot_be_done_is_a_mistake_and_says_why(alarmed: Desk) -> None:
    ended = await alarmed.shell.rempart("unshelve", "io.no-answer")
    assert (ended.code, ended.err) == (Exit.USAGE, "rempart: io.no-answer: it is not shelved\n")


async def test_the_figures_are_shown_and_fit_80_columns(alarmed: Desk) -> None:
    lines = (await alarmed.shell.rempart("alarms", "--kpi")).out.splitlines()
    figures = dict(line.strip().split("  ", 1) for line in lines[1:] if line[0] != " ")
    assert figures["last 10 min"].strip() == "2"
    assert figures["priorities last hour"].strip() == "P1 0, P2 0, P3 2, P4 0"
    assert figures["flood"].strip() == "no"
    assert max(map(len, lines)) <= 80
    assert json.loads((await alarmed.shell.rempart("alarms", "--kpi", "--json")).out)["last_hour"] == 2


async def test_without_a_controller_it_is_3(shell) -> None:
    assert (await shell.rempart("alarms")).code == Exit.NO_CONTROLLER
    assert (await shell.rempart("ack", "--all")).code == Exit.NO_CONTROLLER
