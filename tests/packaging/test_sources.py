"""What no file of the repository may hold."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# In pieces, so that this file passes its own test.
REGISTRIES = [
    name.replace("-", "") for name in ("p-ypi.org", "python-hosted.org", "np-mjs.org", "debian-.org", "crates-.io")
]


@pytest.fixture(scope="module")
def sources(require: Callable[[str], Path]) -> list[Path]:
    """Every file that is committed, or would be."""
    listing = [
        str(require("git")),
        "-c",
        "safe.directory=*",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    listed = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip(f"not a git checkout: {listed.stderr.strip()}")
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_no_file_names_a_package_registry(sources: list[Path]):
    named = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in sources
        for host in REGISTRIES
        if host.encode() in path.read_bytes()
    ]
    assert named == []


def test_no_environment_or_database_is_committed(sources: list[Path]):
    unwanted = {".venv", ".lock-venv", "__pycache__"}
    assert [path for path in sources if unwanted & set(path.parts) or path.suffix == ".sqlite3"] == []
