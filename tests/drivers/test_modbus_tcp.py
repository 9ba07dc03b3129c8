"""A Modbus TCP connection alone: which bytes answer which request, how long is waited, and that nothing is sent later."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

import pytest

from drivers.modbus_ends import Declined, Lost, NoAnswer, NoConnection, TooLate
from drivers.modbus_frames import Unfit
from drivers.modbus_tcp import TcpWire

UNIT, ENDLESS_S, OVERALL_S = 0x11, 60.0, 5.0
READ = bytes.fromhex("03 006B 0003")
ANSWER = bytes.fromhex("03 06 022B 0000 0064")
WRITE = bytes.fromhex("05 0000 FF00")


def framed(number: int, pdu: bytes, unit: int = UNIT, protocol: int = 0) -> bytes:
    return struct.pack(">HHHB", number, protocol, len(pdu) + 1, unit) + pdu


class Peer:
    """Listens, keeps what it hears, and says what it is told to."""

    def __init__(self) -> None:
        self.heard = bytearray()
        self.news = asyncio.Condition()
        self.writer: asyncio.StreamWriter | None = None
        self.gone = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        with suppress(ConnectionError):
            while data := await reader.read(4096):
                self.heard += data
                async with self.news:
                    self.news.notify_all()
        writer.close()
        self.gone.set()

    async def until_heard(self, count: int) -> bytes:
        async with asyncio.timeout(OVERALL_S), self.news:
            await self.news.wait_for(lambda: len(self.heard) >= count)
        return bytes(self.heard)

    def say(self, data: bytes) -> None:
        assert self.writer is not None
        self.writer.write(data)


@asynccontextmanager
async def connected(on_lost: Callable[[], None] = lambda: None) -> AsyncIterator[tuple[TcpWire, Peer]]:
    peer = Peer()
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    wire = TcpWire("127.0.0.1", server.sockets[0].getsockname()[1], on_lost)
    await wire.connect(OVERALL_S)
    yield wire, peer
    wire.drop()
    server.close()
    async with asyncio.timeout(OVERALL_S):
        await peer.gone.wait()
    await server.wait_closed()


def now() -> float:
    return asyncio.get_running_loop().time()


def sent(wire: TcpWire, *pdus: bytes, patience_s: float = ENDLESS_S) -> Sequence[asyncio.Future[bytes]]:
    return wire.send(pdus or (READ,), UNIT, now(), patience_s)


async def come(answer: asyncio.Future[bytes]) -> bytes:
    async with asyncio.timeout(OVERALL_S):
        return await answer


async def test_an_answer_in_pieces_is_taken_when_it_is_whole():
    async with connected() as (wire, _):
        frame = framed(1, ANSWER)
        (answer,) = sent(wire)
        for byte in frame[:-1]:
            wire.data_received(bytes([byte]))
            assert not answer.done()
        wire.data_received(frame[-1:])
        assert await come(answer) == ANSWER


async def test_several_requests_go_out_in_one_piece_and_are_answered_in_any_order():
    async with connected() as (wire, peer):
        first, second = sent(wire, READ, WRITE)
        assert await peer.until_heard(24) == framed(1, READ) + framed(2, WRITE)
        peer.say(framed(2, WRITE) + framed(1, ANSWER))
        assert [await come(first), await come(second)] == [ANSWER, WRITE]


async def test_answers_of_other_transactions_are_stepped_over():
    async with connected() as (wire, _):
        (answer,) = sent(wire)
        wire.data_received(framed(99, bytes.fromhex("03 04 0001 0002")) + framed(98, b"\x83\x0b", unit=0x12))
        assert not answer.done()
        wire.data_received(framed(97, b"\x83\x0b") + framed(1, ANSWER))
        assert await come(answer) == ANSWER


async def test_the_transaction_number_0_is_no_other_and_is_never_used():
    """pymodbus takes an answer with the number 0 for the answer to anything."""
    async with connected() as (wire, _):
        wire._number = 0xFFFE
        first, second = sent(wire, READ, READ)
        wire.data_received(framed(0, ANSWER))
        assert not first.done()
        wire.data_received(framed(0xFFFF, ANSWER) + framed(1, ANSWER))
        assert [await come(first), await come(second)] == [ANSWER, ANSWER]


async def test_an_exception_answer_is_declined():
    async with connected() as (wire, _):
        (answer,) = sent(wire)
        wire.data_received(framed(1, b"\x83\x02"))
        with pytest.raises(Declined) as told:
            await come(answer)
        assert told.value.code == 2


@pytest.mark.parametrize(
    "got",
    [
        framed(1, ANSWER, protocol=1),
        bytes.fromhex("0001 0000 0002 11 03"),  # too short for any answer
        bytes.fromhex("0001 0000 00FF 11") + ANSWER,  # too long for any
        framed(1, ANSWER, unit=0x12),
        framed(1, b"\x04" + ANSWER[1:]),  # another function
        framed(1, bytes.fromhex("03 04 022B 0000")),  # too few registers
        framed(1, bytes.fromhex("03 08 022B 0000 0064 0000")),  # too many
        framed(1, bytes.fromhex("03 04 022B 0000 0064")),  # says fewer than it brings
        framed(1, bytes.fromhex("83 02 00")),  # an exception with more in it
        framed(1, bytes.fromhex("84 02")),  # another function's exception
        framed(1, ANSWER) + b"\x00",  # more behind it
        framed(1, ANSWER) + framed(1, ANSWER),  # twice
    ],
)
async def test_a_frame_that_cannot_be_the_answer_is_unfit(got: bytes):
    async with connected() as (wire, _):
        (answer,) = sent(wire)
        wire.data_received(got)
        with pytest.raises(Unfit):
            await come(answer)


async def test_what_nobody_asked_for_is_not_kept():
    async with connected() as (wire, _):
        wire.data_received(b"\x00\xff welcome\r\n")
        (answer,) = sent(wire)
        wire.data_received(framed(1, ANSWER))
        assert await come(answer) == ANSWER


async def test_each_request_has_its_own_limit():
    """One timer serves them all."""
    async with connected() as (wire, _):
        (long,) = sent(wire, patience_s=ENDLESS_S)
        (short,) = sent(wire, patience_s=0.01)
        (later,) = sent(wire, patience_s=0.03)
        for answer, told in ((short, "0.01 s"), (later, "0.03 s")):
            with pytest.raises(NoAnswer, match=told):
                await come(answer)
        wire.data_received(framed(2, ANSWER) + framed(1, ANSWER))
        assert await come(long) == ANSWER


async def test_a_request_that_nobody_waits_for_keeps_its_room_until_it_is_answered():
    async with connected() as (wire, _):
        (given_up,) = sent(wire)
        given_up.cancel()
        with pytest.raises(TooLate):
            await wire.room(1, 0.01)
        await wire.room(2, 0.0)
        waiting = asyncio.create_task(wire.room(1, OVERALL_S))
        await asyncio.sleep(0)
        wire.data_received(framed(1, ANSWER))
        await waiting


async def test_who_waits_for_room_is_served_in_turn():
    """An order to stop may not overtake the order that it stops."""
    async with connected() as (wire, _):
        (answer,) = sent(wire)
        served: list[int] = []
        turn = asyncio.Queue[int]()

        async def ask(number: int) -> None:
            await wire.room(1, OVERALL_S)
            served.append(number)
            sent(wire)
            turn.put_nowait(number)

        asking = [asyncio.create_task(ask(number)) for number in (1, 2)]
        await asyncio.sleep(0)
        wire.data_received(framed(1, ANSWER))
        asking.append(asyncio.create_task(ask(3)))
        for number in (2, 3, 4):
            async with asyncio.timeout(OVERALL_S):
                await turn.get()
            wire.data_received(framed(number, ANSWER))
        await asyncio.gather(*asking)
        assert served == [1, 2, 3]
        assert await come(answer) == ANSWER


async def test_a_loss_ends_what_is_under_way_and_is_told_once():
    told: list[None] = []
    async with connected(lambda: told.append(None)) as (wire, peer):
        answers = sent(wire, READ, WRITE)
        await peer.until_heard(24)
        assert peer.writer is not None
        peer.writer.transport.abort()
        for answer in answers:
            with pytest.raises(Lost):
                await come(answer)
        assert told == [None]
        assert not wire.up
        with pytest.raises(NoConnection):
            sent(wire)


async def test_a_peer_that_takes_no_more_bytes_is_given_up_with_what_was_not_sent():
    """Rule 3: no byte of an order is left in a buffer, to be sent when its time is over."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        wire = TcpWire("127.0.0.1", listener.getsockname()[1], lambda: None)
        await wire.connect(OVERALL_S)
        far, _ = listener.accept()
        with far:
            asked: list[asyncio.Future[bytes]] = []
            while wire.up:
                asked += sent(wire, *[bytes([16]) + bytes(252)] * 100)
            for answer in asked:
                with pytest.raises(Lost, match="takes no more bytes"):
                    await come(answer)
            await asyncio.sleep(0)  # a socket is closed by the loop, one turn later
            far.settimeout(OVERALL_S)
            whole = 0
            with suppress(ConnectionResetError):
                while data := far.recv(65536):
                    whole += len(data)
            assert whole < 260 * len(asked)
