"""`rempart run` and `rempart demo` as processes: what they hold, refuse, say and leave behind."""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from controller.cli import run
from controller.service import CARD, SOCKET
from controller.statefolder import SUPERVISOR_TOKEN, TOKEN, ensure_token, make_folder
from tests.cli.desk import Running, Shell

# Wires are claimed for the whole machine, and another run of these tests may be under way on it: each has its own address.
NOBODY = f"127.{os.getpid() >> 16 & 255}.{os.getpid() >> 8 & 255}.{os.getpid() & 255 or 1}"

SITE = """\
site: quay
title: The quay
timezone: Europe/Paris
zones: {gate: {title: The gate}}
links: {line: {url: "modbus+tcp://NOBODY:1"}}
units: {io: {link: line, profile: waveshare-io-8ch, address: 1}}
devices:
  door: {kind: contact, title: Cabinet door, zone: gate, profile: contact-normally-open, wiring: {contact: io.di0}}
""".replace("NOBODY", NOBODY)
"""Nobody listens at the end of its wire, which is no reason for a controller not to run."""


SHIPPED = Path(__file__).parents[2] / "sites" / "nice-promenade"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "quay"
    folder.mkdir()
    (folder / "site.yaml").write_text(SITE)
    return folder


@pytest.fixture
async def controller(shell: Shell, site: Path) -> AsyncIterator[Running]:
    """The controller of the quay, ready."""
    running = await shell.start("run", site, "--port", "0")
    await running.says("\n")
    yield running
    if running.process.returncode is None:
        running.process.kill()
        await running.process.wait()


def _runtime(shell: Shell) -> Path:
    return shell.runtime / "rempart" / "quay"


def _state(shell: Shell) -> Path:
    return shell.state / "rempart" / "quay"


async def test_it_says_where_its_api_is_and_leaves_its_card_there(shell: Shell, controller: Running) -> None:
    card = json.loads((_runtime(shell) / CARD).read_text())
    assert controller.out == f"ready: API {card['url']} and {card['socket']}\n"
    assert card["site"] == "quay"
    assert card["pid"] == controller.process.pid
    assert card["token_file"] == str(_state(shell) / TOKEN)
    assert card["supervisor_token_file"] == str(_state(shell) / SUPERVISOR_TOKEN)


async def test_the_command_line_finds_it(shell: Shell, controller: Running) -> None:
    assert json.loads((await shell.rempart("devices", "--json")).out)[0]["id"] == "door"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_stops_when_told_and_leaves_no_socket_and_no_card(
    shell: Shell, controller: Running, number: signal.Signals
) -> None:
    controller.process.send_signal(number)
    ended = await controller.end()
    assert ended.code == 0
    assert "stopped" in ended.err
    assert "Traceback" not in ended.err
    assert list(_runtime(shell).iterdir()) == []


async def test_it_stops_while_somebody_listens_to_its_events(shell: Shell, controller: Running) -> None:
    card = json.loads((_runtime(shell) / CARD).read_text())
    bearer = {"Authorization": f"Bearer {(_state(shell) / TOKEN).read_text().strip()}"}
    events = f"{card['url']}/api/v1/events"
    async with httpx.AsyncClient(headers=bearer) as http, http.stream("GET", events) as stream:
        assert stream.status_code == 200
        controller.process.terminate()
        assert [line async for line in stream.aiter_lines()]
    assert (await controller.end()).code == 0


async def test_a_second_one_is_refused_and_the_first_named(shell: Shell, controller: Running, site: Path) -> None:
    ended = await shell.rempart("run", site, "--port", "0")
    assert ended.code == 1
    assert f"process {controller.process.pid}" in ended.err
    assert (_runtime(shell) / CARD).exists()


async def test_a_port_in_use_is_named_and_everything_is_let_go_again(shell: Shell, site: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = await shell.rempart("run", site, "--port", str(port))
    assert ended.code == 1
    assert str(port) in ended.err
    assert "Traceback" not in ended.err
    assert list(_runtime(shell).iterdir()) == []


async def test_r06_one_token_in_both_files_is_refused(shell: Shell, site: Path) -> None:
    make_folder(_state(shell))
    ensure_token(_state(shell))
    shutil.copy(_state(shell) / TOKEN, _state(shell) / SUPERVISOR_TOKEN)
    ended = await shell.rempart("run", site, "--port", "0")
    assert ended.code == 1
    assert f"{_state(shell) / SUPERVISOR_TOKEN}: the same as token" in ended.err


async def test_a_wrong_site_is_refused_with_2_so_that_it_is_not_tried_again(shell: Shell, site: Path) -> None:
    (site / "site.yaml").write_text(SITE.replace("kind: contact", "kind: contract"))
    ended = await shell.rempart("run", site)
    assert ended.code == 2
    assert "site.yaml:8:" in ended.err


async def test_the_token_is_in_no_log_and_no_output(shell: Shell, site: Path) -> None:
    running = await shell.start("run", site, "--port", "0", "--log-level", "debug", "--log-json")
    await running.says("\n")
    await shell.rempart("devices")
    running.process.terminate()
    ended = await running.end()
    assert (_state(shell) / TOKEN).read_text().strip() not in ended.out + ended.err
    assert all("event" in json.loads(line) for line in ended.err.splitlines())


async def test_only_the_owner_can_get_at_socket_token_and_journal(shell: Shell, controller: Running) -> None:
    for path in (_runtime(shell) / SOCKET, _state(shell) / TOKEN, _state(shell) / "journal.db"):
        assert path.stat().st_mode & 0o077 == 0


async def test_it_tells_systemd_that_it_is_ready_and_that_it_stops(shell: Shell, site: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(shell.runtime / "notify"))
        systemd.settimeout(10)
        shell.more = {"NOTIFY_SOCKET": str(shell.runtime / "notify")}
        running = await shell.start("run", site, "--port", "0")
        await running.says("ready:")
        assert b"READY=1" in systemd.recv(4096)
        running.process.terminate()
        await running.end()
        systemd.setblocking(False)
        told = b""
        while b"STOPPING=1" not in told:
            told = systemd.recv(4096)


async def test_a_demo_whose_equipment_cannot_start_says_why_and_leaves_nothing_running(
    shell: Shell, site: Path
) -> None:
    (site / "simulation.yaml").write_text("site: quay\nnonsense: 1\n")
    ended = await shell.rempart("demo", site, "--no-watch", "--port", "0")
    assert ended.code == 1
    assert "the simulators ended with exit code 2" in ended.err
    assert "nonsense" in ended.err
    assert "Traceback" not in ended.err


async def test_a_demo_of_a_site_that_runs_is_refused_before_it_disturbs_it(
    shell: Shell, controller: Running, site: Path
) -> None:
    ended = await shell.rempart("demo", site, "--no-watch", "--port", "0")
    assert ended.code == 1
    assert f"process {controller.process.pid}" in ended.err
    assert (_runtime(shell) / CARD).exists()


async def test_a_site_that_is_simulated_already_is_not_simulated_twice(shell: Shell) -> None:
    runtime = shell.runtime / "rempart" / "nice-promenade"
    runtime.mkdir(parents=True, mode=0o700)
    with socket.socket(socket.AF_UNIX) as first:
        first.bind(str(runtime / "control.sock"))
        first.listen()
        ended = await shell.rempart("simulate", "nice-promenade")
    assert ended.code == 1
    assert "simulated already" in ended.err


async def test_simulators_are_found_by_the_name_of_the_site_and_not_of_its_folder(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "sea-front"
    shutil.copytree(SHIPPED, folder)
    running = await shell.start("simulate", folder, "--only", "massena-relays", "--no-traffic")
    await running.says("simulating nice-promenade")
    assert (shell.runtime / "rempart" / "nice-promenade" / "bench.yaml").exists()
    assert (await shell.rempart("trouble", "list", "--site", "nice-promenade")).code == 0
    running.process.terminate()
    assert (await running.end()).code == 0


@pytest.mark.parametrize("text", ["", "site: 7\n", "title: none\n", "site: [\n"])
async def test_a_site_without_a_name_is_not_simulated(shell: Shell, site: Path, text: str) -> None:
    (site / "site.yaml").write_text(text)
    ended = await shell.rempart("simulate", site)
    assert ended.code == 2
    assert "site.yaml:" in ended.err


async def test_simulate_hands_its_options_on(shell: Shell, tmp_path: Path) -> None:
    words = ("--only", "massena-relays", "--no-traffic", "--seed", "3", "--speed", "2", "--bench", tmp_path / "b.yaml")
    running = await shell.start("simulate", "nice-promenade", *words)
    await running.says("simulating nice-promenade")
    assert "massena-relays" in running.out
    assert "gambetta" not in running.out
    assert (tmp_path / "b.yaml").exists()
    running.process.terminate()
    assert (await running.end()).code == 0


async def test_the_collector_leaves_alone_what_lives_as_long_as_the_site() -> None:
    thresholds = gc.get_threshold()
    try:
        run._spare_the_collector()
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold() != thresholds
        assert gc.isenabled()
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
