"""Foreign MQTT clients see the simulated counter, through either broker."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiomqtt
import pytest

from simulators.run import Options, Running, running
from simulators.servers import mqtt
from tests.simulators.support import SITE, control, endpoint, image

LINK = "promenade-broker"
TOPIC = "nice/massena/counter"


@asynccontextmanager
async def counting(kind: str = "mosquitto"):
    async with running(SITE, Options(traffic=False, only=[LINK], broker=kind)) as field:
        yield field


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report every 50 ms."""
    make = mqtt.Sensor
    monkeypatch.setattr("simulators.servers.mqtt.Sensor", lambda image, topic, _, zone: make(image, topic, 0.05, zone))


async def next_report(field: Running) -> dict[str, Any]:
    host, port = endpoint(field, LINK)
    async with aiomqtt.Client(host, port) as client:
        await client.subscribe(TOPIC, qos=1)
        async with asyncio.timeout(5):
            async for message in client.messages:
                report: dict[str, Any] = json.loads(bytes(message.payload))
                return report
    raise AssertionError


@pytest.mark.needs("mosquitto_sub")
async def test_mosquitto_sub_sees_the_counter(require: Callable[[str], Path]):
    require("mosquitto")
    async with counting() as field:
        host, port = endpoint(field, LINK)
        process = await asyncio.create_subprocess_exec(
            require("mosquitto_sub"), "-h", host, "-p", str(port), "-t", TOPIC, "-C", "1", "-W", "5",
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await process.communicate()
        report = json.loads(out)
        assert report["device_info"]["device_sn"] == "6600D1234567"
        assert report["current_total"] == field.built.images["massena-counter"].read("count")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_the_embedded_broker_serves_as_well():
    async with counting("embedded") as field:
        assert field.servers[LINK].protocol == "mqtt (embedded)"
        assert (await next_report(field))["current_total"] > 0


@pytest.mark.needs("mosquitto")
async def test_people_put_on_the_square_are_counted():
    async with counting() as field:
        await control(field, do="people", plant="massena-counter", count=4321)
        async with asyncio.timeout(5):
            while abs((await next_report(field))["current_total"] - 4321) > 600:
                pass


@pytest.mark.needs("mosquitto")
@pytest.mark.parametrize("kind", ["drop", "silence", "cut"])
async def test_trouble_on_the_wire(kind: str, lost_exceptions: list[Any]):
    async with counting() as field:
        host, port = endpoint(field, LINK)
        await control(field, do="trouble", kind=kind, target=LINK)
        with pytest.raises(aiomqtt.MqttError):
            async with aiomqtt.Client(host, port, timeout=0.3):
                pass
        await control(field, do="clear")
        assert await next_report(field)
    gc.collect()
    lost_exceptions.clear()  # the client that was cut off tells of it twice


@pytest.mark.needs("mosquitto")
async def test_a_counter_that_is_silent_publishes_nothing():
    async with counting() as field:
        assert await next_report(field)
        await control(field, do="trouble", kind="silence", target="massena-counter")
        host, port = endpoint(field, LINK)
        async with aiomqtt.Client(host, port) as client:
            await client.subscribe(TOPIC, qos=1)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await anext(aiter(client.messages))


@pytest.mark.needs("mosquitto")
async def test_a_counter_that_is_switched_off_after_its_broker_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch):
    make = mqtt.Sensor
    monkeypatch.setattr("simulators.servers.mqtt.Sensor", lambda image, topic, _, zone: make(image, topic, 3600, zone))
    async with counting() as field:
        clients = [one for one in gc.get_objects() if isinstance(one, aiomqtt.Client)]
        server = field.servers[LINK]
        assert isinstance(server, mqtt.MqttServer)
        async with asyncio.timeout(5):
            while not (clients and clients[-1]._connected.done()):
                await asyncio.sleep(0.01)
                clients = [one for one in gc.get_objects() if isinstance(one, aiomqtt.Client)]
            await server.stop_broker()
            await asyncio.wait([clients[-1]._disconnected])
        clients.clear()
    # What is never looked at fails the test when it is collected.
    gc.collect()


@pytest.mark.needs("mosquitto")
async def test_half_a_report_is_not_json():
    async with counting() as field:
        await control(field, do="trouble", kind="cut", target="massena-counter")
        with pytest.raises(ValueError, match=r"line 1"):
            await next_report(field)


def test_r32_times_are_local_and_do_not_say_so():
    unit = image("milesight-vs121", serial="x", count=7, max_counted=9)
    summer = datetime(2026, 7, 14, 20, 0, tzinfo=UTC).astimezone(ZoneInfo("Europe/Paris"))
    report = mqtt.report(unit, summer, 60)
    assert report["time_info"]["end_time"] == "2026/07/14 22:00:00"
    assert report["time_info"]["start_time"] == "2026/07/14 21:59:00"
    assert report["time_info"]["dst_status"] is True
    assert (report["current_total"], report["max_counted"]) == (7, 9)
    assert sum(report["current_counted"]) == 7


def test_r32_at_the_end_of_summer_time_an_hour_comes_twice():
    zone = ZoneInfo("Europe/Paris")
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    unit = image("milesight-vs121", serial="x")
    ends = {
        mqtt.report(unit, t.astimezone(zone), 60)["time_info"]["end_time"] for t in (first, first + timedelta(hours=1))
    }
    assert ends == {"2026/10/25 02:30:00"}
