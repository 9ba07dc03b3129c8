"""The journal, page by page."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from controller.journal import offline, search, verify
from controller.ports import Checked
from tests.shell.scripted import Rig

JOURNAL = "/api/v1/journal"


async def test_pages_follow_one_another_without_a_gap(client: httpx.AsyncClient, rig: Rig):
    await rig.supervisor.journal.append()
    whole = (await client.get(JOURNAL, params={"limit": 1000})).json()["records"]
    seen, after = [], 0
    while page := (await client.get(JOURNAL, params={"after": after, "limit": 2})).json():
        if not page["records"]:
            assert page["next"] == after
            break
        seen += page["records"]
        after = page["next"]
    assert seen[: len(whole)] == whole
    assert [record["seq"] for record in seen] == list(range(1, len(seen) + 1))


async def test_a_record_is_what_the_journal_holds(client: httpx.AsyncClient, rig: Rig, tmp_path: Path):
    first = (await client.get(JOURNAL, params={"limit": 1})).json()["records"][0]
    (held,) = await rig.supervisor.journal.select(0, 1)
    assert first == {
        "seq": 1,
        "at": held.at,
        "kind": "service",
        "device": "",
        "command": "",
        "body": dict(held.entry.body),
        "hash": held.hash,
    }
    assert verify(tmp_path / "journal.db").ok


async def test_one_device_and_one_kind(client: httpx.AsyncClient, rig: Rig):
    await client.post("/api/v1/commands", json={"target": "bollard", "action": "stop", "id": "s"})
    await rig.supervisor.journal.append()
    found = (await client.get(JOURNAL, params={"device": "bollard", "kind": "command"})).json()["records"]
    assert {(r["device"], r["kind"], r["command"]) for r in found} == {("bollard", "command", "s")}


async def test_the_newest_come_oldest_first(client: httpx.AsyncClient, rig: Rig):
    await rig.supervisor.journal.append()
    found = (await client.get(JOURNAL, params={"newest": "true", "limit": 3})).json()["records"]
    last = found[-1]["seq"]
    assert [r["seq"] for r in found] == [last - 2, last - 1, last]


async def test_every_mistake_in_a_query_is_told_at_once(client: httpx.AsyncClient):
    answer = await client.get(JOURNAL, params={"after": -1, "limit": 1001, "newest": "maybe", "from": 3})
    assert answer.status_code == 422
    assert [m["field"] for m in answer.json()["error"]["fields"]] == ["after", "limit", "newest", "from"]


async def test_a_parameter_given_twice_is_422(client: httpx.AsyncClient):
    answer = await client.get(f"{JOURNAL}?after=1&after=2")
    assert answer.json()["error"]["fields"] == [{"field": "after", "problem": "given more than once"}]


async def test_a_text_is_searched_from_the_end_page_by_page(client: httpx.AsyncClient):
    for number in range(3):
        await client.post("/api/v1/commands", json={"target": "bollard", "action": "stop", "reason": f"Drill {number}"})
    first = (await client.get(JOURNAL, params={"text": "drill", "newest": "true", "limit": 2})).json()
    assert [record["body"]["reason"] for record in first["records"]] == ["Drill 1", "Drill 2"]
    assert first["earlier"] == first["records"][0]["seq"]
    asked = {"text": "drill", "newest": "true", "limit": 2, "before": first["earlier"]}
    second = (await client.get(JOURNAL, params=asked)).json()
    assert [record["body"]["reason"] for record in second["records"]] == ["Drill 0"]
    assert second["earlier"] is None


async def test_a_search_goes_on_where_it_stopped_looking(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(search, "EXAMINED", 1)
    await client.post("/api/v1/commands", json={"target": "bollard", "action": "stop", "reason": "drill"})
    after, asked, found = 0, 0, []
    while (page := (await client.get(JOURNAL, params={"after": after, "text": "drill"})).json())["next"] != after:
        found += page["records"]
        after, asked = page["next"], asked + 1
    assert asked == after
    assert [record["body"]["reason"] for record in found] == ["drill"]


async def test_r37_the_chain_is_verified_part_by_part(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(offline, "PART", 1)
    told = (await client.get(f"{JOURNAL}/verify")).json()
    assert (told["ok"], told["first_bad"], told["why"], told["head"]["seq"], told["ended"]) == (
        True,
        None,
        "",
        1,
        False,
    )
    while not told["ended"]:
        after = told["head"]
        told = (await client.get(f"{JOURNAL}/verify", params={"after": after["seq"], "hash": after["hash"]})).json()
    assert told["ok"]
    wrong = (await client.get(f"{JOURNAL}/verify", params={"after": 1, "hash": "0" * 64})).json()
    assert (wrong["ok"], wrong["first_bad"], wrong["ended"]) == (False, 1, True)


async def test_one_verification_at_a_time(client: httpx.AsyncClient, rig: Rig, monkeypatch: pytest.MonkeyPatch):
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(after: int, digest: str) -> Checked:
        begun.set()
        await go_on.wait()
        return Checked(True, after, digest, True)

    monkeypatch.setattr(rig.supervisor.journal, "check", slow)
    first = asyncio.create_task(client.get(f"{JOURNAL}/verify"))
    await begun.wait()
    second = await client.get(f"{JOURNAL}/verify")
    go_on.set()
    assert (second.status_code, second.json()["error"]["code"]) == (503, "too-many-checks")
    assert (await first).json()["ok"]
    assert (await client.get(f"{JOURNAL}/verify")).status_code == 200
