"""`make` finds a Python that works, or says what is missing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIM = "#!/bin/sh\necho 'no such version' >&2\nexit 127\n"


@pytest.fixture
def make(tmp_path: Path, require: Callable[[str], Path]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run make in a checkout without .venv/, on a machine whose Pythons are all shims that fail."""
    program = str(require("make"))
    shutil.copy(ROOT / "Makefile", tmp_path)
    shims = tmp_path / "shims"
    shims.mkdir()
    for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14"):
        (shims / name).write_text(SHIM, encoding="utf-8")
        (shims / name).chmod(0o755)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [program, "--no-print-directory", *arguments]
        environment = {"PATH": f"{shims}:/usr/bin:/bin"}
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    return run


def test_without_a_usable_python_it_says_what_was_expected_and_what_to_do(
    make: Callable[..., subprocess.CompletedProcess[str]],
):
    made = make(".venv/bin/python")
    assert made.returncode != 0
    assert "expected one of at least 3.11" in made.stderr
    assert "make PYTHON=/path/to/python3" in made.stderr


def test_a_named_python_makes_the_environment_although_shims_stand_in_the_way(
    make: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
):
    made = make(".venv/bin/python", f"PYTHON={sys.executable}")
    assert made.returncode == 0, made.stderr
    assert (tmp_path / ".venv" / "bin" / "python").exists()


def test_help_lists_the_two_commands_of_the_readme(make: Callable[..., subprocess.CompletedProcess[str]]):
    listed = {line.split()[0] for line in make("help").stdout.splitlines()}
    assert {"demo", "test", "check"} <= listed


def test_what_is_installed_is_what_the_lock_files_say_and_nothing_else(
    make: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    for stamp in (".venv/runtime.stamp", ".venv/dev.stamp"):
        shown = make("--dry-run", stamp, f"PYTHON={sys.executable}")
        locked = [line for line in shown.stdout.splitlines() if "requirements/" in line and " install " in line]
        assert locked, shown.stderr
        assert all("--no-deps --require-hashes" in line for line in locked)
