"""One OPC UA session over asyncua: connect, ask one thing at a time, listen, end. Never used again after a loss.

asyncua's `Client` makes the connection step by step; its `connect` would add tasks that probe, renew and reconnect by
themselves. Requests and subscriptions go through the session's own services, because the classes on top of them keep to
themselves what a server has revised (R33), and hand notifications over in any order.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from asyncua import ua
from asyncua.client.client import Client
from asyncua.client.ua_client import UASocketProtocol
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.uaerrors import UaStatusCodeError

from drivers.opcua_errors import RAISED, meaning, name_of, verdict
from drivers.outcomes import OUTCOMES, NoAnswer, NoConnection, Refused, Unfit
from drivers.remedies import why_no_host
from drivers.turns import Clock
from drivers.url import Url

A = TypeVar("A")
B = TypeVar("B")
Hear = Callable[[ua.PublishResult], None]

# It logs each time-out and each refusal; who cares is told by exceptions.
logging.getLogger("asyncua").setLevel(logging.CRITICAL)

# asyncua must find a number as its time-out; each request brings its own.
NEVER_S = 86_400.0
# Part 4, 5.5.2.1: a secure channel should be renewed after three quarters of its life.
RENEW_AT = 0.75
# A server ends a subscription to which nobody has listened for this long.
LIFETIME_S = 10.0
# A contact may change this often between two publications without a change being lost (R38).
CHANGES_KEPT = 10


@dataclass(frozen=True, slots=True)
class Terms:
    """What the server made of a subscription: what it has revised, and what it said to each item."""

    subscription: int
    publish_s: float
    keepalive_s: float
    sampling_s: tuple[float, ...]
    statuses: tuple[ua.StatusCode, ...]


class Session:
    """A session with one server; not for two callers at a time. `on_lost` is called once, when it is lost or ended."""

    def __init__(self, text: str, url: Url, now: Clock) -> None:
        self.on_lost: set[Callable[[], None]] = set()
        self.ended = asyncio.Event()
        self._url, self._now = url, now
        self._client = Client(text, timeout=NEVER_S)
        self._protocol: UASocketProtocol | None = None
        self._made = False
        self._renew_at = 0.0
        self.server: ua.ApplicationDescription | None = None
        """What the server says that it is, once there is a session."""

    @property
    def up(self) -> bool:
        """Whether the connection is there, as far as is known."""
        return self._transport() is not None and not self.ended.is_set()

    @property
    def renewal_due(self) -> bool:
        """Whether the secure channel should be renewed with the next request."""
        return self._now() >= self._renew_at

    async def connect(self, within_s: float) -> None:
        """Connect and make the session. Raises NoConnection, NoAnswer, Refused; then nothing of it is left."""
        limit = self._now() + within_s
        try:
            async with asyncio.timeout(within_s):
                await self._client.connect_socket()
        except TimeoutError:
            raise NoConnection(why_no_host(self._url.host, self._url.port, None, within_s)) from None
        except OSError as error:
            raise NoConnection(why_no_host(self._url.host, self._url.port, error, within_s)) from None
        late = False

        def give_up() -> None:
            nonlocal late
            late = True
            self.abort()

        # Nothing is cancelled: asyncua's waits may end a cancellation in a way that no time-out takes for its own.
        timer = asyncio.get_running_loop().call_later(limit - self._now(), give_up)
        try:
            await self._shake_hands()
        except UaStatusCodeError as error:
            raise Refused(f"no session: {name_of(error.code)}") from None
        except RAISED as error:
            why = "the connection was closed" if not self.up else str(error)
            raise (NoAnswer if late or not self.up else Refused)(_no_session(late, within_s, why)) from None
        finally:
            timer.cancel()
            if not self._made:
                self.abort()
        if late:
            raise NoAnswer(_no_session(late, within_s, ""))

    async def read(self, nodes: Sequence[ua.NodeId], within_s: float) -> list[ua.DataValue]:
        """Read the values of `nodes` in one request, fresh from their source."""
        parameters = ua.ReadParameters(
            MaxAge=0,
            TimestampsToReturn=ua.TimestampsToReturn.Neither,
            NodesToRead=[ua.ReadValueId(NodeId=node, AttributeId=AttributeIds.Value) for node in nodes],
        )
        values = await self._ask(self._client.uaclient.session.read, parameters, within_s)
        if len(values) != len(nodes):
            raise Unfit(f"{len(values)} values for {len(nodes)} nodes")
        return values

    async def write(self, node: ua.NodeId, value: ua.Variant, within_s: float) -> None:
        """Write one value; returning means that the server says it is written."""
        # Value alone: many a PLC refuses to be told status and time stamps.
        written = ua.WriteValue(
            NodeId=node, AttributeId=AttributeIds.Value, Value=ua.DataValue(Value=value, StatusCode=None)
        )
        statuses = await self._ask(
            self._client.uaclient.session.write, ua.WriteParameters(NodesToWrite=[written]), within_s
        )
        if len(statuses) != 1 or statuses[0].is_uncertain():
            raise Unfit(f"statuses of one write: {', '.join(name_of(status.value) for status in statuses) or 'none'}")
        if statuses[0].is_bad():
            raise verdict(statuses[0].value)

    async def listen(
        self, nodes: Sequence[ua.NodeId], publish_s: float, keepalive_s: float, hear: Hear, within_s: float
    ) -> Terms:
        """Subscribe to `nodes`, whose client handles are their places in the sequence. `hear` gets each publication."""
        keepalive = max(1, int(keepalive_s / publish_s))
        wanted = ua.CreateSubscriptionParameters(
            RequestedPublishingInterval=publish_s * 1000,
            RequestedLifetimeCount=max(3 * keepalive, int(LIFETIME_S / publish_s)),
            RequestedMaxKeepAliveCount=keepalive,
            MaxNotificationsPerPublish=0,
            PublishingEnabled=True,
        )
        session = self._client.uaclient.session
        given = await self._ask(lambda asked: session.create_subscription(asked, hear), wanted, within_s)
        items = ua.CreateMonitoredItemsParameters(
            SubscriptionId=given.SubscriptionId,
            TimestampsToReturn=ua.TimestampsToReturn.Neither,
            ItemsToCreate=[_item(handle, node, publish_s) for handle, node in enumerate(nodes)],
        )
        results = await self._ask(session.create_monitored_items, items, within_s)
        if len(results) != len(nodes):
            raise Unfit(f"{len(results)} monitored items for {len(nodes)} nodes")
        publish_s = given.RevisedPublishingInterval / 1000
        return Terms(
            given.SubscriptionId,
            publish_s,
            publish_s * given.RevisedMaxKeepAliveCount,
            # Part 4, 7.21: -1 stands for the publishing interval.
            tuple(r.RevisedSamplingInterval / 1000 if r.RevisedSamplingInterval >= 0 else publish_s for r in results),
            tuple(result.StatusCode for result in results),
        )

    async def forget(self, subscription: int, within_s: float) -> None:
        """End a subscription."""
        await self._ask(self._client.uaclient.session.delete_subscriptions, [subscription], within_s)

    async def renew(self, within_s: float) -> None:
        """Renew the secure channel."""
        await self._ask(lambda renew: self._client.open_secure_channel(renew=renew), True, within_s)
        self._renewed()

    async def goodbye(self, within_s: float) -> None:
        """End the session in order where the server does its part in time, and at any rate; never raises."""
        try:
            with suppress(*OUTCOMES, *RAISED):
                await self._ask(self._client.uaclient.close_session, True, within_s)
                await self._client.close_secure_channel()
        finally:
            self.abort()

    def abort(self) -> None:
        """Drop the connection at once; who waits for an answer gets NoAnswer. Twice does no harm."""
        publishing = self._client.uaclient._publish_task  # noqa: SLF001  it would sleep for a second before it looks up
        if publishing is not None:
            publishing.cancel()
        transport = self._transport()
        self._client.disconnect_socket()
        if transport is not None:
            transport.abort()
        self._lose()

    async def _shake_hands(self) -> None:
        self._adopt(self._client.uaclient.protocol)
        if not self.up:
            raise ConnectionError
        await self._client.send_hello()
        await self._client.open_secure_channel()
        created = await self._client.create_session()
        self.server = next((endpoint.Server for endpoint in created.ServerEndpoints or ()), None)
        await self._client.activate_session()
        self._made = True
        self._renewed()

    async def _ask(self, service: Callable[[A], Awaitable[B]], parameters: A, within_s: float) -> B:
        if self._protocol is None or not self.up:
            raise NoConnection("the connection is gone")
        # Its own time-out, and the hint in the request's header after which a server should not serve it any more.
        self._protocol.timeout = within_s
        return await self._answer(service(parameters), within_s)

    async def _answer(self, answer: Awaitable[B], within_s: float) -> B:
        try:
            return await answer
        except TimeoutError:
            raise NoAnswer(f"no answer within {within_s:.2f} s") from None
        except RAISED as error:
            raise meaning(error, self.up) from None

    def _adopt(self, protocol: UASocketProtocol | None) -> None:
        self._protocol = protocol
        if protocol is not None:
            passed_on = protocol.on_connection_lost

            def lost(error: Exception | None) -> None:
                self._lose()
                if passed_on is not None:
                    passed_on(error)

            protocol.on_connection_lost = lost

    def _transport(self) -> asyncio.Transport | None:
        transport = None if self._protocol is None else self._protocol.transport
        return None if transport is None or transport.is_closing() else transport

    def _lose(self) -> None:
        if not self.ended.is_set():
            self.ended.set()
            for tell in tuple(self.on_lost):
                tell()

    def _renewed(self) -> None:
        self._renew_at = self._now() + RENEW_AT * self._client.secure_channel_timeout / 1000


def _no_session(late: bool, within_s: float, why: str) -> str:
    return f"connected, but no session within {within_s:.2f} s" if late else f"no session: {why}"


def _item(handle: int, node: ua.NodeId, sampling_s: float) -> ua.MonitoredItemCreateRequest:
    return ua.MonitoredItemCreateRequest(
        ItemToMonitor=ua.ReadValueId(NodeId=node, AttributeId=AttributeIds.Value),
        MonitoringMode=ua.MonitoringMode.Reporting,
        RequestedParameters=ua.MonitoringParameters(
            ClientHandle=handle, SamplingInterval=sampling_s * 1000, QueueSize=CHANGES_KEPT, DiscardOldest=True
        ),
    )
