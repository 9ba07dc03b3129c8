"""One MQTT connection over paho: connect, subscribe, hear, end. Never used again after a loss.

A client that is used again delivers what it had reported as failed; so each connection has a client of its own. paho runs
in this loop by its hooks for foreign loops. Its socket is connected here, because paho would block for it, and put in its
place by `_create_socket_connection` (the pin on 2.2.0 is exact for this). aiomqtt would do the same in a thread, which no
cancellation reaches, and leaves socket and task behind when the answer stays out.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import struct
from collections.abc import Callable
from typing import Any

from paho.mqtt.client import MQTT_ERR_SUCCESS, Client, MQTTMessage, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from drivers.outcomes import NoAnswer, NoConnection, Refused, Unfit
from drivers.remedies import why_no_host
from drivers.url import Url

# A broker that is gone without a word is noticed after about twice this time.
KEEPALIVE_S = 2
TICK_S = 0.5
# MQTT 3.1.1, 3.1.3.1: every broker takes an identifier of 23 letters and digits.
IDENTIFIER_BYTES = 8
# MQTT 5, 2.4: the reason that paho gives for a ping without an answer, whatever the version on the wire.
KEEPALIVE_TIMEOUT = 141
# What a malformed packet does to paho's decoder.
MALFORMED = (ValueError, LookupError, TypeError, RuntimeError, struct.error)

Hear = Callable[[MQTTMessage], None]
Lost = Callable[[Exception], None]


class Session:
    """A connection to one broker, with a clean session: the broker keeps nothing for it while it is away.

    `lost` is called once, when the connection is lost or ended.
    """

    def __init__(self, url: Url, hear: Hear, lost: Lost) -> None:
        self._url, self._tell = url, lost
        self._loop = asyncio.get_running_loop()
        self._socket: socket.socket | None = None
        self._tick: asyncio.TimerHandle | None = None
        self._connected: asyncio.Future[None] = self._loop.create_future()
        self._granted: dict[int, asyncio.Future[list[ReasonCode]]] = {}
        identifier = "rempart" + secrets.token_hex(IDENTIFIER_BYTES)
        self._paho = paho = Client(
            CallbackAPIVersion.VERSION2, identifier, clean_session=True, protocol=MQTTv311, reconnect_on_failure=False
        )
        paho.on_connect, paho.on_disconnect, paho.on_subscribe = (
            self._on_connect,
            self._on_disconnect,
            self._on_subscribe,
        )
        paho.on_message = lambda _client, _data, message: hear(message)
        paho.on_socket_close = self._on_socket_close
        paho.on_socket_register_write = self._on_socket_register_write
        paho.on_socket_unregister_write = self._on_socket_unregister_write

    @property
    def up(self) -> bool:
        """Whether the connection is there, as far as is known."""
        return self._socket is not None and self._connected.done()

    async def connect(self, within_s: float) -> None:
        """Connect, and begin to hear. Raises NoConnection, NoAnswer, Refused; then nothing of it is left."""
        limit = self._loop.time() + within_s
        self._socket = made = await self._made_socket(within_s)
        self._paho._create_socket_connection = lambda: made  # type: ignore[method-assign]  # noqa: SLF001  see above
        try:
            self._paho.connect(self._url.host, self._url.port, KEEPALIVE_S)
            self._loop.add_reader(made, self._do, self._paho.loop_read)
            self._ticks()
            async with asyncio.timeout_at(limit):
                await self._connected
        except TimeoutError:
            self.end(NoAnswer(f"connected, but no answer within {within_s:.2f} s"))
            raise NoAnswer(f"connected, but no answer within {within_s:.2f} s") from None
        except BaseException:
            self.end(NoConnection("the connection was given up"))
            raise

    async def subscribe(self, topic: str, within_s: float) -> None:
        """Subscribe with QoS 1. Raises NoConnection, NoAnswer, Refused."""
        if not self.up:
            raise NoConnection("the connection is gone")
        try:
            result, number = self._paho.subscribe(topic, qos=1)
        except ValueError as error:
            raise Refused(f"topic {topic!r}: {error}") from None
        if result != MQTT_ERR_SUCCESS or number is None:
            raise NoConnection("the connection is gone")
        self._granted[number] = granted = self._loop.create_future()
        try:
            async with asyncio.timeout(within_s):
                codes = await granted
        except TimeoutError:
            raise NoAnswer(f"the broker has not confirmed topic {topic!r} within {within_s:.2f} s") from None
        finally:
            self._granted.pop(number, None)
        for code in codes:
            if code.is_failure:
                raise Refused(f"topic {topic!r}: the broker refuses the subscription ({code})")

    def goodbye(self) -> None:
        """Tell the broker, if the socket takes it at once, and release the socket."""
        if self.up:
            self._paho.on_disconnect = None
            self._paho.disconnect()
            self._do(self._paho.loop_write)
        self.end(NoConnection("the connection was closed"))

    def end(self, reason: Exception) -> None:
        """Release the socket; who waits for an answer or a message is told `reason`. Twice does no harm."""
        made, self._socket = self._socket, None
        if made is None:
            return
        if self._tick is not None:
            self._tick.cancel()
        paho = self._paho
        paho.on_disconnect = paho.on_socket_close = paho.on_socket_unregister_write = None
        if made.fileno() >= 0:
            self._loop.remove_reader(made)
            self._loop.remove_writer(made)
            made.close()
        waiting: tuple[asyncio.Future[Any], ...] = (self._connected, *self._granted.values())
        for future in waiting:
            if not future.done():
                future.set_exception(reason)
                future.exception()  # whoever waited may have gone
        self._tell(reason)

    async def _made_socket(self, within_s: float) -> socket.socket:
        where = (self._url.host, self._url.port)
        try:
            async with asyncio.timeout(within_s):
                family, kind, protocol, _, address = (await self._addresses(*where))[0]
                made = socket.socket(family, kind, protocol)
                try:
                    made.setblocking(False)
                    await self._loop.sock_connect(made, address)
                except BaseException:
                    made.close()
                    raise
        except TimeoutError:
            raise NoConnection(why_no_host(*where, None, within_s)) from None
        except OSError as error:
            raise NoConnection(why_no_host(*where, error, within_s)) from None
        return made

    async def _addresses(self, host: str, port: int) -> list[Any]:
        try:
            return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        except socket.gaierror:
            return await self._loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)

    def _do(self, work: Callable[[], Any]) -> None:
        try:
            work()
        except MALFORMED as error:
            self.end(Unfit(f"{type(error).__name__}: {error}"))

    def _ticks(self) -> None:
        self._do(self._paho.loop_misc)
        if self._socket is not None:
            self._tick = self._loop.call_later(TICK_S, self._ticks)

    def _on_connect(self, _client: Client, _data: Any, _flags: Any, code: ReasonCode, _properties: Any) -> None:
        if self._connected.done():
            return
        if code.is_failure:
            self._connected.set_exception(Refused(f"the broker refuses the connection: {code}"))
            self._connected.exception()  # whoever waited may have gone
        else:
            self._connected.set_result(None)

    def _on_disconnect(self, _client: Client, _data: Any, _flags: Any, code: ReasonCode, _properties: Any) -> None:
        silent = code.value == KEEPALIVE_TIMEOUT
        self.end(
            NoAnswer("the broker says nothing any more") if silent else NoConnection(f"the broker is lost: {code}")
        )

    def _on_subscribe(self, _client: Client, _data: Any, mid: int, codes: list[ReasonCode], _properties: Any) -> None:
        granted = self._granted.get(mid)
        if granted is not None and not granted.done():
            granted.set_result(codes)

    def _on_socket_close(self, _client: Client, _data: Any, sock: Any) -> None:
        self._loop.remove_reader(sock)

    def _on_socket_register_write(self, _client: Client, _data: Any, sock: Any) -> None:
        self._loop.add_writer(sock, self._do, self._paho.loop_write)

    def _on_socket_unregister_write(self, _client: Client, _data: Any, sock: Any) -> None:
        self._loop.remove_writer(sock)
