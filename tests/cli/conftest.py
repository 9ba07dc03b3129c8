"""A shell, and a desk at which it is used."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.cli.desk import Desk, Shell
from tests.cli.desk import desk as opened


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """A shell in which nothing runs yet; its folders are short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="rempart-") as runtime:
        yield Shell(Path(runtime), tmp_path / "state")


@pytest.fixture
async def desk(shell: Shell, tmp_path: Path) -> AsyncIterator[Desk]:
    """The yard, running: bollard raised, loops clear."""
    async with opened(shell, tmp_path / "yard") as desk:
        yield desk
