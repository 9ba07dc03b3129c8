"""What people hold over devices, kept over restarts: one record in the journal for each change.

Every mover starts with what is held over it unknown, and nothing but an emergency moves it. What the journal tells comes back as
soon as it can be read, however late that is: a slow disk lifts no lock-out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import structlog

from controller.core.device import Alarm, Device, Recalled
from controller.core.modes import NOT_KNOWN, Holds, Mode
from controller.core.mover import Mover
from controller.ports import Entry, Journal, JournalUnavailable, Record
from controller.runner import Runner

log = structlog.get_logger("rempart.holds")

KIND = "mode"
"""The kind of a journal entry that says what people hold over a device from now on."""

PAGE = 1000
"""How many of them are asked for at once. All of them are read: no lock-out is too old to count."""

PATIENCE_S, RETRY_S = 3.0, 1.0
"""How long the journal may take before that is an alarm, and how soon it is asked again where it cannot be read."""


def entry(mover: Mover) -> Entry:
    """Return the record of what is held over `mover` now."""
    return Entry(KIND, mover.spec.id, body={"mode": str(mover.mode), "holds": mover.holds.record()})


def changed(before: Mover, after: Mover) -> bool:
    """Tell whether `after` holds anything else; that it is known now is no change to write down."""
    return replace(before.holds, known=True) != replace(after.holds, known=True)


def forgotten(device: Device) -> Device:
    """Return `device` as it starts: what an earlier run left held over it is not known."""
    return replace(device, holds=Holds(known=False), mode=Mode.UNKNOWN) if isinstance(device, Mover) else device


async def held(journal: Journal) -> dict[str, Holds]:
    """Return what is held over each device. Raises JournalUnavailable, also for a record that cannot be understood."""
    found: dict[str, Holds] = {}
    after = 0
    while True:
        page = await journal.select(after, PAGE, kind=KIND)
        _take_in(found, page)
        if len(page) < PAGE:
            return found
        after = page[-1].seq


def _take_in(found: dict[str, Holds], records: Sequence[Record]) -> None:
    """Take each record for the whole of what is held, except one that was made before the earlier ones were known."""
    try:
        for record in records:
            device, holds = record.entry.device, Holds.recorded(record.entry.body["holds"])
            found[device] = holds if holds.known else holds.joined(found.get(device, Holds()))
    except (KeyError, TypeError) as error:
        raise JournalUnavailable(f"a record of what is locked out cannot be understood: {error!r}") from error


class Custody:
    """Brings back what was held before this start. `alarmed` hears what stands in its way, nothing once it is done."""

    def __init__(
        self, journal: Journal, runners: Mapping[str, Runner], alarmed: Callable[[Sequence[Alarm]], None]
    ) -> None:
        self._journal, self._runners, self._alarmed = journal, runners, alarmed

    async def run(self) -> None:
        """Bring back what was held, as soon as the journal tells it."""
        loop = asyncio.get_running_loop()
        late = loop.call_later(PATIENCE_S, self._not_known, f"it has not answered within {PATIENCE_S:g} s")
        try:
            found = await self._told()
        finally:
            late.cancel()
        for device, runner in self._runners.items():
            if isinstance(runner.device, Mover):
                runner.post(Recalled(found.get(device, Holds())))
        self._alarmed([])

    async def _told(self) -> dict[str, Holds]:
        while True:
            try:
                return await held(self._journal)
            except JournalUnavailable as error:
                self._not_known(str(error))
                await asyncio.sleep(RETRY_S)

    def _not_known(self, why: str) -> None:
        log.error("what was locked out or latched before this start is not known", error=why)
        self._alarmed([Alarm("holds-lost", 1, f"{NOT_KNOWN} ({why})")])
