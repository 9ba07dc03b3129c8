"""R05 Any one EFO station drives ALL barriers of its group; EFO-active shown on every station (UFGS 02840 p. 21)."""

from __future__ import annotations

import pytest

from controller import orders
from controller.core.modes import Mode
from tests.faults.bench import bench

pytestmark = pytest.mark.simulated

ROWS = ("outer", "inner")


async def test_r05_one_lockdown_secures_every_mover_of_the_zone():
    async with bench("airlock") as b:
        opened = await b.order("lower", "outer")
        await b.ended(opened)
        fired = await b.order("lockdown", "lock", expires_in_s=30.0, by="overwatch")
        await b.ended(fired)
        assert all(b.world.secured(row) for row in ROWS)


async def test_r05_every_mover_shows_the_emergency_to_whoever_looks():
    async with bench("airlock") as b:
        await b.order("lockdown", "lock", expires_in_s=30.0)
        assert [b.device(row).mode for row in ROWS] == [Mode.EFO, Mode.EFO]


def broken(patch: pytest.MonkeyPatch) -> None:
    first = orders.Orders._for_zone
    patch.setattr(
        orders.Orders, "_for_zone", lambda self, request, devices, expires: first(self, request, devices[:1], expires)
    )
