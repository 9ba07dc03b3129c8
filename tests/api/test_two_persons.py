"""The two-person rule over HTTP: people who have logged in, and a lockdown, a mover and a lock-out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from controller.api import ApiServer
from controller.people.roles import Role
from controller.people.store import Store
from tests.api.conftest import CHEAP, PASSWORD, SUPERVISOR, LogIn, over_unix
from tests.api.test_commands import COMMANDS, order, until_ended
from tests.shell.followed import followed
from tests.shell.scripted import OVERALL_S, Rig

BOLLARD = "/api/v1/devices/bollard"


@dataclass(frozen=True)
class Crew:
    """Two operators, two technicians and a supervisor who have logged in, and whoever has the machine's own token."""

    olga: httpx.AsyncClient
    otto: httpx.AsyncClient
    tom: httpx.AsyncClient
    tina: httpx.AsyncClient
    sam: httpx.AsyncClient
    token: httpx.AsyncClient


@pytest.fixture
async def crew(store: Store, server: ApiServer, log_in: LogIn) -> AsyncIterator[Crew]:
    store.add("otto", Role.OPERATOR, CHEAP.hash(PASSWORD), by="ada")
    store.add("tina", Role.TECHNICIAN, CHEAP.hash(PASSWORD), by="ada")
    people = {name: await log_in(name) for name in ("olga", "otto", "tom", "tina", "sam")}
    async with over_unix(server, **SUPERVISOR) as token:
        yield Crew(**people, token=token)


async def give(client: httpx.AsyncClient, action: str, target: str = "bollard", **more: Any) -> httpx.Response:
    return await client.post(COMMANDS, json=order(action, target, **more))


def rules(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(refusal["rule"], refusal["because"]) for refusal in answer.json()["refusals"]]


async def wishes(client: httpx.AsyncClient) -> list[tuple[str, str]]:
    return [(wish["action"], wish["by"]) for wish in (await client.get(BOLLARD)).json()["wishes"]]


async def lock_down(crew: Crew, rig: Rig) -> None:
    fired = await give(crew.olga, "lockdown", id="fired")
    assert fired.status_code == 202
    await until_ended(crew.olga, rig, "fired")


async def test_r06_two_people_lower_one_device_under_a_lockdown_which_stays(crew: Crew, rig: Rig):
    rig.link.follow()
    await lock_down(crew, rig)
    alone = await give(crew.olga, "lower", id="first")
    assert alone.status_code == 409
    told = "olga has asked for it: somebody else has to ask for the same within 60 s; then it is lowered, and the lockdown stays"
    assert rules(alone) == [("two-persons", told)]
    assert alone.json()["together_with"] is None
    [wish] = (await crew.otto.get(BOLLARD)).json()["wishes"]
    assert (wish["action"], wish["by"], wish["order"]) == ("lower", "olga", "first")
    assert wish["until"].endswith("Z")
    assert True not in rig.link.written("lower")
    both = await give(crew.otto, "open", id="second")
    assert (both.status_code, both.json()["together_with"]) == (202, {"by": "olga", "order": "first"})
    assert (await until_ended(crew.otto, rig, "second"))["life"] == "confirmed"
    shown = (await crew.sam.get(BOLLARD)).json()
    assert (shown["state"], shown["mode"], shown["wishes"]) == ("lowered", "efo", [])
    alarms = {alarm["id"]: alarm["text"] for alarm in (await crew.sam.get("/api/v1/alarms")).json()["alarms"]}
    assert alarms["bollard.not-secured"].endswith("by order second, of otto together with olga")


async def test_r37_the_journal_names_both(crew: Crew, rig: Rig):
    await lock_down(crew, rig)
    await give(crew.olga, "release", id="first")
    await give(crew.sam, "release", id="second")
    assert (await until_ended(crew.sam, rig, "second"))["life"] == "confirmed"
    await rig.supervisor.journal.append()
    first, second = [
        [record.entry.body for record in await rig.supervisor.journal.of_command(name)] for name in ("first", "second")
    ]
    assert (first[0]["principal"], first[0]["person"], first[-1]["life"]) == ("olga", True, "refused")
    assert [refusal["rule"] for refusal in first[-1]["refusals"]] == ["two-persons"]
    assert (second[0]["principal"], second[-1]["life"]) == ("sam", "confirmed")
    assert [body["together_with"] for body in second if "together_with" in body] == [{"by": "olga", "order": "first"}]


async def test_r06_two_people_end_a_lockdown_of_the_site(crew: Crew, rig: Rig):
    await lock_down(crew, rig)
    alone = await give(crew.olga, "release", "yard")
    assert (alone.status_code, [rule for rule, _ in rules(alone)]) == (409, ["two-persons"])
    assert rig.device("bollard").mode == "efo"
    both = await give(crew.sam, "release", "yard", id="both")
    assert both.status_code == 202
    assert (await until_ended(crew.sam, rig, "both"))["life"] == "confirmed"
    member = (await crew.sam.get(f"{COMMANDS}/both:bollard")).json()
    assert member["because"] == "reset by sam as supervisor together with olga"
    assert rig.device("bollard").mode == "remote"


async def test_anothers_lock_out_is_lifted_by_two_people(crew: Crew, rig: Rig):
    await give(crew.token, "lock-out", by="luc", reason="hose")
    assert [rule for rule, _ in rules(await give(crew.tom, "lift"))] == ["two-persons"]
    assert await wishes(crew.tina) == [("lift", "tom")]
    lifted = await give(crew.tina, "lift")
    assert lifted.json()["because"] == "luc's lock-out is lifted by tina together with tom"
    assert (await crew.olga.get(BOLLARD)).json()["held"]["tags"] == []


async def test_nobody_is_a_second_person_by_a_name_in_the_body(crew: Crew, rig: Rig):
    await lock_down(crew, rig)
    assert [rule for rule, _ in rules(await give(crew.olga, "lower", by="Olga"))] == ["two-persons"]
    assert (await give(crew.olga, "lower", by="otto")).status_code == 422
    assert await wishes(crew.olga) == [("lower", "olga")]


async def test_the_machines_own_token_goes_on_as_before_and_a_wish_dies_with_the_lockdown(crew: Crew, rig: Rig):
    await lock_down(crew, rig)
    await give(crew.olga, "lower")
    assert [rule for rule, _ in rules(await give(crew.token, "lower", by="otto"))] == ["R06"]
    assert (await give(crew.token, "release")).status_code == 202
    assert await wishes(crew.olga) == []


async def test_a_stop_takes_a_wish_back_and_the_stream_tells_that_it_came_and_went(crew: Crew, rig: Rig):
    await lock_down(crew, rig)
    since = rig.supervisor.stream.last_id
    await give(crew.olga, "lower")
    await give(crew.olga, "stop")
    assert await wishes(crew.otto) == []
    changes = []
    follow = followed(rig.supervisor.stream, since)
    async with asyncio.timeout(OVERALL_S), aclosing(follow):
        async for event in follow:
            if event.kind == "device" and event.data["id"] == "bollard":
                changes.append(event.data["version"])
            if len(changes) == 2:
                break
    assert changes[0] < changes[1]


async def test_rule_3_the_same_id_from_another_person_is_no_second_order(crew: Crew, rig: Rig):
    await lock_down(crew, rig)
    body = {"id": "one"}
    assert (await give(crew.olga, "lower", **body)).status_code == 409
    assert (await give(crew.otto, "lower", **body)).status_code == 409
    assert await wishes(crew.olga) == [("lower", "olga")]
    assert True not in rig.link.written("lower")


async def test_r06_a_zone_is_not_opened_under_a_lockdown_by_two_either(crew: Crew, rig: Rig):
    await lock_down(crew, rig)
    for client in (crew.olga, crew.otto):
        answer = await give(client, "open", "gate")
        told = "emergency latched by olga: it has to be reset first, or two people open one device at a time"
        assert (answer.status_code, rules(answer)) == (409, [("R06", told)])
