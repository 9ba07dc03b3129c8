"""No order of ours is sent late or twice over Modbus RTU, whatever becomes of the line around it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.replay.misfortune import draw
from tests.replay.sent import Sent
from tests.replay.settings import RTU, rtu_peer
from tests.replay.suite import Total, replay, seeds

INSTANTS, FRAME = 150, 8


async def test_no_order_is_sent_late_or_twice(sent: Sent, tell: Callable[[Total], None], tmp_path: Path):
    """Rules 3, 4 and 5 of the design."""
    fates = [draw(RTU.name, seed, frame=FRAME, serial=True) for seed in seeds(INSTANTS)]
    total = await replay(RTU, fates, partial(rtu_peer, folder=tmp_path), sent)
    tell(total)
    assert not total.wrong, "\n".join(total.wrong)
