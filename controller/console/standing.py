"""Whether sessions still stand, asked of the controller once for all the open pages of one.

That goes ahead of what pages ask: the pulse of all that are open waits for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from controller.console.upstream import Answered, Unreachable, Upstream
from controller.console.visitor import Visitor

SHARED_S = 5.0
"""How old an answer may be that another page of the same session was given."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: when (s, monotonic), and what the controller tells of the session; None where it has ended."""

    at: float
    told: asyncio.Task[Mapping[str, Any] | None]


class Standing:
    """What was asked lately, by token."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._asked: dict[str, Asked] = {}

    async def of(self, who: Visitor) -> Visitor | None:
        """Return the visitor with the session as it stands now; None where it has ended.

        Where the controller cannot tell it stands as before.
        """
        now = time.monotonic()
        self._asked = {token: asked for token, asked in self._asked.items() if now - asked.at <= SHARED_S}
        if who.token not in self._asked:
            telling = asyncio.create_task(self._tell(who.token), name="session")
            self._asked[who.token] = Asked(now, telling)
        told = await asyncio.shield(self._asked[who.token].told)
        if told is None:
            return None
        return replace(who, expires=told["expires"] or "") if told else who

    async def _tell(self, token: str) -> Mapping[str, Any] | None:
        try:
            told: Mapping[str, Any] = await self._upstream.ask("GET", "/sessions/current", token, ahead=True)
        except Answered as error:
            return None if error.status == 401 else {}
        except Unreachable:
            return {}
        return told
