"""What is told of an order when the writes of its outputs have ended."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from controller.core.command import Life
from controller.core.readings import Value
from controller.ledger import Request
from controller.ports import (
    Expired,
    Garbled,
    LinkError,
    Mute,
    Point,
    Refusing,
    Unit,
    Unreachable,
    Wanted,
    Withdrawn,
    always,
)
from controller.writes import CROWDED, Priority, Queue, Write, fate_of
from tests.shell.scripted import ScriptedLink, link_at_rest, running

DONE = None
LATE = Expired("the deadline passed")
LATE_PART = Expired("the deadline passed; 1 of 2 requests were acknowledged before", part=True)
REFUSED = Refusing("wire", "io", "illegal address")
REFUSED_PART = Refusing("wire", "io", "illegal address; 1 of 2 requests were acknowledged before", part=True)
GONE = Unreachable("wire", "io", "nothing was sent")
SILENT = Mute("wire", "io", "no answer")


async def ended(*errors: Exception | None) -> list[Write]:
    writes = [Write(f"unit-{i}", (), 0.0, asyncio.get_running_loop().create_future()) for i, _ in enumerate(errors)]
    for write, error in zip(writes, errors, strict=True):
        write.end(error)
    return writes


@pytest.mark.parametrize(
    ("errors", "life"),
    [
        ([DONE], None),
        ([LATE], Life.EXPIRED),
        ([REFUSED], Life.FAILED),
        ([GONE], Life.FAILED),
        ([SILENT], Life.UNKNOWN),
        ([Garbled("wire", "io", "echo")], Life.UNKNOWN),
        ([Withdrawn("io")], Life.SUPERSEDED),
        ([Withdrawn("io", part=True)], Life.UNKNOWN),
        ([DONE, DONE], None),
        ([LATE, LATE], Life.EXPIRED),
        ([GONE, REFUSED], Life.FAILED),
    ],
)
async def test_rule_3_a_write_ends_the_order_by_what_went_out(
    errors: list[Exception | None], life: Life | None
) -> None:
    assert fate_of(7, await ended(*errors)).failed is life
    assert fate_of(7, await ended(*errors)).drive == 7


@pytest.mark.parametrize(
    "errors",
    [[LATE_PART], [REFUSED_PART], [DONE, LATE], [GONE, DONE], [LATE, SILENT], [SILENT, GONE], [DONE, Withdrawn("io")]],
)
async def test_rule_4_an_order_that_may_have_gone_out_in_part_ends_as_unknown(errors: list[Exception | None]) -> None:
    assert fate_of(7, await ended(*errors)).failed is Life.UNKNOWN


async def test_rule_4_what_was_not_done_says_why_and_that_the_rest_went_out() -> None:
    assert fate_of(7, await ended(DONE, LATE)).why == "the deadline passed; 1 of 2 units had acknowledged theirs"


class HalfLink(ScriptedLink):
    """Writes what is switched off, and then is too late, or refused, for what is switched on."""

    error: Expired | LinkError = LATE_PART

    async def write(
        self, unit: Unit, values: Sequence[tuple[Point, Value]], deadline: float, wanted: Wanted = always
    ) -> None:
        await super().write(unit, [(point, value) for point, value in values if not value], deadline)
        if any(value for _, value in values):
            raise self.error


@pytest.mark.parametrize("error", [LATE_PART, REFUSED_PART])
async def test_rule_4_an_order_whose_frames_went_out_in_part_is_recorded_as_unknown(
    tmp_path: Path, error: Expired | LinkError
) -> None:
    link = HalfLink(values=link_at_rest().values)
    link.error = error
    async with running(tmp_path, link=link) as rig:
        await rig.at_rest()
        command = await rig.supervisor.orders.give(Request(id="half", target="bollard", action="lower", principal="p"))
        await rig.until(lambda: command.life.ended)
        assert command.life is Life.UNKNOWN
        assert "1 of 2 requests were acknowledged before" in command.because


async def test_r38_a_line_is_as_long_as_what_is_still_wanted_whatever_was_asked_before() -> None:
    queue, loop = Queue(), asyncio.get_running_loop()
    taken_back: list[Write] = []
    wanted = Write("other", (), 0.0, loop.create_future())
    queue.append(wanted, Priority.COMMAND)
    for _ in range(10 * CROWDED):
        write = Write("unit", (), 0.0, loop.create_future())
        queue.append(write, Priority.COMMAND)
        write.withdraw()
        taken_back.append(write)
    left = []
    while (write_ := queue.next()) is not None:
        left.append(write_)
    assert left[0] is wanted
    assert len(left) <= CROWDED
    gone = [write for write in taken_back if write not in left]
    assert all(fate_of(1, [write]).failed is Life.SUPERSEDED for write in gone)
    assert taken_back[-1] in left
