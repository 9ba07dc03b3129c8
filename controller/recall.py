"""What an earlier run of the controller left open, and its end: looked for at the start, and until the journal can tell."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from controller import alarm_memory
from controller.annunciator import Annunciator
from controller.ledger import Ledger
from controller.logbook import Logbook
from controller.ports import Entry, Journal, JournalUnavailable

log = structlog.get_logger("rempart.recall")

READ_S = 3.0
"""How long the journal may take at the start to tell what an earlier run left open: a disk that hangs delays no supervision."""

AGAIN_S = 2.0
"""How long to wait before a journal that could not tell is asked again."""


class Recall:
    """Ends the commands and passages that a run which was killed has left open, and hides again the alarms that it hid."""

    def __init__(
        self, journal: Journal, ledger: Ledger, logbook: Logbook, alarms: Annunciator, utc: Callable[[], str]
    ) -> None:
        self._journal, self._ledger, self._logbook, self._alarms, self._utc = journal, ledger, logbook, alarms, utc
        self.done = False

    async def at_start(self) -> list[str] | None:
        """Return the ids of what was left open and has been ended; None where the journal cannot be read in time."""
        try:
            async with asyncio.timeout(READ_S):
                left_open = await self._close()
                now = asyncio.get_running_loop().time()
                self._alarms.restore(await alarm_memory.hidden_before(self._journal, self._utc(), now))
                return left_open
        except (JournalUnavailable, TimeoutError) as error:
            why = str(error) or f"no answer within {READ_S:g} s"
            log.warning(
                "the journal cannot be read: commands left open by an earlier run are ended later, alarms it hid are shown",
                error=why,
            )
            return None

    async def later(self) -> None:
        """Return when everything that was left open has been ended, however long the journal cannot be read."""
        while not self.done:
            await asyncio.sleep(AGAIN_S)
            try:
                left_open = await self._close()
            except JournalUnavailable:
                continue
            self._journal.note(Entry("service", body={"event": "recalled", "left_open": left_open}))

    async def _close(self) -> list[str]:
        left_open = [*await self._ledger.close_left_open(), *await self._logbook.close_left_open()]
        self.done = True
        return left_open
