"""The stream of events: many follow it, at the cost of one."""

from __future__ import annotations

import asyncio

import pytest

from controller import stream

pytestmark = pytest.mark.virtual_time


async def test_those_who_wait_are_told_of_a_burst_at_once_a_breath_later():
    events, now = stream.Stream("boot"), asyncio.get_running_loop().time
    heard = [asyncio.create_task(events.follower().batch()) for _ in range(3)]
    await asyncio.sleep(0)
    began = now()
    for number in range(5):
        events.publish("test", {"n": number})
    batches = await asyncio.gather(*heard)
    assert now() - began == pytest.approx(stream.BREATH_S)
    assert [[event.data["n"] for event in batch] for batch in batches] == [[0, 1, 2, 3, 4]] * 3
    # The same events for all, so that what is made of one is made once.
    assert all(mine is his for mine, his in zip(batches[0], batches[2], strict=True))


async def test_a_wait_that_is_given_up_loses_nothing():
    events = stream.Stream("boot")
    follower = events.follower()
    waiting = asyncio.create_task(follower.batch())
    await asyncio.sleep(0)
    for number in range(3):
        events.publish("test", {"n": number})
    waiting.cancel()
    await asyncio.wait([waiting])
    assert waiting.cancelled()
    assert [event.data["n"] for event in await follower.batch()] == [0, 1, 2]


async def test_a_burst_is_taken_in_parts_that_are_not_too_long():
    events = stream.Stream("boot")
    follower = events.follower()
    for number in range(stream.AT_ONCE + 1):
        events.publish("test", {"n": number})
    assert [len(await follower.batch()) for _ in range(2)] == [stream.AT_ONCE, 1]


async def test_who_reads_too_slowly_is_told_to_start_over_and_goes_on_from_there():
    events = stream.Stream("boot")
    follower = events.follower()
    for number in range(stream.BEHIND + 1):
        events.publish("test", {"n": number})
    (reset,) = await follower.batch()
    assert (reset.kind, reset.data) == (stream.RESET, {"why": "this client read too slowly"})
    assert reset.number == events.number
    events.publish("test", {"n": "next"})
    assert [event.data["n"] for event in await follower.batch()] == ["next"]


async def test_what_was_published_before_the_end_is_still_taken():
    events = stream.Stream("boot")
    follower = events.follower()
    events.publish("test", {"n": 1})
    events.close()
    assert [event.data for event in await follower.batch()] == [{"n": 1}]
    assert await follower.batch() == []
