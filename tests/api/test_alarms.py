"""Alarms over the API: seen, acknowledged, hidden and brought back."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from controller.core.device import Alarm
from controller.ports import Mute
from tests.shell.scripted import Rig

DOOR = "cabinet.door-open"
ROUTE = "/api/v1/alarms"


@pytest.fixture
def door(rig: Rig) -> Rig:
    """A cabinet whose door stands open."""
    rig.supervisor.alarms.set("cabinet", [Alarm("door-open", 3, "the door is open")])
    return rig


async def told(client: httpx.AsyncClient) -> dict[str, Any]:
    return (await client.get(ROUTE)).json()


async def ids(client: httpx.AsyncClient) -> tuple[list[str], list[str]]:
    alarms = await told(client)
    return [a["id"] for a in alarms["alarms"]], [a["id"] for a in alarms["hidden"]]


async def test_an_alarm_stands_until_it_is_over_and_seen(client: httpx.AsyncClient, rig: Rig):
    assert await ids(client) == ([], [])
    rig.link.fail("io", Mute)
    await rig.shows("bollard", "offline")
    (standing,) = (await told(client))["alarms"]
    assert (standing["id"], standing["state"], standing["state_code"]) == ("io.no-answer", "unacknowledged", 2)
    seen = await client.post(f"{ROUTE}/io.no-answer/acknowledge")
    assert (seen.status_code, seen.json()["state"], seen.json()["by"]) == (200, "acknowledged", "local-token")
    again = await client.post(f"{ROUTE}/io.no-answer/acknowledge")
    assert (again.status_code, again.json()) == (200, seen.json())
    rig.link.heal("io")
    await rig.shows("bollard", "raised")
    await rig.shows("signal", "halt")
    assert await ids(client) == ([], [])


async def test_devices_of_a_unit_that_is_down_are_suppressed_and_say_by_what(client: httpx.AsyncClient, rig: Rig):
    rig.link.fail("detectors", Mute)
    for loop in ("entry", "exit"):
        await rig.shows(loop, "offline")
    alarms = await told(client)
    assert [(a["id"], a["state"], a["reason"]) for a in alarms["hidden"]] == [
        (f"{loop}.offline", "suppressed", "detectors.no-answer says it already") for loop in ("entry", "exit")
    ]
    assert (alarms["counts"]["suppressed"], alarms["counts"]["unacknowledged"]) == (2, 1)


async def test_r36_a_shelved_alarm_is_listed_with_its_end(client: httpx.AsyncClient, door: Rig):
    shelved = await client.post(f"{ROUTE}/{DOOR}/shelve", json={"for_s": 1800, "reason": "being repaired"})
    assert shelved.status_code == 200
    (hidden,) = (await told(client))["hidden"]
    assert hidden == shelved.json()
    assert (hidden["state"], hidden["state_code"], hidden["by"], hidden["reason"]) == (
        "shelved",
        5,
        "local-token",
        "being repaired",
    )
    assert hidden["until"] > hidden["since"]
    back = await client.post(f"{ROUTE}/{DOOR}/unshelve", json={"reason": "repaired"})
    assert (back.json()["state"], back.json()["until"]) == ("unacknowledged", None)


async def test_out_of_service_and_back(client: httpx.AsyncClient, door: Rig):
    removed = await client.post(f"{ROUTE}/{DOOR}/remove", json={"reason": "at the maker's"})
    assert (removed.json()["state"], removed.json()["state_code"]) == ("out-of-service", 7)
    assert await ids(client) == ([], [DOOR])
    await client.post(f"{ROUTE}/{DOOR}/return")
    assert await ids(client) == ([DOOR], [])


@pytest.mark.parametrize(
    ("what", "body", "field"),
    [
        ("shelve", {"for_s": 28801, "reason": "long works"}, "for_s"),
        ("shelve", {"for_s": 0, "reason": "no time"}, "for_s"),
        ("shelve", {"for_s": 60}, "reason"),
        ("shelve", {"for_s": 60, "reason": ""}, "reason"),
        ("shelve", {"for_s": 60, "reason": "works", "who": "me"}, "who"),
        ("remove", {}, "reason"),
        ("acknowledge", {"seen": True}, "seen"),
    ],
)
async def test_r36_a_hiding_needs_a_reason_and_an_end(
    client: httpx.AsyncClient, door: Rig, what: str, body: dict[str, Any], field: str
):
    answer = await client.post(f"{ROUTE}/{DOOR}/{what}", json=body)
    assert answer.status_code == 422
    assert field in [mistake["field"] for mistake in answer.json()["error"]["fields"]]
    assert await ids(client) == ([DOOR], [])


async def test_what_cannot_be_done_is_refused_with_the_reason(client: httpx.AsyncClient, door: Rig):
    answer = await client.post(f"{ROUTE}/{DOOR}/unshelve")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not-done")
    assert "it is not shelved" in answer.json()["error"]["message"]


async def test_r20_movement_without_a_command_is_hidden_by_nobody(client: httpx.AsyncClient, rig: Rig):
    rig.supervisor.alarms.set("bollard", [Alarm("left-position", 1, "it moved")])
    answer = await client.post(f"{ROUTE}/bollard.left-position/shelve", json={"for_s": 60, "reason": "annoying"})
    assert answer.status_code == 409
    assert "R20" in answer.json()["error"]["message"]


async def test_an_alarm_that_does_not_stand_cannot_be_acknowledged(client: httpx.AsyncClient, rig: Rig):
    answer = await client.post(f"{ROUTE}/bollard.offline/acknowledge")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no-such-alarm")


async def test_r35_a_flood_is_shown_counted_recorded_and_measured(client: httpx.AsyncClient, rig: Rig):
    for i in range(11):
        rig.supervisor.alarms.set(f"d{i}", [Alarm("door-open", 3, "open")])
    assert (await told(client))["flood"] is True
    kpi = (await client.get(f"{ROUTE}/kpi")).json()
    assert (kpi["last_10_min"], kpi["flood"], kpi["floods_since_start"]) == (11, True, 1)
    await rig.supervisor.journal.append()
    records = (await client.get("/api/v1/journal?kind=alarm&newest=true")).json()["records"]
    assert records[-1]["body"] == {"event": "flood", "who": "controller", "why": "11 alarms in the last 10 min"}


async def test_r37_every_change_is_recorded_with_who_and_why(client: httpx.AsyncClient, door: Rig):
    await client.post(f"{ROUTE}/{DOOR}/shelve", json={"for_s": 60, "reason": "being repaired"})
    await client.post(f"{ROUTE}/{DOOR}/unshelve", json={"reason": "repaired"})
    await door.supervisor.journal.append()
    records = (await client.get("/api/v1/journal?kind=alarm&device=cabinet")).json()["records"]
    assert [(r["body"]["event"], r["body"]["who"], r["body"]["why"]) for r in records] == [
        ("comes", "controller", "the door is open"),
        ("shelve", "local-token", "being repaired"),
        ("unshelve", "local-token", "repaired"),
    ]


@pytest.mark.parametrize(
    ("event", "body"),
    [
        ("acknowledge", {}),
        ("shelve", {"for_s": 60, "reason": "works"}),
        ("remove", {"reason": "works"}),
    ],
)
async def test_who_did_it_is_recorded_with_the_credential(
    client: httpx.AsyncClient, door: Rig, event: str, body: dict[str, Any]
):
    done = (await client.post(f"{ROUTE}/{DOOR}/{event}", json={**body, "by": " Zoé  Martin"})).json()
    assert done["by"] == "Zoé Martin (local-token)"
    await door.supervisor.journal.append()
    told = [record.entry.body for record in await door.supervisor.journal.select(kind="alarm")]
    assert [one["who"] for one in told if one["event"] == event] == ["Zoé Martin (local-token)"]
    blank = await client.post(f"{ROUTE}/{DOOR}/{event}", json={**body, "by": " "})
    assert (blank.status_code, blank.json()["error"]["fields"][0]["field"]) == (422, "by")
