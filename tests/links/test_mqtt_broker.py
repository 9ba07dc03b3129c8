"""What is MQTT's own: several units on a connection, identity in each report, retained and useless reports, a dead broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from controller.core.readings import Quality
from controller.ports import Mute, Refusing, Stranger, Unit, Unreachable
from drivers.mqtt import MqttLink
from tests.links.adapter import ENDLESS_S
from tests.links.peers.mqtt import POINTS, UNIT, MqttPeer
from tests.links.peers.mqtt_broker import Broker
from tests.links.peers.subscription import Subscription
from tests.links.suite.base import soon

pytestmark = pytest.mark.needs("mosquitto")

SERIAL = {"device_sn": "6600D1234567"}
REPORT = {"current_total": 5, "device_info": SERIAL}
KNOWN = replace(UNIT, identity={"serial": "6600D1234567"})


@pytest.fixture(scope="module")
def broker(require: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    MqttPeer.broker = broker = Broker(require("mosquitto"), tmp_path_factory.mktemp("mosquitto"))
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture
async def peer(broker: Broker, tmp_path: Path) -> AsyncIterator[MqttPeer]:
    peer = MqttPeer(tmp_path)
    await peer.start()
    yield peer
    await peer.stop()


@pytest.fixture
async def link(peer: MqttPeer) -> AsyncIterator[MqttLink]:
    link = peer.link()
    assert isinstance(link, MqttLink)
    yield link
    await link.close()


async def test_reading_has_the_time_of_its_arrival(peer: MqttPeer, link: MqttLink):
    await link.open(UNIT, soon())
    subscription, before = Subscription(link, UNIT), soon(0)
    await peer.report(REPORT)
    reading = (await subscription.next())["count"]
    assert (reading.value, reading.quality) == (5, Quality.GOOD)
    assert before <= reading.taken <= soon(0)
    await subscription.stop()


async def test_report_between_opening_and_subscribing_is_not_lost(peer: MqttPeer, link: MqttLink):
    await link.open(UNIT, soon())
    await peer.report(REPORT)
    subscription = Subscription(link, UNIT)
    assert (await subscription.next())["count"].value == 5
    await subscription.stop()


async def test_report_of_another_serial_number_is_a_stranger(peer: MqttPeer, link: MqttLink):
    await link.open(KNOWN, soon())
    subscription = Subscription(link, KNOWN)
    await peer.report(REPORT)
    assert (await subscription.next())["count"].value == 5
    await peer.report({**REPORT, "device_info": {"device_sn": "77"}})
    with pytest.raises(Stranger, match="serial is '77', expected '6600D1234567'"):
        await subscription.end()
    with pytest.raises(Unreachable, match="not connected"):
        await link.subscribe(KNOWN, (), lambda readings: None)


async def test_useless_report_is_bad_and_counted_and_the_next_is_read(peer: MqttPeer, link: MqttLink):
    await link.open(UNIT, soon())
    subscription = Subscription(link, UNIT)
    await peer.report(b"\x00 not a report")
    assert (await subscription.next())["count"].quality is Quality.BAD
    assert link.rejected == 1
    assert link.last_rejected.startswith("counter: ")
    await peer.report(REPORT)
    assert (await subscription.next())["count"].quality is Quality.GOOD
    assert link.rejected == 1
    await subscription.stop()


async def test_retained_report_is_uncertain(peer: MqttPeer, link: MqttLink):
    topic = "nice/retained"
    unit = replace(UNIT, address=topic)
    await peer.report(REPORT, retain=True, topic=topic)
    await link.open(unit, soon())
    subscription = Subscription(link, unit)
    assert (await subscription.next())["count"].quality is Quality.UNCERTAIN
    await peer.report(REPORT, topic=topic)
    assert (await subscription.next())["count"].quality is Quality.GOOD
    await subscription.stop()
    await peer.report(b"", retain=True, topic=topic)


async def test_r32_local_time_stamp_is_compared_with_utc(peer: MqttPeer):
    options = {**UNIT.options, "time": "end_time", "time_format": "%Y/%m/%d %H:%M:%S"}
    unit = replace(UNIT, options=options)
    noon = datetime(2026, 7, 14, 12, 0, 0, tzinfo=UTC)
    url = f"mqtt://127.0.0.1:{peer.port}"
    link = MqttLink("broker", url, timezone="Europe/Paris", utcnow=lambda: noon)
    await link.open(unit, soon())
    subscription = Subscription(link, unit)
    for stamp, quality in (("2026/07/14 13:59:30", Quality.GOOD), ("2026/07/14 12:00:00", Quality.UNCERTAIN)):
        await peer.report({**REPORT, "end_time": stamp})
        assert (await subscription.next())["count"].quality is quality
    await subscription.stop()
    await link.close()


async def test_units_of_a_broker_share_a_connection_and_get_their_own_topic(peer: MqttPeer, link: MqttLink):
    other = Unit("other", "broker", "nice/+/other", POINTS, {}, UNIT.options)
    await link.open(UNIT, soon())
    await link.open(other, soon())
    assert peer.connected == 1
    first, second = Subscription(link, UNIT), Subscription(link, other)
    await peer.report({**REPORT, "current_total": 1})
    await peer.report({**REPORT, "current_total": 2}, topic="nice/ruhl/other")
    assert (await first.next())["count"].value == 1
    assert (await second.next())["count"].value == 2
    await first.stop()
    await second.stop()


async def test_lost_broker_ends_every_subscription_and_is_opened_again(peer: MqttPeer, link: MqttLink):
    other = replace(UNIT, name="other")
    await link.open(UNIT, soon())
    await link.open(other, soon())
    first, second = Subscription(link, UNIT), Subscription(link, other)
    await asyncio.sleep(0)
    peer.cut()
    for subscription in (first, second):
        with pytest.raises(Unreachable):
            await subscription.end()
    await link.open(UNIT, soon())
    third = Subscription(link, UNIT)
    await peer.report(REPORT)
    assert (await third.next())["count"].value == 5
    with pytest.raises(Unreachable, match="not connected"):
        await link.read(other, (), soon())
    await third.stop()


async def test_frozen_broker_is_mute_after_twice_the_keepalive(
    peer: MqttPeer, broker: Broker, link: MqttLink, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("drivers.mqtt_session.KEEPALIVE_S", 1)
    monkeypatch.setattr("drivers.mqtt_session.TICK_S", 0.1)
    await link.open(UNIT, soon())
    subscription = Subscription(link, UNIT)
    broker.freeze()
    try:
        with pytest.raises(Mute, match="says nothing any more"):
            await subscription.end()
    finally:
        broker.thaw()


async def test_frozen_broker_delays_neither_opening_beyond_its_deadline_nor_closing(
    peer: MqttPeer, broker: Broker, link: MqttLink
):
    broker.freeze()
    try:
        deadline = soon(0.2)
        with pytest.raises(Mute):
            await link.open(UNIT, deadline)
        assert soon(0) - deadline < 3
        opening = asyncio.create_task(link.open(UNIT, soon(ENDLESS_S)))
        await peer.until(lambda: peer.connected == 2)
        async with asyncio.timeout(3):
            await link.close()
            with pytest.raises((Unreachable, Mute)):
                await opening
    finally:
        broker.thaw()


async def test_close_ends_a_subscription(peer: MqttPeer, link: MqttLink):
    await link.open(UNIT, soon())
    subscription = Subscription(link, UNIT)
    await asyncio.sleep(0)
    await link.close()
    with pytest.raises(Unreachable, match="closed"):
        await subscription.end()


async def test_broker_that_lets_nobody_in_refuses(require: Callable[[str], Path], tmp_path: Path):
    strict = Broker(require("mosquitto"), tmp_path, hospitable=False)
    strict.start()
    link = MqttLink("broker", f"mqtt://127.0.0.1:{strict.port}")
    try:
        with pytest.raises(Refusing, match="Not authorized"):
            await link.open(UNIT, soon())
    finally:
        await link.close()
        strict.kill()


@pytest.mark.parametrize("topic", [None, 7, "", "nice/#/counter"])
async def test_address_that_is_no_topic_is_refused(link: MqttLink, topic: str | int | None):
    with pytest.raises(Refusing, match="topic"):
        await link.open(replace(UNIT, address=topic), soon())


async def test_counter_cannot_be_asked_and_takes_no_orders(link: MqttLink):
    await link.open(UNIT, soon())
    assert await link.read(UNIT, tuple(POINTS.values()), soon()) == {}
    with pytest.raises(Refusing, match="takes no orders"):
        await link.write(UNIT, [(POINTS["count"], 0)], soon())


async def test_peer_that_is_no_broker_is_garbled_or_mute_by_the_deadline():
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 20)
        with suppress(ConnectionError):
            await reader.read(-1)
        writer.close()

    listening = await asyncio.start_server(talk, "127.0.0.1", 0)
    link = MqttLink("broker", f"mqtt://127.0.0.1:{listening.sockets[0].getsockname()[1]}")
    with pytest.raises((Unreachable, Mute)):
        await link.open(UNIT, soon(1.0))
    await link.close()
    listening.close()
    await listening.wait_closed()
