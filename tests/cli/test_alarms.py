"""`rempart alarms` and `rempart ack` against the real API."""

from __future__ import annotations

import json

import pytest

from controller.cli.exits import Exit
from controller.ports import Mute
from tests.cli.desk import Desk

OFFLINE = ["entry.offline", "exit.offline"]


@pytest.fixture
async def alarmed(desk: Desk) -> Desk:
    """A desk whose detectors have gone silent: two alarms."""
    desk.rig.link.fail("detectors", Mute)
    for name in ("entry", "exit"):
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
    row = next(line for line in lines if "entry.offline" in line)
    assert row.startswith("P3 entry.offline")
    assert " new " in row
    assert row.endswith(" UTC")
    assert "cannot be reached" in lines[lines.index(row) + 1]
    assert "rempart ack" in lines[-1]
    assert max(map(len, lines)) <= 80


async def test_one_is_acknowledged_and_stands_until_its_cause_is_gone(alarmed: Desk) -> None:
    ended = await alarmed.shell.rempart("ack", "entry.offline")
    assert (ended.code, ended.out) == (0, "entry.offline: seen; it stands until its cause is gone\n")
    assert await _standing(alarmed) == {"entry.offline": "acknowledged", "exit.offline": "unacknowledged"}


async def test_all_are_acknowledged_and_those_that_are_over_leave(alarmed: Desk) -> None:
    alarmed.rig.link.heal("detectors")
    await alarmed.rig.shows("entry", "clear")
    await alarmed.rig.shows("exit", "clear")
    ended = await alarmed.shell.rempart("ack", "--all")
    assert sorted(ended.out.splitlines()) == [f"{name}: seen, and over" for name in OFFLINE]
    assert await _standing(alarmed) == {}


async def test_as_json_they_are_as_the_api_has_them(alarmed: Desk) -> None:
    told = json.loads((await alarmed.shell.rempart("ack", "--all", "--json")).out)
    assert sorted(alarm["id"] for alarm in told) == OFFLINE
    assert {alarm["state"] for alarm in told} == {"acknowledged"}


async def test_one_that_does_not_stand_acknowledges_nothing_and_names_what_is_near(alarmed: Desk) -> None:
    ended = await alarmed.shell.rempart("ack", "exit.offline", "entry.offlin")
    assert ended.code == Exit.USAGE
    assert "did you mean entry.offline" in ended.err
    assert set((await _standing(alarmed)).values()) == {"unacknowledged"}


async def test_without_a_controller_it_is_3(shell) -> None:
    assert (await shell.rempart("alarms")).code == Exit.NO_CONTROLLER
    assert (await shell.rempart("ack", "--all")).code == Exit.NO_CONTROLLER
