"""Since when things are held over devices: the journal tells, and is asked once for each change of what is held."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from controller.console.custody import RECORDS, Began, Told, began, keys
from controller.console.upstream import Answered, Unreachable, Upstream

AT_ONCE = 32
"""How many devices the journal is asked about for one look; the rest comes with the next."""


class Since:
    """What the journal has told so far."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[frozenset[str], Began]] = {}

    async def of(self, upstream: Upstream, token: str, devices: Mapping[str, Told]) -> Mapping[str, Began]:
        """Return since when each thing is held, by device. What cannot be told now is left out, and asked for again."""
        wanted = {name: frozenset(keys(device["held"])) for name, device in devices.items()}
        wanted = {name: held for name, held in wanted.items() if held}
        self._known = {name: known for name, known in self._known.items() if wanted.get(name) == known[0]}
        missing = [name for name in wanted if name not in self._known][:AT_ONCE]
        try:
            told = await asyncio.gather(*(self._ask(upstream, token, devices[name]) for name in missing))
        except (Answered, Unreachable):
            told = []
        found = {name: one for name, (one, _) in zip(missing, told, strict=False)}
        for name, (one, whole) in zip(missing, told, strict=False):
            if whole or len(one) == len(wanted[name]):
                self._known[name] = (wanted[name], one)
        return {**found, **{name: known for name, (_, known) in self._known.items()}}

    def so_far(self, devices: Mapping[str, Told]) -> Mapping[str, Began]:
        """Return what is known without asking."""
        held = {name: frozenset(keys(device["held"])) for name, device in devices.items()}
        return {name: began for name, (what, began) in self._known.items() if held.get(name) == what}

    async def _ask(self, upstream: Upstream, token: str, device: Told) -> tuple[Began, bool]:
        """Return what the journal knows of a device, and whether there is more than was looked at: then it is not asked again."""
        asked = {"device": device["id"], "kind": "mode", "newest": "true", "limit": str(RECORDS)}
        records = (await upstream.ask("GET", "/journal", token, params=asked))["records"]
        return began(records, device["held"]), len(records) == RECORDS
