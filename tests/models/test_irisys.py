"""An Irisys Vector counts a square over a real broker."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from controller.core.readings import Quality
from controller.ports import Stranger
from drivers.mqtt import MqttLink
from simulators.run import Running
from tests.links.peers.subscription import Subscription
from tests.links.suite.base import soon
from tests.models.support import LINK, field, unit_of
from tests.simulators.support import OVERALL_S, control

pytestmark = pytest.mark.needs("mosquitto")
TOPIC = "irisys/V4D-1/live_counts"
ENTRY = {"profile": "irisys-vector", "address": TOPIC, "every_s": 0.05, "holds": {"register": "Occupancy"}}
SQUARE: dict[str, Any] = {"square": {"type": "counter", "usual": 200, "channels": {"count": "unit.count"}}}


def counting(folder: Path) -> Any:
    return field(folder, {"protocol": "mqtt"}, ENTRY, SQUARE, speed=1)


async def counted(running: Running, register: str) -> Any:
    unit = unit_of("irisys-vector", TOPIC, {"register": register})
    link = MqttLink(LINK, running.links[LINK])
    await link.open(unit, soon())
    subscription = Subscription(link, unit, "count")
    try:
        async with asyncio.timeout(OVERALL_S):
            while (await subscription.next())["count"].value != running.built.images["unit"].read("count"):
                pass
        await control(running, do="people", plant="square", count=4321)
        async with asyncio.timeout(OVERALL_S):
            while abs(int((found := (await subscription.next())["count"]).value or 0) - 4321) > 600:
                pass
        return found
    finally:
        await subscription.stop()
        await link.close()


async def test_r32_people_on_the_square_are_counted_by_the_register_that_is_meant(tmp_path: Path):
    async with counting(tmp_path) as running:
        assert (await counted(running, "Occupancy")).quality is Quality.GOOD


async def test_a_sensor_that_sends_another_register_first_is_a_stranger(tmp_path: Path):
    async with counting(tmp_path) as running:
        unit = unit_of("irisys-vector", TOPIC, {"register": "Line 7 out"})
        link = MqttLink(LINK, running.links[LINK])
        await link.open(unit, soon())
        subscription = Subscription(link, unit, "count")
        with pytest.raises(Stranger, match="register is 'Occupancy', expected 'Line 7 out'"):
            await subscription.end()
        await link.close()
