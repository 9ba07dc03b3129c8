"""`devices`, `watch` and `diagram` against the real API."""

from __future__ import annotations

import asyncio
import io
import json
import os
import pty
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.console import Console

from controller.api import ApiServer, build_app
from controller.cli import client, discover, screen, watch
from controller.ports import Mute
from tests.cli.desk import Desk, Shell
from tests.cli.desk import desk as opened
from tests.shell.scripted import OVERALL_S, link_at_rest


async def test_devices_fit_80_columns_and_say_that_the_field_is_simulated(desk: Desk) -> None:
    ended = await desk.shell.rempart("devices")
    assert ended.code == 0
    assert max(map(len, ended.out.splitlines())) <= 80
    assert "SIMULATED FIELD" in ended.out
    assert all(name in ended.out for name in ("bollard", "signal", "entry", "exit"))


async def test_devices_as_json_are_those_of_the_api(desk: Desk) -> None:
    devices = json.loads((await desk.shell.rempart("devices", "--json")).out)
    assert [device["id"] for device in devices] == ["bollard", "signal", "entry", "exit"]
    assert {"state", "mode", "version", "since", "points", "interlocks"} <= set(devices[0])


async def test_devices_say_what_forbids_moving(desk: Desk) -> None:
    await desk.shell.rempart("lower", "bollard")
    desk.rig.link.detect("entry")
    await desk.rig.shows("entry", "occupied")
    out = " ".join((await desk.shell.rempart("devices")).out.split())
    assert "no raise: R09 entry: loop occupied" in out


async def test_watch_without_a_terminal_is_one_picture(desk: Desk) -> None:
    ended = await desk.shell.rempart("watch")
    assert ended.code == 0
    assert "The gate (gate) secured" in ended.out
    assert "\x1b" not in ended.out


async def test_a_new_picture_knows_the_last_orders(desk: Desk) -> None:
    await desk.shell.rempart("lower", "bollard")
    await desk.shell.rempart("raise", "entry")
    out = (await desk.shell.rempart("watch", "--once")).out.splitlines()
    assert out[-2].startswith("> lower bollard: confirmed")
    assert out[-1].startswith("> raise entry: refused by kind")


async def test_watch_draws_itself(desk: Desk, tmp_path: Path) -> None:
    ended = await desk.shell.rempart("watch", "--svg", tmp_path / "w.svg")
    assert ended.code == 0
    text = (tmp_path / "w.svg").read_text("utf-8")
    assert 'url("http' not in text
    root = ElementTree.fromstring(text)
    assert root.tag.endswith("svg")
    assert "bollard" in "".join(root.itertext())


async def test_watch_names_a_file_that_it_cannot_write(desk: Desk, tmp_path: Path) -> None:
    ended = await desk.shell.rempart("watch", "--svg", tmp_path / "no" / "w.svg")
    assert ended.code == 1
    assert "w.svg" in ended.err


async def _until(watcher: watch.Watcher, met) -> None:
    """Watch until the picture meets it."""
    seen = asyncio.Event()

    def refresh() -> None:
        if met(watcher.picture()):
            seen.set()

    running = asyncio.create_task(watcher.run(refresh))
    try:
        async with asyncio.timeout(OVERALL_S):
            await seen.wait()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _door(desk: Desk) -> client.Door:
    (card,) = discover.running(desk.shell.environment)
    return client.Door(card.url, desk.token_file.read_text().strip(), desk.token_file, card.socket)


async def test_the_live_picture_shows_orders_and_refusals_as_they_come(desk: Desk) -> None:
    door = _door(desk)
    async with watch.opened(door) as http:
        watcher = watch.Watcher(http, door)
        await watcher.ask()
        giving = asyncio.create_task(desk.shell.rempart("lower", "entry"))
        await _until(watcher, lambda picture: any(order["life"] == "refused" for order in picture.orders))
        await giving


async def test_the_heading_of_a_zone_follows_its_steel_at_once(desk: Desk, monkeypatch) -> None:
    monkeypatch.setattr(watch, "EVERY_S", 10 * OVERALL_S)
    door = _door(desk)
    async with watch.opened(door) as http:
        watcher = watch.Watcher(http, door)
        await watcher.ask()
        assert _heading(watcher) == "The gate (gate) secured"
        giving = asyncio.create_task(desk.shell.rempart("lower", "bollard"))
        await _until(watcher, lambda _: _heading(watcher) == "The gate (gate) open")
        await giving


async def test_orders_are_fetched_anew_when_the_stream_was_away_and_each_has_one_line(shell: Shell, tmp_path) -> None:
    async with opened(shell, tmp_path / "yard", link=link_at_rest()) as desk:
        door = _door(desk)
        async with watch.opened(door) as http:
            watcher = watch.Watcher(http, door)
            await watcher.ask()
            giving = asyncio.create_task(shell.rempart("lower", "bollard", "--id", "o1", "--no-wait"))
            await _until(watcher, lambda picture: _lives(picture) == [("o1", "issued")])
            await giving
            await desk.server.__aexit__()
            desk.rig.link.steel("lowered")
            await desk.rig.shows("bollard", "lowered")
            app = build_app(desk.rig.supervisor, token=door.token)
            async with ApiServer(app, desk.server.socket_path, port=0):
                await _until(watcher, lambda picture: _lives(picture) == [("o1", "confirmed")])


def _lives(picture: screen.Picture) -> list[tuple[str, str]]:
    return [(order["id"], order["life"]) for order in picture.orders]


def _heading(watcher: watch.Watcher) -> str:
    """Return the heading of the gate."""
    console = Console(file=io.StringIO(), width=80)
    console.print(screen.board(watcher.picture(), 80))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    return next(line.rstrip() for line in text.splitlines() if line.startswith("The gate"))


async def test_the_live_picture_says_since_when_nothing_comes_and_recovers(desk: Desk) -> None:
    door = _door(desk)
    async with watch.opened(door) as http:
        watcher = watch.Watcher(http, door)
        await watcher.ask()
        assert watcher.picture().lost == ""
        await desk.server.__aexit__()
        await _until(watcher, lambda picture: "NO CONNECTION TO THE CONTROLLER SINCE" in picture.lost)
        app = build_app(desk.rig.supervisor, token=door.token)
        async with ApiServer(app, desk.server.socket_path, port=0):
            await _until(watcher, lambda picture: not picture.lost)


async def test_the_live_picture_shows_what_stands_in_the_alarm_list(desk: Desk) -> None:
    door = _door(desk)
    async with watch.opened(door) as http:
        watcher = watch.Watcher(http, door)
        await watcher.ask()
        desk.rig.link.fail("detectors", Mute)
        await _until(watcher, lambda picture: any(alarm["device"] == "detectors" for alarm in picture.alarms))


async def test_watch_on_a_terminal_goes_on_until_ctrl_c_and_leaves_the_screen_as_it_was(desk: Desk) -> None:
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "controller.cli", "watch"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**desk.shell.environment, "TERM": "xterm"},
    )
    os.close(theirs)
    seen = b""
    try:
        async with asyncio.timeout(3 * OVERALL_S):
            while b"Ctrl-C ends" not in seen:
                seen += await asyncio.to_thread(os.read, ours, 65536)
            process.send_signal(2)
            while chunk := await asyncio.to_thread(_read, ours):
                seen += chunk
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
        os.close(ours)
    assert b"\x1b[?1049l" in seen
    assert b"Traceback" not in seen


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other side has gone
        return b""


@pytest.mark.parametrize("what", ["bollard", "loop", "alarm"])
async def test_a_kind_is_drawn_without_a_controller(shell, what: str) -> None:
    ended = await shell.rempart("diagram", what)
    assert ended.code == 0
    assert ended.out.startswith("stateDiagram-v2")


async def test_a_device_is_drawn_as_its_kind(desk: Desk) -> None:
    of_device = await desk.shell.rempart("diagram", "entry")
    assert of_device.out == (await desk.shell.rempart("diagram", "loop")).out


async def test_a_diagram_of_nothing_known_says_what_there_is(shell) -> None:
    ended = await shell.rempart("diagram", "entry")
    assert ended.code == 3
    assert "road_blocker" in ended.err


async def test_the_page_of_all_machines_is_written(shell, tmp_path: Path) -> None:
    ended = await shell.rempart("diagram", "--write", tmp_path)
    assert ended.code == 0
    assert "# State machines" in (tmp_path / "machines.md").read_text("utf-8")
