"""Many callers, one wire: turns, cancellation, late answers."""

from __future__ import annotations

import asyncio

import pytest

from controller.ports import Garbled, Link, Mute, Unreachable
from tests.links.adapter import ENDLESS_S, OVERALL_S, Adapter, Mode
from tests.links.suite.base import Cases, dialled, ordered, soon, turns

LOST = (Unreachable, Mute, Garbled)


class Turns(Cases):
    """Many callers, one wire: turns, cancellation, late answers."""

    async def test_a_cancelled_read_never_shifts_the_next_answers(self, peer: Adapter, link: Link):
        patient = peer.patient(ENDLESS_S)
        await link.open(patient, soon(ENDLESS_S))
        for number in range(40):
            peer.mode, seen = Mode.HOLD, peer.requests
            peer.turn(1000 + number)
            task = asyncio.create_task(dialled(link, peer, patient, soon(ENDLESS_S)))
            await peer.heard(seen + 1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            peer.mode = Mode.ANSWER
            await peer.release()
            peer.turn(number)
            assert await dialled(link, peer, patient, soon()) == number

    async def test_cancellation_passes_untouched(self, peer: Adapter, link: Link):
        """A time-out around a call is a TimeoutError, nothing else."""
        patient = peer.patient(ENDLESS_S)
        await link.open(patient, soon(ENDLESS_S))
        peer.mode = Mode.HOLD
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await dialled(link, peer, patient, soon(ENDLESS_S))

    async def test_a_late_answer_is_never_anothers(self, peer: Adapter, link: Link):
        for number in range(8):
            unit = peer.patient(OVERALL_S)
            peer.mode = Mode.ANSWER
            await link.open(unit, soon())
            peer.turn(1000 + number)
            peer.mode, seen = Mode.HOLD, peer.requests
            with pytest.raises(Mute):
                await dialled(link, peer, unit, soon(0.05))
            assert peer.requests == seen + 1
            peer.mode = Mode.ANSWER
            if number % 2:
                await peer.release()  # before anything else is asked
                await link.open(unit, soon())
            else:
                opening = asyncio.create_task(link.open(unit, soon()))
                await peer.release()  # as the next thing is asked
                try:
                    await opening
                except LOST:
                    await link.open(unit, soon())
            peer.turn(number)
            assert await dialled(link, peer, unit) == number

    async def test_one_request_at_a_time(self, peer: Adapter, link: Link):
        patient = peer.patient(ENDLESS_S)
        await link.open(patient, soon(ENDLESS_S))
        peer.mode, seen, peer.most_in_flight = Mode.HOLD, peer.requests, 0
        callers = [asyncio.create_task(dialled(link, peer, patient, soon(ENDLESS_S))) for _ in range(5)]
        for number in range(5):
            await peer.heard(seen + number + 1)
            await turns()
            assert peer.in_flight == 1
            await peer.release()
        await asyncio.gather(*callers)
        assert peer.most_in_flight == 1

    async def test_who_is_cancelled_while_he_waits_for_the_wire_sends_nothing(self, peer: Adapter, link: Link):
        patient = peer.patient(ENDLESS_S)
        await link.open(patient, soon(ENDLESS_S))
        peer.mode, seen = Mode.HOLD, peer.requests
        first = asyncio.create_task(dialled(link, peer, patient, soon(ENDLESS_S)))
        await peer.heard(seen + 1)
        second = asyncio.create_task(link.write(patient, ordered(peer), soon(ENDLESS_S)))
        await turns()
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        peer.mode = Mode.ANSWER
        await peer.release()
        await first
        await dialled(link, peer, patient)
        assert peer.written == []
