"""Threats in the running service: they sound until a person acknowledges them, and not one frame goes out for them (R08, R23)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from controller.core.alarms import Standing
from controller.core.spec import DirectionSpec, Kind, RadarSpec
from controller.journal import SqliteJournal
from controller.plant import Fitting, Plant
from controller.ports import Point, PointType
from controller.scrape import snapshot
from tests.shell.scripted import Rig, ScriptedLink, link_at_rest, plant, running


def watched(link: ScriptedLink) -> Plant:
    """The yard, with a radar before it and its lane one-way."""
    lane = DirectionSpec(id="lane", kind=Kind.DIRECTION, zone="gate", inputs={}, entry="entry", exit="exit")
    radar = RadarSpec(id="radar", kind=Kind.RADAR, zone="gate", inputs={"speed": 5.0})
    speed = Point("speed", "speed", PointType.U16, max_age_s=5.0)
    yard = plant(link)
    (wire,) = yard.wires
    io, detectors = wire.plans
    link.set("detectors", speed=0)
    unit = replace(detectors.unit, points={**detectors.unit.points, "speed": speed})
    more = (
        Fitting(spec=lane, inputs={}, outputs={}),
        Fitting(spec=radar, inputs={("detectors", "speed"): ("speed",)}, outputs={}),
    )
    plans = (io, replace(detectors, unit=unit, points=(*detectors.points, speed)))
    return replace(yard, wires=(replace(wire, plans=plans),), fittings=(*yard.fittings, *more))


def moved(link: ScriptedLink) -> list[tuple[str, str, object]]:
    """Return what was written to move steel. The signal's lamps follow the bollard, whatever a radar says."""
    return [write for write in link.writes if write[1] in ("raise", "lower") and write[2]]


def standing(rig: Rig, key: str) -> Standing:
    return next(one for one in rig.supervisor.alarms.standing() if one.id == key)


async def test_r08_r23_overspeed_pulses_until_acknowledged_and_writes_nothing(tmp_path: Path) -> None:
    link = link_at_rest("lowered")
    async with running(tmp_path, link=link, site=watched(link)) as rig:
        await rig.at_rest()
        link.set("detectors", speed=62)
        await rig.shows("radar", "overspeed")
        link.set("detectors", speed=0)
        await rig.shows("radar", "quiet")
        alarm = standing(rig, "radar.overspeed")
        assert (alarm.state, alarm.sounding, alarm.alarm.sound) == ("returned-unacknowledged", True, "pulsing")
        assert alarm.alarm.proposes == "secure gate"
        assert not rig.supervisor.alarms.act("radar.overspeed", "acknowledge", "op").sounding
        assert moved(link) == []
        assert rig.device("bollard").state == "lowered"


async def test_r08_r23_the_wrong_way_sounds_on_and_writes_nothing(tmp_path: Path) -> None:
    link = link_at_rest("lowered")
    async with running(tmp_path, link=link, site=watched(link)) as rig:
        await rig.at_rest()
        link.detect("exit")
        await rig.shows("lane", "against")
        link.detect("entry")
        await rig.shows("lane", "wrong-way")
        alarm = standing(rig, "lane.wrong-way")
        assert (alarm.sounding, alarm.alarm.sound, alarm.alarm.proposes) == (True, "continuous", "secure gate")
        assert moved(link) == []
        assert rig.supervisor.ledger.live() == []


async def test_a_lane_has_no_reading_that_could_be_old(tmp_path: Path) -> None:
    link = link_at_rest()
    async with running(tmp_path, link=link, site=watched(link)) as rig:
        await rig.at_rest()
        journal = rig.supervisor.journal
        assert isinstance(journal, SqliteJournal)
        ages = {
            d.device: d.oldest_s for d in snapshot(rig.supervisor, journal, asyncio.get_running_loop().time()).devices
        }
    assert ages["lane"] == 0.0
    assert ages["radar"] is not None
