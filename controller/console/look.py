"""A look at the site: everything at once, or only what the event stream says has changed since the last one.

One thing is asked for after the other: an order that meets a look in the controller's loop waits for one answer and not for all.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from controller.console.custody import Began
from controller.console.since import Since
from controller.console.upstream import Upstream

Told = Mapping[str, Any]

SINCE_S = 0.5
"""How long a look waits for the journal to tell since when something is held: the look is what all pages live from."""
FEW = 10
"""How many devices are asked for one by one; where more have changed, asking for all of them takes less time."""


@dataclass(frozen=True, slots=True)
class Look:
    """The site at one instant. `why` says why there is no younger one.

    `at` (UTC) and `taken` (s, monotonic): when all of it was looked at; what has changed since is younger. `since` tells by
    device since when things are held over it.
    """

    number: int = 0
    site: Told = field(default_factory=dict)
    devices: Mapping[str, Told] = field(default_factory=dict)
    alarms: Told = field(default_factory=dict)
    commands: Mapping[str, Told] = field(default_factory=dict)
    at: datetime | None = None
    why: str = ""
    taken: float = 0.0
    passages: Sequence[Told] = ()
    since: Mapping[str, Began] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Tell whether there is anything to show."""
        return self.at is not None


@dataclass(slots=True)
class News:
    """What has changed since the last look, as far as the event stream has told."""

    devices: set[str] = field(default_factory=set)
    alarms: bool = False
    passages: bool = False
    whole: bool = False

    def heard(self, kind: str, data: Told) -> None:
        """Take in an event. An order that has gone on is told whole by its event: nothing is asked for it."""
        if kind == "device":
            self.devices.add(data["id"])
        elif kind in ("alarm", "flood"):
            self.alarms = True
        elif kind == "passage":
            self.passages = True
        elif kind != "command":
            self.whole = True

    @property
    def much(self) -> bool:
        """Tell whether everything is to be looked at anew."""
        return self.whole or len(self.devices) > FEW


async def look(
    upstream: Upstream, token: str, commands: Mapping[str, Told], since: Since, number: int = 0, *, ahead: bool = False
) -> Look:
    """Look at everything now, `ahead` of others who ask for the look that all pages live from. Raises Unreachable, Answered."""
    taken, ask = time.monotonic(), partial(upstream.ask, "GET", token=token, ahead=ahead)
    listed = await ask("/devices")
    site = await ask("/site")
    alarms = await ask("/alarms")
    passages = await ask("/passages")
    devices = {one["id"]: one for one in listed}
    try:
        async with asyncio.timeout(SINCE_S):
            began = await since.of(upstream, token, devices)
    except TimeoutError:
        began = since.so_far(devices)
    return Look(number, site, devices, alarms, dict(commands), datetime.now(UTC), "", taken, passages, began)


async def glance(
    last: Look, news: News, upstream: Upstream, token: str, commands: Mapping[str, Told], since: Since
) -> Look:
    """Look at what has changed since the last look, which is as old as before in all else. Raises Unreachable, Answered."""
    seen = replace(last, number=last.number + 1, commands=dict(commands))
    ask = partial(upstream.ask, "GET", token=token, ahead=True)
    devices = {**last.devices, **{name: await ask(f"/devices/{name}") for name in news.devices}}
    # What is said of the whole perimeter follows from its devices.
    beside = {"site": bool(news.devices), "alarms": news.alarms, "passages": news.passages}
    parts = {part: await ask(f"/{part}") for part, changed in beside.items() if changed}
    # The journal is asked with the next look at everything, which a glance must not make late.
    return replace(seen, devices=devices, since=since.so_far(devices), **parts)
