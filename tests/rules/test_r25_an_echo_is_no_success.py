"""R25 Modbus write echo is not success: state changes only on position feedback; none in the command window is a fault."""

from __future__ import annotations

import pytest

from controller.core import motion
from controller.core.command import Life
from controller.core.device import Effect
from controller.core.mover import Mover
from controller.core.travel import moved
from tests.faults.bench import bench

pytestmark = pytest.mark.simulated


async def test_r25_steel_that_does_not_move_is_never_shown_as_moved_though_every_write_was_acknowledged():
    async with bench("gate") as b:
        b.mover("bollards").jammed |= {0, 1}
        order = await b.order("raise", "bollards")
        await b.ended(order)
        assert order.life is Life.FAILED
        assert [entry["life"] for entry in order.history] == ["received", "accepted", "issued", "failed"]
        assert b.device("bollards").state == "fault"


def broken(patch: pytest.MonkeyPatch) -> None:
    first = motion._acknowledged

    def believing(before: Mover, now: float) -> tuple[Mover, list[Effect]]:
        after, effects = first(before, now)
        return (moved(after, "raised", now) if after.state == "raising" else after), effects

    patch.setattr(motion, "_acknowledged", believing)
