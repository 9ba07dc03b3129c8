"""One running promenade for each module: starting it costs seconds, restoring it does not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.system.field import Promenade


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Promenade]:
    with Promenade(tmp_path_factory.mktemp("promenade")) as promenade:
        yield promenade


@pytest.fixture
def promenade(running: Promenade) -> Promenade:
    """The promenade with nothing broken, nothing on a loop, and every device known."""
    running.restore()
    return running
