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


def alarmed(b: Bench, alarm: str = "holds-lost") -> bool:
    return f"holds.{alarm}" in {standing.id for standing in b.service.supervisor.alarms.standing() if standing.active}


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


async def test_a_lock_out_takes_effect_on_a_full_disk_and_says_that_it_is_not_on_record() -> None:
    async with bench("gate") as b:
        b.disk.full = True
        answer = await b.order("lock-out", "bollards", by="luc", reason="hose replaced")
        assert (answer.life, b.device("bollards").mode) == (Life.UNKNOWN, Mode.MAINTENANCE)
        assert "does not survive a restart of the controller: journal.db: the disk is full" in answer.because
        assert alarmed(b, "holds-unrecorded")


async def test_a_lock_out_ends_the_motion_under_way_within_half_a_second_though_the_disk_hangs() -> None:
    async with bench("gate") as b:
        await b.order("raise", "bollards")
        await b.until("bollards", "raising")
        b.disk.slow_s = 60.0
        asked = b.service.task(b.service.supervisor.orders.give(b.request("lock-out", "bollards", reason="a person")))
        await b.until("bollards", "stopped", within_s=0.5)
        assert (await asked).life is Life.UNKNOWN


async def test_a_lock_out_of_a_full_disk_is_on_record_once_there_is_room() -> None:
    async with bench("gate") as b:
        b.disk.full = True
        await b.order("lock-out", "bollards", by="luc", reason="hose replaced")
        b.disk.full = False
        await b.met(lambda: not alarmed(b, "holds-unrecorded"), 5, "the alarm never went")
        b.crash()
        await b.start()
        await returned(b, Mode.MAINTENANCE)


@pytest.mark.parametrize("action", ["lift", "release", "test", "end-test"])
async def test_what_gives_permission_is_refused_on_a_full_disk(action: str) -> None:
    async with bench("gate") as b:
        b.disk.full = True
        answer = await b.order(action, "bollards", by="luc", role="supervisor")
        assert (answer.life, [refusal.rule for refusal in answer.refusals]) == (Life.REFUSED, ["journal"])
