"""One running site of two gates for each module, in its first state for each test, as the plugin gives it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulators.testing import Site
from simulators.testing.reset import Resetter
from simulators.testing.stage import Stage
from tests.pytest_plugin.gates import RUNS, gates


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Resetter]:
    folder = tmp_path_factory.mktemp("plugin")
    running = Resetter(Stage(gates(folder), folder / "runs"))
    try:
        running.start()
        yield running
    finally:
        running.end()


@pytest.fixture
def site(running: Resetter) -> Site:
    return running.tidied()


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """End every pytest that a test has started, and its site with it."""
    yield
    for run in RUNS:
        if run.poll() is None:
            run.kill()
            run.communicate()
    RUNS.clear()
