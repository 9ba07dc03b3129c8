"""What can be armed anew, and what is said where nothing had expired (R26): the simulated Promenade, virtual time."""

from __future__ import annotations

import pytest

from controller.core.command import Life
from controller.orders import NoSuchTarget
from tests.faults.bench import Bench, bench

pytestmark = pytest.mark.simulated

LAMPS = "massena-io2"
"""A unit that drives lamps alone."""


def expired(b: Bench) -> None:
    """Let the watchdog of the unit of lamps have expired."""
    b.service.supervisor.endpoints["massena-relays"]._peers[LAMPS].tripped = True


async def test_r26_a_unit_is_armed_by_its_own_name() -> None:
    async with bench("nice-promenade") as b:
        expired(b)
        armed = await b.order("re-arm", LAMPS)
        assert (armed.life, armed.because) == (Life.CONFIRMED, f"{LAMPS} will be armed and opened again")
        again = await b.order("re-arm", LAMPS)
        assert again.because == "nothing to do: its watchdog has not expired"


async def test_r26_a_zone_arms_what_drives_its_lamps_too() -> None:
    async with bench("nice-promenade") as b:
        expired(b)
        armed = await b.order("re-arm", "massena")
        assert (armed.life, armed.because) == (Life.CONFIRMED, "every member's feedback shows it")
        assert (await b.order("re-arm", LAMPS)).because == "nothing to do: its watchdog has not expired"


async def test_a_zone_with_nothing_to_arm_says_so() -> None:
    async with bench("nice-promenade") as b:
        armed = await b.order("re-arm", "massena")
        assert (armed.life, armed.because) == (Life.CONFIRMED, "nothing to do: no watchdog of its units has expired")


async def test_a_zone_with_nothing_to_reset_says_so_and_one_with_something_does_not() -> None:
    async with bench("nice-promenade") as b:
        idle = await b.order("release", "gambetta", role="supervisor")
        assert (idle.life, idle.because) == (Life.CONFIRMED, "nothing to do: no emergency is latched")
        await b.ended(await b.order("lockdown", "gambetta-outer", expires_in_s=30.0))
        reset = await b.order("release", "gambetta", role="supervisor")
        assert (reset.life, reset.because) == (Life.CONFIRMED, "every member's feedback shows it")


async def test_r26_a_unit_that_is_not_there_is_refused_with_those_that_are() -> None:
    async with bench("gate") as b:
        with pytest.raises(NoSuchTarget, match="no device or zone 'io9', and no unit; there are the units io"):
            await b.order("re-arm", "io9")
        with pytest.raises(NoSuchTarget, match=r"no device or zone 'io'$"):
            await b.order("raise", "io")
