"""No order of ours is sent late or twice over Modbus RTU, whatever becomes of the line around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from drivers.modbus_rtu import RtuWire
from tests.replay.misfortune import Misfortune, answerless, draw, sluggish
from tests.replay.naive import Hoarding, Resending, made_naive, seldom
from tests.replay.peers import PtyPeer
from tests.replay.sent import Sent
from tests.replay.settings import RTU, rtu_peer
from tests.replay.suite import FEW, Total, replay, seeds, seen_late

INSTANTS, FRAME = 150, 8
Make = Callable[[Misfortune], PtyPeer]


@pytest.fixture
def peer(tmp_path: Path) -> Make:
    return partial(rtu_peer, folder=tmp_path)


def drawn(chosen: list[int]) -> list[Misfortune]:
    return [draw(RTU.name, seed, frame=FRAME, serial=True) for seed in chosen]


async def test_no_order_is_sent_late_or_twice(sent: Sent, tell: Callable[[Total], None], peer: Make):
    """Rules 3, 4 and 5 of the design."""
    total = await replay(RTU, drawn(seeds(INSTANTS)), peer, sent)
    tell(total)
    assert not total.wrong, "\n".join(total.wrong)


async def test_no_order_is_sent_late_by_a_slow_process(sent: Sent, tell: Callable[[Total], None], peer: Make):
    """Rule 3: the deadline is looked at where the bytes are handed over."""
    total = await replay(RTU, sluggish(RTU.name), peer, sent)
    tell(total)
    assert not total.wrong, "\n".join(total.wrong)


async def test_the_count_sees_a_port_that_is_written_to_a_turn_later(
    sent: Sent, monkeypatch: pytest.MonkeyPatch, peer: Make
):
    """pymodbus as it comes hands a frame over when the loop comes round again, whatever time it is by then."""
    monkeypatch.setattr(RtuWire, "_guard", lambda wire, transport: None)
    assert await seen_late(RTU, peer, sent)


async def test_the_count_sees_what_is_sent_twice(sent: Sent, peer: Make):
    total = await replay(seldom(made_naive(RTU, Resending)), answerless(0.1), peer, sent)
    assert any("was sent 2 times" in wrong for wrong in total.wrong)


async def test_the_count_sees_what_is_kept_and_sent_late(sent: Sent, peer: Make):
    total = await replay(made_naive(RTU, Hoarding), drawn(FEW), peer, sent)
    assert any("after its deadline" in wrong for wrong in total.wrong)


async def test_the_count_sees_the_librarys_own_retries(sent: Sent, monkeypatch: pytest.MonkeyPatch, peer: Make):
    """pymodbus as it comes sends a write again, three times, on its own time-out."""
    make = RtuWire._make

    def as_it_comes(wire: RtuWire, within_s: float):
        client = make(wire, within_s)
        client.ctx.retries = 3
        return client

    monkeypatch.setattr("drivers.modbus_rtu.NEVER_S", 0.04)
    monkeypatch.setattr(RtuWire, "_make", as_it_comes)
    patient = seldom(replace(RTU, unit=replace(RTU.unit, options={"patience_s": 1.0})))
    total = await replay(patient, answerless(1.5), peer, sent)
    assert any(f"was sent {times} times" in wrong for times in (2, 3, 4) for wrong in total.wrong), total
