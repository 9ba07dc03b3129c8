"""What is wired to what, one point as the wire gives it now, and what is fixed about a mover."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from controller.api.units import engineering
from controller.core.readings import Value
from controller.core.refusals import CLEAR_S
from controller.ports import Mute, Point, PointType
from tests.shell.scripted import Rig


async def test_each_point_names_the_signals_that_are_wired_to_it(client: httpx.AsyncClient) -> None:
    units = {unit["id"]: unit for unit in (await client.get("/api/v1/units")).json()}
    assert units["io"]["up"]
    wired = {point["id"]: point["signals"] for point in units["io"]["points"]}
    assert wired["raise"] == ["bollard.raise"]
    assert not units["io"]["simulated"]


async def test_a_point_is_read_from_the_wire_when_it_is_asked_for(client: httpx.AsyncClient, rig: Rig) -> None:
    seen = (await client.get("/api/v1/units/io/points/raised")).json()
    assert (seen["value"], seen["raw"], seen["quality"]) == (True, True, "good")
    assert seen["signals"] == ["bollard.raised"]


async def test_a_unit_that_does_not_answer_says_how(client: httpx.AsyncClient, rig: Rig) -> None:
    rig.link.fail("io", Mute)
    await rig.shows("bollard", "offline")
    answer = await client.get("/api/v1/units/io/points/raised")
    assert answer.status_code == 502
    assert answer.json()["error"]["kind"] == "unreachable"


@pytest.mark.parametrize(
    ("raw", "point", "value"),
    [
        (17, Point("p", 0, PointType.U16, scale=0.5), 8.5),
        (17, Point("p", 0, PointType.U16), 17),
        (2, Point("p", 0, PointType.U16, equals=2), True),
        (True, Point("p", 0, PointType.U16, equals=1), False),
        (True, Point("p", 0, scale=0.1), True),
        (float("nan"), Point("p", 0, PointType.F32), None),
        (None, Point("p", 0), None),
    ],
)
def test_what_a_raw_value_means(raw: Value | None, point: Point, value: Value | None) -> None:
    assert engineering(raw, point) == value


async def test_what_is_fixed_about_a_mover_is_told_with_everything_that_can_forbid_it(
    client: httpx.AsyncClient,
) -> None:
    told = (await client.get("/api/v1/devices/bollard/spec")).json()
    assert told["secures_by"] == "raise"
    assert {"R09", "R06"} <= {ground["rule"] for ground in told["grounds"]["secure"]}


async def test_an_output_is_set_for_who_holds_the_test_and_released_when_nobody_renews_it(
    client: httpx.AsyncClient, rig: Rig
) -> None:
    body = {"target": "bollard", "action": "set-output", "point": "lower", "by": "ada"}
    clear = max(rig.device(name).since for name in ("entry", "exit")) + CLEAR_S
    await rig.link.until(lambda: asyncio.get_running_loop().time() > clear)
    refused = await client.post("/api/v1/commands", json=body)
    assert refused.status_code == 409
    assert [one["rule"] for one in refused.json()["refusals"]] == ["test"]
    await client.post("/api/v1/commands", json={"target": "bollard", "action": "test", "by": "ada"})
    given = await client.post("/api/v1/commands", json={**body, "id": "by-hand"})
    assert given.status_code == 202
    forced = (await client.get("/api/v1/devices/bollard")).json()["forced"]
    assert (forced["point"], forced["by"], forced["order"]) == ("lower", "ada", "by-hand")
    assert (await client.post("/api/v1/commands/by-hand/hold")).status_code == 204
    await rig.until(lambda: rig.device("bollard").state != "unknown")
    ended = (await client.get("/api/v1/commands/by-hand")).json()
    assert ended["life"] == "confirmed"
    assert ended["because"] == "its output lower was on and is released: it was let go"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"action": "set-output", "by": "ada"}, "set-output needs the output that is set"),
        ({"action": "raise", "point": "raise"}, "no other action has one"),
        ({"action": "set-output", "point": "raise"}, "is one person's: say who"),
        ({"action": "set-output", "point": "raise", "by": "ada", "level": "on"}, "level"),
    ],
)
async def test_a_body_that_makes_no_sense_is_told_so(
    client: httpx.AsyncClient, body: dict[str, str], says: str
) -> None:
    answer = await client.post("/api/v1/commands", json={"target": "bollard", **body})
    assert answer.status_code == 422
    assert says in answer.text
