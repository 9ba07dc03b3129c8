"""What the API shows of the site: nothing that is not known is shown as known."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from starlette.requests import Request

from controller.api import state
from controller.api.service import Stamper
from controller.core.device import Sampled
from controller.ports import Mute
from tests.api.conftest import service_of
from tests.shell.scripted import Rig, ScriptedLink, link_at_rest, plant, running
from tests.shell.test_threats import watched

Serve = Callable[..., Any]


def zone(site: dict[str, Any], name: str) -> dict[str, Any]:
    return next(z for z in site["zones"] if z["id"] == name)


async def test_the_loop_has_its_turns_while_every_device_is_shown(rig: Rig, monkeypatch: pytest.MonkeyPatch):
    """An order does not wait for all of a large site."""
    monkeypatch.setattr(state, "AT_ONCE", 1)
    service = service_of(rig)
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    turning = asyncio.create_task(turn())
    answer = await state.devices(service, cast(Request, None))
    turning.cancel()
    assert turns >= len(rig.supervisor.board)
    assert [it["id"] for it in json.loads(bytes(answer.body))] == list(rig.supervisor.board)
    assert (answer.media_type, answer.headers["Cache-Control"]) == ("application/json", "no-store")


async def test_the_site_says_what_runs(client: httpx.AsyncClient):
    site = (await client.get("/api/v1/site")).json()
    assert site["timezone"] == "Europe/Zurich"
    assert (site["name"], site["title"], site["boot"], site["revision"]) == ("yard", "The yard", "boot", "0123abcd")
    assert site["simulated"] is False
    assert zone(site, "gate")["devices"] == ["bollard", "signal", "entry", "exit"]


async def test_the_plan_of_the_site_runs_nothing_in_a_browser(tmp_path: Path, serve: Serve):
    drawing = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    async with running(tmp_path, site=replace(plant(link_at_rest()), plan=drawing)) as rig:
        answer = await (await serve(rig)).get("/api/v1/site/plan")
    assert (answer.status_code, answer.text) == (200, drawing)
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"


async def test_a_site_without_a_plan_says_so(client: httpx.AsyncClient):
    answer = await client.get("/api/v1/site/plan")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no-plan")


async def test_a_simulated_field_is_said_to_be(tmp_path: Path, serve: Serve):
    link = link_at_rest()
    async with running(tmp_path, link=link, site=plant(link, simulated=True)) as rig:
        assert (await (await serve(rig)).get("/api/v1/site")).json()["simulated"] is True


async def test_a_zone_is_secured_open_or_not_known(client: httpx.AsyncClient, rig: Rig):
    async def shown() -> tuple[Any, Any, Any]:
        site = (await client.get("/api/v1/site")).json()
        device = (await client.get("/api/v1/devices/bollard")).json()
        return site["secured"], zone(site, "gate")["secured"], device["secured"]

    assert await shown() == (True, True, True)
    rig.link.follow()
    await client.post("/api/v1/commands", json={"target": "bollard", "action": "lower"})
    await rig.shows("bollard", "lowered")
    assert await shown() == (False, False, False)
    rig.link.fail("io", Mute)
    await rig.shows("bollard", "offline")
    assert await shown() == (None, None, None)


async def test_a_zone_without_steel_is_never_called_secured(client: httpx.AsyncClient):
    assert zone((await client.get("/api/v1/site")).json(), "empty")["secured"] is None


async def test_a_fault_is_not_called_secured(client: httpx.AsyncClient, rig: Rig):
    rig.link.steel("contradiction")
    await rig.shows("bollard", "fault")
    assert (await client.get("/api/v1/devices/bollard")).json()["secured"] is None


async def test_devices_are_a_list_of_what_each_device_alone_shows(client: httpx.AsyncClient, rig: Rig):
    devices = (await client.get("/api/v1/devices")).json()
    assert [d["id"] for d in devices] == ["bollard", "signal", "entry", "exit"]
    bollard = (await client.get("/api/v1/devices/bollard")).json()
    assert (bollard["state"], bollard["version"]) == ("raised", rig.device("bollard").version)
    assert bollard["points"]["raised"]["value"] is True
    assert 0 <= bollard["points"]["raised"]["age_s"] < 5
    assert abs(datetime.fromisoformat(bollard["points"]["raised"]["taken"]) - datetime.now(UTC)) < timedelta(seconds=10)


async def test_rule_10_a_device_shows_what_forbids_moving_it(tmp_path: Path, serve: Serve):
    async with running(tmp_path, link=link_at_rest("lowered")) as rig:
        rig.link.detect("exit")
        await rig.shows("exit", "occupied")
        await rig.shows("bollard", "lowered")
        interlocks = (await (await serve(rig)).get("/api/v1/devices/bollard")).json()["interlocks"]
    words = {"because": {"id": "loop occupied", "gaps": {}}}
    refusal = {"rule": "R09", "device": "exit", "because": "loop occupied", "words": words}
    assert {"action": "raise", **refusal} in interlocks
    assert {i["action"] for i in interlocks} == {"raise"}


async def test_an_unknown_device_is_404(client: httpx.AsyncClient):
    answer = await client.get("/api/v1/devices/bollards")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no-such-device")


async def test_a_reading_that_json_cannot_say_is_null(client: httpx.AsyncClient, rig: Rig):
    rig.link.set("detectors", entry=math.nan)
    await rig.shows("entry", "occupied")
    answer = await client.get("/api/v1/devices/entry")
    assert answer.status_code == 200
    assert answer.json()["points"]["detect"]["value"] is None


async def test_a_text_that_no_encoding_holds_does_not_break_the_answer(client: httpx.AsyncClient, rig: Rig):
    rig.link.set("detectors", entry="caf\udce9")
    await rig.shows("entry", "occupied")
    assert (await client.get("/api/v1/devices/entry")).json()["points"]["detect"]["value"] == "caf\udce9"


async def test_a_lane_without_wires_is_waited_for_by_nobody_and_is_never_old(tmp_path: Path, serve: Serve):
    link = link_at_rest()
    async with running(tmp_path, link=link, site=watched(link)) as rig:
        await rig.at_rest()
        client = await serve(rig)
        assert (await client.get("/readyz")).status_code == 200
        lane = (await client.get("/api/v1/devices/lane")).json()
        assert (lane["kind"], lane["state"], lane["points"]) == ("direction", "free", {})


async def test_ready_once_every_device_was_heard_or_found_offline(tmp_path: Path, serve: Serve):
    link = ScriptedLink()
    opened = link.hold("open")
    async with running(tmp_path, link=link) as rig:
        client = await serve(rig)
        waiting = await client.get("/readyz")
        assert waiting.status_code == 503
        assert waiting.json()["error"]["reasons"] == [
            f"{name} has not been heard yet" for name in ("bollard", "signal", "entry", "exit")
        ]
        link.fail("io", Mute)
        link.set("detectors", entry=False, exit=True)
        opened.set()
        await rig.shows("bollard", "offline")
        await rig.shows("exit", "occupied")
        await rig.shows("entry", "clear")
        await rig.shows("signal", "offline")
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()) == (200, {"status": "ready"})
        rig.supervisor.stop()
        stopping = await client.get("/readyz")
        assert stopping.json()["error"]["reasons"] == ["the controller is stopping"]


async def test_before_the_start_nothing_is_ready_and_nothing_is_ordered(tmp_path: Path, serve: Serve):
    link = link_at_rest()
    async with running(tmp_path, link=link) as rig:
        client = await serve(rig)
        rig.supervisor.started.clear()
        assert (await client.get("/readyz")).json()["error"]["reasons"] == ["the controller is starting"]
        answer = await client.post("/api/v1/commands", json={"target": "bollard", "action": "lower", "id": "early"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "starting")
        assert await rig.supervisor.ledger.find("early") is None


async def test_a_device_whose_logic_failed_does_not_keep_the_site_from_being_ready(client: httpx.AsyncClient, rig: Rig):
    rig.supervisor.runners["entry"].post(Sampled(None))  # type: ignore[arg-type]
    await rig.shows("entry", "unknown")
    assert not rig.device("entry").readings
    assert (await client.get("/readyz")).status_code == 200


async def test_health_needs_no_token_and_knows_nothing(client: httpx.AsyncClient):
    answer = await client.get("/healthz", headers={"Authorization": ""})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_metrics_are_prometheus_text(client: httpx.AsyncClient):
    answer = await client.get("/metrics")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert 'rempart_build_info{version="0.0.0"} 1.0' in answer.text


def test_a_past_instant_keeps_its_label_until_the_wall_clock_is_set():
    wall = datetime(2026, 11, 22, 12, tzinfo=UTC)
    clock = {"now": 100.0, "utc": wall}
    stamp = Stamper(lambda: clock["now"], lambda: clock["utc"])  # type: ignore[arg-type, return-value]
    first = stamp(40.0)
    assert first == "2026-11-22T11:59:00.000Z"
    clock.update(now=200.0, utc=wall + timedelta(seconds=100.05))
    assert stamp(40.0) == first
    clock.update(now=200.0, utc=wall + timedelta(seconds=400))
    assert stamp(40.0) == "2026-11-22T12:04:00.000Z"


async def test_a_zone_is_open_only_while_every_mover_is_confirmed_open(client: httpx.AsyncClient, rig: Rig):
    async def gate() -> tuple[bool | None, bool]:
        shown = zone((await client.get("/api/v1/site")).json(), "gate")
        return shown["secured"], shown["open"]

    assert await gate() == (True, False)
    await client.post("/api/v1/commands", json={"target": "bollard", "action": "lower"})
    rig.link.steel("between")
    await rig.shows("bollard", "lowering")
    assert await gate() == (False, False)
    rig.link.steel("lowered")
    await rig.shows("bollard", "lowered")
    assert await gate() == (False, True)
