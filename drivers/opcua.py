"""OPC UA: a PLC's variables, read and written one request at a time, and subscribed to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TypeVar

from asyncua import ua
from asyncua.ua.status_codes import StatusCodes

from controller.core.readings import Readings, Value
from controller.ports import (
    Expired,
    Identity,
    LinkError,
    Point,
    Refusing,
    Sink,
    Stranger,
    Unit,
    Unreachable,
    Wanted,
    Withdrawn,
    always,
)
from drivers.inbox import Inbox
from drivers.opcua_errors import name_of
from drivers.opcua_nodes import node_of, variant_of
from drivers.opcua_picture import Picture, reading_of
from drivers.opcua_session import Session, Terms
from drivers.outcomes import LOST, OUTCOMES, NoAnswer, NoConnection, halfway, told
from drivers.turns import Clock, TooLate, Turns, loop_time
from drivers.url import parse_url

T = TypeVar("T")

log = logging.getLogger(__name__)

# A server that is well ends a session within this time; another is left without a word.
GOODBYE_S = 0.5
NO_SUCH_NODE = frozenset({StatusCodes.BadNodeIdUnknown, StatusCodes.BadNodeIdInvalid})
# Publications that wait to be taken. One that goes for want of a place shows as a gap in their numbers.
PLACES = 1000


class OpcUaLink:
    """One server, one session with it, and the units in its address space.

    `terms` says by unit what the server has made of a running subscription (R33).
    """

    def __init__(self, name: str, url: str, *, now: Clock = loop_time) -> None:
        self.name = name
        self.terms: dict[str, Terms] = {}
        self._text, self._url, self._now = url, parse_url(url), now
        self._turns = Turns(now)
        self._session: Session | None = None
        self._opened: set[str] = set()
        self._forgetting: set[asyncio.Task[None]] = set()

    async def open(self, unit: Unit, deadline: float) -> Identity:
        """Make a session if there is none, and compare the unit's identity nodes; one without any is taken on trust."""
        self._opened.discard(unit.name)
        try:
            nodes = {name: node_of(point) for name, point in unit.points.items()}
        except ValueError as error:
            raise Refusing(self.name, unit.name, str(error)) from None

        async def opening(_: float) -> Sequence[ua.DataValue]:
            session = await self._connected(deadline)
            wanted = [nodes[name] for name in unit.identity]
            return await session.read(wanted, max(0.0, deadline - self._now())) if wanted else ()

        try:
            values = await self._turn(unit, deadline, opening)
        except Expired as error:
            raise Unreachable(self.name, unit.name, f"no time left to open it: {error}") from None
        found = {name: self._proved(unit, name, value) for name, value in zip(unit.identity, values, strict=True)}
        self._opened.add(unit.name)
        return found

    async def read(self, unit: Unit, points: tuple[Point, ...], deadline: float) -> Readings:
        """Read `points` in one request."""

        async def reading(within_s: float) -> Readings:
            nodes, sent = [node_of(point) for point in points], self._now()
            values = await self._session_of(unit).read(nodes, within_s)
            return {point.name: reading_of(value, point, sent) for point, value in zip(points, values, strict=True)}

        return await self._turn(unit, deadline, reading)

    async def write(
        self, unit: Unit, values: Sequence[tuple[Point, Value]], deadline: float, wanted: Wanted = always
    ) -> None:
        """Write each value in a request of its own; the first failure ends it, and says how many were acknowledged.

        A server need not serve the parts of one Write request in their order (Part 4, 5.10.4).
        """
        try:
            orders = [(node_of(point), variant_of(point, value)) for point, value in values]
        except ValueError as error:
            raise Refusing(self.name, unit.name, str(error)) from None

        done = 0

        async def writing(within_s: float) -> None:
            nonlocal done
            for node, variant in orders:
                left = deadline - self._now()
                if left <= 0:
                    raise Expired(f"{self.name}/{unit.name}: the deadline passed before {node.to_string()} was written")
                if not wanted():
                    raise Withdrawn(f"{self.name}/{unit.name}: taken back before {node.to_string()} was written")
                await self._session_of(unit).write(node, variant, min(within_s, left))
                done += 1

        try:
            await self._turn(unit, deadline, writing)
        except (LinkError, Expired, Withdrawn) as error:
            if not done:
                raise
            raise halfway(error, done, len(orders)) from error

    async def subscribe(self, unit: Unit, points: tuple[Point, ...], sink: Sink) -> None:
        """Hand over each change as it is published, and everything known with each publication.

        Raises Unreachable as soon as the session is lost; Mute where even keep-alives stay out for their revised time
        and `patience_s`; Garbled where a publication was lost.
        """
        session = self._session_of(unit)
        inbox: Inbox[tuple[ua.PublishResult, float]] = Inbox(PLACES)
        lost = partial(inbox.end, NoConnection("the session was lost"))
        session.on_lost.add(lost)
        agreed: list[Terms] = []

        async def listening(within_s: float) -> Terms:
            agreed.append(await self._listen(unit, points, inbox, within_s))
            return agreed[0]

        try:
            terms = await self._turn(unit, self._now() + 2 * _patience(unit), listening)
            picture, silence_s = Picture(points, terms.sampling_s, terms.statuses), terms.keepalive_s + _patience(unit)
            while True:
                for readings in picture.take(*await _within(silence_s, inbox)):
                    sink(readings)
                if session.renewal_due:
                    await self._turn(unit, self._now() + _patience(unit), _nothing)
        except LOST as error:
            self._drop(session)
            raise told(self.name, unit, error) from None
        finally:
            session.on_lost.discard(lost)
            if session.up:
                forgetting = asyncio.create_task(self._forget(unit, session, agreed))
                self._forgetting.add(forgetting)
                forgetting.add_done_callback(self._forgetting.discard)

    async def close(self) -> None:
        """End the session in order where the server does its part in time; never raises."""
        session, self._session = self._session, None
        self._opened.clear()
        if session is not None:
            if self._turns.busy:
                session.abort()
            await session.goodbye(GOODBYE_S)
        await self._turns.close()
        if self._forgetting:
            await asyncio.wait(self._forgetting)

    async def _connected(self, deadline: float) -> Session:
        if self._session is None or not self._session.up:
            self._drop(self._session)
            self._session = session = Session(self._text, self._url, self._now)
            await session.connect(deadline - self._now())
        return self._session

    def _proved(self, unit: Unit, name: str, value: ua.DataValue) -> Value:
        expected, found = unit.identity[name], reading_of(value, unit.points[name], self._now()).value
        if found == expected:
            return expected
        if found is not None:
            raise Stranger(self.name, unit.name, f"{name} is {found!r}, expected {expected!r}")
        status = value.StatusCode.value if value.StatusCode is not None else StatusCodes.Good
        kind = Stranger if status in NO_SUCH_NODE or status == StatusCodes.Good else Refusing
        raise kind(self.name, unit.name, f"{name} is {value.Value} ({name_of(status)}), expected {expected!r}")

    async def _listen(
        self, unit: Unit, points: tuple[Point, ...], inbox: Inbox[tuple[ua.PublishResult, float]], within_s: float
    ) -> Terms:
        # Twice in the shortest time for which a point is believed, so that one which does not change stays believed.
        keepalive_s = min([_patience(unit), *(point.max_age_s for point in points)]) / 2
        publish_s = float(unit.options.get("publish_s", keepalive_s))
        nodes = [node_of(point) for point in points]

        def hear(publication: ua.PublishResult) -> None:
            inbox.put((publication, self._now()))

        terms = await self._session_of(unit).listen(nodes, publish_s, keepalive_s, hear, within_s)
        self.terms[unit.name] = terms
        log.info(
            "%s/%s: publishes every %.3f s (asked %.3f s), keeps alive every %.3f s, samples every %.3f s at the slowest",
            self.name,
            unit.name,
            terms.publish_s,
            publish_s,
            terms.keepalive_s,
            max(terms.sampling_s, default=0.0),
        )
        return terms

    async def _forget(self, unit: Unit, session: Session, agreed: list[Terms]) -> None:
        """End a subscription that nobody listens to any more; waits for its beginning to end, if need be."""

        async def forgetting() -> None:
            for terms in agreed if session.up else ():
                await session.forget(terms.subscription, _patience(unit))

        with suppress(TooLate, *OUTCOMES):
            await self._turns.take(self._now() + 2 * _patience(unit), forgetting)

    async def _turn(self, unit: Unit, deadline: float, work: Callable[[float], Awaitable[T]]) -> T:
        """Do `work` alone on the wire, within the unit's patience or what is left until `deadline`."""

        async def alone() -> T:
            within_s = min(deadline - self._now(), _patience(unit))
            session = self._session
            try:
                if session is not None and session.up and session.renewal_due:
                    await session.renew(within_s)
                return await work(within_s)
            except LOST:
                self._drop(self._session)
                raise

        try:
            return await self._turns.take(deadline, alone)
        except TooLate:
            raise Expired(f"{self.name}/{unit.name}: the deadline passed before the wire was free") from None
        except OUTCOMES as error:
            raise told(self.name, unit, error) from None

    def _session_of(self, unit: Unit) -> Session:
        if self._session is None or unit.name not in self._opened:
            raise Unreachable(self.name, unit.name, "the unit is not connected")
        return self._session

    def _drop(self, session: Session | None) -> None:
        if session is not None and session is self._session:
            session.abort()
            self._session = None
            self._opened.clear()


async def _within(silence_s: float, inbox: Inbox[T]) -> T:
    try:
        async with asyncio.timeout(silence_s):
            return await inbox.next()
    except TimeoutError:
        raise NoAnswer(f"neither a change nor a keep-alive for {silence_s:.2f} s") from None


async def _nothing(_: float) -> None:
    """Do nothing: a turn renews the secure channel where that is due."""


def _patience(unit: Unit) -> float:
    return float(unit.options["patience_s"])
