"""What people hold over devices, kept over restarts: one record in the journal for each change, the latest of a device counts."""

from __future__ import annotations

from controller.core.modes import Holds
from controller.core.mover import Mover
from controller.ports import Entry, Journal, JournalUnavailable

KIND = "mode"
"""The kind of a journal entry that says what people hold over a device from now on."""

LOOK_BACK = 10_000
"""How many of them are looked at for the latest of each device; each is an act of a person."""


def entry(before: Mover, after: Mover) -> Entry:
    """Return the record of what is held over a mover now, with the mode that it was in and the one that it is in."""
    body = {"mode": str(after.mode), "was": str(before.mode), "holds": after.holds.record()}
    return Entry(KIND, after.spec.id, body=body)


async def held(journal: Journal) -> dict[str, Holds]:
    """Return what is held over each device. Raises JournalUnavailable, also for a record that cannot be understood."""
    records = await journal.select(0, LOOK_BACK, kind=KIND, newest=True)
    try:
        return {record.entry.device: Holds.recorded(record.entry.body["holds"]) for record in records}
    except (KeyError, TypeError) as error:
        raise JournalUnavailable(f"a record of what is locked out cannot be understood: {error!r}") from error
