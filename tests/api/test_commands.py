"""Orders over HTTP: what is answered, when, and that an id moves steel once."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import aclosing, closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from controller.ports import Mute
from tests.shell.followed import followed
from tests.shell.scripted import OVERALL_S, Rig, link_at_rest, running

COMMANDS = "/api/v1/commands"
Serve = Callable[..., Any]


def order(action: str = "lower", target: str = "bollard", **more: Any) -> dict[str, Any]:
    return {"target": target, "action": action, **more}


async def until_ended(client: httpx.AsyncClient, rig: Rig, command: str) -> dict[str, Any]:
    """What became of the order, once it is decided."""
    follow = followed(rig.supervisor.stream, f"{rig.supervisor.stream.boot}-0")
    async with asyncio.timeout(OVERALL_S), aclosing(follow):
        async for event in follow:
            if event.kind == "command" and event.data["id"] == command and event.data["ended"]:
                break
    return (await client.get(f"{COMMANDS}/{command}")).json()


async def test_an_accepted_order_is_202_and_can_be_followed(each: httpx.AsyncClient, rig: Rig):
    rig.link.follow()
    answer = await each.post(COMMANDS, json=order(reason="market", expires_in_s=10))
    assert answer.status_code == 202
    given = answer.json()
    assert answer.headers["Location"] == f"{COMMANDS}/{given['id']}"
    assert (given["target"], given["action"], given["reason"], given["principal"]) == (
        "bollard",
        "lower",
        "market",
        "local-token",
    )
    assert (given["expires_in_s"], given["refusals"]) == (10.0, [])
    ended = await until_ended(each, rig, given["id"])
    assert ended["life"] == "confirmed"
    lives = [step["life"] for step in ended["history"]]
    assert lives[:2] == ["received", "accepted"]
    assert rig.device("bollard").state == "lowered"


async def test_without_an_id_each_order_gets_one_of_its_own(client: httpx.AsyncClient):
    first, second = [(await client.post(COMMANDS, json=order("stop"))).json()["id"] for _ in range(2)]
    assert first < second
    assert first[14] == "7"


async def test_r09_a_refused_order_is_409_and_names_rule_device_and_reading(tmp_path: Path, serve: Serve):
    async with running(tmp_path, link=link_at_rest("lowered")) as rig:
        client = await serve(rig)
        rig.link.detect("entry")
        await rig.shows("entry", "occupied")
        await rig.shows("bollard", "lowered")
        answer = await client.post(COMMANDS, json=order("raise", id="r09"))
    assert answer.status_code == 409
    told = answer.json()
    words = {"because": {"id": "loop occupied", "gaps": {}}}
    assert {"rule": "R09", "device": "entry", "because": "loop occupied", "words": words} in told["refusals"]
    assert (told["life"], told["ended"], told["id"]) == ("refused", True, "r09")
    assert told["error"]["code"] == "refused"
    assert "R09: entry: loop occupied" in told["error"]["message"]
    assert True not in rig.link.written("raise")


async def test_a_refused_id_again_gets_the_same_answer(client: httpx.AsyncClient):
    for number in range(20):
        body = order("raise", "entry", id=f"refused-{number}")
        first, again = await client.post(COMMANDS, json=body), await client.post(COMMANDS, json=body)
        assert (first.status_code, again.status_code) == (409, 409)
        assert again.json() == first.json()


async def test_an_accepted_id_again_gets_202_with_the_present_outcome_and_writes_nothing(
    client: httpx.AsyncClient, rig: Rig
):
    rig.link.follow()
    body = order(id="once")
    first = await client.post(COMMANDS, json=body)
    await until_ended(client, rig, "once")
    await rig.shows("signal", "go")
    writes = len(rig.link.writes)
    again = await client.post(COMMANDS, json=body)
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json()["life"] == "confirmed"
    assert len(rig.link.writes) == writes


async def test_rule_3_the_same_id_twice_at_once_moves_once(client: httpx.AsyncClient, rig: Rig):
    rig.link.follow()
    body = order(id="twice")
    answers = await asyncio.gather(*(client.post(COMMANDS, json=body) for _ in range(8)))
    assert {a.status_code for a in answers} == {202}
    await until_ended(client, rig, "twice")
    assert rig.link.written("lower").count(True) == 1
    records = await rig.supervisor.journal.of_command("twice")
    assert [r.entry.body["life"] for r in records].count("received") == 1


async def test_the_same_id_for_another_order_is_422_and_nothing_moves(client: httpx.AsyncClient, rig: Rig):
    await client.post(COMMANDS, json=order("stop", id="mine"))
    answer = await client.post(COMMANDS, json=order("lower", id="mine"))
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert (error["code"], error["id"]) == ("other-body", "mine")
    assert "given before, with another body: action 'stop' then, 'lower' now" in error["message"]
    assert True not in rig.link.written("lower")


async def test_rule_3_an_id_is_remembered_over_a_restart(tmp_path: Path, serve: Serve):
    link = link_at_rest()
    link.follow()
    async with running(tmp_path, link=link, boot="first") as rig:
        await rig.at_rest()
        client = await serve(rig)
        await client.post(COMMANDS, json=order(id="before"))
        before = await until_ended(client, rig, "before")
    async with running(tmp_path, link=link, boot="second") as rig:
        await rig.at_rest()
        writes = len(link.writes)
        answer = await (await serve(rig, "second.sock")).post(COMMANDS, json=order(id="before"))
    assert (answer.status_code, answer.json()["life"]) == (202, before["life"])
    assert True not in [value for _, point, value in link.writes[writes:] if point in ("raise", "lower")]


async def test_every_mistake_in_a_body_is_told_at_once_with_its_field(client: httpx.AsyncClient):
    body = {
        "id": "a b",
        "target": 3,
        "action": "explode",
        "expires_in_s": "5",
        "seen": True,
        "reason": "x" * 501,
        "more": 1,
    }
    answer = await client.post(COMMANDS, json=body)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["code"] == "invalid"
    assert [mistake["field"] for mistake in error["fields"]] == [
        "id",
        "target",
        "action",
        "reason",
        "expires_in_s",
        "seen",
        "more",
    ]
    told = {mistake["field"]: mistake["problem"] for mistake in error["fields"]}
    assert told["action"].startswith("expected 'raise', 'lower', 'stop', 'secure', 'open', 'lockdown', ")
    assert (
        told["more"] == "unknown field; expected id, target, action, reason, expires_in_s, seen, by, hold, point, level"
    )


async def test_a_reason_may_be_french(client: httpx.AsyncClient):
    reason = "Marché terminé\u202f! Œuvres de l’été"
    assert (await client.post(COMMANDS, json=order("stop", reason=reason))).json()["reason"] == reason


async def test_an_unknown_target_is_404_and_is_not_recorded(client: httpx.AsyncClient):
    answer = await client.post(COMMANDS, json=order(target="bollards", id="nobody"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no-such-target")
    assert "'bollards'" in answer.json()["error"]["message"]
    assert (await client.get(f"{COMMANDS}/nobody")).status_code == 404


async def test_an_unknown_command_is_404(client: httpx.AsyncClient):
    answer = await client.get(f"{COMMANDS}/never")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no-such-command")


async def test_what_cannot_be_moved_refuses(client: httpx.AsyncClient):
    answer = await client.post(COMMANDS, json=order("raise", "entry"))
    assert answer.status_code == 409
    (refusal,) = answer.json()["refusals"]
    assert (refusal["rule"], refusal["device"], refusal["because"]) == ("kind", "entry", "a loop cannot be moved")


@pytest.mark.parametrize("zone", ["gate", "yard"])
async def test_a_zone_and_the_site_take_orders_for_all_their_movers(client: httpx.AsyncClient, rig: Rig, zone: str):
    rig.link.follow()
    answer = await client.post(COMMANDS, json=order("open", zone, id="zone"))
    assert (answer.status_code, answer.json()["members"]) == (202, ["zone:bollard"])
    assert (await until_ended(client, rig, "zone"))["life"] == "confirmed"
    member = (await client.get(f"{COMMANDS}/zone:bollard")).json()
    assert (member["life"], member["target"]) == ("confirmed", "bollard")


async def test_a_zone_is_not_told_to_raise(client: httpx.AsyncClient):
    answer = await client.post(COMMANDS, json=order("raise", "gate"))
    assert answer.status_code == 422
    assert [m["field"] for m in answer.json()["error"]["fields"]] == ["action"]


async def test_a_zone_with_nothing_to_move_refuses(client: httpx.AsyncClient):
    assert (await client.post(COMMANDS, json=order("secure", "empty"))).status_code == 409


async def test_rule_10_an_order_on_a_version_that_is_past_is_refused(client: httpx.AsyncClient, rig: Rig):
    version = rig.device("bollard").version
    answer = await client.post(COMMANDS, json=order(seen=version - 1))
    assert answer.status_code == 409
    assert [r["rule"] for r in answer.json()["refusals"]] == ["changed-since-seen"]
    # A machine that stood still for a moment has made it another meanwhile.
    version = rig.device("bollard").version
    assert (await client.post(COMMANDS, json=order(seen=version))).status_code == 202


async def test_an_offline_device_refuses(client: httpx.AsyncClient, rig: Rig):
    rig.link.fail("io", Mute)
    await rig.shows("bollard", "offline")
    answer = await client.post(COMMANDS, json=order())
    assert answer.status_code == 409
    assert [r["rule"] for r in answer.json()["refusals"]] == ["unreachable"]


async def test_rule_3_an_order_that_cannot_be_recorded_is_refused_and_nothing_moves(
    client: httpx.AsyncClient, rig: Rig, tmp_path: Path
):
    with closing(sqlite3.connect(tmp_path / "journal.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = await client.post(COMMANDS, json=order(id="unrecorded"))
        other.execute("ROLLBACK")
    assert answer.status_code == 409
    assert [r["rule"] for r in answer.json()["refusals"]] == ["journal"]
    assert True not in rig.link.written("lower")


async def test_rule_3_a_journal_that_cannot_be_read_is_503_and_nothing_moves(
    client: httpx.AsyncClient, tmp_path: Path, rig: Rig
):
    await rig.supervisor.journal.close()  # type: ignore[attr-defined]
    for answer in (await client.post(COMMANDS, json=order()), await client.get(f"{COMMANDS}/x")):
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "journal-unavailable")
    assert True not in rig.link.written("lower")


async def test_a_client_that_hangs_up_does_not_stop_its_order(unix: httpx.AsyncClient, rig: Rig):
    rig.link.follow()
    with pytest.raises(httpx.ReadTimeout):
        await unix.post(COMMANDS, json=order(id="left"), timeout=httpx.Timeout(OVERALL_S, read=1e-6))
    await rig.shows("bollard", "lowered")
    assert (await until_ended(unix, rig, "left"))["life"] == "confirmed"


async def test_a_stopping_controller_refuses(unix: httpx.AsyncClient, rig: Rig):
    rig.supervisor.stop()
    await rig.task
    answer = await unix.post(COMMANDS, json=order())
    assert answer.status_code == 409
    assert [r["rule"] for r in answer.json()["refusals"]] == ["stopping"]


async def test_rule_3_no_id_of_a_client_is_that_of_a_zones_member(client: httpx.AsyncClient, rig: Rig):
    rig.link.follow()
    await client.post(COMMANDS, json=order(id="zone.bollard"))
    await until_ended(client, rig, "zone.bollard")
    members = (await client.post(COMMANDS, json=order("open", "gate", id="zone"))).json()["members"]
    assert members == ["zone:bollard"]
    assert (await client.post(COMMANDS, json=order(id=members[0]))).status_code == 422
