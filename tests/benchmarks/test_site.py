"""The generated site is one that the service takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.site import SLOWEST_HZ, generate, period_s, row
from controller.config.load import load_site
from controller.config.site import ConfigError


@pytest.mark.parametrize("hz", [0, SLOWEST_HZ, 5, 10])
def test_the_site_passes_its_check(tmp_path: Path, hz: float):
    site = load_site(generate(tmp_path / "site", base_port=20000, count=3, hz=hz) / "site.yaml")
    assert len(site.links) == 3
    assert [link.poll_s for link in site.links.values()] == [pytest.approx(period_s(hz))] * 3
    assert {row(0), row(1), row(2)} < set(site.devices)


def test_r38_a_site_that_polls_slower_is_refused(tmp_path: Path):
    with pytest.raises(ConfigError, match="R38"):
        load_site(generate(tmp_path / "site", base_port=20000, count=1, hz=1) / "site.yaml")
