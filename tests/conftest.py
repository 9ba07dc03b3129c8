"""What every test is held to: no exception lost in a background task, no silent skip in CI."""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from tests.faults.loop import SimLoop
from tests.virtual import VirtualLoop

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

# Debian puts servers where the path of an ordinary user does not look.
SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])


def everything_required() -> bool:
    """True where a missing tool or a skipped test is a failure."""
    wanted = (os.environ.get("CI", ""), os.environ.get("REMPART_REQUIRE_ALL", ""))
    return any(value.lower() not in ("", "0", "false") for value in wanted)


# CI tries the same examples every time; a developer's machine looks for new ones. A deadline would test the machine.
settings.register_profile("rempart", deadline=None, derandomize=everything_required(), print_blob=True)
settings.load_profile("rempart")


def find_tool(tool: str) -> Path:
    """Path of a system program; skips the test where it is missing, fails it where everything is required."""
    found = shutil.which(tool, path=SEARCH_PATH)
    if found is not None:
        return Path(found)
    reason = f"{tool}: no such program in {SEARCH_PATH}; install it with `make system-deps`"
    if everything_required():
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def require() -> Callable[[str], Path]:
    """`require("mosquitto")`: the program's path, or a skip with a reason (a failure in CI)."""
    return find_tool


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Let a test marked `untraced` run at full speed: what it tries a million times is traced in others."""
    trace = sys.gettrace()
    if trace is None or item.get_closest_marker("untraced") is None:
        return (yield)
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(trace)


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Give a test marked `virtual_time` the loop whose clock jumps, one marked `simulated` that of tests/faults."""
    if item.get_closest_marker("virtual_time"):
        return {"virtual": VirtualLoop}
    if item.get_closest_marker("simulated"):
        return {"simulated": SimLoop}
    return {"real": asyncio.new_event_loop}


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        for tool in marker.args:
            find_tool(tool)


@pytest.fixture(autouse=True)
def lost_exceptions(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """Fail an async test in which a task or a callback died and nobody looked.

    pytest-asyncio lets such a test pass. A test that loses an exception on purpose clears the list.
    """
    lost: list[dict[str, Any]] = []
    # On the class, so that loops of every scope are seen, and the closing of the loop after the test too.
    monkeypatch.setattr(asyncio.BaseEventLoop, "default_exception_handler", lambda _loop, context: lost.append(context))
    yield lost
    if inspect.iscoroutinefunction(getattr(request.node, "obj", None)):
        gc.collect()  # a task tells of its exception when it is collected
    assert not lost, f"lost in the background: {lost}"


def _without_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail") and everything_required():
        report.outcome = "failed"
        report.longrepr = f"skipped, and nothing may be skipped here: {report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _without_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _without_skip(report)
    return report
