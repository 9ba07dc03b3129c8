"""The plugin as pytest loads it: options, reports, parallel runs, and how everything ends."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import pytest

from simulators.testing.waiting import until
from tests.pytest_plugin.gates import PLUGIN, ROOT, ended, environment, gates, pytest_on

OPTION = "--rempart-site=gates"
STAYS = """
import pathlib
import threading

def test_stays(site):
    pathlib.Path("pids").write_text(f"{site._stage._field.pid} {site._stage._controller.pid}")
    pathlib.Path("short").write_text(str(site._stage._short))
    threading.Event().wait()
"""


def lives(pid: int) -> bool:
    """Tell whether a process runs; one that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def pids(folder: Path, run: subprocess.Popen[str]) -> list[int]:
    def look() -> bool:
        assert run.poll() is None, run.communicate()
        return (folder / "short").exists()

    until(look, 100, "the site")
    return [int(pid) for pid in (folder / "pids").read_text().split()]


def test_a_run_without_a_site_imports_nothing_of_it(tmp_path: Path):
    tests = """
import sys

def test_nothing():
    ours = {name for name in sys.modules if name.split(".")[0] in ("simulators", "controller", "drivers")}
    assert ours == {"simulators", "simulators.pytest_plugin"}
    assert not {"httpx", "pydantic", "ruamel.yaml", "ctypes.util"} & set(sys.modules) - BEFORE
"""
    blind = [sys.executable, "-c", "import pytest, sys; print({m for m in ('httpx', 'pydantic') if m in sys.modules})"]
    before = subprocess.run(blind, capture_output=True, text=True, check=True, env=environment()).stdout.strip()
    printed = ended(pytest_on(tmp_path, f"BEFORE = {before.replace('set()', 'set(())')}\n{tests}", "-p", "no:anyio"))
    assert "1 passed" in printed, printed


def test_the_ini_file_or_a_fixture_chooses_the_site_too(tmp_path: Path):
    gates(tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\nrempart_site = gates\n")
    tests = """
import pytest

@pytest.fixture(scope="module")
def rempart_site(rempart_site):
    return rempart_site + "/site.yaml"

def test_it(site):
    assert site.name == "gates"
"""
    assert "1 passed" in ended(pytest_on(tmp_path, tests))


def test_a_failing_test_tells_how_the_site_was_and_what_its_processes_said(tmp_path: Path):
    gates(tmp_path)
    tests = """
def test_before(site):
    site.device("back-bollard").order("stop")

def test_it(site):
    site.trouble("silence", "front-io")
    site.wait_for("front-bollard", "raised", within_s=1)
"""
    printed = ended(pytest_on(tmp_path, tests, OPTION))
    assert "front-bollard raised: not within 1 s" in printed
    for section in ("rempart: the site", "rempart: log of the controller", "rempart: log of the simulators"):
        assert f" {section} -" in printed, printed
    assert "test_gates.py:7: NotSeen" in printed
    assert "waiting.py" not in printed


def test_parallel_workers_have_a_site_each(tmp_path: Path):
    gates(tmp_path)
    tests = """
import pathlib, pytest
from simulators.testing.waiting import until

@pytest.mark.parametrize("mine", ["one", "two"])
def test_it(site, mine):
    pathlib.Path(mine).write_text(site.url)
    both = [pathlib.Path("one"), pathlib.Path("two")]
    until(lambda: all(path.exists() and path.read_text() for path in both), 60, "the other worker")
    assert len({path.read_text() for path in both}) == 2
    site.device("front-bollard").raise_()
"""
    printed = ended(pytest_on(tmp_path, tests, OPTION, "-n2", "--dist=load"))
    assert "2 passed" in printed, printed


def test_a_site_file_with_mistakes_fails_at_setup_with_file_and_line(tmp_path: Path):
    file = gates(tmp_path) / "site.yaml"
    file.write_text(file.read_text().replace("zone: front", "zone: frnt"))
    printed = ended(pytest_on(tmp_path, "def test_it(site): pass\n", OPTION))
    assert "ERROR at setup of test_it" in printed
    assert "the controller ended with exit code 2; the last it said" in printed
    assert "site.yaml:19:11: devices.front-bollard: the zone `frnt` is not known" in printed
    assert "Traceback" not in printed


def test_a_simulation_file_with_mistakes_fails_at_setup_with_file_and_line(tmp_path: Path):
    file = gates(tmp_path) / "simulation.yaml"
    file.write_text(file.read_text().replace("travel_s", "travl_s", 1))
    printed = ended(pytest_on(tmp_path, "def test_it(site): pass\n", OPTION))
    assert "the simulators ended with exit code 2; the last it said" in printed
    assert "the key `travl_s` is not known; did you mean `travel_s`?" in printed


def test_no_site_and_a_wrong_site_say_what_to_give(tmp_path: Path):
    printed = ended(pytest_on(tmp_path, "def test_it(site): pass\n"))
    assert "which site? give --rempart-site=SITE, or `rempart_site` in the ini file or as a fixture" in printed
    printed = ended(pytest_on(tmp_path, "def test_it(site): pass\n", "--rempart-site=nowhere"))
    assert "nowhere: no such site (expected a folder with a site.yaml, or one of: nice-promenade)" in printed


def test_beside_a_plugin_that_has_bench_already_the_longer_name_remains(tmp_path: Path):
    (tmp_path / "other.py").write_text("def pytest_addoption(parser):\n    parser.addoption('--bench')\n")
    asked = "def test_it(pytestconfig):\n    assert pytestconfig.getoption('rempart_bench') == 'test_gates.py'\n"
    other = ("--rempart-bench=test_gates.py", "--bench=theirs")
    printed = ended(pytest_on(tmp_path, asked, *other, first=("-p", "other")))
    assert "1 passed" in printed, printed


def test_ctrl_c_ends_the_site(tmp_path: Path):
    gates(tmp_path)
    run = pytest_on(tmp_path, STAYS, OPTION)
    children = pids(tmp_path, run)
    run.send_signal(signal.SIGINT)
    assert "KeyboardInterrupt" in ended(run)
    assert not any(map(lives, children))
    assert not Path((tmp_path / "short").read_text()).exists()


def test_ctrl_c_while_the_site_starts_ends_what_has_started(tmp_path: Path):
    gates(tmp_path)
    run = pytest_on(tmp_path, "def test_it(site): pass\n", OPTION)
    log = tmp_path / "tmp" / "rempart-gates0" / "run-1" / "simulators.log"
    until(log.exists, 60, "the first process")
    run.send_signal(signal.SIGINT)
    assert "KeyboardInterrupt" in ended(run)
    mine = f"{tmp_path}/gates".encode()
    left = [path for path in Path("/proc").glob("[0-9]*/cmdline") if mine in _read(path)]
    assert not left


def test_what_a_service_manager_tells_pytest_is_not_told_to_the_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    gates(tmp_path)
    with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"{short}/notify")
        manager.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", f"{short}/notify")
        assert "1 passed" in ended(pytest_on(tmp_path, "def test_it(site): pass\n", OPTION))
        with pytest.raises(BlockingIOError):
            manager.recv(100)


def test_a_killed_pytest_takes_the_site_with_it(tmp_path: Path):
    gates(tmp_path)
    run = pytest_on(tmp_path, STAYS, OPTION)
    children = pids(tmp_path, run)
    run.kill()
    ended(run)
    until(lambda: not any(map(lives, children)), 30, "the end of the site")
    shutil.rmtree((tmp_path / "short").read_text())  # nobody was left to do it


def test_the_entry_point_is_this_module_and_our_own_tests_do_without():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["entry-points"]["pytest11"] == {"rempart": "simulators.pytest_plugin"}
    options = project["tool"]["pytest"]["ini_options"]["addopts"]
    at = options.index(PLUGIN[1])
    assert options[at - 1 : at + 1] == list(PLUGIN[:2])


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
