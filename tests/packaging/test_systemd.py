"""systemd itself reads the units: no unknown setting, and a small attack surface."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[2] / "systemd"
NAMES = ("rempart@", "rempart-simulators@", "rempart-console@")
# systemd's own scale is 0 (nothing exposed) to 10; what remains is sockets, serial lines and one group.
MOST_EXPOSURE = 1.9

pytestmark = pytest.mark.needs("systemd-analyze")


@pytest.fixture(params=NAMES)
def unit(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An instance of the unit whose program exists on this machine."""
    text = (UNITS / f"{request.param}.service").read_text(encoding="utf-8")
    runnable, found = re.subn(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE)
    assert found == 1
    path = tmp_path / f"{request.param}nice-promenade.service"
    path.write_text(runnable, encoding="utf-8")
    return path


@pytest.fixture
def analyze(require: Callable[[str], Path]) -> Callable[..., subprocess.CompletedProcess[str]]:
    tool = require("systemd-analyze")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([tool, *arguments], capture_output=True, text=True, timeout=60, check=False)

    return run


def test_systemd_accepts_the_unit_without_a_remark(
    unit: Path, analyze: Callable[..., subprocess.CompletedProcess[str]]
):
    verified = analyze("verify", "--man=no", str(unit))
    remarks = [line for line in verified.stderr.splitlines() if unit.name in line]
    assert (verified.returncode, remarks) == (0, []), verified.stderr


def test_the_unit_exposes_little(unit: Path, analyze: Callable[..., subprocess.CompletedProcess[str]]):
    rated = analyze("security", "--offline=true", f"--threshold={round(MOST_EXPOSURE * 10)}", "--no-pager", str(unit))
    assert rated.returncode == 0, rated.stdout + rated.stderr


@pytest.mark.parametrize("name", NAMES)
def test_the_unit_reports_readiness_and_is_watched(name: str):
    assert {"Type=notify", "NotifyAccess=main", "WatchdogSec=10s", "Restart=on-failure"} <= set(of(name))


def of(name: str) -> list[str]:
    """The lines of a unit."""
    return (UNITS / f"{name}.service").read_text(encoding="utf-8").splitlines()


def test_the_console_has_an_account_of_its_own_that_gets_to_the_controllers_socket_and_not_to_its_state():
    console, controller = of("rempart-console@"), of("rempart@")
    run = "/opt/rempart/.venv/bin/rempart"
    assert {"User=rempart-console", "Group=rempart-console", "SupplementaryGroups=rempart"} <= set(console)
    assert "InaccessiblePaths=-/var/lib/rempart -/var/lib/rempart-simulators -/run/rempart-simulators" in console
    assert f"ExecStart={run} console --runtime /run/rempart/%i $CONSOLE_OPTIONS" in console
    assert {"User=rempart", "Group=rempart", "RuntimeDirectoryMode=0750", "StateDirectoryMode=0700"} <= set(controller)


def test_the_controller_runs_the_folder_that_the_instance_names_and_shares_its_socket():
    run = "/opt/rempart/.venv/bin/rempart run --group-socket /etc/rempart/sites/%i $REMPART_OPTIONS"
    assert f"ExecStart={run}" in of("rempart@")


def test_systemd_makes_the_account_of_each_unit(require: Callable[[str], Path], tmp_path: Path):
    (tmp_path / "etc").mkdir()
    made = subprocess.run(
        [require("systemd-sysusers"), f"--root={tmp_path}", UNITS / "rempart.sysusers.conf"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    accounts = {line.partition(":")[0] for line in (tmp_path / "etc" / "passwd").read_text("utf-8").splitlines()}
    assert accounts >= {line.removeprefix("User=") for name in NAMES for line in of(name) if line.startswith("User=")}
