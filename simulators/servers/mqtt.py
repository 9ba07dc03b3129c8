"""MQTT: people counters (Milesight VS121-P, Irisys Vector) that publish to a broker, which controllers reach through a relay."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import aiomqtt

from simulators.errors import SimulationError
from simulators.image import Image
from simulators.servers import broker
from simulators.servers.base import Gate, GateOf
from simulators.servers.irisys import live_counts
from simulators.servers.relay import Relay
from simulators.servers.tcp import HOST

TIME = "%Y/%m/%d %H:%M:%S"
PATIENCE_S = 2.0
AGAIN_S = 0.5
TIMELESS = "irisys-vector"
"""The profile whose reports have no times."""


@dataclass(frozen=True, slots=True)
class Sensor:
    """A counter: its topic is where it publishes, its clock is set to local time."""

    image: Image
    topic: str
    every_s: float
    zone: ZoneInfo


class MqttServer:
    """A broker and the devices that publish to it."""

    protocol = "mqtt"

    def __init__(self, sensors: list[Sensor], gate: GateOf, broker_: broker.Broker, port: int = 0) -> None:
        self._sensors = sensors
        self._gate = gate
        self._broker = broker_
        self.relay = Relay(lambda: gate(""), port)
        self._tasks: list[asyncio.Task[None]] = []
        self.protocol = f"mqtt ({self._broker.kind})"

    @property
    def url(self) -> str:
        return f"mqtt://{HOST}:{self.relay.port}"

    async def up(self) -> None:
        if not self._tasks:
            await self._broker.start()
            self.relay.target = self._broker.port
            self._tasks = [asyncio.create_task(self._run(s), name=f"counter {s.image.unit}") for s in self._sensors]
        await self.relay.up()

    async def down(self) -> None:
        await self.relay.down()

    async def close(self) -> None:
        await self.down()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._broker.stop()

    def reboot(self, unit: str) -> None:
        """Nothing is lost: a counter takes no orders."""

    async def stop_broker(self) -> None:
        """End the broker: its connections close, and what it knew is gone."""
        await self._broker.stop()

    async def start_broker(self) -> None:
        """Start it again. Raises SimulationError."""
        await self._broker.start()
        self.relay.target = self._broker.port

    async def retain(self, unit: str, age_s: float | None) -> None:
        """Let the broker keep a report of a unit that is so old, or none. Raises SimulationError when it does not answer."""
        (sensor,) = [sensor for sensor in self._sensors if sensor.image.unit == unit]
        then = datetime.now(sensor.zone) - timedelta(seconds=age_s or 0.0)
        kept = "" if age_s is None else json.dumps(message(sensor.image, then, sensor.every_s))
        try:
            async with aiomqtt.Client(HOST, self._broker.port, timeout=PATIENCE_S) as client:
                await client.publish(sensor.topic, kept, qos=1, retain=True)
        except aiomqtt.MqttError as error:
            raise SimulationError(f"the broker does not answer: {error}") from None

    async def _run(self, sensor: Sensor) -> None:
        while True:
            # A client that has failed once is never used again: it may deliver what it said it had not.
            client = aiomqtt.Client(HOST, self._broker.port, identifier=sensor.image.unit, timeout=PATIENCE_S)
            try:
                async with client:
                    await self._publish(client, sensor)
            except aiomqtt.MqttError:
                await asyncio.sleep(AGAIN_S)
            finally:
                _look_at_the_loss_of(client)

    async def _publish(self, client: aiomqtt.Client, sensor: Sensor) -> None:
        while True:
            gate = self._gate(sensor.image.unit)
            if not gate.silent:
                now = datetime.now(sensor.zone) + timedelta(seconds=gate.clock_s - gate.delay_s)
                text = spoiled(message(sensor.image, now, sensor.every_s), gate)
                for _ in range(2 if gate.twice else 1):
                    await client.publish(sensor.topic, text, qos=1)
            await asyncio.sleep(sensor.every_s)


def _look_at_the_loss_of(client: aiomqtt.Client) -> None:
    """A client that is left while its broker is gone keeps an exception that asyncio tells of when it is collected."""
    lost = client._disconnected  # noqa: SLF001  nothing else leads to it (aiomqtt 2.5)
    if lost.done() and not lost.cancelled():
        lost.exception()


def message(image: Image, now: datetime, every_s: float) -> Mapping[str, Any]:
    """Make what the sensor of this profile publishes."""
    return live_counts(image) if image.profile.name == TIMELESS else report(image, now, every_s)


def spoiled(told: Mapping[str, Any], gate: Gate) -> str:
    """Return the text of a report as its gate lets it through."""
    if gate.not_json:
        return ";".join(f"{key}={value}" for key, value in told.items())
    text = json.dumps({key[:1].upper() + key[1:]: value for key, value in told.items()} if gate.capitals else told)
    return text[: len(text) // 2] if gate.cut else text


def report(image: Image, now: datetime, every_s: float) -> Mapping[str, Any]:
    """Make a region people counting report as a VS121-P does; its times are local and do not say so."""
    total = int(image.read("count"))
    regions = [total - total // 2, total // 2]
    offset = now.utcoffset() or timedelta()
    return {
        "event": "Region People Counting",
        "report_type": "interval",
        "device_info": {
            "device_sn": image.read("serial"),
            "device_mac": "24:E1:24:00:00:01",
            "ip_address": "10.20.1.51",
        },
        "time_info": {
            "timezone": f"UTC{offset.total_seconds() / 3600:+.0f}:00",
            "dst_status": bool(now.dst()),
            "start_time": (now - timedelta(seconds=every_s)).strftime(TIME),
            "end_time": now.strftime(TIME),
        },
        "current_total": total,
        "max_counted": int(image.read("max_counted")),
        "total_mapped_regions": 2,
        "numbering_regions": [1, 2],
        "current_counted": regions,
        "occupancy": [int(count > 0) for count in regions],
    }
