"""What people hold over devices, kept over restarts: one record in the journal for each change.

Every mover starts with what is held over it unknown, and nothing but an emergency moves it. What the journal tells comes back as
soon as it can be read, however late that is: a slow disk lifts no lock-out. What withholds permission takes effect without the
journal, is an alarm as long as it is not on record, and is written down as soon as it can be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import structlog

from controller.core.device import Alarm, Device, Recalled
from controller.core.modes import NOT_KNOWN, Holds, Mode
from controller.core.mover import Mover
from controller.core.replacing import replace
from controller.core.said import said
from controller.ports import Entry, Journal, JournalUnavailable, Record
from controller.runner import Runner

log = structlog.get_logger("rempart.holds")

KIND = "mode"
"""The kind of a journal entry that says what people hold over a device from now on."""

PAGE = 1000
"""How many of them are asked for at once. All of them are read: no lock-out is too old to count."""

PATIENCE_S, RETRY_S = 3.0, 1.0
"""How long the journal may take before that is an alarm, and how soon it is asked again where it cannot be read."""


def entry(before: Mover, after: Mover) -> Entry:
    """Return the record of what is held over a mover now, with the mode that it was in and the one that it is in."""
    body = {"mode": str(after.mode), "was": str(before.mode), "holds": after.holds.record()}
    return Entry(KIND, after.spec.id, body=body)


def changed(before: Mover, after: Mover) -> bool:
    """Tell whether `after` holds anything else; that it is known now is no change to write down."""
    return before.holds is not after.holds and replace(before.holds, known=True) != replace(after.holds, known=True)


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
    """Brings back what was held before this start, and puts on record what is held from now on.

    `alarmed` hears every time what stands in the way of that, and nothing once nothing does.
    """

    def __init__(
        self, journal: Journal, runners: Mapping[str, Runner], alarmed: Callable[[Sequence[Alarm]], None]
    ) -> None:
        self._journal, self._runners, self._alarmed = journal, runners, alarmed
        self._standing: dict[str, Alarm] = {}
        self._unrecorded: dict[str, Entry] = {}
        self._bell = asyncio.Event()

    def changed(self, before: Mover, after: Mover) -> None:
        """Write down what is held over a mover from now on."""
        told = self._unrecorded[after.spec.id] = entry(before, after)
        self._journal.note(told)
        self._bell.set()

    async def run(self) -> None:
        """Do both until cancelled."""
        async with asyncio.TaskGroup() as both:
            both.create_task(self._bring_back(), name="what was held")
            both.create_task(self._keep_record(), name="what is held")

    async def _bring_back(self) -> None:
        loop = asyncio.get_running_loop()
        late = loop.call_later(
            PATIENCE_S, self._not_known, said("it has not answered within {seconds:g} s", seconds=PATIENCE_S)
        )
        try:
            found = await self._told()
        finally:
            late.cancel()
        for device, runner in self._runners.items():
            if isinstance(runner.device, Mover):
                runner.post(Recalled(found.get(device, Holds())))
        self._annunciate("holds-lost", None)

    async def _told(self) -> dict[str, Holds]:
        while True:
            try:
                return await held(self._journal)
            except JournalUnavailable as error:
                self._not_known(error.told)
                await asyncio.sleep(RETRY_S)

    def _not_known(self, why: str) -> None:
        log.error("what was locked out or latched before this start is not known", error=why)
        self._annunciate("holds-lost", Alarm("holds-lost", 1, said("{what} ({why})", what=NOT_KNOWN, why=why)))

    async def _keep_record(self) -> None:
        while True:
            await self._bell.wait()
            self._bell.clear()
            once_more = False
            while waiting := dict(self._unrecorded):
                once_more = not await self._recorded(waiting, once_more=once_more)

    async def _recorded(self, waiting: Mapping[str, Entry], *, once_more: bool) -> bool:
        """Tell whether what was noted is durable. After a failure it is written `once_more`: a full memory loses notes."""
        late = asyncio.get_running_loop().call_later(
            PATIENCE_S, self._not_on_record, said("no answer within {seconds:g} s", seconds=PATIENCE_S)
        )
        try:
            await self._journal.append(*(told for told in waiting.values() if once_more))
        except JournalUnavailable as error:
            self._not_on_record(error.told)
            await asyncio.sleep(RETRY_S)
            return False
        finally:
            late.cancel()
        self._unrecorded = {name: told for name, told in self._unrecorded.items() if waiting.get(name) is not told}
        if not self._unrecorded:
            self._annunciate("holds-unrecorded", None)
        return True

    def _not_on_record(self, why: str) -> None:
        held = ", ".join(sorted(self._unrecorded))
        text = said(
            "what people hold over {devices} now is not on record, and a restart of the controller undoes it: {why}",
            devices=held,
            why=why,
        )
        self._annunciate("holds-unrecorded", Alarm("holds-unrecorded", 2, text))

    def _annunciate(self, name: str, alarm: Alarm | None) -> None:
        self._standing.pop(name, None)
        if alarm is not None:
            self._standing[name] = alarm
        self._alarmed(list(self._standing.values()))
