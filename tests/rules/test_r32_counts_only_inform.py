"""R32 Crowd counter: local stamps converted to UTC; stale or implausible counts flagged, never used to move anything."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from controller.config.load import load_site
from controller.core import counter
from controller.core.readings import Quality
from drivers.mqtt_report import Moment, read_report
from tests.faults.bench import SHIPPED, bench

pytestmark = pytest.mark.simulated


async def test_r32_an_implausible_count_is_flagged_and_moves_nothing():
    async with bench("nice-promenade") as b:
        before = {row: b.world.steel[row] for row in b.world.rows}
        frames = len(b.trace.frames)
        b.built.images["massena-counter"].force("count", 180_000)
        await b.until("massena-counter", "doubtful", within_s=20)
        await b.sleep(20)
        assert "massena-counter.count-doubtful" in [s.id for s in b.service.supervisor.alarms.standing()]
        assert {row: b.world.steel[row] for row in b.world.rows} == before
        assert not [frame for frame in b.trace.frames[frames:] if frame.device]


def report(end_time: str) -> dict[str, Any]:
    return {
        "device_info": {"device_sn": "6600D1234567"},
        "time_info": {"end_time": end_time},
        "current_total": 10,
        "max_counted": 12,
    }


@pytest.mark.parametrize(
    ("end_time", "quality"), [("2026/07/14 13:59:50", Quality.GOOD), ("2026/07/14 11:59:50", Quality.UNCERTAIN)]
)
def test_r32_the_stamp_is_taken_for_the_local_time_of_the_site(end_time: str, quality: Quality):
    site = load_site(SHIPPED / "nice-promenade")
    unit = site.units["massena-counter"].unit
    noon = datetime(2026, 7, 14, 12, 0, tzinfo=UTC)
    moment = Moment(100.0, noon, ZoneInfo(site.timezone))
    read = read_report(json.dumps(report(end_time)).encode(), False, unit, (unit.points["count"],), moment)
    assert read.readings["count"].quality is quality


def broken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(counter, "classify", lambda *_: "counting")
