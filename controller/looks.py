"""Points that people want to see now, beside those that are polled: one between two polls, which nobody's curiosity delays."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from controller.core.readings import Readings
from controller.overtaking import Overtaking
from controller.peer import Peer
from controller.ports import Expired, Link, LinkError, Point, Refusing

MOST = 16
"""How many may wait for one wire."""

PATIENCE_S = 2.0
"""How long one may wait for its turn."""


@dataclass(slots=True, eq=False)
class Look:
    """A point that somebody wants to see before `deadline` (monotonic s)."""

    peer: Peer
    point: Point
    deadline: float
    found: asyncio.Future[Readings]


class Looks:
    """Those that wait for one wire."""

    def __init__(self, wire: str, link: Link, overtaking: Overtaking, lose: Callable[[Peer, LinkError], None]) -> None:
        """`overtaking` hears that a read is in flight, `lose` that a unit does not answer."""
        self._wire, self._link, self._overtaking, self._lose = wire, link, overtaking, lose
        self._waiting: deque[Look] = deque()
        self._looked = False

    def ask(self, peer: Peer, point: Point) -> Look:
        """Let one more wait. Raises Refusing where MOST do already."""
        if len(self._waiting) >= MOST:
            raise Refusing(self._wire, peer.plan.unit.name, f"{MOST} points wait to be read already; try again")
        loop = asyncio.get_running_loop()
        look = Look(peer, point, loop.time() + PATIENCE_S, loop.create_future())
        self._waiting.append(look)
        return look

    def next(self, *, idle: bool) -> Look | None:
        """Take out whose turn it is; None where nobody waits, or where a poll has to come first because it is not `idle`."""
        while self._waiting and self._waiting[0].found.done():
            self._waiting.popleft()
        if not self._waiting or (self._looked and not idle):
            self._looked = False
            return None
        self._looked = True
        return self._waiting.popleft()

    async def serve(self, look: Look) -> None:
        """Read it, and tell whoever waits."""
        self._overtaking.reading()
        try:
            found = await self._link.read(look.peer.plan.unit, (look.point,), look.deadline)
        except (Expired, LinkError) as error:
            if not look.found.done():
                look.found.set_exception(error)
            if isinstance(error, LinkError) and not isinstance(error, Refusing) and look.peer.open:
                self._lose(look.peer, error)
        except BaseException:
            look.found.cancel()
            raise
        else:
            if not look.found.done():
                look.found.set_result(found)
        finally:
            self._overtaking.read()

    def close(self) -> None:
        """Send everybody away."""
        while self._waiting:
            self._waiting.popleft().found.cancel()
