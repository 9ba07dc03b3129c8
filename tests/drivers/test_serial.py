"""The serial link against a radar of the tests' own at the other end of a pseudo-terminal."""

from __future__ import annotations

import asyncio
import os
import termios
import tty
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from controller.core.readings import Quality
from controller.ports import Garbled, Mute, Point, PointType, Refusing, Stranger, Unit, Unreachable
from drivers.addresses import Field_
from drivers.serial import BACKLOG, NOISE, SerialLink
from tests.links.peers.subscription import Subscription

FRAME = bytes.fromhex("02F432634B0103")
SELF_TEST = bytes.fromhex("028C0020000003")
STANDBY = bytes.fromhex("02800020000003")
POINTS = {
    "speed": Point("speed", Field_("target"), PointType.U16),
    "self_test": Point("self_test", Field_("self_test")),
}
UNIT = Unit("radar", "line", None, POINTS, {}, {"patience_s": 5.0, "dialect": "mph"})
SPEED = {"speed": Point("speed", Field_("speed"), PointType.U16)}
ON_TARGET = Unit(
    "radar", "line", None, SPEED, {}, {"patience_s": 5.0, "dialect": "hikvision-td10n", "talks": "on-target"}
)
OVERALL_S = 5.0


class Radar:
    """The far end of a serial line."""

    def __init__(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)

    def say(self, data: bytes) -> None:
        os.write(self._master, data)

    def speed(self) -> int:
        """Return what the port is set to, in baud."""
        set_to = termios.tcgetattr(self._slave)[5]
        return {termios.B1200: 1200, termios.B9600: 9600, termios.B19200: 19200}[set_to]

    def unplug(self) -> None:
        for descriptor in {self._master, self._slave} - {-1}:
            os.close(descriptor)
        self._master = self._slave = -1


@pytest.fixture
def radar() -> Iterator[Radar]:
    radar = Radar()
    yield radar
    radar.unplug()


@pytest.fixture
async def link(radar: Radar) -> AsyncIterator[SerialLink]:
    link = SerialLink("line", f"serial://{radar.port}?baudrate=1200", now=asyncio.get_running_loop().time)
    yield link
    await link.close()


def soon(seconds: float = OVERALL_S) -> float:
    return asyncio.get_running_loop().time() + seconds


def patient(seconds: float) -> Unit:
    return replace(UNIT, options={**UNIT.options, "patience_s": seconds})


async def opened(link: SerialLink, radar: Radar, unit: Unit = UNIT) -> None:
    opening = asyncio.create_task(link.open(unit, soon()))
    await asyncio.sleep(0)
    radar.say(FRAME)
    await opening


async def test_open_is_proved_by_a_frame_and_the_subscriber_gets_it_too(link: SerialLink, radar: Radar):
    before = soon(0)
    await opened(link, radar)
    subscription = Subscription(link, UNIT)
    reading = (await subscription.next())["speed"]
    assert (reading.value, reading.quality) == (99, Quality.GOOD)
    assert before <= reading.taken <= soon(0)
    await subscription.stop()


async def test_r28_frames_are_readings_with_the_time_of_their_arrival(link: SerialLink, radar: Radar):
    await opened(link, radar)
    subscription = Subscription(link, UNIT)
    await subscription.next()
    before = soon(0)
    radar.say(FRAME.replace(b"\x63", b"\x28"))
    reading = (await subscription.next())["speed"]
    assert reading.value == 40
    assert before <= reading.taken <= soon(0)
    await subscription.stop()


async def test_r28_bad_frame_gives_no_reading_and_is_counted(link: SerialLink, radar: Radar):
    await opened(link, radar)
    subscription = Subscription(link, UNIT)
    await subscription.next()
    radar.say(b"\x02\x74\x32\x63\x4b\x01\x03" + FRAME.replace(b"\x63", b"\x29"))
    assert (await subscription.next())["speed"].value == 0x29
    await subscription.stop()
    await link.close()
    assert link.rejected == 1


@pytest.mark.parametrize("frame", [SELF_TEST, STANDBY], ids=["self-test", "standby"])
async def test_speed_that_is_not_measured_is_uncertain_and_the_status_good(
    link: SerialLink, radar: Radar, frame: bytes
):
    await opened(link, radar)
    subscription = Subscription(link, UNIT)
    await subscription.next()
    radar.say(frame)
    readings = await subscription.next()
    assert readings["speed"].quality is Quality.UNCERTAIN
    assert readings["self_test"].quality is Quality.GOOD
    await subscription.stop()


async def test_silence_is_mute_when_patience_ends(link: SerialLink, radar: Radar):
    unit = patient(0.1)
    await opened(link, radar, unit)
    with pytest.raises(Mute, match="nothing came"):
        await Subscription(link, unit).end()


async def test_r28_radar_in_self_test_may_be_silent_for_8_s(link: SerialLink, radar: Radar, monkeypatch):
    monkeypatch.setattr("drivers.mph.SELF_TEST_S", 60.0)
    unit = patient(0.02)
    await opened(link, radar, unit)
    subscription = Subscription(link, unit)
    await subscription.next()
    radar.say(SELF_TEST)
    await subscription.next()
    done, _ = await asyncio.wait([subscription.task], timeout=0.2)
    assert not done
    await subscription.stop()


async def test_bytes_without_a_frame_are_garbled_and_name_the_settings(link: SerialLink, radar: Radar):
    unit = patient(0.1)
    await opened(link, radar, unit)
    radar.say(b"\xff" * 20)
    with pytest.raises(Garbled, match=r"20 bytes and no frame .*baudrate=1200"):
        await Subscription(link, unit).end()


async def test_unplugged_is_unreachable_at_once(link: SerialLink, radar: Radar):
    await opened(link, radar, patient(60))
    subscription = Subscription(link, patient(60))
    await subscription.next()
    radar.unplug()
    with pytest.raises(Unreachable, match="the port is gone"):
        await subscription.end()


async def test_lost_unit_must_be_opened_anew(link: SerialLink, radar: Radar):
    await opened(link, radar)
    radar.unplug()
    with pytest.raises(Unreachable):
        await Subscription(link, UNIT).end()
    with pytest.raises(Unreachable, match="not connected"):
        await link.read(UNIT, (), soon())


async def test_plugged_in_again_is_opened_again(radar: Radar, tmp_path: Path):
    port = tmp_path / "by-id"
    port.symlink_to(radar.port)
    link = SerialLink("line", f"serial://{port}", now=asyncio.get_running_loop().time)
    await opened(link, radar)
    radar.unplug()
    with pytest.raises(Unreachable):
        await Subscription(link, UNIT).end()
    again = Radar()
    port.unlink()
    port.symlink_to(again.port)
    await opened(link, again)
    subscription = Subscription(link, UNIT)
    assert (await subscription.next())["speed"].value == 99
    await subscription.stop()
    await link.close()
    again.unplug()


async def test_open_of_a_silent_line_is_mute_by_its_deadline(link: SerialLink, radar: Radar):
    with pytest.raises(Mute):
        await link.open(UNIT, soon(0.05))


async def test_port_that_does_not_exist_is_unreachable_and_says_what_to_do(tmp_path: Path):
    link = SerialLink("line", f"serial://{tmp_path}/none", now=asyncio.get_running_loop().time)
    with pytest.raises(Unreachable, match=r"none: no such port: is the adapter plugged in\?"):
        await link.open(UNIT, soon())


async def test_port_that_another_has_open_is_unreachable_and_says_what_to_do(link: SerialLink, radar: Radar):
    await opened(link, radar)
    second = SerialLink("second", f"serial://{radar.port}", now=asyncio.get_running_loop().time)
    with pytest.raises(Unreachable, match="another process has it open"):
        await second.open(UNIT, soon())


async def test_closed_port_is_free_for_another(link: SerialLink, radar: Radar):
    await opened(link, radar)
    await link.close()
    second = SerialLink("second", f"serial://{radar.port}", now=asyncio.get_running_loop().time)
    await opened(second, radar)
    await second.close()


async def test_frame_that_breaks_the_expected_identity_is_a_stranger(link: SerialLink, radar: Radar):
    with pytest.raises(Stranger, match="speed is 99, expected 0"):
        await opened(link, radar, replace(UNIT, identity={"speed": 0}))


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        (replace(UNIT, options={**UNIT.options, "dialect": "icom"}), "'icom' is not known, expected one of mph, "),
        (replace(UNIT, points={"x": Point("x", Field_("tarjet"), PointType.U16)}), "x: no field 'tarjet', only target"),
        (replace(ON_TARGET, identity={"speed": 0}), "talks only on a target cannot prove an identity"),
        (
            replace(ON_TARGET, options={**ON_TARGET.options, "dialect": "hikvision-byte"}),
            r"say in the URL .* \?baudrate=",
        ),
    ],
    ids=["dialect", "field", "identity", "baudrate"],
)
async def test_profile_that_the_dialect_cannot_serve_is_refused(radar: Radar, unit: Unit, text: str):
    link = SerialLink("line", f"serial://{radar.port}", now=asyncio.get_running_loop().time)
    with pytest.raises(Refusing, match=text):
        await link.open(unit, soon())
    await link.close()


async def test_line_has_the_speed_of_its_dialect_unless_its_url_says_another(radar: Radar):
    """Told by what the port is set to."""
    for options, speed in (("", 9600), ("?baudrate=19200", 19200)):
        link = SerialLink("line", f"serial://{radar.port}{options}", now=asyncio.get_running_loop().time)
        await link.open(ON_TARGET, soon())
        assert radar.speed() == speed
        await link.close()


async def test_radar_that_talks_on_a_target_is_open_in_silence_and_stays_so(link: SerialLink, radar: Radar):
    unit = replace(ON_TARGET, options={**ON_TARGET.options, "patience_s": 0.01})
    assert await link.open(unit, soon()) == {}
    subscription = Subscription(link, unit)
    done, _ = await asyncio.wait([subscription.task], timeout=0.2)
    assert not done
    for speed in (50, 51):
        radar.say(bytes([speed]))
        assert (await subscription.next())["speed"].value == speed
    await subscription.stop()


async def test_radar_that_talks_on_a_target_is_lost_with_its_port(link: SerialLink, radar: Radar):
    await link.open(ON_TARGET, soon())
    subscription = Subscription(link, ON_TARGET)
    radar.unplug()
    with pytest.raises(Unreachable, match="the port is gone"):
        await subscription.end()


async def test_glitch_is_no_loss_of_a_radar_that_talks_on_a_target_but_a_stream_of_noise_is(
    link: SerialLink, radar: Radar
):
    unit = replace(ON_TARGET, options={**ON_TARGET.options, "dialect": "hikvision-byte"})
    await link.open(unit, soon())
    subscription = Subscription(link, unit)
    radar.say(b"\xfe" * (NOISE - 1) + b"\x32")
    assert (await subscription.next())["speed"].value == 50
    radar.say(b"\xfe" * (NOISE - 1))
    radar.say(b"\xfe")
    with pytest.raises(Garbled, match=rf"{NOISE} bytes and no frame .*baudrate=1200"):
        await subscription.end()


async def test_field_that_a_frame_does_not_tell_is_bad(link: SerialLink, radar: Radar):
    points = {**SPEED, "approaching": Point("approaching", Field_("approaching"))}
    unit = replace(ON_TARGET, points=points, options={**ON_TARGET.options, "dialect": "hikvision-text"})
    await link.open(unit, soon())
    subscription = Subscription(link, unit)
    radar.say(b"*089")
    readings = await subscription.next()
    assert (readings["speed"].value, readings["speed"].quality) == (89, Quality.GOOD)
    assert (readings["approaching"].value, readings["approaching"].quality) == (None, Quality.BAD)
    await subscription.stop()


async def test_radar_cannot_be_asked_and_takes_no_orders(link: SerialLink, radar: Radar):
    await opened(link, radar)
    assert await link.read(UNIT, tuple(POINTS.values()), soon()) == {}
    with pytest.raises(Refusing, match="takes no orders"):
        await link.write(UNIT, [(POINTS["speed"], 1)], soon())


async def test_frames_that_nobody_takes_are_bounded_and_the_newest_stay(link: SerialLink, radar: Radar):
    await opened(link, radar)
    for _ in range(BACKLOG + 10):
        radar.say(FRAME)
    radar.say(FRAME.replace(b"\x63", b"\x28"))
    assert link._port is not None
    async with asyncio.timeout(OVERALL_S):
        while link._port.received < len(FRAME) * (BACKLOG + 12):
            link._port.news.clear()
            await link._port.news.wait()
    subscription, count = Subscription(link, UNIT), 1
    while (await subscription.next())["speed"].value != 40:
        count += 1
    assert count <= BACKLOG
    await subscription.stop()
