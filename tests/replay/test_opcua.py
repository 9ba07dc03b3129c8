"""No order of ours is sent late or twice over OPC UA, whatever becomes of the server around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.links.peers.opcua_process import ServerProcess
from tests.replay.misfortune import Misfortune, answerless, draw, sluggish
from tests.replay.naive import Careless, Hoarding, Resending, made_naive, seldom
from tests.replay.peers import TcpPeer
from tests.replay.sent import Sent
from tests.replay.settings import OPCUA, opcua_peer
from tests.replay.suite import FEW, Total, replay, seeds, seen_late

INSTANTS, FRAME = 120, 110
Make = Callable[[Misfortune], TcpPeer]


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    server = ServerProcess()
    yield server
    server.end()


@pytest.fixture
def peer(server: ServerProcess) -> Make:
    return partial(opcua_peer, server=server.port)


def drawn(chosen: list[int]) -> list[Misfortune]:
    return [draw(OPCUA.name, seed, frame=FRAME, serial=False) for seed in chosen]


async def test_no_order_is_sent_late_or_twice(sent: Sent, tell: Callable[[Total], None], peer: Make):
    """Rules 3, 4 and 5 of the design."""
    total = await replay(OPCUA, drawn(seeds(INSTANTS)), peer, sent)
    tell(total)
    assert not total.wrong, "\n".join(total.wrong)


async def test_no_order_is_sent_late_by_a_slow_process(sent: Sent, tell: Callable[[Total], None], peer: Make):
    """Rule 3: the deadline is looked at where the bytes are handed over."""
    total = await replay(OPCUA, sluggish(OPCUA.name), peer, sent)
    tell(total)
    assert not total.wrong, "\n".join(total.wrong)


async def test_the_count_sees_what_is_sent_twice(sent: Sent, peer: Make):
    total = await replay(seldom(made_naive(OPCUA, Resending)), answerless(0.1), peer, sent)
    assert any("was sent 2 times" in wrong for wrong in total.wrong)


async def test_the_count_sees_what_is_kept_and_sent_late(sent: Sent, peer: Make):
    total = await replay(made_naive(OPCUA, Hoarding), drawn(FEW), peer, sent)
    assert any("after its deadline" in wrong for wrong in total.wrong)


async def test_the_count_sees_a_deadline_that_nobody_looks_at(sent: Sent, peer: Make):
    assert await seen_late(made_naive(OPCUA, Careless), peer, sent)
