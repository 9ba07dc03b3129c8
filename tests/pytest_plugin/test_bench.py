"""`--bench`: the same tests on equipment that somebody else has set up, simulated or not."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from simulators.testing import Site
from simulators.testing.reset import Resetter
from simulators.testing.stage import Stage
from simulators.testing.waiting import until
from tests.pytest_plugin.gates import ended, environment, gates, pytest_on

TESTS = """
def test_an_order(site):
    site.device("front-bollard").raise_()
    assert site.device("front-bollard").state == "raised"

def test_simulated(site):
    site.occupy("front-loop")
    site.wait_for("front-loop", "occupied")

def test_real(site):
    site.occupy("back-loop")

def test_all_that_stands_in_a_real_lane(site):
    site.drive("back-lane")

def test_a_real_wire(site):
    site.trouble("silence", "back-io")

def test_of_nothing_in_particular(site):
    site.traffic(False)
    assert not site.world.vehicles
"""

ORDER_REAL = """
def test_an_order_to_what_is_real(site):
    site.device("back-bollard").raise_()
    links = {one["id"]: one["simulated"] for one in site.api.get("site")["links"]}
    assert links == {"front": True, "back": False}

def test_where_simulated_steel_is(site):
    site.device("front-bollard").raise_()
    assert site.world.secured("front-bollard")

def test_where_real_steel_is(site):
    assert not site.world.secured("back-bollard")
"""


class Elsewhere:
    """Simulators of some links that the plugin did not start."""

    def __init__(self, site: Path, folder: Path, only: str) -> None:
        self.runtime = Path(tempfile.mkdtemp(prefix="rempart-t-"))
        self.bench = folder / f"{only}.yaml"
        words = ["--bench", str(self.bench), "--runtime", str(self.runtime), "--only", only, "--no-traffic"]
        self.child = subprocess.Popen(
            [sys.executable, "-m", "simulators", str(site), *words], env=environment(), stdout=subprocess.DEVNULL
        )
        until(self.bench.exists, 60, "the bench file")

    def written(self) -> dict[str, object]:
        return dict(YAML(typ="safe").load(self.bench))

    def stop(self) -> None:
        self.child.send_signal(signal.SIGTERM)
        self.child.wait(30)
        shutil.rmtree(self.runtime, ignore_errors=True)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder with the site and its bench file: `front` simulated, `back` where no simulators can be spoken to."""
    folder = tmp_path_factory.mktemp("bench")
    site = gates(folder)
    both = [Elsewhere(site, folder, only) for only in ("front", "back")]
    front, back = (one.written() for one in both)
    YAML().dump({**front, "links": {**front["links"], **back["links"]}}, folder / "bench.yaml")  # type: ignore[dict-item]
    yield folder
    for one in both:
        one.stop()


def test_what_only_simulators_can_do_skips_where_the_wire_is_not_simulated(mixed: Path):
    printed = ended(pytest_on(mixed, TESTS, "--rempart-site=gates", "--bench=bench.yaml", "-rs"))
    assert "3 passed, 3 skipped" in printed, printed
    for what in ("occupy back-loop", "drive back-lane", "trouble back-io"):
        assert f"{what}: not simulated under --bench={mixed / 'bench.yaml'}: back" in printed


def test_a_bench_without_simulators_skips_them_all(mixed: Path):
    bench = dict(YAML(typ="safe").load(mixed / "bench.yaml"))
    del bench["control"]
    YAML().dump(bench, mixed / "real.yaml")
    printed = ended(pytest_on(mixed, TESTS, "--rempart-site=gates", "--bench=real.yaml", "-rs"))
    assert "1 passed, 5 skipped" in printed, printed
    assert "names no `control` socket: nothing here is simulated" in printed


def test_a_link_that_is_called_real_is_not_simulated_even_at_the_simulators_address(mixed: Path):
    bench = dict(YAML(typ="safe").load(mixed / "bench.yaml"))
    bench["links"]["front"]["real"] = True
    YAML().dump(bench, mixed / "called-real.yaml")
    printed = ended(pytest_on(mixed, TESTS, "--rempart-site=gates", "--bench=called-real.yaml", "-rs"))
    assert "2 passed, 4 skipped" in printed, printed
    assert f"occupy front-loop: not simulated under --bench={mixed / 'called-real.yaml'}: front" in printed


def test_a_real_link_without_an_address_is_driven_on_its_own_wire(mixed: Path, tmp_path: Path):
    bench = dict(YAML(typ="safe").load(mixed / "bench.yaml"))
    own = bench["links"]["back"]["url"]
    bench["links"]["back"] = {"real": True}
    YAML().dump(bench, tmp_path / "bench.yaml")
    site = gates(tmp_path) / "site.yaml"
    site.write_text(site.read_text().replace("modbus+tcp://192.0.2.11:502", own))
    printed = ended(pytest_on(tmp_path, ORDER_REAL + TESTS, "--rempart-site=gates", "--bench=bench.yaml", "-rs"))
    assert "5 passed, 4 skipped" in printed, printed
    for what in ("occupy back-loop", "drive back-lane", "trouble back-io", "world back-bollard"):
        assert f"{what}: not simulated under --bench={tmp_path / 'bench.yaml'}: back" in printed


def test_steel_stays_where_a_test_left_it_and_what_a_test_held_is_forgotten(mixed: Path, tmp_path: Path):
    running = Resetter(Stage(mixed / "gates", tmp_path, mixed / "bench.yaml"))
    try:
        running.start()
        site: Site = running.tidied()
        boot = site.api.get("site")["boot"]
        site.device("back-bollard").secure()
        assert running.tidied().api.get("site")["boot"] == boot
        site.lockdown("front")
        assert running.tidied().api.get("site")["boot"] != boot
        shown = {one["id"]: (one["state"], one["mode"]) for one in site.api.get("devices") if one["secures_by"]}
        assert shown == {"front-bollard": ("raised", "remote"), "back-bollard": ("raised", "remote")}
    finally:
        running.end()


def test_two_at_a_time_would_command_the_same_devices(tmp_path: Path):
    (tmp_path / "bench.yaml").write_text("links: {}\n")
    printed = ended(pytest_on(tmp_path, TESTS, "--bench=bench.yaml", "-n2"))
    assert "ERROR: --bench with -n: one controller commands a device" in printed


def test_a_bench_file_that_is_not_there_is_said_at_once(tmp_path: Path):
    printed = ended(pytest_on(tmp_path, TESTS, "--bench=bnech.yaml"))
    assert "ERROR: --bench=bnech.yaml: there is no such file" in printed
    assert os.listdir(tmp_path) == ["test_gates.py"]
