"""An MQTT broker on the farm's CPU, and as much of a ThingsBoard platform behind it as its gateway wants to hear from."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks.machine import cpus, free_port, system_program
from benchmarks.processes import Process, await_port
from benchmarks.trouble import NotDone, NotPossible

START_S = 20.0
PROGRAM = "mosquitto"

ORDERS = "v1/gateway/rpc"
ASKED, ANSWERED = "v1/devices/me/rpc/request/", "v1/devices/me/rpc/response/"
OWN_ASKED, OWN_ANSWERED = "v1/devices/me/attributes/request/", "v1/devices/me/attributes/response/"
THEIRS_ASKED, THEIRS_ANSWERED = "v1/gateway/attributes/request", "v1/gateway/attributes/response"
UNLIMITED = {"messages": "", "telemetryMessages": "", "telemetryDataPoints": ""}
LIMITS = {
    "maxPayloadSize": 65536, "maxInflightMessages": 10000, "rateLimits": UNLIMITED, "gatewayRateLimits": UNLIMITED,
}  # fmt: skip


def without_broker() -> str:
    """Say that mosquitto is not installed; empty where it is."""
    return "" if system_program(PROGRAM) else "no mosquitto here: install it (Debian: apt-get install mosquitto)"


@contextmanager
def broker(folder: Path) -> Iterator[int]:
    """Run mosquitto for the length of the block; what is given is its port. Raises NotPossible, NotDone."""
    program = system_program(PROGRAM)
    if program is None:
        raise NotPossible(without_broker())
    port, settings = free_port(), folder / "mosquitto.conf"
    lines = [
        f"listener {port} 127.0.0.1", "allow_anonymous true", "persistence false", "max_queued_messages 0",
        "set_tcp_nodelay true",
    ]  # fmt: skip
    settings.write_text("\n".join(lines) + "\n", "utf-8")
    with Process("mosquitto", [program, "-c", settings], cpu=cpus()[0], log=folder / "mosquitto.log") as process:
        await_port(process, port, START_S)
        yield port


class Platform:
    """Answers a gateway that asks for its limits and for attributes, hears no telemetry, and sends orders (RPC)."""

    def __init__(self, port: int) -> None:
        self._listening, self._orders = Event(), 0
        self._client = Client(CallbackAPIVersion.VERSION2, client_id="platform")
        self._client.on_message = self._hear
        self._client.on_subscribe = lambda *_: self._listening.set()
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self._client.subscribe([(f"{ASKED}+", 0), (f"{OWN_ASKED}+", 0), (THEIRS_ASKED, 0)])
        if not self._listening.wait(START_S):
            self.close()
            raise NotDone(f"mosquitto did not confirm a subscription within {START_S:g} s")

    def order(self, device: str, method: str) -> int:
        """Send one order to a device of the gateway; return when, CLOCK_MONOTONIC ns."""
        self._orders += 1
        order = {"device": device, "data": {"id": self._orders, "method": method, "params": True}}
        payload = json.dumps(order)
        at = time.monotonic_ns()
        self._client.publish(ORDERS, payload)
        return at

    def close(self) -> None:
        """Hang up."""
        self._client.disconnect()
        self._client.loop_stop()

    def _hear(self, _client: object, _data: object, message: Any) -> None:
        topic, _, number = str(message.topic).rpartition("/")
        if f"{topic}/" == ASKED:
            if json.loads(message.payload).get("method") == "getSessionLimits":
                self._answer(f"{ANSWERED}{number}", LIMITS)
        elif f"{topic}/" == OWN_ASKED:
            self._answer(f"{OWN_ANSWERED}{number}", {})
        else:
            self._answer(THEIRS_ANSWERED, {"id": json.loads(message.payload).get("id"), "values": {}})

    def _answer(self, topic: str, answer: dict[str, Any]) -> None:
        self._client.publish(topic, json.dumps(answer))
