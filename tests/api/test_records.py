"""The journal, page by page."""

from __future__ import annotations

from pathlib import Path

import httpx

from controller.journal import verify
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
