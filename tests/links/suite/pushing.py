"""Protocols that push, and those that do not."""

from __future__ import annotations

import asyncio

import pytest

from controller.core.readings import Quality, Readings
from controller.ports import Link, Mute, Unreachable
from tests.links.adapter import ENDLESS_S, OVERALL_S, Adapter
from tests.links.suite.base import Cases, asked, soon


class Pushing(Cases):
    """Protocols that push, and those that do not."""

    async def test_subscribe_returns_at_once_where_nothing_is_pushed(self, peer: Adapter, link: Link):
        await link.open(peer.unit, soon())
        got: list[Readings] = []
        async with asyncio.timeout(OVERALL_S):
            await link.subscribe(peer.unit, asked(peer.unit, list(peer.expected)), got.append)
        assert got == []

    async def test_pushed_readings_are_handed_over_in_order(self, peer: Adapter, link: Link):
        await link.open(peer.unit, soon())
        got: asyncio.Queue[Readings] = asyncio.Queue()
        task = asyncio.create_task(link.subscribe(peer.unit, asked(peer.unit, [peer.dial]), got.put_nowait))
        for number in (41, 42, 43):
            peer.turn(number)
            await peer.push()
            async with asyncio.timeout(OVERALL_S):
                while (reading := (await got.get())[peer.dial]).value != number:
                    pass
            assert reading.quality is Quality.GOOD
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async def test_a_subscription_whose_wire_is_cut_ends_at_once(self, peer: Adapter, link: Link):
        unit = peer.patient(ENDLESS_S)
        await link.open(unit, soon(ENDLESS_S))
        got: asyncio.Queue[Readings] = asyncio.Queue()
        task = asyncio.create_task(link.subscribe(unit, asked(unit, [peer.dial]), got.put_nowait))
        await peer.push()
        async with asyncio.timeout(OVERALL_S):
            await got.get()
            peer.cut()
            with pytest.raises((Unreachable, Mute)):
                await task
