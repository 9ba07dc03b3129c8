"""R29 Loop open, short or fault = treated as OCCUPIED + alarm; presence or absence for too long = detector alarm."""

from __future__ import annotations

import pytest

from controller.core import loop
from controller.core.command import Life
from simulators.plants.sensors import Loop
from tests.faults.bench import bench

pytestmark = pytest.mark.simulated


@pytest.mark.parametrize("wrong", ["broken", "shorted"])
async def test_r29_an_open_or_shorted_loop_refuses_and_is_alarmed(wrong: str):
    await refused_and_alarmed(wrong)


async def test_r29_a_faulty_loop_refuses_and_is_alarmed():
    await refused_and_alarmed("broken")


async def refused_and_alarmed(wrong: str) -> None:
    async with bench("airlock") as b:
        opened = await b.order("lower", "outer")
        await b.ended(opened)
        plant = b.plant("loop-outer")
        assert isinstance(plant, Loop)
        setattr(plant, wrong, True)
        b.field.settle()
        await b.until("loop-outer", "fault", within_s=5)
        order = await b.order("raise", "outer")
        assert (order.life, order.refusals[0].rule, order.refusals[0].device) == (Life.REFUSED, "R29", "loop-outer")
        assert "loop-outer.detector-fault" in [s.id for s in b.service.supervisor.alarms.standing()]


def broken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(loop, "classify", lambda *_: "clear")
