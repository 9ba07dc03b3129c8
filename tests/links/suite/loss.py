"""The peer goes, and comes back."""

from __future__ import annotations

import asyncio

import pytest

from controller.ports import Garbled, Link, Mute, Unreachable
from tests.links.adapter import ENDLESS_S, OVERALL_S, Adapter, Mode
from tests.links.suite.base import Cases, dialled, ordered, soon, turns

LOST = (Unreachable, Mute, Garbled)


class Loss(Cases):
    """The peer goes, and comes back."""

    async def test_a_cut_in_mid_request_is_told_at_once(self, peer: Adapter, link: Link):
        patient = peer.patient(ENDLESS_S)
        await link.open(patient, soon(ENDLESS_S))
        peer.mode = Mode.CUT
        async with asyncio.timeout(OVERALL_S):
            with pytest.raises(Mute):
                await dialled(link, peer, patient, soon(ENDLESS_S))

    async def test_a_cut_before_the_request_is_unreachable_and_nothing_is_sent(self, peer: Adapter, link: Link):
        await link.open(peer.unit, soon())
        await peer.stop()
        await turns()
        seen = peer.requests
        with pytest.raises(Unreachable):
            await dialled(link, peer)
        with pytest.raises(Unreachable):
            await link.write(peer.unit, ordered(peer), soon())
        assert peer.requests == seen

    async def test_a_lost_unit_must_be_opened_anew(self, peer: Adapter, link: Link):
        """Rule 5: nothing goes to a peer that has not proved again who it is."""
        await link.open(peer.unit, soon())
        await peer.stop()
        await turns()
        await peer.start()
        with pytest.raises(Unreachable):
            await link.write(peer.unit, ordered(peer), soon())
        assert peer.written == []

    async def test_a_peer_that_died_and_came_back_is_opened_again(self, peer: Adapter, link: Link):
        await link.open(peer.unit, soon())
        for number in range(3):
            await peer.stop()
            with pytest.raises(LOST):
                await dialled(link, peer)
            with pytest.raises(Unreachable):
                await link.open(peer.unit, soon())
            await peer.start()
            peer.turn(number)
            await link.open(peer.unit, soon())
            assert await dialled(link, peer) == number

    async def test_a_write_that_got_no_answer_is_not_repeated(self, peer: Adapter, link: Link):
        """Rule 4: a write is never blindly repeated."""
        await link.open(peer.unit, soon())
        peer.mode, seen = Mode.HOLD, peer.requests
        with pytest.raises(Mute):
            await link.write(peer.unit, ordered(peer, 1), soon(0.2))
        assert peer.requests == seen + 1
        peer.mode = Mode.ANSWER
        await link.open(peer.unit, soon())
        await dialled(link, peer)
        assert len(peer.written) <= 1

    async def test_a_write_that_was_cut_off_is_not_repeated(self, peer: Adapter, link: Link):
        """Rule 4: a write is never blindly repeated."""
        await link.open(peer.unit, soon())
        peer.mode, seen = Mode.CUT, peer.requests
        with pytest.raises(Mute):
            await link.write(peer.unit, ordered(peer, 1), soon())
        assert peer.requests == seen + 1
        peer.mode = Mode.ANSWER
        await link.open(peer.unit, soon())
        await dialled(link, peer)
        assert len(peer.written) <= 1
