"""Each simulated radar and the driver, over a pseudo-terminal: what it sees is heard, and what befalls the line is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from controller.config.profiles import load, shipped
from controller.ports import Garbled, LinkError, Mute, Unit, Unreachable
from drivers.profile import SerialProfile
from drivers.serial import SerialLink
from simulators import profiles
from simulators.image import Image
from simulators.servers.base import OPEN, Gate
from simulators.servers.serial_radar import SerialRadar, voice_of
from tests.links.adapter import OVERALL_S
from tests.links.peers.subscription import Subscription
from tests.links.suite.base import soon

PATIENCE_S = 0.3
RADARS: dict[str, SerialProfile] = {
    path.stem: profile
    for path in sorted(shipped().glob("*.yaml"))
    if isinstance(profile := load(path).profile, SerialProfile)
}
ALWAYS = [name for name, profile in RADARS.items() if profile.always]
ON_TARGET = [name for name, profile in RADARS.items() if not profile.always]


class Line:
    """One simulated radar with its line, and the driver's link to it."""

    def __init__(self, name: str, folder: Path, message: int | None = None) -> None:
        profile = profiles.load(name)
        self.gate: Gate = OPEN
        self.image = Image("radar", profile)
        voice = replace(voice_of(profile.dialect, message), every_s=0.01)
        self.radar = SerialRadar(folder / "line", self.image, lambda _: self.gate, 9600, voice)
        unit = RADARS[name].unit("radar", "line", None)
        self.unit: Unit = replace(unit, options={**unit.options, "patience_s": PATIENCE_S})
        self.link = SerialLink("line", self.radar.url, now=asyncio.get_running_loop().time)

    async def heard(self) -> Subscription:
        """Open the link and subscribe."""
        await self.link.open(self.unit, soon())
        return Subscription(self.link, self.unit)

    async def until(self, subscription: Subscription, speed: int) -> None:
        """Wait until the driver has heard of this speed."""
        async with asyncio.timeout(OVERALL_S):
            while (await subscription.next())["speed"].value != pytest.approx(speed, abs=0.1):
                pass

    async def close(self) -> None:
        await self.link.close()
        await self.radar.close()


@pytest.fixture
async def line(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Line]:
    line = Line(request.param, tmp_path)
    line.image.put({"speed": 50})
    await line.radar.up()
    yield line
    await line.close()


every_radar = pytest.mark.parametrize("line", RADARS, indirect=True)


@every_radar
async def test_the_driver_hears_what_the_radar_sees(line: Line):
    subscription = await line.heard()
    for speed in (50, 80, 6):
        line.image.put({"speed": speed})
        await line.until(subscription, speed)
    await subscription.stop()


@pytest.mark.parametrize("message", [1, 2, 3, 4, 6])
async def test_the_driver_hears_every_type_of_message(tmp_path: Path, message: int):
    line = Line("icoms-tma-296", tmp_path, message)
    line.image.put({"speed": 50, "approaching": True, "distance": 120})
    await line.radar.up()
    subscription = await line.heard()
    readings = await subscription.next()
    assert readings["speed"].value == 50
    assert readings["approaching"].value is (None if message == 4 else True)
    assert readings["distance"].value == (120 if message == 6 else None)
    await subscription.stop()
    await line.close()


@pytest.mark.parametrize("line", ALWAYS, indirect=True)
async def test_a_radar_that_sees_nothing_says_so(line: Line):
    subscription = await line.heard()
    line.image.put({"speed": 0})
    await line.until(subscription, 0)
    await subscription.stop()


@every_radar
async def test_a_pulled_cable_is_told_at_once_and_a_new_one_found(line: Line):
    subscription = await line.heard()
    await line.until(subscription, 50)
    await line.radar.down()
    with pytest.raises(Unreachable):
        await subscription.end()
    with pytest.raises(Unreachable):
        await line.link.open(line.unit, soon())
    await line.radar.up()
    again = await line.heard()
    await line.until(again, 50)
    await again.stop()


@pytest.mark.parametrize("line", ALWAYS, indirect=True)
async def test_r28_silence_of_a_radar_that_talks_always_is_told(line: Line):
    subscription = await line.heard()
    await line.until(subscription, 50)
    line.gate = Gate(silent=True)
    with pytest.raises(Mute):
        await subscription.end()


@pytest.mark.parametrize("line", ALWAYS, indirect=True)
async def test_r28_half_frames_are_no_readings(line: Line):
    subscription = await line.heard()
    await line.until(subscription, 50)
    line.gate = Gate(cut=True)
    line.image.put({"speed": 99})
    with pytest.raises((Garbled, Mute)):
        await subscription.end()
    while not subscription.empty:
        assert (await subscription.next())["speed"].value == pytest.approx(50, abs=0.1)


@pytest.mark.parametrize("line", ON_TARGET, indirect=True)
async def test_a_radar_that_talks_on_a_target_is_silent_without_one_and_heard_with_the_next(line: Line):
    subscription = await line.heard()
    await line.until(subscription, 50)
    line.image.put({"speed": 0})
    done, _ = await asyncio.wait([subscription.task], timeout=2 * PATIENCE_S)
    assert not done
    while not subscription.empty:
        assert (await subscription.next())["speed"].value == pytest.approx(50, abs=0.1)
    line.image.put({"speed": 80})
    await line.until(subscription, 80)
    await subscription.stop()


@every_radar
async def test_no_radar_is_ever_sent_a_byte(line: Line, monkeypatch: pytest.MonkeyPatch):
    received: list[bytes] = []
    monkeypatch.setattr(line.radar._pty, "_received", received.append)
    subscription = await line.heard()
    await line.until(subscription, 50)
    with pytest.raises(LinkError):
        await line.link.write(line.unit, [(line.unit.points["speed"], 1)], soon())
    await subscription.stop()
    await line.link.close()
    assert received == []
