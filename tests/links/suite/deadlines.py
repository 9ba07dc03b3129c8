"""Nothing goes out after its deadline; silence ends by it."""

from __future__ import annotations

import asyncio

import pytest

from controller.ports import Expired, Link, Mute, Withdrawn
from tests.links.adapter import ENDLESS_S, Adapter, Mode
from tests.links.suite.base import Cases, dialled, ordered, soon


class Deadlines(Cases):
    """Nothing goes out after its deadline; silence ends by it."""

    async def test_after_the_deadline_nothing_is_read(self, peer: Adapter, link: Link):
        await link.open(peer.unit, soon())
        seen = peer.requests
        with pytest.raises(Expired):
            await dialled(link, peer, peer.unit, soon(-0.001))
        peer.turn(1)
        assert await dialled(link, peer) == 1
        assert peer.requests == seen + 1

    async def test_after_the_deadline_nothing_is_written(self, peer: Adapter, link: Link):
        """Rule 3: after its expiry no frame of a command is ever sent."""
        await link.open(peer.unit, soon())
        with pytest.raises(Expired):
            await link.write(peer.unit, ordered(peer), soon(-0.001))
        await dialled(link, peer)
        assert peer.written == []

    async def test_what_was_taken_back_is_not_written(self, peer: Adapter, link: Link):
        await link.open(peer.unit, soon())
        with pytest.raises(Withdrawn) as told:
            await link.write(peer.unit, ordered(peer), soon(), lambda: False)
        assert not told.value.part
        await dialled(link, peer)
        assert peer.written == []

    async def test_what_is_taken_back_in_the_middle_is_not_written_to_its_end(self, peer: Adapter, link: Link):
        """What follows an order that has ended is no frame of it, even where the order took several requests."""
        await link.open(peer.unit, soon())
        with pytest.raises(Withdrawn, match="acknowledged before") as told:
            await link.write(peer.unit, ordered(peer), soon(), lambda: not peer.written)
        assert told.value.part
        await dialled(link, peer)
        assert 0 < len(peer.written) < len(peer.orders)

    async def test_who_waits_for_the_wire_past_his_deadline_sends_nothing(self, peer: Adapter, link: Link):
        await link.open(peer.unit, soon())
        peer.mode, seen = Mode.HOLD, peer.requests
        first = asyncio.create_task(dialled(link, peer, peer.patient(ENDLESS_S), soon(ENDLESS_S)))
        await peer.heard(seen + 1)
        with pytest.raises(Expired):
            await link.write(peer.unit, ordered(peer), soon(0.05))
        peer.mode = Mode.ANSWER
        await peer.release()
        await first
        await dialled(link, peer)
        assert peer.written == []

    async def test_silence_is_mute_when_patience_ends(self, peer: Adapter, link: Link):
        await link.open(peer.unit, soon())
        peer.mode, start = Mode.HOLD, soon(0)
        with pytest.raises(Mute):
            await dialled(link, peer, peer.patient(0.2), soon(ENDLESS_S))
        assert 0.15 <= soon(0) - start < 1.2

    async def test_silence_is_mute_by_the_deadline(self, peer: Adapter, link: Link):
        await link.open(peer.unit, soon())
        peer.mode, deadline = Mode.HOLD, soon(0.2)
        with pytest.raises(Mute):
            await dialled(link, peer, peer.patient(ENDLESS_S), deadline)
        assert -0.05 <= soon(0) - deadline < 1
