"""mosquitto behind a proxy that can hold and cut; reports are published by a client of its own."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, ClassVar

from paho.mqtt import publish

from controller.ports import Link, Point, PointType, Unit
from drivers.addresses import Key
from drivers.mqtt import MqttLink
from tests.links.adapter import Adapter, Mode
from tests.links.peers.mqtt_broker import Broker
from tests.links.peers.pushing import TALKS_ONLY

TOPIC = "nice/massena/counter"
POINTS = {
    "count": Point("count", Key("current_total"), PointType.U32, max_age_s=120.0),
    "serial": Point("serial", Key("device_info.device_sn"), PointType.TEXT, max_age_s=120.0),
}
UNIT = Unit("counter", "broker", TOPIC, POINTS, {}, {"patience_s": 2.0})


class MqttPeer(Adapter):
    """A proxy on a port of its own, made anew for each test; the one broker behind it is not stopped by it."""

    broker: ClassVar[Broker]
    not_applicable: ClassVar = {
        **TALKS_ONLY,
        "test_another_device_in_its_place_is_a_stranger": "who it is shows with its first report, not as it is opened",
    }

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.unit = self.stranger = UNIT
        self.expected = {"count": 0, "serial": "6600D1234567"}
        self.dial = "count"
        self.orders = (("count", 1),)
        self.port = 0
        self.connected = 0
        self._count = 0
        self._listening: asyncio.Server | None = None
        self._connections: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()

    async def start(self) -> None:
        self._listening = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._listening.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.close()
            self.cut()
            await self.until(lambda: not self._connections)
            await listening.wait_closed()

    def link(self) -> Link:
        return MqttLink("broker", f"mqtt://127.0.0.1:{self.port}", now=asyncio.get_running_loop().time)

    def turn(self, value: int) -> None:
        self._count = value

    def cut(self) -> None:
        for pair in self._connections:
            for writer in pair:
                writer.transport.abort()

    async def push(self) -> None:
        self.requests += 1
        await self.report({"current_total": self._count, "device_info": {"device_sn": "6600D1234567"}})

    async def report(self, payload: Any, *, retain: bool = False, topic: str = TOPIC) -> None:
        """Publish as JSON, or as they are if they are bytes."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload)
        await asyncio.to_thread(
            publish.single, topic, body, qos=1, retain=retain, hostname="127.0.0.1", port=self.broker.port
        )

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connected += 1
        from_broker, to_broker = await asyncio.open_connection("127.0.0.1", self.broker.port)
        self._connections.add((writer, to_broker))
        await self.news()
        answering = asyncio.create_task(self._pump(from_broker, writer))
        try:
            await self._pump(reader, to_broker)
        finally:
            answering.cancel()
            await asyncio.wait([answering])
            writer.transport.abort()
            to_broker.transport.abort()
            self._connections.discard((writer, to_broker))
            await self.news()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(4096):
                if self.mode is Mode.ANSWER:
                    writer.write(data)
        except ConnectionError:
            pass
        writer.transport.abort()
