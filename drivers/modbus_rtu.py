"""One Modbus RTU port over pymodbus: open, ask one thing at a time, drop.

What pymodbus would do by itself is off: no retry, no reconnection, no log. It leaves a pending request to its time-out when
the port is lost, and decodes whatever comes; so the end of a request, good or bad, is decided here, by failing the future on
which pymodbus waits (`ctx.response_future`; the pin on 3.16.1 is exact for this). The port takes a request a turn of the loop
after it was asked, where the clock is looked at again (`intern_write_ready`, pinned likewise).
"""

from __future__ import annotations

import asyncio
import logging
import termios
from collections.abc import Callable
from typing import Any

from pymodbus.client import AsyncModbusSerialClient
from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerType
from pymodbus.pdu import ModbusPDU

from drivers.modbus_ends import Declined, Lost, NoAnswer, NoConnection, TooLate
from drivers.modbus_frames import Unfit, examine_rtu
from drivers.modbus_pdu import pdu_of
from drivers.modbus_plan import Read, Write
from drivers.remedies import why_no_port
from drivers.url import Url, serial_line

# It logs an error and a hex dump for each time-out; who cares is told by exceptions.
logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)

# pymodbus' own time-out for an answer: it may never be what ends a request.
NEVER_S = 86_400.0

# Silence between frames, Modbus over Serial Line V1.02, 2.5.1.1: 3.5 characters of 11 bits, fixed above 19200 baud.
QUIET_CHARACTERS, CHARACTER_BITS, QUIET_FAST_S = 3.5, 11, 0.00175


class RtuWire:
    """One serial bus and its port, if it is open. Not for two callers at a time. `on_lost` tells of a loss unasked for."""

    serial = True

    def __init__(self, url: Url, on_lost: Callable[[], None]) -> None:
        self._on_lost = on_lost
        self._line = serial_line(url, baudrate=19200, parity="E")
        self._client: AsyncModbusSerialClient | None = None
        self._connecting: asyncio.Future[bool] | None = None
        self._sent = self._got = b""
        self._asking = False
        self._begun = False
        self._limit = 0.0
        self._heard_at = 0.0

    @property
    def up(self) -> bool:
        """Whether the port is open, as far as is known."""
        return self._client is not None and self._client.connected

    async def connect(self, within_s: float) -> None:
        """Open the port anew. Raises NoConnection whose text says what to do."""
        self.drop()
        failure: OSError | None = None

        async def creating() -> Any:
            nonlocal failure
            try:
                return await create()
            except OSError as error:
                failure = error
                raise
            except termios.error as error:
                # A port that refuses its settings says so with an error that is no OSError.
                failure = OSError(*error.args)
                raise failure from None

        client = self._make(within_s)
        create, client.ctx.call_create = client.ctx.call_create, creating
        if not await self._connected(client):
            client.close()
            raise NoConnection(why_no_port(self._line.port, failure or OSError("the port did not open")))
        client.ctx.comm_params.timeout_connect = NEVER_S
        if client.ctx.transport is not None:
            self._guard(client.ctx.transport)
        self._client = client

    async def quiet(self) -> None:
        """Wait until the line has been silent for as long as must be between two frames."""
        quiet_s = max(QUIET_CHARACTERS * CHARACTER_BITS / self._line.baudrate, QUIET_FAST_S)
        left = self._heard_at + quiet_s - asyncio.get_running_loop().time()
        if left > 0:
            await asyncio.sleep(left)

    async def ask(self, request: Read | Write, unit: int, since: float, patience_s: float) -> bytes:
        """Send `request` now; return the answer's PDU, which may take `patience_s` from `since` (loop's time).

        Raises NoConnection, TooLate, NoAnswer, Lost, Declined, and Unfit for an answer of the wrong unit, function, length, echo
        or checksum.
        """
        client = self._client
        if client is None or not client.connected:
            raise NoConnection("the connection is gone")
        loop = asyncio.get_running_loop()
        limit = since + patience_s
        timer = loop.call_at(limit, self._fail, NoAnswer(f"no answer within {patience_s:.2f} s"))
        self._asking, self._begun, self._limit = True, False, limit
        try:
            answer: ModbusPDU = await client.execute(False, pdu_of(request, unit))
        except ModbusException as error:
            raise Unfit(str(error)) from error
        finally:
            self._asking = False
            timer.cancel()
            self._heard_at = loop.time()
        if answer.isError():
            raise Declined(answer.exception_code)
        return self._got[1:-2]

    def drop(self, why: str = "the link was closed") -> None:
        """Release the connection at once; who waits for an answer gets Lost, who waits to connect NoConnection."""
        connecting, self._connecting = self._connecting, None
        if connecting is not None:
            connecting.cancel()
        self._fail(Lost(why))
        client, self._client = self._client, None
        if client is not None:
            client.close()

    async def _connected(self, client: AsyncModbusSerialClient) -> bool:
        connecting = self._connecting = asyncio.ensure_future(client.connect())
        try:
            await asyncio.wait({connecting})
        except asyncio.CancelledError:
            connecting.cancel()
            raise
        if self._connecting is not connecting:
            client.close()
            raise NoConnection("the link was closed")
        self._connecting = None
        return connecting.result()

    def _make(self, within_s: float) -> AsyncModbusSerialClient:
        own: dict[str, Any] = {
            "timeout": within_s,
            "retries": 0,
            "reconnect_delay": 0,
            "trace_packet": self._on_bytes,
            "trace_connect": self._on_connection,
        }
        line = self._line
        return AsyncModbusSerialClient(
            line.port,
            framer=FramerType.RTU,
            baudrate=line.baudrate,
            bytesize=line.bytesize,
            parity=line.parity,
            stopbits=line.stopbits,
            **own,
        )

    def _guard(self, transport: Any) -> None:
        """Look at the clock again where the port takes the bytes: pymodbus hands them over in a later turn of the loop."""
        hand_over, now = transport.intern_write_ready, asyncio.get_running_loop().time

        def in_time() -> None:
            if now() < self._limit:
                self._begun = True
                hand_over()
            else:
                transport.flush()
                self._fail(NoAnswer("its time passed while it was sent") if self._begun else TooLate())

        transport.intern_write_ready = in_time

    def _on_bytes(self, sending: bool, data: bytes) -> bytes:
        """Remember what goes out; let through only what answers it, and nothing at all when nothing was asked."""
        if sending:
            self._sent = data
            return data
        if not self._asking:
            return b""
        try:
            self._got = examine_rtu(self._sent, data) or b""
            return self._got
        except Unfit as error:
            self._fail(error)
            return b""

    def _on_connection(self, up: bool) -> None:
        if not up:
            self._fail(Lost("the connection was lost before the answer"))
            self._on_lost()

    def _fail(self, error: Exception) -> None:
        if self._asking and self._client is not None and not self._client.ctx.response_future.done():
            self._client.ctx.response_future.set_exception(error)
