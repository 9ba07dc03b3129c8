"""R12 Auto-raise when the safety loop is released, or after 30 s without a pass; refused without one (FAAC H600 p. 12)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller import passages
from controller.core import passing
from controller.core.passage import Form, Leg, Passage, Step
from controller.core.passing import refusals
from controller.logbook import Account, Asked
from tests.core.passages import lane
from tests.faults.bench import Bench, bench

pytestmark = pytest.mark.simulated


async def let_through(b: Bench) -> Account:
    asked = Asked(id="p", target="bollards", principal="operator")
    account = await b.service.task(b.service.supervisor.passages.ask(asked))
    await b.met(lambda: account.stage == "open", 20, "the way never opened")
    return account


async def test_r12_raised_a_second_after_the_vehicle_has_left_the_loops():
    async with bench("gate") as b:
        account = await let_through(b)
        b.occupy("loop-entry")
        await b.sleep(40)
        assert (account.stage, b.world.free("bollards")) == ("occupied", True)
        b.free("loop-entry")
        await b.met(lambda: account.stage == "done", 15, "it was not closed behind the vehicle")
        assert b.world.secured("bollards")


async def test_r12_raised_after_its_no_show_time_without_a_vehicle():
    async with bench("gate") as b:
        account = await let_through(b)
        await b.sleep(5)
        assert b.world.free("bollards")
        await b.met(lambda: account.stage == "done", 15, "it was not closed though nobody came")
        assert b.world.secured("bollards")


def test_r12_refused_where_no_loop_is_there_to_tell():
    found = lane()
    found.row("a", "raised", presence=())
    asked = Passage(id="p", form=Form.SINGLE, legs=(Leg(mover="a"),))
    assert [str(refusal.rule) for refusal in refusals(asked, found.board, found.now)] == ["R12"]


def broken(patch: pytest.MonkeyPatch) -> None:
    def never_closes(*given: object) -> Step:
        found = passing.step(*given)  # type: ignore[arg-type]
        return replace(found, effects=tuple(e for e in found.effects if not getattr(e, "automatic", False)))

    patch.setattr(passages, "step", never_closes)
