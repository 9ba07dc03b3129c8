"""One of each model that no shipped site has, in one site: it checks, it builds, and the service moves its steel."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.cli.main import main
from controller.config.load import load_site, shipped_sites
from controller.config.profiles import load, shipped
from drivers.profile import MoverProfile, SensorProfile
from simulators.build import build
from simulators.clock import Clock
from tests.system.field import Process, wait_for

YARD = Path(__file__).parent / "yard"
MOVERS = ("bollard", "bar", "boom", "gate", "arm")
RADARS = ("mph-ds4", "hikvision-csr-i", "hikvision-csr-i-text", "hikvision-csr-i-trigger", "hikvision-csr-i-two-bytes",
          "hikvision-ds-td10n-1", "icoms-tma-296", "decatur-si-2")  # fmt: skip
LEFT_OUT = {
    "adam-4150": "tests/models/test_adam.py; its channels are those of the ADAM-6050",
    **dict.fromkeys(RADARS, "tests/simulators/troubles/test_radars.py, tests/links/test_serial_simulators.py"),
    "adam-4056so": "tests/models/test_adam.py; outputs without the inputs that would tell of the steel",
}


def test_every_unit_of_the_library_is_on_a_site_or_says_where_else_it_is_tested():
    sites = [YARD / "site.yaml", *shipped_sites().glob("*/site.yaml")]
    used = {unit.profile.profile for path in sites for unit in load_site(path).units.values()}
    units = {p.stem for p in shipped().glob("*.yaml") if not isinstance(load(p).profile, MoverProfile | SensorProfile)}
    assert units - used == set(LEFT_OUT)


def test_the_yard_is_built_as_it_is_drawn():
    assert set(build(YARD, Clock()).plan.units) == set(load_site(YARD / "site.yaml").units)


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the yard's service and simulators can be found while they run."""
    folder = tmp_path_factory.mktemp("yard")
    options = (
        "--no-watch",
        "--no-traffic",
        "--port",
        "0",
        "--console-port",
        "0",
        "--state",
        folder / "state",
        "--runtime",
        folder / "run",
    )
    process = Process("controller.cli", "demo", YARD, *options, log=folder / "demo.log")
    try:
        wait_for("the yard", lambda: process.alive() and "ready:" in process.output)
        yield folder / "run"
    finally:
        process.stop(signal.SIGINT)


@pytest.mark.parametrize("mover", MOVERS)
def test_its_steel_goes_up_and_down_when_it_is_ordered(mover: str, runtime: Path, capsys: pytest.CaptureFixture[str]):
    for order, end in (("raise", "raised"), ("lower", "lowered")):
        assert main([order, mover, "--runtime", str(runtime)]) == 0, capsys.readouterr()
        assert f"{mover} {end} (" in capsys.readouterr().out


def test_r25_a_relay_that_only_says_that_it_switched_fails_the_order(runtime: Path, capsys: pytest.CaptureFixture[str]):
    bench = ("--bench", str(runtime / "bench.yaml"))
    assert main(["trouble", "dead-output", "relays.do0", *bench]) == 0
    try:
        assert main(["raise", "arm", "--runtime", str(runtime)]) == 5
        assert "arm: raise failed: travel time exceeded" in capsys.readouterr().err
    finally:
        assert main(["trouble", "clear", *bench]) == 0
