"""Closing leaves nothing behind."""

from __future__ import annotations

import asyncio

import pytest

from controller.ports import LinkError
from tests.links.adapter import ENDLESS_S, Adapter, Mode
from tests.links.suite.base import Cases, dialled, nothing_left, open_files, soon


class Closing(Cases):
    """Closing leaves nothing behind."""

    async def test_close_leaves_no_socket_and_no_task(self, peer: Adapter):
        files, tasks = open_files(), asyncio.all_tasks()
        link = peer.link()
        await link.open(peer.unit, soon())
        await link.close()
        await nothing_left(files, tasks)

    async def test_close_in_mid_request_ends_it_at_once(self, peer: Adapter):
        files, tasks = open_files(), asyncio.all_tasks()
        link, patient = peer.link(), peer.patient(ENDLESS_S)
        await link.open(patient, soon(ENDLESS_S))
        peer.mode, seen = Mode.HOLD, peer.requests
        reading = asyncio.create_task(dialled(link, peer, patient, soon(ENDLESS_S)))
        await peer.heard(seen + 1)
        async with asyncio.timeout(2):
            await link.close()
        with pytest.raises(LinkError):
            await reading
        await nothing_left(files, tasks)

    async def test_close_twice_or_unopened_does_no_harm(self, peer: Adapter):
        link = peer.link()
        await link.close()
        await link.open(peer.unit, soon())
        await link.close()
        await link.close()
