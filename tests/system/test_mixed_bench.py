"""One drive with its loop on the workbench, the rest of the site simulated: pymodbus' server is the equipment that is there."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymodbus.client import ModbusTcpClient

from tests.commissioning.gate import DRIVE, UNIT
from tests.system.field import PATIENCE_S, Process, wait_for
from tests.system.panel import STREET
from tests.system.panel import UNIT as PANEL

SITE = """\
site: yard
title: The yard
timezone: Europe/Paris
zones: {yard: {title: Yard}}
links:
  cabinet: {url: "modbus+tcp://192.0.2.20:502", poll_s: 0.1}
  panel: {url: "modbus+tcp://192.0.2.21:502", poll_s: 0.1}
units:
  cabinet-io: {link: cabinet, profile: gate-io, address: 1}
  panel-io: {link: panel, profile: gate-io, address: 1}
devices:
"""
DRAWN = """\
  {name}-wedge:
    kind: road_blocker
    title: Wedge
    zone: yard
    profile: gate-wedge
    wiring: {{raise: {name}-io.do0, lower: {name}-io.do1, raised: {name}-io.di0, lowered: {name}-io.di1}}
    presence: [{name}-loop]
    no_warning_accepted: {{who: Site owner, when: 2026-01-31, why: a bench where nobody walks}}
  {name}-loop: {{kind: loop, title: Loop, zone: yard, wiring: {{detect: {name}-io.di2}}}}
"""
SIMULATION = """\
site: yard
links: {cabinet: {protocol: modbus-tcp}, panel: {protocol: modbus-tcp}}
units:
  cabinet-io: {link: cabinet, profile: gate-io, address: 1}
  panel-io: {link: panel, profile: gate-io, address: 1}
lanes: {cabinet-drive: {length_m: 60}, panel-drive: {length_m: 60}}
plants:
"""
BUILT = """\
  {name}-wedge:
    type: bollard
    lane: {name}-drive
    at_m: 40
    travel_s: 1
    channels: {{raise: {name}-io.do0, lower: {name}-io.do1, raised: {name}-io.di0, lowered: {name}-io.di1}}
  {name}-loop: {{type: loop, lane: {name}-drive, from_m: 36, to_m: 44, channels: {{detect: {name}-io.di2}}}}
"""
BOTH = ("cabinet", "panel")


@dataclass(frozen=True, slots=True)
class Bench:
    """The panel that is there, the simulators of the other link, and what a person has on disk."""

    folder: Path
    port: int
    environment: dict[str, str]

    @property
    def site(self) -> Path:
        return self.folder / "yard"

    @property
    def simulated(self) -> Path:
        """The bench file as `rempart simulate --only cabinet` wrote it."""
        return self.folder / "bench.yaml"

    @property
    def mixed(self) -> Path:
        """The same, with the panel named as real equipment, where it hangs on this workbench."""
        file = self.folder / "mixed.yaml"
        line = f'  panel: {{url: "modbus+tcp://127.0.0.1:{self.port}", real: true}}\n'
        file.write_text(_with(self.simulated, line))
        return file

    def begin(self, log: str, *words: str | Path) -> Process:
        return Process(*words, log=self.folder / log, **self.environment)

    def rempart(self, *words: str | Path) -> tuple[int, str]:
        """Run a command to its end; return its code and what it said."""
        with tempfile.TemporaryDirectory() as place:
            process = Process("controller.cli", *words, log=Path(place, "log"), **self.environment)
            process.child.wait(PATIENCE_S)
            return process.stop(), process.output

    def told(self, *words: str | Path) -> str:
        code, said = self.rempart(*words)
        assert code == 0, said
        return said

    def device(self, device: str) -> dict[str, Any]:
        devices = json.loads(self.told("devices", "--json"))
        return next(dict(one) for one in devices if one["id"] == device)

    def shows(self, device: str, state: str) -> dict[str, Any]:
        def look() -> Any:
            shown = self.device(device)
            return shown if shown["state"] == state else None

        return dict(wait_for(f"{device} {state}", look))

    def free(self, device: str) -> None:
        """Wait until nothing forbids a motion: a loop must have been clear for a second."""
        wait_for(f"nothing forbids to move {device}", lambda: not self.device(device)["interlocks"])


def _with(bench: Path, line: str) -> str:
    head, links = bench.read_text().split("links:\n")
    return f"{head}links:\n{line}{links}"


def _site(folder: Path) -> Path:
    site = folder / "yard"
    (site / "profiles").mkdir(parents=True)
    (site / "profiles" / "gate-io.yaml").write_text(UNIT)
    (site / "profiles" / "gate-wedge.yaml").write_text(DRIVE)
    (site / "site.yaml").write_text(SITE + "".join(DRAWN.format(name=name) for name in BOTH))
    (site / "simulation.yaml").write_text(SIMULATION + "".join(BUILT.format(name=name) for name in BOTH))
    return site


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("mixed")
    runtime = tempfile.mkdtemp(prefix="rempart-m-")
    kept = ("PATH", "HOME", "PYTHONPATH", "COVERAGE_PROCESS_START")
    environment = {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "XDG_STATE_HOME": str(folder / "states"),
        "XDG_RUNTIME_DIR": runtime,
        "COLUMNS": "80",
    }
    site, port = _site(folder), folder / "port"
    panel = Process("tests.system.panel", port, log=folder / "panel.log", **environment)
    simulators = Process(
        "controller.cli", "simulate", site, "--only", "cabinet", "--bench", folder / "bench.yaml", "--no-traffic",
        log=folder / "simulators.log", **environment,
    )  # fmt: skip
    try:
        wait_for("the panel", lambda: panel.alive() and port.exists())
        wait_for("the bench file", lambda: simulators.alive() and (folder / "bench.yaml").exists())
        yield Bench(folder, int(port.read_text()), environment)
    finally:
        simulators.stop()
        panel.stop()
        shutil.rmtree(runtime, ignore_errors=True)


@pytest.fixture(scope="module")
def running(bench: Bench) -> Iterator[Bench]:
    """The bench with a controller that drives it."""
    controller = bench.begin("run.log", "controller.cli", "run", bench.site, "--bench", bench.mixed, "--port", "0")
    try:
        wait_for("the controller", lambda: controller.alive() and "ready:" in controller.output)
        for name in BOTH:
            bench.shows(f"{name}-loop", "clear")
        yield bench
    finally:
        controller.stop()


@pytest.fixture
def panel(bench: Bench) -> Iterator[ModbusTcpClient]:
    """A second master at the panel that shares no code with rempart: it sees its relays and stands vehicles on its loop."""
    with ModbusTcpClient("127.0.0.1", port=bench.port) as client:
        yield client
        client.write_coil(STREET, False, device_id=PANEL)


def test_the_real_drive_and_the_simulated_one_both_move_and_are_seen(running: Bench, panel: ModbusTcpClient) -> None:
    # What is simulated and what is real start lowered, so that each has its whole way to go.
    for name in BOTH:
        assert running.shows(f"{name}-wedge", "lowered")
    assert panel.read_discrete_inputs(0, count=2, device_id=PANEL).bits[:2] == [False, True]
    for name in BOTH:
        running.free(f"{name}-wedge")
        running.told("raise", f"{name}-wedge")
        assert running.shows(f"{name}-wedge", "raised")["secured"]
    assert panel.read_discrete_inputs(0, count=2, device_id=PANEL).bits[:2] == [True, False]
    running.told("lower", "panel-wedge")
    assert panel.read_discrete_inputs(0, count=2, device_id=PANEL).bits[:2] == [False, True]


def test_a_vehicle_on_the_real_loop_is_seen_and_keeps_its_drive_where_it_is(
    running: Bench, panel: ModbusTcpClient
) -> None:
    running.shows("panel-wedge", "lowered")
    panel.write_coil(STREET, True, device_id=PANEL)
    running.shows("panel-loop", "occupied")
    assert running.device("cabinet-loop")["state"] == "clear"
    code, said = running.rempart("raise", "panel-wedge")
    assert code != 0
    assert "panel-loop" in said
    assert panel.read_coils(0, count=1, device_id=PANEL).bits[0] is False


def test_the_field_is_called_partly_simulated_wherever_it_is_shown(running: Bench) -> None:
    assert " PARTLY SIMULATED " in running.told("watch", "--once")
    listed = running.told("devices")
    assert " PARTLY SIMULATED" in listed.splitlines()[0]
    assert "SIMULATED FIELD" not in listed


def test_the_api_says_of_each_link_and_device_whether_it_is_simulated(running: Bench) -> None:
    (card,) = Path(running.environment["XDG_RUNTIME_DIR"]).glob("**/api.json")
    door = json.loads(card.read_text())
    token = Path(door["token_file"]).read_text().strip()
    answer = httpx.get(f"{door['url']}/api/v1/site", headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE_S)
    site = answer.raise_for_status().json()
    assert site["simulated"] is True
    assert {link["id"]: link["simulated"] for link in site["links"]} == {"cabinet": True, "panel": False}
    devices = {one["id"]: one["simulated"] for one in json.loads(running.told("devices", "--json"))}
    assert devices == {"cabinet-wedge": True, "cabinet-loop": True, "panel-wedge": False, "panel-loop": False}


def test_the_journal_says_which_links_were_simulated(running: Bench) -> None:
    state = Path(running.environment["XDG_STATE_HOME"], "rempart", "yard")
    records = [json.loads(line) for line in running.told("journal", "export", "--state", state).splitlines()]
    started = [one["body"] for one in records if one["kind"] == "service" and one["body"]["event"] == "started"]
    assert [(body["simulated"], body["simulated_links"]) for body in started] == [(True, ["cabinet"])]


@pytest.mark.parametrize("words", [("silence", "panel"), ("drop", "panel"), ("reboot", "panel-io")])
def test_a_real_wire_cannot_be_broken_on_purpose(running: Bench, words: tuple[str, str]) -> None:
    code, said = running.rempart("trouble", *words)
    assert code == 2
    assert f"{words[0]}: link panel is not simulated here" in said


def test_what_is_done_on_the_simulated_street_does_not_reach_what_is_real(
    running: Bench, panel: ModbusTcpClient
) -> None:
    real = [running.device(name)["state"] for name in ("panel-wedge", "panel-loop")]
    inputs = panel.read_discrete_inputs(0, count=8, device_id=PANEL).bits
    for name in ("panel-loop", "cabinet-loop"):
        running.rempart("trouble", "occupy", name)
    running.rempart("trouble", "freeze", "panel-io.di0", f"value={str(not inputs[0]).lower()}")
    # Both links are read equally often: what the one shows has had its time on the other.
    running.shows("cabinet-loop", "occupied")
    assert [running.device(name)["state"] for name in ("panel-wedge", "panel-loop")] == real
    assert panel.read_discrete_inputs(0, count=8, device_id=PANEL).bits == inputs
    running.told("trouble", "clear")
    running.told("trouble", "vacate")


def test_nothing_is_driven_while_nobody_says_which_link_is_real(bench: Bench) -> None:
    code, said = bench.rempart("run", bench.site, "--bench", bench.simulated, "--port", "0")
    assert code == 2
    line = 1 + bench.simulated.read_text().splitlines().index("links:")
    assert f"{bench.simulated}:{line}:1: links: `panel` has no stand-in" in said
    assert "`panel: {real: true}` or `--real panel`" in said


def test_a_link_is_real_in_the_file_with_its_address_or_not_at_all(bench: Bench) -> None:
    file = bench.folder / "unsaid.yaml"
    file.write_text(bench.mixed.read_text().replace("127.0.0.1", "192.0.2.21").replace(", real: true", ""))
    file.write_text(file.read_text().replace(str(bench.port), "502"))
    code, said = bench.rempart("run", bench.site, "--bench", file, "--port", "0")
    assert code == 2
    assert "links.panel.url: is the real wire of the link `panel`" in said
