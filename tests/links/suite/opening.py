"""Who answers, and what opening a unit proves."""

from __future__ import annotations

import pytest

from controller.ports import Link, Mute, Stranger, Unreachable
from tests.links.adapter import ENDLESS_S, Adapter, Mode
from tests.links.suite.base import Cases, soon


class Opening(Cases):
    """Who answers, and what opening a unit proves."""

    async def test_open_gives_the_identity_that_was_found(self, peer: Adapter, link: Link):
        assert await link.open(peer.unit, soon()) == peer.unit.identity

    async def test_open_twice_does_no_harm(self, peer: Adapter, link: Link):
        await link.open(peer.unit, soon())
        assert await link.open(peer.unit, soon()) == peer.unit.identity

    async def test_another_device_in_its_place_is_a_stranger(self, peer: Adapter, link: Link):
        with pytest.raises(Stranger) as caught:
            await link.open(peer.stranger, soon())
        (name,) = [n for n, value in peer.stranger.identity.items() if value != peer.unit.identity.get(n)]
        told = str(caught.value)
        assert name in told
        assert str(peer.stranger.identity[name]) in told, "what was expected"
        assert str(peer.unit.identity[name]) in told, "what was found"

    async def test_a_peer_that_is_not_there_is_unreachable(self, peer: Adapter, link: Link):
        await peer.stop()
        with pytest.raises(Unreachable):
            await link.open(peer.unit, soon())

    async def test_open_of_a_silent_peer_ends_by_its_deadline(self, peer: Adapter, link: Link):
        peer.mode = Mode.HOLD
        deadline = soon(0.3)
        with pytest.raises((Unreachable, Mute)):
            await link.open(peer.patient(ENDLESS_S), deadline)
        assert 0 <= soon(0) - deadline < 1
