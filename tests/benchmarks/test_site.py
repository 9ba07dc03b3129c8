"""The generated site is one that the service takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.site import SLOWEST_HZ, generate, period_s, row
from controller.config.load import load_site
from controller.config.site import ConfigError

URLS = [f"modbus+tcp://127.0.0.1:{20000 + n}" for n in range(3)]


@pytest.mark.parametrize("hz", [0, SLOWEST_HZ, 5, 10])
def test_the_site_passes_its_check(tmp_path: Path, hz: float):
    site = load_site(generate(tmp_path / "site", URLS, count=3, hz=hz) / "site.yaml")
    assert len(site.links) == 3
    assert [link.poll_s for link in site.links.values()] == [pytest.approx(period_s(hz))] * 3
    assert {row(0), row(1), row(2)} < set(site.devices)


def test_r38_a_site_that_polls_slower_is_refused(tmp_path: Path):
    with pytest.raises(ConfigError, match="R38"):
        load_site(generate(tmp_path / "site", URLS[:1], count=1, hz=1) / "site.yaml")


@pytest.mark.parametrize(
    ("url", "count", "hz"),
    [
        ("modbus+tcp://127.0.0.1:20000", 32, 0),
        ("modbus+tcp://127.0.0.1:20000", 32, 10),
        ("modbus+rtu:///dev/ttyS0?baudrate=19200&bytesize=8&parity=E", 16, 0),
    ],
)
def test_r38_many_units_on_one_wire_pass_it_too(tmp_path: Path, url: str, count: int, hz: float):
    site = load_site(generate(tmp_path / "site", [url], count=count, hz=hz) / "site.yaml")
    assert len(site.links) == 1
    assert [it.unit.address for it in site.units.values()] == list(range(1, count + 1))
