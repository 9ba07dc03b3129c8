"""No order of ours is sent late or twice over Modbus TCP, whatever becomes of the peer around it."""

from __future__ import annotations

from collections.abc import Callable

from tests.replay.misfortune import draw
from tests.replay.sent import Sent
from tests.replay.settings import TCP, tcp_peer
from tests.replay.suite import Total, replay, seeds

INSTANTS, FRAME = 150, 12


async def test_no_order_is_sent_late_or_twice(sent: Sent, tell: Callable[[Total], None]):
    """Rules 3, 4 and 5 of the design."""
    fates = [draw(TCP.name, seed, frame=FRAME, serial=False) for seed in seeds(INSTANTS)]
    total = await replay(TCP, fates, tcp_peer, sent)
    tell(total)
    assert not total.wrong, "\n".join(total.wrong)
