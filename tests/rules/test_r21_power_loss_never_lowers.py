"""R21 Power, hydraulic or mechanical failure never produces a lowering command; a failed source is shown with its location."""

from __future__ import annotations

import pytest

from controller.core import contact
from simulators.mishaps import strike
from tests.faults.bench import Bench, bench

pytestmark = pytest.mark.simulated


def lowered(b: Bench) -> list[float]:
    """Return when the lower output was switched on."""
    return [frame.at for frame in b.frames("albert-bollards") if frame.values.get("do1")]


async def test_r21_when_the_mains_fail_in_mid_motion_nothing_is_lowered_and_the_place_is_named():
    async with bench("nice-promenade") as b:
        await b.order("raise", "albert-bollards")
        await b.until("albert-bollards", "raising")
        await b.sleep(2)
        strike("mains-loss", "albert", {}, b.built)
        b.field.settle()
        await b.until("albert-mains", "active", within_s=3)
        standing = {s.id: s.alarm.text for s in b.service.supervisor.alarms.standing()}
        assert any(key.startswith("albert-mains.") and "Albert" in text for key, text in standing.items())
        await b.until("albert-bollards", "stopped", within_s=3)
        await b.sleep(20)
        assert b.device("albert-bollards").state == "stopped"
        assert lowered(b) == []


async def test_r21_a_drive_that_cannot_hold_the_steel_is_not_helped_down():
    async with bench("nice-promenade") as b:
        await b.ended(await b.order("raise", "albert-bollards"))
        b.pump("albert-bollards", 0.2)
        await b.until("albert-bollards", "fault", within_s=10)
        await b.sleep(10)
        assert lowered(b) == []


def broken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(contact, "classify", lambda *_: "normal")
