"""Emergencies while something else is wrong."""

from __future__ import annotations

import pytest

from controller.core.command import Life
from tests.faults.bench import bench

pytestmark = pytest.mark.simulated


@pytest.mark.parametrize("full", [False, True])
async def test_rule_3_an_emergency_goes_ahead_without_the_disk_and_is_recorded_once(full: bool):
    async with bench("gate") as b:
        b.disk.slow_s, b.disk.full = (0.0, True) if full else (2.0, False)
        asked = b.now
        order = await b.order("lockdown", "bollards", expires_in_s=5)
        assert b.now - asked < 1.0
        assert order.life is Life.ACCEPTED
        await b.until("bollards", "raised", within_s=10)
        b.disk.slow_s, b.disk.full = 0.0, False
        await b.sleep(5)
        lives = [record.entry.body["life"] for record in await b.records(kind="command")]
        assert lives == ["received", "accepted", "issued", "moving", "confirmed"]
