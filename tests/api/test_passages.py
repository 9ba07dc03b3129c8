"""Passages over HTTP: what is answered, when, and that an id opens once."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import httpx
import pytest

from controller.ports import Mute
from tests.shell.followed import followed
from tests.shell.scripted import OVERALL_S, Rig

PASSAGES = "/api/v1/passages"


def asked(target: str = "bollard", **more: Any) -> dict[str, Any]:
    return {"target": target, "id": "p", **more}


async def until(rig: Rig, stage: str) -> None:
    """Return when the passage has come to `stage`, which the event stream tells."""
    follow = followed(rig.supervisor.stream, f"{rig.supervisor.stream.boot}-0")
    async with asyncio.timeout(OVERALL_S), aclosing(follow):
        async for event in follow:
            if event.kind == "passage" and event.data["stage"] == stage:
                return


async def test_r12_a_vehicle_is_let_through_and_all_of_it_can_be_followed(client: httpx.AsyncClient, rig: Rig):
    rig.link.follow()
    answer = await client.post(PASSAGES, json=asked(vehicle="AB-123-CD", by="night desk", reason="delivery"))
    assert (answer.status_code, answer.headers["Location"]) == (202, f"{PASSAGES}/p")
    given = answer.json()
    assert (given["form"], given["vehicle"], given["by"], given["principal"]) == (
        "single",
        "AB-123-CD",
        "night desk",
        "local-token",
    )
    await until(rig, "open")
    rig.link.detect("entry")
    await until(rig, "occupied")
    rig.link.detect("entry", False)
    await until(rig, "done")
    ended = (await client.get(f"{PASSAGES}/p")).json()
    point = {"device": "bollard", "stage": "done", "because": "", "words": {}}
    assert (ended["ended"], ended["points"]) == (True, [point])
    assert [step["stage"] for step in ended["history"]] == [
        "requested",
        "opening",
        "open",
        "occupied",
        "cleared",
        "securing",
        "done",
        "done",
    ]
    assert rig.device("bollard").state == "raised"


async def test_the_same_id_opens_once_and_another_body_is_a_mistake(client: httpx.AsyncClient, rig: Rig):
    first, second = [await client.post(PASSAGES, json=asked()) for _ in range(2)]
    assert (first.status_code, second.status_code) == (202, 202)
    assert len([one for one in await _journal(client) if "action" in one["body"]]) == 1
    other = await client.post(PASSAGES, json=asked(vehicle="x"))
    assert (other.status_code, other.json()["error"]["code"]) == (422, "other-body")


async def _journal(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    return (await client.get("/api/v1/journal?limit=1000")).json()["records"]


async def test_without_an_id_each_gets_one_of_its_own(client: httpx.AsyncClient, rig: Rig):
    answer = await client.post(PASSAGES, json={"target": "bollard"})
    assert answer.json()["id"][14] == "7"


async def test_r12_what_could_not_be_closed_again_is_409_with_its_rule(client: httpx.AsyncClient, rig: Rig):
    rig.link.fail("detectors", Mute)
    await rig.shows("entry", "offline")
    answer = await client.post(PASSAGES, json=asked())
    assert answer.status_code == 409
    assert [r["rule"] for r in answer.json()["refusals"]] == ["R12"]
    assert (await client.post(PASSAGES, json=asked())).status_code == 409


@pytest.mark.parametrize("direction", ["in", "sideways"])
async def test_a_direction_that_is_none_is_told_by_its_field(client: httpx.AsyncClient, direction: str):
    answer = await client.post(PASSAGES, json=asked(direction=direction))
    assert answer.status_code == 422
    assert [mistake["field"] for mistake in answer.json()["error"]["fields"]] == ["direction"]


async def test_a_person_ends_it_and_who_did_is_told(client: httpx.AsyncClient, rig: Rig):
    rig.link.follow()
    await client.post(PASSAGES, json=asked())
    await until(rig, "open")
    ended = await client.post(f"{PASSAGES}/p/end", json={"by": "night desk", "reason": "wrong gate"})
    assert (ended.status_code, ended.json()["stage"]) == (200, "cancelled")
    assert ended.json()["because"] == "bollard cancelled: ended by night desk: wrong gate"
    again = await client.post(f"{PASSAGES}/p/end")
    assert again.json() == ended.json()
    assert rig.device("bollard").state == "lowered"


async def test_those_under_way_and_those_that_ended_are_listed_oldest_first(client: httpx.AsyncClient, rig: Rig):
    await client.post(PASSAGES, json=asked())
    await client.post(PASSAGES, json=asked(id="q"))
    listed = (await client.get(PASSAGES)).json()
    assert [(one["id"], one["stage"], one["ended"]) for one in listed] == [
        ("p", "opening", False),
        ("q", "refused", True),
    ]
