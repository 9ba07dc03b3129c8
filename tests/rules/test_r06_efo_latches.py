"""R06 EFO latches; the station that fired cannot move the barrier until reset; reset uses a different credential (U21, C40)."""

from __future__ import annotations

import pytest

from controller.core import modes
from controller.core.command import Life
from controller.core.modes import Mode
from tests.faults.bench import bench

pytestmark = pytest.mark.simulated


async def test_r06_nobody_opens_before_the_reset_and_who_fired_cannot_reset():
    async with bench("gate") as b:
        fired = await b.order("lockdown", "bollards", expires_in_s=30.0)
        await b.ended(fired)
        lower = await b.order("lower", "bollards")
        assert (lower.life, lower.refusals[0].rule) == (Life.REFUSED, "R06")
        by_who_fired = await b.order("release", "bollards", role="operator")
        assert (by_who_fired.life, by_who_fired.refusals[0].rule) == (Life.REFUSED, "R06")
        assert b.device("bollards").mode is Mode.EFO


async def test_r06_another_role_resets_and_then_it_opens():
    async with bench("gate") as b:
        await b.ended(await b.order("lockdown", "bollards", expires_in_s=30.0))
        reset = await b.order("release", "bollards", role="supervisor")
        assert reset.life is Life.CONFIRMED
        await b.ended(await b.order("lower", "bollards"))
        assert b.world.free("bollards")


async def test_r06_the_latch_outlives_the_controller():
    async with bench("gate") as b:
        await b.ended(await b.order("lockdown", "bollards", expires_in_s=30.0))
        b.crash()
        await b.start()
        await b.until("bollards", "raised")
        assert b.device("bollards").mode is Mode.EFO
        assert (await b.order("lower", "bollards")).life is Life.REFUSED


async def test_r06_two_people_open_one_device_with_its_interlocks_and_it_stays_latched():
    async with bench("gate") as b:
        await b.ended(await b.order("lockdown", "bollards", expires_in_s=30.0))
        first = await b.order("lower", "bollards", principal="anna", person=True)
        assert (first.life, first.refusals[0].rule) == (Life.REFUSED, "two-persons")
        second = await b.order("lower", "bollards", principal="bruno", person=True)
        assert second.together_with == {"by": "anna", "order": first.request.id}
        await b.ended(second)
        assert b.world.free("bollards")
        assert b.device("bollards").mode is Mode.EFO
        await b.ended(await b.order("lockdown", "bollards", expires_in_s=30.0))
        assert not b.world.free("bollards")


async def test_r06_what_one_person_has_asked_for_does_not_outlive_the_controller():
    async with bench("gate") as b:
        await b.ended(await b.order("lockdown", "bollards", expires_in_s=30.0))
        await b.order("lower", "bollards", principal="anna", person=True)
        await b.order("release", "bollards", principal="anna", person=True)
        b.crash()
        await b.start()
        await b.until("bollards", "raised")
        for action in ("lower", "release"):
            alone = await b.order(action, "bollards", principal="dora", role="supervisor", person=True)
            assert (alone.life, alone.refusals[0].rule) == (Life.REFUSED, "two-persons")
        assert b.device("bollards").mode is Mode.EFO


def broken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(modes.Holds, "latched", lambda holds, order: holds)
