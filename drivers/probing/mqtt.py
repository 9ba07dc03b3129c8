"""Listens to a broker: which topics are there, what was said last on each. Nothing is published."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from paho.mqtt.client import MQTTMessage

from controller.core.readings import Value
from controller.ports import Point
from drivers.addresses import Key
from drivers.jsonpath import document, lookup
from drivers.mqtt_session import Session
from drivers.outcomes import OUTCOMES, Refused
from drivers.probing.findings import Absent, Bounds, Findings, Read, Tell, Thing, plain
from drivers.probing.target import Target
from drivers.profile import AnyUnitProfile, MqttProfile
from drivers.values import engineering

# MQTT 3.1.1, 4.7.2: `#` leaves out what begins with $; there a broker tells of itself.
EVERYTHING, BROKER = "#", "$SYS/broker/version"
PAYLOAD_SHOWN, PAYLOAD_KEPT = 300, 64 * 1024


@dataclass(slots=True)
class Topic:
    """One topic: how often it was heard, and the last payload. `retained`: what came first had been said before."""

    name: str
    retained: bool
    messages: int = 0
    payload: bytes = b""
    length: int = 0


class Ear:
    """What was heard of each topic, of at most `most` of them; `beyond` counts no further than as many again."""

    def __init__(self, most: int, facts: dict[str, str]) -> None:
        self._most, self._facts = most, facts
        self.topics: dict[str, Topic] = {}
        self.beyond: set[str] = set()

    def hear(self, message: MQTTMessage) -> None:
        """Take a message."""
        if message.topic == BROKER:
            self._facts["broker"] = plain(bytes(message.payload[:200]).decode("utf-8", "backslashreplace"))
        elif message.topic in self.topics or len(self.topics) < self._most:
            topic = self.topics.setdefault(message.topic, Topic(message.topic, message.retain))
            topic.messages += 1
            topic.payload, topic.length = bytes(message.payload[:PAYLOAD_KEPT]), len(message.payload)
        elif len(self.beyond) < self._most:
            self.beyond.add(message.topic)


async def probe(
    target: Target, profiles: Sequence[AnyUnitProfile], bounds: Bounds, found: Findings, tell: Tell
) -> None:
    """Fill in what is published. Raises what a session does."""
    lost = asyncio.Event()
    ear = Ear(bounds.most, found.facts)
    session = Session(target.url, ear.hear, lambda _: lost.set())
    tell(f"connecting to {target.link} …")
    await session.connect(bounds.patience_s)
    found.heard = True
    try:
        with suppress(Refused):
            await session.subscribe(BROKER, bounds.patience_s)
        await session.subscribe(EVERYTHING, bounds.patience_s)
        tell(f"listening for {bounds.listen_s:g} s …")
        with suppress(TimeoutError):
            async with asyncio.timeout(bounds.listen_s):
                await lost.wait()
                found.notes.append("ended early: the connection to the broker was lost")
    except OUTCOMES as error:
        found.notes.append(f"ended early: {error}")
    finally:
        session.goodbye()
        _sum_up(ear, found)


def _sum_up(ear: Ear, found: Findings) -> None:
    found.facts["heard"] = f"{len(ear.topics)} topics"
    if ear.beyond:
        found.notes.append(f"{len(ear.beyond)} or more further topics are not shown; --most N shows more")
    found.things[:] = [_thing(topic) for topic in sorted(ear.topics.values(), key=lambda topic: topic.name)]


def _thing(topic: Topic) -> Thing:
    def addresses(profile: AnyUnitProfile) -> list[int | str | None]:
        return [topic.name] if isinstance(profile, MqttProfile) else []

    text = topic.payload.decode("utf-8", "backslashreplace")
    how = "the first of them retained" if topic.retained else "none retained"
    rows = [("messages", f"{topic.messages}, {how}"), (f"last ({topic.length} bytes)", plain(text, PAYLOAD_SHOWN))]
    data = {"topic": topic.name, "messages": topic.messages, "retained": topic.retained, "last": text[:PAYLOAD_SHOWN]}
    return Thing(f"topic {plain(topic.name, 200)}", "mqtt", {}, rows, data, addresses, _reader(topic.payload))


def _reader(payload: bytes) -> Read:
    try:
        report: object = document(payload)
        wrong = ""
    except ValueError:
        report, wrong = None, "the payload is not JSON"

    def read(point: Point) -> Value | Absent:
        if wrong:
            return Absent(wrong)
        path = point.address.path if isinstance(point.address, Key) else ""
        try:
            return engineering(lookup(report, path), point)
        except ValueError as error:
            return Absent(plain(str(error), 80))

    return read
