"""Reading, writing, and being refused."""

from __future__ import annotations

import asyncio

import pytest

from controller.core.readings import Quality
from controller.ports import Link, Refusing
from tests.links.adapter import ENDLESS_S, Adapter, Mode
from tests.links.suite.base import Cases, asked, dialled, ordered, soon


class Talking(Cases):
    """Reading, writing, and being refused."""

    async def test_read_gives_every_point_its_value_quality_and_time(self, peer: Adapter, link: Link):
        await link.open(peer.unit, soon())
        before = soon(0)
        readings = await link.read(peer.unit, asked(peer.unit, list(peer.expected)), soon())
        assert {name: reading.value for name, reading in readings.items()} == dict(peer.expected)
        for reading in readings.values():
            assert reading.quality is Quality.GOOD
            assert before <= reading.taken <= soon(0)

    async def test_a_reading_is_as_old_as_its_request(self, peer: Adapter, link: Link):
        """R28 in spirit: the time on the wire counts, not the time of the answer."""
        await link.open(peer.unit, soon())
        peer.mode, seen = Mode.HOLD, peer.requests
        reading = asyncio.create_task(
            link.read(peer.patient(ENDLESS_S), asked(peer.unit, list(peer.expected)[:1]), soon(ENDLESS_S))
        )
        await peer.heard(seen + 1)
        heard = soon(0)
        await peer.release()
        (taken,) = [r.taken for r in (await reading).values()]
        assert taken <= heard

    async def test_writes_arrive_in_the_order_given(self, peer: Adapter, link: Link):
        await link.open(peer.unit, soon())
        await link.write(peer.unit, ordered(peer), soon())
        assert peer.written == list(peer.orders)
        peer.written.clear()
        await link.write(peer.unit, ordered(peer)[::-1], soon())
        assert peer.written == list(peer.orders)[::-1]

    async def test_a_refused_read_leaves_the_unit_open(self, peer: Adapter, link: Link):
        await link.open(peer.unit, soon())
        peer.mode = Mode.REFUSE
        with pytest.raises(Refusing):
            await dialled(link, peer)
        peer.mode = Mode.ANSWER
        peer.turn(7)
        assert await dialled(link, peer) == 7

    async def test_a_refused_write_leaves_the_unit_open(self, peer: Adapter, link: Link):
        await link.open(peer.unit, soon())
        peer.mode = Mode.REFUSE
        with pytest.raises(Refusing):
            await link.write(peer.unit, ordered(peer, 1), soon())
        assert peer.written == []
        peer.mode = Mode.ANSWER
        await link.write(peer.unit, ordered(peer, 1), soon())
        assert peer.written == list(peer.orders[:1])
