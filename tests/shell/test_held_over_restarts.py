"""What people hold over a device outlives the controller, however slow its disk is: the simulated site `gate`, virtual time."""

from __future__ import annotations

import pytest

from controller.core.command import Life
from controller.core.modes import Mode
from controller.core.mover import Mover
from tests.faults.bench import Bench, bench

pytestmark = pytest.mark.simulated


async def restarted_on_a_slow_disk(b: Bench) -> None:
    b.crash()
    b.disk.slow_s = 4.0
    await b.start()
    await b.until("bollards", "lowered", within_s=10)
    await b.sleep(1.5)


async def locked_out(b: Bench) -> None:
    answer = await b.order("lock-out", "bollards", by="luc", reason="hose replaced")
    assert answer.life is Life.CONFIRMED


async def returned(b: Bench, mode: Mode) -> None:
    await b.met(lambda: b.device("bollards").mode is mode, 30, f"it never was in {mode}")


def alarmed(b: Bench) -> bool:
    return "holds.holds-lost" in {standing.id for standing in b.service.supervisor.alarms.standing() if standing.active}


async def test_nothing_moves_until_it_is_known_what_is_held() -> None:
    async with bench("gate") as b:
        await locked_out(b)
        await restarted_on_a_slow_disk(b)
        await b.met(lambda: alarmed(b), 3, "it was not alarmed")
        refused = await b.order("raise", "bollards", expires_in_s=30.0)
        assert refused.life is Life.REFUSED
        assert not b.world.secured("bollards")


async def test_a_lock_out_comes_back_by_itself_once_the_journal_has_answered() -> None:
    async with bench("gate") as b:
        await locked_out(b)
        await restarted_on_a_slow_disk(b)
        await returned(b, Mode.MAINTENANCE)
        assert not alarmed(b)
        refused = await b.order("raise", "bollards", expires_in_s=30.0)
        assert [refusal.rule for refusal in refused.refusals] == ["lock-out"]


async def test_what_nothing_was_held_over_obeys_once_that_is_known() -> None:
    async with bench("gate") as b:
        await restarted_on_a_slow_disk(b)
        assert b.device("bollards").mode is Mode.UNKNOWN
        await returned(b, Mode.REMOTE)
        b.disk.slow_s = 0.0
        await b.ended(await b.order("raise", "bollards", expires_in_s=30.0))
        assert b.world.secured("bollards")


async def test_a_lockdown_goes_ahead_and_stays_latched_when_the_rest_comes_back() -> None:
    async with bench("gate") as b:
        await restarted_on_a_slow_disk(b)
        fired = await b.order("lockdown", "bollards", expires_in_s=30.0)
        await b.ended(fired)
        assert (fired.life, b.world.secured("bollards")) == (Life.CONFIRMED, True)
        await b.met(lambda: not alarmed(b), 30, "what was held was never known")
        assert b.device("bollards").mode is Mode.EFO


async def test_a_lock_out_hung_meanwhile_joins_those_of_before_over_another_restart() -> None:
    async with bench("gate") as b:
        await locked_out(b)
        await restarted_on_a_slow_disk(b)
        await b.order("lock-out", "bollards", by="zoe", reason="the other hose", expires_in_s=60.0)
        await b.met(lambda: not alarmed(b), 60, "what was held was never known")
        b.crash()
        b.disk.slow_s = 0.0
        await b.start()
        await returned(b, Mode.MAINTENANCE)
        mover = b.device("bollards")
        assert isinstance(mover, Mover)
        assert [tag.owner for tag in mover.holds.tags] == ["luc", "zoe"]
