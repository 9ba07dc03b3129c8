"""Radars that publish JSON reports on a broker, as a process of its own.

    python -m benchmarks.pushed.mqtt_publisher BROKER_PORT CONTROL_PORT ITEMS

The line `play COUNT PER_S TURNING` is answered once the broker has acknowledged the last of these reports.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

from paho.mqtt.client import Client, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks.pushed.changes import Change, Changes, play
from benchmarks.pushed.control import answer
from benchmarks.pushed.names import QOS, topic_of

IN_FLIGHT = 1000
"""So that no report waits here for the acknowledgement of others."""
ACKNOWLEDGED_S = 10.0


def report(change: Change) -> bytes:
    """Write what a device of the street publishes: who it is, when, and what it sees."""
    told = {
        "device_info": {"device_name": "radar", "device_sn": f"6600D{change.item:07}", "firmware_version": "V_1.0.9"},
        "time_info": {"end_time": time.strftime("%Y/%m/%d %H:%M:%S"), "time_zone": "UTC+1", "dst_status": False},
        "speed": change.speed,
        "direction": "in",
    }
    return json.dumps(told).encode()


async def serve(port: int, control: int, count: int) -> None:
    """Publish what is asked for."""
    client, changes = Client(CallbackAPIVersion.VERSION2), Changes(count)
    client.max_inflight_messages_set(IN_FLIGHT)
    client.connect("127.0.0.1", port)
    client.loop_start()
    last: MQTTMessageInfo | None = None

    async def push(change: Change) -> None:
        nonlocal last
        last = client.publish(topic_of(change.item), report(change), QOS)

    async def do(words: list[str]) -> object:
        _, changed, per_s, turning = words
        played = await play(changes, int(changed), float(per_s), push, turning=turning == "True")
        if last is not None:
            await asyncio.to_thread(last.wait_for_publish, ACKNOWLEDGED_S)
        return played

    await answer(control, do)


if __name__ == "__main__":
    asyncio.run(serve(*map(int, sys.argv[1:4])))
