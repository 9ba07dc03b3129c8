from __future__ import annotations

import asyncio

import pytest

from drivers.turns import Broken, Closed, TooLate, Turns, loop_time

OVERALL_S = 5.0


def soon(seconds: float = OVERALL_S) -> float:
    return loop_time() + seconds


class Job:
    """Something that is done on a wire until it is told to end."""

    def __init__(self) -> None:
        self.begun, self.end, self.done = asyncio.Event(), asyncio.Event(), False

    async def __call__(self) -> str:
        self.begun.set()
        await self.end.wait()
        self.done = True
        return "done"


async def test_second_waits_for_the_first():
    turns, first, second = Turns(loop_time), Job(), Job()
    one = asyncio.create_task(turns.take(soon(), first))
    two = asyncio.create_task(turns.take(soon(), second))
    await first.begun.wait()
    assert not second.begun.is_set()
    first.end.set()
    await second.begun.wait()
    second.end.set()
    assert [await one, await two] == ["done", "done"]


async def test_who_is_cancelled_leaves_his_work_to_be_finished_before_the_next():
    turns, first, second = Turns(loop_time), Job(), Job()
    one = asyncio.create_task(turns.take(soon(), first))
    await first.begun.wait()
    one.cancel()
    await asyncio.wait([one])
    assert one.cancelled()
    two = asyncio.create_task(turns.take(soon(), second))
    await asyncio.sleep(0)
    assert turns.busy
    assert not second.begun.is_set()
    first.end.set()
    await second.begun.wait()
    assert first.done
    second.end.set()
    await two


async def test_who_is_cancelled_while_he_waits_begins_nothing():
    turns, first, second = Turns(loop_time), Job(), Job()
    one = asyncio.create_task(turns.take(soon(), first))
    await first.begun.wait()
    two = asyncio.create_task(turns.take(soon(), second))
    await asyncio.sleep(0)
    two.cancel()
    await asyncio.wait([two])
    first.end.set()
    await one
    assert not second.begun.is_set()


@pytest.mark.parametrize("late_s", [0.0, -1.0])
async def test_past_the_deadline_nothing_is_begun(late_s: float):
    turns, job = Turns(loop_time), Job()
    with pytest.raises(TooLate):
        await turns.take(soon(late_s), job)
    assert not job.begun.is_set()
    assert not turns.busy


async def test_rule_4_close_ends_the_work_which_may_be_done_and_those_who_wait_whose_is_not():
    turns, first, second = Turns(loop_time), Job(), Job()
    one = asyncio.create_task(turns.take(soon(), first))
    await first.begun.wait()
    two = asyncio.create_task(turns.take(soon(), second))
    await asyncio.sleep(0)
    await turns.close(grace_s=0)
    with pytest.raises(Broken):
        await one
    with pytest.raises(Closed):
        await two
    assert not second.begun.is_set()


async def test_work_may_tell_its_own_end_while_it_is_being_closed():
    turns, job = Turns(loop_time), Job()
    task = asyncio.create_task(turns.take(soon(), job))
    await job.begun.wait()
    job.end.set()
    await turns.close(grace_s=OVERALL_S)
    assert await task == "done"


async def test_close_does_not_end_what_is_begun_after_it():
    turns, job = Turns(loop_time), Job()
    closing = asyncio.create_task(turns.close())
    task = asyncio.create_task(turns.take(soon(), job))
    await closing
    await job.begun.wait()
    job.end.set()
    assert await task == "done"
