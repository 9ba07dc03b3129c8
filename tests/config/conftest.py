"""A copy of the shipped site that a test may spoil, and what the check then says."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from controller.config.load import ConfigError, load_site, shipped_sites
from controller.config.located import Problem
from controller.config.profiles import shipped

Spoil = Callable[..., tuple[Problem, ...]]

BENCH = """\
simulated: true
control: /run/x/control.sock
links:
  albert: {url: "modbus+tcp://127.0.0.1:40001"}
  albert-radar-line: {url: "serial:///dev/pts/7?baudrate=1200"}
  gambetta-bus: {url: "modbus+rtu:///dev/pts/8?baudrate=19200&parity=E"}
  ruhl-plc: {url: "opc.tcp://127.0.0.1:40002"}
  massena-relays: {url: "modbus+tcp://127.0.0.1:40003"}
  promenade-broker: {url: "mqtt://127.0.0.1:40004"}
"""


SLOW_EFO = re.compile(r"    slow_efo:\n(?:      .*\n)+")
"""What the site says of its drives goes by their profiles: of a spoilt one that would be a mistake more."""


def problems_of(folder: Path, bench: Path | None = None) -> tuple[Problem, ...]:
    """What is wrong with a site; nothing if it loads."""
    try:
        load_site(folder, bench=bench)
    except ConfigError as error:
        return error.problems
    return ()


def replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) >= 1, f"not in the file: {old}"
    return text.replace(old, new, 1)


@pytest.fixture
def site_text() -> str:
    return (shipped_sites() / "nice-promenade" / "site.yaml").read_text(encoding="utf-8")


@pytest.fixture
def spoil(tmp_path: Path, site_text: str) -> Spoil:
    """`spoil((old, new), ...)`: the problems of the shipped site with these texts replaced."""

    def spoiled(*edits: tuple[str, str]) -> tuple[Problem, ...]:
        text = site_text
        for old, new in edits:
            text = replaced(text, old, new)
        (tmp_path / "site.yaml").write_text(text, encoding="utf-8")
        return problems_of(tmp_path)

    return spoiled


@pytest.fixture
def spoil_profile(tmp_path: Path, site_text: str) -> Spoil:
    """`spoil_profile(name, (old, new), ...)`: the problems of the site with one profile replaced by a spoilt copy."""

    def spoiled(name: str, *edits: tuple[str, str]) -> tuple[Problem, ...]:
        text = (shipped() / f"{name}.yaml").read_text(encoding="utf-8")
        for old, new in ((f"profile: {name}\n", f"profile: {name}-x\n"), *edits):
            text = replaced(text, old, new)
        (tmp_path / "profiles").mkdir()
        (tmp_path / "profiles" / f"{name}-x.yaml").write_text(text, encoding="utf-8")
        (tmp_path / "site.yaml").write_text(
            SLOW_EFO.sub("", site_text).replace(f"profile: {name}", f"profile: {name}-x"), encoding="utf-8"
        )
        return problems_of(tmp_path)

    return spoiled


@pytest.fixture
def spoil_bench(tmp_path: Path) -> Spoil:
    """`spoil_bench((old, new), ...)`: the problems of the shipped site on a bench with these texts replaced."""

    def spoiled(*edits: tuple[str, str]) -> tuple[Problem, ...]:
        text = BENCH
        for old, new in edits:
            text = replaced(text, old, new)
        (tmp_path / "bench.yaml").write_text(text, encoding="utf-8")
        shutil.copytree(shipped_sites() / "nice-promenade", tmp_path / "site")
        return problems_of(tmp_path / "site", tmp_path / "bench.yaml")

    return spoiled
