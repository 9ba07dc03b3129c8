"""No order of ours is sent late or twice over Modbus TCP, whatever becomes of the peer around it."""

from __future__ import annotations

from collections.abc import Callable

from tests.replay.misfortune import Misfortune, answerless, draw, sluggish
from tests.replay.naive import Careless, Hoarding, Resending, made_naive, seldom
from tests.replay.sent import Sent
from tests.replay.settings import TCP, tcp_peer
from tests.replay.suite import FEW, Total, replay, seeds, seen_late

INSTANTS, FRAME = 150, 12


def drawn(chosen: list[int]) -> list[Misfortune]:
    return [draw(TCP.name, seed, frame=FRAME, serial=False) for seed in chosen]


async def test_no_order_is_sent_late_or_twice(sent: Sent, tell: Callable[[Total], None]):
    """Rules 3, 4 and 5 of the design."""
    total = await replay(TCP, drawn(seeds(INSTANTS)), tcp_peer, sent)
    tell(total)
    assert not total.wrong, "\n".join(total.wrong)


async def test_no_order_is_sent_late_by_a_slow_process(sent: Sent, tell: Callable[[Total], None]):
    """Rule 3: the deadline is looked at where the bytes are handed over."""
    total = await replay(TCP, sluggish(TCP.name), tcp_peer, sent)
    tell(total)
    assert not total.wrong, "\n".join(total.wrong)


async def test_the_count_sees_what_is_sent_twice(sent: Sent):
    total = await replay(seldom(made_naive(TCP, Resending)), answerless(0.1), tcp_peer, sent)
    assert any("was sent 2 times" in wrong for wrong in total.wrong)


async def test_the_count_sees_what_is_kept_and_sent_late(sent: Sent):
    total = await replay(made_naive(TCP, Hoarding), drawn(seeds(3 * len(FEW))), tcp_peer, sent)
    assert any("after its deadline" in wrong for wrong in total.wrong)
    assert any("ended as if it had not been" in wrong for wrong in total.wrong)


async def test_the_count_sees_a_deadline_that_nobody_looks_at(sent: Sent):
    assert await seen_late(made_naive(TCP, Careless), tcp_peer, sent)
