"""R18 Local control or emergency stop active: remote command refused with reason and logged (VicRoads XSF)."""

from __future__ import annotations

import pytest

from controller.core import motion, refusals
from controller.core.command import Life
from simulators.mishaps import strike
from tests.faults.bench import bench
from tests.rules.yard import YARD

pytestmark = pytest.mark.simulated


async def test_r18_the_key_switch_in_local_refuses_and_the_journal_says_so():
    async with bench("gate") as b:
        b.key("bollards", local=True)
        await b.met(lambda: b.device("bollards").mode == "local", 3, "the mode never became local")
        order = await b.order("raise", "bollards")
        assert (order.life, order.refusals[0].rule) == (Life.REFUSED, "R18")
        recorded = [r.entry.body for r in await b.records(kind="command") if r.entry.command == order.request.id]
        assert recorded[-1]["refusals"][0]["rule"] == "R18"
        await b.sleep(3)
        assert b.world.free("bollards")


async def test_r18_the_key_switch_ends_a_motion():
    async with bench("gate") as b:
        order = await b.order("raise", "bollards")
        await b.until("bollards", "raising")
        await b.sleep(1)
        b.key("bollards", local=True)
        await b.ended(order)
        assert order.life is Life.FAILED
        assert "R18" in order.because


async def test_r18_a_pressed_emergency_stop_refuses_until_it_is_released():
    async with bench(YARD) as b:
        release = strike("estop", "bollards", {}, b.built)
        b.field.settle()
        await b.sleep(1)
        order = await b.order("raise", "bollards")
        assert (order.life, [refusal.rule for refusal in order.refusals]) == (Life.REFUSED, ["R18"])
        assert order.because == "the emergency stop is pressed"
        recorded = [r.entry.body for r in await b.records(kind="command") if r.entry.command == order.request.id]
        assert recorded[-1]["refusals"][0]["because"] == "the emergency stop is pressed"
        await b.sleep(3)
        assert b.world.free("bollards")
        release()
        b.field.settle()
        await b.sleep(1)
        assert (await b.ended(await b.order("raise", "bollards"))).life is Life.CONFIRMED


async def test_r18_an_emergency_stop_ends_a_motion_which_does_not_go_on_when_it_is_released():
    async with bench(YARD) as b:
        order = await b.order("raise", "bollards")
        await b.until("bollards", "raising")
        await b.sleep(1)
        release = strike("estop", "bollards", {}, b.built)
        b.field.settle()
        await b.ended(order)
        assert (order.life, "R18" in order.because) == (Life.FAILED, True)
        where = list(b.mover("bollards").positions)
        release()
        b.field.settle()
        await b.sleep(10)
        assert b.mover("bollards").positions == where


def broken(patch: pytest.MonkeyPatch) -> None:
    for module in (refusals, motion):
        patch.setattr(module, "mode_forbids", lambda *_: [])
