"""MQTT: devices that publish JSON reports on a topic. They cannot be asked, and take no orders.

Who a device is, only its reports show: `open` proves no more than that the broker has taken the subscription, and each
report must carry the unit's identity.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from paho.mqtt.client import MQTTMessage

from controller.core.readings import Readings, Value
from controller.ports import Identity, Point, Refusing, Sink, Stranger, Unit, Unreachable, Wanted, always
from drivers.addresses import Key
from drivers.inbox import Inbox
from drivers.mqtt_report import Moment, read_report
from drivers.mqtt_session import Session
from drivers.mqtt_topics import Topics
from drivers.outcomes import LOST, OUTCOMES, NoConnection, told
from drivers.turns import Clock, TooLate, Turns, loop_time
from drivers.url import parse_url

# Reports that wait to be taken; then the oldest go.
PLACES = 256


def utc_clock() -> datetime:
    """Return the wall clock's time, with which a device's own time stamps are compared (R32)."""
    return datetime.now(UTC)


@dataclass(slots=True, eq=False)
class _Topic:
    inbox: Inbox[tuple[bytes, bool, Moment]] = field(default_factory=lambda: Inbox(PLACES))


class MqttLink:
    """One broker, one connection to it, and the units by their topics.

    `rejected` counts reports of which some point could make no use; `last_rejected` says why the last of them.
    """

    def __init__(
        self,
        name: str,
        url: str,
        *,
        now: Clock = loop_time,
        timezone: str = "UTC",
        utcnow: Callable[[], datetime] = utc_clock,
    ) -> None:
        self.name = name
        self.rejected = 0
        self.last_rejected = ""
        self._url, self._now, self._zone, self._utcnow = parse_url(url), now, ZoneInfo(timezone), utcnow
        self._turns = Turns(now)
        self._session: Session | None = None
        self._topics: Topics[_Topic] = Topics()

    async def open(self, unit: Unit, deadline: float) -> Identity:
        """Connect if need be, and subscribe to the unit's topic with QoS 1. The identity shows with the first report."""
        self._closed(unit, NoConnection("the unit is being opened anew"))
        pattern, topic = self._checked(unit), _Topic()

        async def opening() -> None:
            session = await self._connected(deadline)
            # Before it is asked for: a retained report comes with the confirmation.
            self._topics.put(unit.name, pattern, topic)
            await session.subscribe(pattern, deadline - self._now())

        try:
            await self._turns.take(deadline, opening)
        except TooLate:
            raise Unreachable(self.name, unit.name, "no time left to open it") from None
        except OUTCOMES as error:
            self._closed(unit, error)
            if isinstance(error, LOST):
                self._drop(error)
            raise told(self.name, unit, error) from None
        return {}

    async def read(self, unit: Unit, points: tuple[Point, ...], deadline: float) -> Readings:
        """Return nothing: such a device cannot be asked. Raises Unreachable where the unit is not connected."""
        self._opened(unit)
        return {}

    async def write(
        self, unit: Unit, values: Sequence[tuple[Point, Value]], deadline: float, wanted: Wanted = always
    ) -> None:
        """Raise Refusing: such a device takes no orders. Raises Unreachable where the unit is not connected."""
        self._opened(unit)
        raise Refusing(self.name, unit.name, "a device that publishes reports takes no orders")

    async def subscribe(self, unit: Unit, points: tuple[Point, ...], sink: Sink) -> None:
        """Hand over each report as it comes. Nothing that a report holds ends this, but another device's identity.

        Raises Stranger for that; Unreachable as soon as the broker is lost, Mute when it has been silent for twice the
        keep-alive time. That a device is silent shows in the age of its readings.
        """
        topic = self._opened(unit)
        try:
            while True:
                payload, retained, moment = await topic.inbox.next()
                report = read_report(payload, retained, unit, points, moment)
                if report.useless:
                    self.rejected += 1
                    self.last_rejected = f"{unit.name}: {'; '.join(report.useless)}"
                for name, found in report.strange.items():
                    self._topics.pop(unit.name)
                    raise Stranger(self.name, unit.name, f"{name} is {found!r}, expected {unit.identity[name]!r}")
                sink(report.readings)
        except OUTCOMES as error:
            raise told(self.name, unit, error) from None

    async def close(self) -> None:
        """Disconnect, and release the socket; waits for nobody and never raises."""
        session = self._session
        if session is not None:
            session.goodbye()
            self._session = None
        await self._turns.close()

    async def _connected(self, deadline: float) -> Session:
        if self._session is None or not self._session.up:
            session = Session(self._url, self._hear, lambda reason: self._lost(session, reason))
            self._session = session
            await session.connect(deadline - self._now())
        return self._session

    def _checked(self, unit: Unit) -> str:
        if not isinstance(unit.address, str) or not unit.address:
            raise Refusing(self.name, unit.name, f"address {unit.address!r} is not a topic; expected e.g. site/counter")
        for point in unit.points.values():
            if not isinstance(point.address, Key):
                raise Refusing(self.name, unit.name, f"{point.name}: {point.address!r} is not a path into a report")
        return unit.address

    def _opened(self, unit: Unit) -> _Topic:
        topic = self._topics.get(unit.name)
        if topic is None:
            raise Unreachable(self.name, unit.name, "the unit is not connected")
        return topic

    def _closed(self, unit: Unit, reason: Exception) -> None:
        if topic := self._topics.pop(unit.name):
            topic.inbox.end(reason)

    def _hear(self, message: MQTTMessage) -> None:
        moment = Moment(self._now(), self._utcnow(), self._zone)
        for topic in self._topics.matching(message.topic):
            topic.inbox.put((bytes(message.payload), message.retain, moment))

    def _lost(self, session: Session, reason: Exception) -> None:
        if session is self._session:
            self._session = None
            for topic in self._topics.clear():
                topic.inbox.end(reason)

    def _drop(self, reason: Exception) -> None:
        if self._session is not None:
            self._session.end(reason)
