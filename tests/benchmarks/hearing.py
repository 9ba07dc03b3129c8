"""A foreign client of a broker that hears one topic."""

from __future__ import annotations

import json
from collections.abc import Callable
from threading import Event
from typing import Any, Self

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

WITHIN_S = 30.0


class Hearing:
    """For the length of the block `heard` is called with the topic and the JSON of each message, on a thread of its own."""

    def __init__(self, port: int, topic: str, heard: Callable[[str, Any], None]) -> None:
        self._listening, self._topic = Event(), topic
        self._client = Client(CallbackAPIVersion.VERSION2, client_id="hearing")
        self._client.on_message = lambda _client, _data, it: heard(it.topic, json.loads(it.payload))
        self._client.on_subscribe = lambda *_: self._listening.set()
        self._client.connect("127.0.0.1", port)

    def say(self, topic: str, what: dict[str, Any]) -> None:
        """Publish JSON."""
        self._client.publish(topic, json.dumps(what))

    def __enter__(self) -> Self:
        self._client.loop_start()
        self._client.subscribe(self._topic)
        assert self._listening.wait(WITHIN_S)
        return self

    def __exit__(self, *why: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()
