"""No order of ours is sent late or twice over OPC UA, whatever becomes of the server around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.links.peers.opcua_process import ServerProcess
from tests.replay.misfortune import draw
from tests.replay.sent import Sent
from tests.replay.settings import OPCUA, opcua_peer
from tests.replay.suite import Total, replay, seeds

INSTANTS, FRAME = 100, 110


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    server = ServerProcess()
    yield server
    server.end()


async def test_no_order_is_sent_late_or_twice(sent: Sent, tell: Callable[[Total], None], server: ServerProcess):
    """Rules 3, 4 and 5 of the design."""
    fates = [draw(OPCUA.name, seed, frame=FRAME, serial=False) for seed in seeds(INSTANTS)]
    total = await replay(OPCUA, fates, partial(opcua_peer, server=server.port), sent)
    tell(total)
    assert not total.wrong, "\n".join(total.wrong)
