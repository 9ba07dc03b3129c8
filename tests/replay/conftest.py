"""The count, the pace of reconnection, and the line that tells the total."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from tests.replay.sent import Sent
from tests.replay.suite import Total


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """What goes out, from now on."""
    kept = Sent()
    kept.install(monkeypatch)
    return kept


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reconnect early and often: more chances for something old to come along."""
    monkeypatch.setattr("controller.peer.FIRST_WAIT_S", 0.03)
    monkeypatch.setattr("controller.peer.LONGEST_WAIT_S", 0.3)


@pytest.fixture
def tell(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> Callable[[Total], None]:
    """Put the total of a transport into the report, and on standard output (shown with -rA)."""

    def telling(total: Total) -> None:
        record_property("hidden replay", str(total))
        sys.stdout.write(f"{request.node.name}: {total}\n")

    return telling
