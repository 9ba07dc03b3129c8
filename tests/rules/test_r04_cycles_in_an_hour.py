"""R04 More than 300 full cycles in an hour on one bollard is refused or alarmed; count is per device (UFGS 02840 p. 13)."""

from __future__ import annotations

import pytest

from controller.core import refusals
from controller.core.command import Life
from controller.core.mover import Mover
from tests.faults.bench import Bench, bench
from tests.rules.yard import PROFILE, YARD, refused

pytestmark = pytest.mark.simulated

LIMIT = 3
"""What the profile of this site allows in an hour."""


async def cycle(b: Bench) -> None:
    for action in ("raise", "lower"):
        await b.sleep(1.5)
        order = await b.ended(await b.order(action, "bollards"))
        assert order.life is Life.CONFIRMED, order.because


async def worn(b: Bench) -> None:
    """Do as many cycles as are allowed, and stay secured."""
    for _ in range(LIMIT - 1):
        await cycle(b)
    await b.sleep(1.5)
    await b.ended(await b.order("raise", "bollards"))


async def test_r04_what_has_cycled_as_often_as_it_may_is_not_opened_again():
    async with bench(YARD) as b:
        await worn(b)
        order = await b.order("lower", "bollards")
        assert (order.life, order.refusals[0].rule, order.refusals[0].device) == (Life.REFUSED, "R04", "bollards")
        assert "3 are its limit" in order.refusals[0].because
        await b.sleep(3)
        assert b.world.secured("bollards")


@pytest.mark.parametrize("later_s", [3600])
async def test_r04_an_hour_later_it_is_opened(later_s: float):
    async with bench(YARD) as b:
        await worn(b)
        assert (await b.order("lower", "bollards")).life is Life.REFUSED
        await b.sleep(later_s)
        assert (await b.ended(await b.order("lower", "bollards"))).life is Life.CONFIRMED


async def test_r04_the_way_is_secured_whatever_was_done_before():
    async with bench(YARD) as b:
        await worn(b)
        b.key("bollards", local=True)
        await b.met(lambda: b.device("bollards").mode == "local", 3, "the mode never became local")
        b.pump("bollards", 0.0)
        await b.until("bollards", "lowered")
        b.key("bollards", local=False)
        await b.met(lambda: b.device("bollards").mode == "remote", 3, "the mode never became remote")
        assert (await b.ended(await b.order("raise", "bollards"))).life is Life.CONFIRMED


async def test_r04_each_device_counts_its_own():
    async with bench("airlock") as b:
        for action in ("lower", "raise"):
            await b.ended(await b.order(action, "outer"))
            await b.sleep(1.5)
        outer, inner = b.device("outer"), b.device("inner")
        assert isinstance(outer, Mover)
        assert isinstance(inner, Mover)
        assert (len(outer.cycles), len(inner.cycles)) == (1, 0)


def test_r04_a_profile_cannot_allow_more_than_300():
    [(file, line, text)] = refused((PROFILE, "cycles_per_hour: 3", "cycles_per_hour: 301"))
    assert (file, line) == ("bollard-of-the-rules.yaml", 16)
    assert "300" in text


def broken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(refusals, "_wear_forbids", lambda *_: [])
