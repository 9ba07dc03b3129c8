"""One password at a time, two bounded queues before it, and nobody who waits for it but those who log in."""

from __future__ import annotations

import asyncio
import threading
from functools import partial

import pytest
from argon2 import PasswordHasher

from controller.people.errors import TooBusy
from controller.people.passwords import WAITING, Hashing, Passwords

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def test_a_password_is_right_or_not_and_nobodys_is_never():
    passwords = Passwords(CHEAP)
    kept = passwords.hash("three grey bollards")
    assert kept.startswith("$argon2id$")
    assert passwords.right(kept, "three grey bollards")
    assert not passwords.right(kept, "three grey bollard")
    assert not passwords.right(None, "three grey bollards")
    assert not passwords.right("no hash", "three grey bollards")
    assert not passwords.outdated(kept)
    assert Passwords(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)).outdated(kept)


def test_who_is_not_there_costs_the_same_hash(monkeypatch: pytest.MonkeyPatch):
    passwords, asked = Passwords(CHEAP), []
    monkeypatch.setattr(PasswordHasher, "verify", lambda _, kept, given: asked.append(kept))
    passwords.right(None, "x")
    passwords.right(passwords.hash("y"), "x")
    assert len(asked) == 2
    assert len({kept.rsplit("$", 2)[0] for kept in asked}) == 1


class Gate:
    """Work that goes on until it is let go."""

    def __init__(self) -> None:
        self.begun, self.let_go = threading.Event(), threading.Event()

    def __call__(self) -> None:
        self.begun.set()
        self.let_go.wait()


async def test_one_at_a_time_those_ahead_first_and_no_more_than_can_be_done_soon():
    hashing, gate = Hashing(), Gate()
    order: list[int] = []
    first = asyncio.create_task(hashing.run(gate))
    await asyncio.to_thread(gate.begun.wait)
    waiting = [asyncio.create_task(hashing.run(partial(order.append, n))) for n in range(WAITING)]
    ahead = [asyncio.create_task(hashing.run(partial(order.append, -n), ahead=True)) for n in range(1, 3)]
    await asyncio.sleep(0)
    with pytest.raises(TooBusy):
        await hashing.run(lambda: None)
    gate.let_go.set()
    await asyncio.gather(first, *waiting, *ahead)
    assert order == [-1, -2, *range(WAITING)]
    hashing.close()


async def test_who_goes_away_frees_a_place_and_holds_nobody_up():
    hashing, gate, done = Hashing(), Gate(), []
    first = asyncio.create_task(hashing.run(gate))
    await asyncio.to_thread(gate.begun.wait)
    gone = [asyncio.create_task(hashing.run(lambda: done.append("gone"))) for _ in range(WAITING)]
    await asyncio.sleep(0)
    first.cancel()
    for task in gone:
        task.cancel()
    await asyncio.gather(first, *gone, return_exceptions=True)
    last = asyncio.create_task(hashing.run(lambda: done.append("last")))
    await asyncio.sleep(0)
    assert done == []  # the thread is not free before its work is done, whoever waits for it
    gate.let_go.set()
    await last
    assert done == ["last"]
    hashing.close()


async def test_what_fails_in_the_thread_is_told_and_frees_it():
    hashing = Hashing()
    with pytest.raises(ZeroDivisionError):
        await hashing.run(lambda: 1 / 0)
    assert await hashing.run(lambda: 7) == 7
    hashing.close()
