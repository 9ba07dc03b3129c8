"""R27 Command pulse is 500 ms and always released, also after an exception or cancelled task (HCPBridge, car-park relays)."""

from __future__ import annotations

import pytest

from controller.core import driving, motion
from tests.faults.bench import Bench, bench

pytestmark = pytest.mark.simulated

OUTPUTS = ("do0", "do1", "do2")


def on(b: Bench) -> list[str]:
    return [name for name in OUTPUTS if b.built.images["io"].read(name)]


async def pulse(b: Bench) -> float:
    """Return for how long the raise output was on."""
    await b.met(lambda: on(b) == ["do0"], 5, "the raise output never came on")
    since = b.now
    await b.met(lambda: not on(b), 5, "the raise output stayed on")
    return b.now - since


async def test_r27_a_pulse_lasts_half_a_second():
    async with bench("boom") as b:
        await b.order("raise", "boom")
        assert await pulse(b) == pytest.approx(0.5, abs=0.1)


async def test_r27_it_is_released_when_the_logic_fails_in_the_middle_of_it():
    async with bench("boom") as b:
        await b.order("raise", "boom")
        await b.met(lambda: on(b) == ["do0"], 5, "the raise output never came on")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(motion, "_observed", lambda *_: 1 / 0)
            await b.met(lambda: b.service.supervisor.runners["boom"].ended, 3, "the logic never failed")
        await b.met(lambda: not on(b), 3, "the raise output stayed on")


async def test_r27_it_is_released_when_the_controller_is_stopped_in_the_middle_of_it():
    async with bench("boom") as b:
        await b.order("raise", "boom")
        await b.met(lambda: on(b) == ["do0"], 5, "the raise output never came on")
        await b.stop()
        assert not on(b)


def broken(patch: pytest.MonkeyPatch) -> None:
    first = driving.levels
    patch.setattr(driving, "levels", lambda mover, now: first(mover, min(now, mover.pulse_until - 0.01)))
