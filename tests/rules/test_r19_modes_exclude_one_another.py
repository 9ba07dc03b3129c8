"""R19 LOCAL / EFO / TEST are exclusive per barrier; local works only with the released key or role (Army ACP standard design)."""

from __future__ import annotations

import pytest

from controller.core import modes
from controller.core.command import Life
from controller.core.modes import Mode
from tests.faults.bench import bench

pytestmark = pytest.mark.simulated


async def test_r19_a_test_is_refused_under_an_emergency():
    async with bench("gate") as b:
        await b.ended(await b.order("lockdown", "bollards", expires_in_s=30.0))
        test = await b.order("test", "bollards", by="luc")
        assert (test.life, test.refusals[0].rule) == (Life.REFUSED, "R19")


async def test_r19_an_emergency_ends_a_test():
    async with bench("gate") as b:
        assert (await b.order("test", "bollards", by="luc")).life is Life.CONFIRMED
        await b.order("lockdown", "bollards", expires_in_s=30.0)
        assert b.device("bollards").mode is Mode.EFO
        await b.order("release", "bollards", role="supervisor")
        assert b.device("bollards").mode is Mode.REMOTE


async def test_r19_in_test_only_the_one_who_holds_it_moves_it():
    async with bench("gate") as b:
        await b.order("test", "bollards", by="luc")
        other = await b.order("raise", "bollards", by="marie")
        assert (other.life, other.refusals[0].rule) == (Life.REFUSED, "test")
        await b.ended(await b.order("raise", "bollards", by="luc"))
        assert b.world.secured("bollards")


async def test_r19_local_outranks_an_emergency_which_stays_latched():
    async with bench("gate") as b:
        b.key("bollards", local=True)
        await b.met(lambda: b.device("bollards").mode is Mode.LOCAL, 3, "the mode never became local")
        fired = await b.order("lockdown", "bollards", expires_in_s=30.0)
        assert (fired.life, b.device("bollards").mode) == (Life.FAILED, Mode.LOCAL)
        b.key("bollards", local=False)
        await b.met(lambda: b.device("bollards").mode is Mode.EFO, 3, "the latch was lost")


def broken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(modes.Holds, "mode", lambda *_args, **_rest: Mode.REMOTE)
