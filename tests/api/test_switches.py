"""Emergency and its reset, lock-out, test, hold-to-run: over HTTP, with two credentials."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from controller.api import ApiServer
from controller.core.mover import Mover
from tests.api.conftest import SUPERVISOR, over_unix
from tests.api.test_commands import COMMANDS, order, until_ended
from tests.shell.scripted import Rig


@pytest.fixture
async def supervisor(server: ApiServer) -> AsyncIterator[httpx.AsyncClient]:
    """A client that comes with the supervisor's token."""
    async with over_unix(server, **SUPERVISOR) as client:
        yield client


async def give(client: httpx.AsyncClient, action: str, target: str = "bollard", **more: Any) -> httpx.Response:
    return await client.post(COMMANDS, json=order(action, target, **more))


def mover(rig: Rig) -> Mover:
    shown = rig.device("bollard")
    assert isinstance(shown, Mover)
    return shown


async def held(client: httpx.AsyncClient) -> dict[str, Any]:
    return dict((await client.get("/api/v1/devices/bollard")).json()["held"])


def rules(answer: httpx.Response) -> list[str]:
    return [refusal["rule"] for refusal in answer.json()["refusals"]]


async def test_who_is_behind_an_order_and_in_which_role_is_told(supervisor: httpx.AsyncClient):
    given = (await give(supervisor, "stop", by="marie")).json()
    assert (given["principal"], given["role"], given["by"]) == ("supervisor-token", "supervisor", "marie")
    assert (given["hold"], given["passage"]) == (False, "")


@pytest.mark.parametrize(("action", "lives_s"), [("stop", 5.0), ("lockdown", 30.0)])
async def test_an_order_that_does_not_say_how_long_it_lives(client: httpx.AsyncClient, action: str, lives_s: float):
    assert (await give(client, action, expires_in_s=None)).json()["expires_in_s"] == lives_s


async def test_r06_a_lockdown_latches_and_refuses_what_would_open(client: httpx.AsyncClient, rig: Rig):
    rig.link.follow()
    fired = await give(client, "lockdown", "yard", id="fired", by="marie")
    assert fired.status_code == 202
    assert (await until_ended(client, rig, "fired"))["life"] == "confirmed"
    opening = await give(client, "open")
    assert (opening.status_code, rules(opening)) == (409, ["R06"])
    device = (await client.get("/api/v1/devices/bollard")).json()
    assert (device["mode"], device["state"]) == ("efo", "raised")
    assert device["held"]["efo"] == {"by": "marie", "role": "operator", "order": "fired:bollard"}


async def test_r06_the_role_that_fired_does_not_reset(client: httpx.AsyncClient, supervisor: httpx.AsyncClient, rig):
    rig.link.follow()
    await give(client, "lockdown")
    same = await give(client, "release", by="somebody else")
    assert (same.status_code, rules(same)) == (409, ["R06"])
    assert (await held(client))["efo"] is not None
    other = await give(supervisor, "release")
    assert (other.status_code, other.json()["life"]) == (202, "confirmed")
    assert (await held(client))["efo"] is None


async def test_r06_what_a_supervisor_fired_an_operator_resets(client: httpx.AsyncClient, supervisor: httpx.AsyncClient):
    await give(supervisor, "lockdown")
    assert rules(await give(supervisor, "release")) == ["R06"]
    assert (await give(client, "release")).status_code == 202


async def test_a_lock_out_is_lifted_by_its_owner(client: httpx.AsyncClient):
    await give(client, "lock-out", by="luc", reason="hose", id="tag-1")
    assert (await held(client))["tags"] == [{"tag": "tag-1", "owner": "luc", "why": "hose", "asked_by": ""}]
    moving = await give(client, "lower")
    assert rules(moving) == ["lock-out"]
    assert (await give(client, "lift", by="luc")).json()["because"] == "lifted"
    assert (await held(client))["tags"] == []


async def test_a_lock_out_is_lifted_by_two_others(client: httpx.AsyncClient):
    await give(client, "lock-out", by="luc", reason="hose")
    first = await give(client, "lift", by="zoé")
    assert "a second person besides zoé" in first.json()["because"]
    assert rules(await give(client, "lift", by="zoé")) == ["lock-out"]
    assert rules(await give(client, "lift", by=" zoé ")) == ["lock-out"]
    assert (await give(client, "lift", by="max")).json()["because"] == "luc's lock-out is lifted"


async def test_a_lock_out_without_its_reason_is_refused(client: httpx.AsyncClient):
    assert rules(await give(client, "lock-out", by="luc")) == ["lock-out"]


async def test_in_test_only_who_holds_it_moves_it(client: httpx.AsyncClient, rig: Rig):
    rig.link.follow()
    assert (await give(client, "test", by="luc")).status_code == 202
    assert rules(await give(client, "lower", by="marie")) == ["test"]
    assert (await give(client, "lower", by="luc", id="mine")).status_code == 202
    await until_ended(client, rig, "mine")
    assert rules(await give(client, "end-test", by="marie")) == ["test"]
    assert (await give(client, "end-test", by="luc")).json()["because"] == "test ended"


async def test_r37_who_enters_and_leaves_test_is_in_the_journal_with_the_mode_before_and_after(
    client: httpx.AsyncClient, rig: Rig
):
    for action in ("test", "end-test"):
        assert (await give(client, action, by="luc", id=action)).status_code == 202
    journal = rig.supervisor.journal
    modes = [record.entry.body for record in await journal.select(kind="mode", device="bollard")]
    assert [(body["was"], body["mode"]) for body in modes] == [("remote", "test"), ("test", "remote")]
    told = [(await journal.of_command(action))[0].entry.body for action in ("test", "end-test")]
    assert [(body["action"], body["by"]) for body in told] == [("test", "luc"), ("end-test", "luc")]


@pytest.mark.parametrize("action", ["lock-out", "lift", "test", "end-test"])
@pytest.mark.parametrize("by", ["", "  "])
async def test_what_is_one_persons_says_whose(client: httpx.AsyncClient, action: str, by: str):
    answer = await give(client, action, by=by, reason="hose")
    assert (answer.status_code, answer.json()["error"]["fields"][0]["field"]) == (422, "by")


@pytest.mark.parametrize(("action", "target"), [("open", "gate"), ("stop", "bollard"), ("lockdown", "bollard")])
async def test_r24_only_a_motion_of_one_device_can_be_held(client: httpx.AsyncClient, action: str, target: str):
    answer = await give(client, action, target, hold=True)
    assert (answer.status_code, answer.json()["error"]["fields"][0]["field"]) == (422, "hold")


async def test_r24_a_motion_that_nobody_renews_ends(client: httpx.AsyncClient, rig: Rig):
    await give(client, "lower", hold=True, id="held")
    ended = await until_ended(client, rig, "held")
    assert (ended["life"], ended["because"]) == ("failed", "its button was let go (R24)")


async def test_r24_a_renewal_gives_the_motion_another_second(client: httpx.AsyncClient, rig: Rig):
    await give(client, "lower", hold=True, id="held")
    until = mover(rig).held_until
    assert (await client.post(f"{COMMANDS}/held/hold")).status_code == 204
    await rig.until(lambda: mover(rig).held_until > until)


async def test_r24_a_button_that_is_let_go_ends_the_motion_at_once(client: httpx.AsyncClient, rig: Rig):
    await give(client, "lower", hold=True, id="held")
    until = mover(rig).held_until
    assert (await client.delete(f"{COMMANDS}/held/hold")).status_code == 204
    ended = await until_ended(client, rig, "held")
    assert ended["because"] == "its button was let go (R24)"
    assert mover(rig).since < until


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_r24_an_order_that_is_not_held_or_has_ended_cannot_be(client: httpx.AsyncClient, rig: Rig, method: str):
    await give(client, "lower", id="free")
    await give(client, "raise", "entry", id="over", hold=True)
    for name in ("free", "over", "never"):
        answer = await client.request(method, f"{COMMANDS}/{name}/hold")
        assert (name, answer.status_code) == (name, 409)
        assert answer.json()["error"]["code"] == "not-under-way"
    assert mover(rig).motion is not None
