"""The loop's lag, and who is named for it."""

from __future__ import annotations

import asyncio
import threading
import time
from types import SimpleNamespace

import pytest

from controller import lag
from controller.lag import Watch, measure_lag

OVERALL_S = 20.0


def stands_still(watch: Watch) -> None:
    """Keep the thread until it was seen to be kept."""
    end = time.monotonic() + OVERALL_S
    while watch._seen is None and time.monotonic() < end:
        pass


async def until_observed(times: int, **more: float) -> list[float]:
    observed: list[float] = []
    enough = asyncio.Event()

    def observe(seconds: float) -> None:
        observed.append(seconds)
        if len(observed) == times:
            enough.set()

    task = asyncio.create_task(measure_lag(observe, **more))
    async with asyncio.timeout(OVERALL_S):
        await enough.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return observed


async def test_lag_is_observed_until_cancelled():
    assert min(await until_observed(3, every_s=0.0)) >= 0


def test_who_keeps_the_loop_is_named_once():
    with Watch(every_s=0.001, late_s=0.01) as watch:
        watch.tick()
        stands_still(watch)
        stood = watch.tick()
        assert stood is not None
        assert stood[0] > 0.01
        assert "stands_still (test_lag.py:" in stood[1].rpartition(" > ")[2]
        assert watch.tick() is None


def test_a_loop_that_goes_on_is_not_looked_at():
    with Watch(every_s=0.001, late_s=OVERALL_S) as watch:
        for _ in range(1000):
            assert watch.tick() is None


async def test_the_log_tells_for_how_long_it_stood_still_and_where(monkeypatch: pytest.MonkeyPatch):
    told: list[tuple[str, dict[str, object]]] = []
    monkeypatch.setattr(Watch, "tick", lambda _: (1.5, "Journal.append (writer.py:7)"))
    monkeypatch.setattr(lag, "log", SimpleNamespace(warning=lambda event, **more: told.append((event, more))))
    await until_observed(1, every_s=0.0)
    assert told[0] == ("the event loop stood still", {"seconds": 1.5, "at": "Journal.append (writer.py:7)"})


async def test_the_thread_ends_with_the_measurement():

    await until_observed(1, every_s=0.0)
    assert not [thread for thread in threading.enumerate() if thread.name == "lag"]
