"""Passwords are hashed with argon2id (RFC 9106), one at a time, in a thread of its own that gives way to everything else.

A hash takes 64 MiB and a few tens of milliseconds of all processors. Who guesses can make this thread busy, and its queue full:
that is all. People at an address that they have logged in from before wait in a queue of their own, which goes first.
"""

from __future__ import annotations

import asyncio
import os
from base64 import b64encode
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from controller.people.errors import TooBusy

WAITING = 16
"""How many may wait in each of the two queues: about a second."""

GIVING_WAY = 15
"""Of nice(2). A thread has its own on Linux, and those that argon2 starts have it from the one that starts them."""

T = TypeVar("T")


class Passwords:
    """Hashes and compares; blocking, to be called in a thread."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobodys = _nobodys(self._hasher)

    def hash(self, password: str) -> str:
        """Return what is kept of a password."""
        return self._hasher.hash(password)

    def right(self, kept: str | None, given: str) -> bool:
        """Tell whether this is the password of which `kept` was kept; it takes as long where nothing was."""
        try:
            self._hasher.verify(self._nobodys if kept is None else kept, given)
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None

    def outdated(self, kept: str) -> bool:
        """Tell whether a hash was made with other parameters than are used now."""
        return self._hasher.check_needs_rehash(kept)


def _nobodys(hasher: PasswordHasher) -> str:
    """Return what is compared with for names that nobody has, which must take as long as others: a hash of no password."""
    salt, hashed = (b64encode(os.urandom(n)).decode().rstrip("=") for n in (hasher.salt_len, hasher.hash_len))
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${costs}${salt}${hashed}"


class Hashing:
    """The one thread in which passwords are looked at, and the two queues before it."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "passwords", initializer=_give_way)
        self._busy = False
        self._queues: dict[bool, deque[asyncio.Future[None]]] = {True: deque(), False: deque()}

    async def run(self, work: Callable[[], T], *, ahead: bool = False) -> T:
        """Return what `work` does in the thread, those that go `ahead` first. Raises TooBusy, and what `work` raises."""
        if self._busy:
            await self._turn(self._queues[ahead])
        self._busy = True
        running = asyncio.get_running_loop().run_in_executor(self._pool, work)
        # Not when the caller goes: the thread is free when its work is done.
        running.add_done_callback(lambda _: self._next())
        return await asyncio.shield(running)

    async def _turn(self, queue: deque[asyncio.Future[None]]) -> None:
        if len(queue) >= WAITING:
            raise TooBusy
        turn = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn in queue:
                queue.remove(turn)
            elif not turn.cancelled():
                self._next()
            raise

    def _next(self) -> None:
        self._busy = False
        turn = next((queue.popleft() for queue in (self._queues[True], self._queues[False]) if queue), None)
        if turn is None:
            return
        # Its own from now on, not from when its task comes to run: nobody gets in between.
        self._busy = True
        if turn.cancelled():
            self._next()
        else:
            turn.set_result(None)

    def close(self) -> None:
        """Let the thread end; what waits for it is cancelled."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _give_way() -> None:
    # Under systemd the unit's filter of system calls may refuse it.
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, GIVING_WAY)
