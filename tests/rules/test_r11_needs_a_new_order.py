"""R11 After a configured number of reversals stays down; needs a NEW raise command (Gibidi DPT260 p. 26)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core import passing, refusals
from controller.core.command import Life
from controller.core.passage_table import Facts
from controller.logbook import Asked
from tests.faults.bench import bench

pytestmark = pytest.mark.simulated

GIVE_UP = 3


async def test_r11_after_three_returns_nothing_raises_it_but_a_persons_order():
    async with bench("gate") as b:
        asked = Asked(id="p", target="bollards", principal="operator")
        account = await b.service.task(b.service.supervisor.passages.ask(asked))
        for _ in range(GIVE_UP):
            await b.met(lambda: account.stage == "securing", 60, "it was not tried again")
            await b.until("bollards", "raising")
            await b.sleep(1.5)
            b.occupy("loop-entry")
            await b.met(lambda: account.stage != "securing", 20, "the steel did not return")
            b.free("loop-entry")
        assert account.stage == "held"
        await b.sleep(600)
        assert b.world.free("bollards")
        order = await b.order("raise", "bollards")
        await b.ended(order)
        assert order.life is Life.CONFIRMED
        assert account.stage == "cancelled"


def broken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(refusals, "_wear_forbids", lambda *_: [])
    patch.setattr(passing, "Facts", lambda returns, give_up: replace(Facts(returns, give_up), returns=0))
