"""A controller that is started while the disk cannot tell what the one before it left open."""

from __future__ import annotations

import pytest

from controller.logbook import Asked
from tests.faults.bench import Bench, bench

pytestmark = pytest.mark.simulated


async def restarted_on_a_slow_disk(b: Bench) -> None:
    b.crash()
    b.disk.slow_s = 4.0
    await b.start()


async def stages(b: Bench, order: str, word: str) -> list[str]:
    return [r.entry.body[word] for r in await b.records() if r.entry.command == order and word in r.entry.body]


async def test_what_a_crash_left_open_is_ended_once_the_disk_answers():
    async with bench("gate") as b:
        order = await b.order("raise", "bollards")
        await b.sleep(1.0)
        await restarted_on_a_slow_disk(b)
        b.disk.slow_s = 0.0
        await b.sleep(5.0)
        assert (await stages(b, order.request.id, "life"))[-1] == "unknown"


async def test_a_passage_that_a_crash_left_open_is_ended_once_the_disk_answers():
    async with bench("gate") as b:
        await b.passage(Asked(id="way", target="bollards", principal="operator"))
        await restarted_on_a_slow_disk(b)
        b.disk.slow_s = 0.0
        await b.sleep(5.0)
        assert (await stages(b, "way", "stage"))[-1] == "unknown"


async def test_what_was_given_since_the_start_is_not_taken_for_left_open():
    async with bench("gate") as b:
        await restarted_on_a_slow_disk(b)
        await b.until("bollards", "lowered")
        order = await b.order("lockdown", "bollards", expires_in_s=5)
        b.disk.slow_s = 0.0
        await b.ended(order)
        assert "unknown" not in await stages(b, order.request.id, "life")
        events = [r.entry.body["event"] for r in await b.records(kind="service")]
        assert events == ["started", "started", "recalled"]
