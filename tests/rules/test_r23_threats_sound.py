"""R23 Overspeed (default <= 11.2 m/s) = pulsing, wrong-way = continuous; both sound until silenced by the operator (UFGS)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.config.load import load_site
from controller.core import kinds
from controller.core.alarms import Standing
from controller.core.spec import Kind, RadarSpec
from tests.faults.bench import Bench, bench
from tests.rules.yard import YARD, alarmed, alarms

pytestmark = pytest.mark.simulated

MPS = 3.6
"""What a metre a second is in km/h."""


def standing(b: Bench, alarm: str) -> Standing:
    return next(s for s in b.service.supervisor.alarms.standing() if s.id == alarm)


async def until_silenced(b: Bench, alarm: str, sound: str) -> None:
    """See that it sounds although its cause is over, until a person acknowledges it."""
    await b.met(lambda: not standing(b, alarm).active, 30, f"{alarm} was never over")
    await b.sleep(60)
    assert (standing(b, alarm).alarm.sound, standing(b, alarm).sounding) == (sound, True)
    b.service.supervisor.alarms.act(alarm, "acknowledge", by="anna")
    assert alarm not in alarms(b)


async def test_r23_overspeed_pulses_until_it_is_acknowledged():
    async with bench(YARD) as b:
        over = b.built.images["eye"].force("speed", 41)
        assert "41 km/h" in await alarmed(b, "radar.overspeed")
        assert standing(b, "radar.overspeed").alarm.sound == "pulsing"
        over()
        await until_silenced(b, "radar.overspeed", "pulsing")


async def test_r23_the_wrong_way_is_a_continuous_sound_until_it_is_acknowledged():
    async with bench(YARD) as b:
        b.occupy("loop-exit")
        await b.until("loop-exit", "occupied")
        b.occupy("loop-entry")
        await alarmed(b, "lane.wrong-way")
        assert standing(b, "lane.wrong-way").alarm.sound == "continuous"
        b.free("loop-exit")
        b.free("loop-entry")
        await until_silenced(b, "lane.wrong-way", "continuous")


async def test_r23_what_is_acknowledged_while_it_lasts_sounds_no_more_and_still_stands():
    async with bench(YARD) as b:
        b.built.images["eye"].force("speed", 90)
        await alarmed(b, "radar.overspeed")
        b.service.supervisor.alarms.act("radar.overspeed", "acknowledge", by="anna")
        assert (standing(b, "radar.overspeed").active, standing(b, "radar.overspeed").sounding) == (True, False)


async def test_r23_a_vehicle_that_comes_the_right_way_no_faster_than_it_may_is_no_threat():
    async with bench(YARD) as b:
        b.built.images["eye"].force("speed", 40)
        b.occupy("loop-entry")
        await b.until("loop-entry", "occupied")
        b.occupy("loop-exit")
        await b.until("loop-exit", "occupied")
        b.free("loop-entry")
        await b.sleep(3)
        b.free("loop-exit")
        await b.sleep(10)
        assert alarms(b) == {}


def test_r23_the_threshold_is_at_most_11_2_m_s_where_the_site_says_nothing():
    assert load_site(YARD).devices["radar"].overspeed_kmh is None
    assert RadarSpec(id="radar", kind=Kind.RADAR, inputs={}).overspeed_kmh <= 11.2 * MPS


def broken(patch: pytest.MonkeyPatch) -> None:
    first = kinds.alarms
    patch.setattr(kinds, "alarms", lambda device: tuple(replace(a, sound="", latching=False) for a in first(device)))
