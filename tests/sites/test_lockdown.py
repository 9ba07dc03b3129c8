"""A lockdown of the shipped site, whose steel is quick enough for what the site says: no alarm is left of it but duress."""

from __future__ import annotations

import pytest

from tests.faults.bench import bench

pytestmark = pytest.mark.simulated

OPEN = ("albert-bollards", "ruhl-wedge", "massena-boom")


async def test_r02_no_drive_of_the_shipped_site_is_late_in_a_lockdown() -> None:
    async with bench("nice-promenade") as b:
        for mover in OPEN:
            await b.ended(await b.order("open", mover))
        fired = await b.ended(await b.order("lockdown", "nice-promenade", expires_in_s=30.0))
        assert str(fired.life) == "confirmed"
        names = [s.alarm.name for s in b.service.supervisor.alarms.standing() if s.alarm.priority == 1]
        assert set(names) == {"duress"}
