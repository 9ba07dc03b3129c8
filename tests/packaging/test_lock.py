"""The lock files pin and hash everything, name no index, and are in step with pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = ("runtime", "build", "dev")
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)")


def read(lock: str) -> str:
    return (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")


def pins(lock: str) -> dict[str, str]:
    found = filter(None, (PIN.match(line) for line in read(lock).splitlines()))
    return {canonicalize_name(match["name"]): match["version"] for match in found}


def declared(*extras: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = [*project["dependencies"], *(row for extra in extras for row in project["optional-dependencies"][extra])]
    return [Requirement(row) for row in listed]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_row_is_pinned_and_hashed(lock: str):
    rows = read(lock).replace("\\\n", " ").splitlines()
    assert rows
    assert [row for row in rows if not (PIN.match(row) and re.search(r"--hash=sha256:[0-9a-f]{64}", row))] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_address_and_no_path(lock: str):
    assert (
        re.findall(r"://|--(?:extra-)?index-url|--find-links|--trusted-host| @ |^/|^#", read(lock), re.MULTILINE) == []
    )


@pytest.mark.parametrize(("lock", "extras"), [("runtime", ()), ("dev", ("dev",))])
def test_the_lock_is_in_step_with_pyproject(lock: str, extras: tuple[str, ...]):
    locked = pins(lock)
    behind = [
        str(requirement)
        for requirement in declared(*extras)
        if not requirement.specifier.contains(locked.get(canonicalize_name(requirement.name), "0"), prereleases=True)
    ]
    assert behind == [], "run `make lock`"


@pytest.mark.parametrize("lock", ["runtime", "build"])
def test_what_is_shipped_is_what_was_tested(lock: str):
    assert pins(lock).items() <= pins("dev").items()


def test_the_build_can_run_without_isolation():
    assert {"hatchling", "editables"} <= pins("build").keys()
