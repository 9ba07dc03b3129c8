"""Bare clients that take in what the peer pushes and do nothing else: what the service is held against.

    python -m benchmarks.pushed.bare opcua|mqtt PORT CONTROL_PORT ITEMS

They keep the last speed of each item, and note when one has turned. The line `speeds` is answered with the speeds (null: not
heard yet), `turns` with item and time (wall clock, ns) of each turn, `reset` forgets these.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from typing import Any

from asyncua.client.client import Client as OpcUaClient
from asyncua.common.node import Node
from asyncua.common.subscription import DataChangeNotif
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks.pushed.changes import BORDER
from benchmarks.pushed.control import answer
from benchmarks.pushed.names import QOS, REPORTS, node_of, topic_of
from benchmarks.pushed.site import CHANGES_KEPT, PUBLISH_S


class Seen:
    """The items as they were last heard."""

    def __init__(self, count: int) -> None:
        self.speeds: list[float | None] = [None] * count
        self.turns: list[tuple[int, int]] = []

    def take(self, item: int, speed: float) -> None:
        """Keep a speed."""
        before, self.speeds[item] = self.speeds[item], speed
        if before is not None and (before >= BORDER) is not (speed >= BORDER):
            self.turns.append((item, time.time_ns()))

    async def do(self, words: list[str]) -> object:
        """Answer a line."""
        if words == ["reset"]:
            self.turns.clear()
        return self.speeds if words == ["speeds"] else self.turns


class Handler:
    """What asyncua calls at each change."""

    def __init__(self, items: dict[Any, int], seen: Seen) -> None:
        self._items, self._seen = items, seen

    def datachange_notification(self, node: Node, value: Any, data: DataChangeNotif) -> None:
        self._seen.take(self._items[node.nodeid], value)


async def opcua(port: int, control: int, count: int) -> None:
    """Subscribe to every variable, in one subscription."""
    async with OpcUaClient(f"opc.tcp://127.0.0.1:{port}") as client:
        nodes, seen = [client.get_node(node_of(item)) for item in range(count)], Seen(count)
        handler = Handler({node.nodeid: item for item, node in enumerate(nodes)}, seen)
        subscription = await client.create_subscription(PUBLISH_S * 1000, handler)
        await subscription.subscribe_data_change(nodes, queuesize=CHANGES_KEPT)
        await answer(control, seen.do)


async def mqtt(port: int, control: int, count: int) -> None:
    """Subscribe to every topic, and parse each report, in paho's own thread."""
    seen, items = Seen(count), {topic_of(item): item for item in range(count)}
    client = Client(CallbackAPIVersion.VERSION2)

    def hear(_client: Client, _data: object, message: MQTTMessage) -> None:
        seen.take(items[message.topic], json.loads(message.payload)["speed"])

    client.on_message = hear
    client.on_connect = lambda paho, *_: paho.subscribe(REPORTS, QOS)
    client.connect("127.0.0.1", port)
    client.loop_start()
    await answer(control, seen.do)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    asyncio.run({"opcua": opcua, "mqtt": mqtt}[sys.argv[1]](*map(int, sys.argv[2:5])))
