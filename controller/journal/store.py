"""The journal as the service sees it: durable appends, notes that do not wait, and reads beside them. Loop side only.

Nothing here blocks the loop: writing is the writer's thread, reading those of two readers. Whether an order was given before is
looked up by one that does nothing else: nobody's long report makes an order wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from controller.journal.chain import Draft, Head, Verdict, drafts, storable, to_record
from controller.journal.database import rows_of_command, select_rows
from controller.journal.offline import check_part, verify_gently
from controller.journal.reader import Query, Reader
from controller.journal.search import search
from controller.journal.writer import Job, Outcome, Writer, WriterThread
from controller.ports import Checked, Entry, Found, JournalUnavailable, Record, Search

# The service stops within 2 s; a disk that hangs must not hold it longer.
CLOSE_S = 1.0

MakeWriter = Callable[[Path, Callable[[], datetime], Callable[[Outcome], None]], Writer]


class SqliteJournal:
    """A site's journal in one SQLite file; implements ports.Journal. Make it with `await SqliteJournal.open(...)`."""

    @classmethod
    async def open(
        cls, path: Path, *, utcnow: Callable[[], datetime], writer: MakeWriter = WriterThread
    ) -> SqliteJournal:
        """Open the journal at `path`, made if it is not there. `utcnow` gives aware times; it is called from two threads.

        `writer` says who writes, and where: in a thread unless told otherwise.

        Never raises because of the file: a journal that cannot be opened is not `healthy`, says why in `trouble`, refuses
        appends, keeps notes, and goes on by itself when the file can be opened.
        """
        journal = cls(path, utcnow, writer)
        journal._writer.start()
        await journal._opened.wait()
        return journal

    def __init__(self, path: Path, utcnow: Callable[[], datetime], writer: MakeWriter) -> None:
        self._path, self._utcnow = path, utcnow
        self._loop = asyncio.get_running_loop()
        self._writer = writer(path, utcnow, self._tell)
        self._opened = asyncio.Event()
        self._closed = False
        self._head: Head | None = None
        self._noted: list[Job] = []
        self._waiting: dict[Job, asyncio.Future[Sequence[Record]]] = {}
        self._watchers: set[asyncio.Future[None]] = set()
        self._lookups, self._reports = Reader(path, "journal-lookup"), Reader(path, "journal-report")

    @property
    def healthy(self) -> bool:
        return not self.trouble

    @property
    def trouble(self) -> str:
        """What is wrong and what to do about it; empty while the journal is healthy."""
        return self._writer.trouble

    @property
    def head(self) -> Head | None:
        """The last durable record; None as long as the file could not be opened."""
        return self._head

    @property
    def lost(self) -> int:
        """Entries noted and lost since the start, because memory was full or the service ended during an outage."""
        self._hand_over()
        return self._writer.lost

    async def append(self, *entries: Entry) -> Sequence[Record]:
        """Return when `entries` and everything noted before are durable; without entries it waits for the notes alone.

        Raises JournalUnavailable. An append that is cancelled may be recorded none the less.
        """
        self._hand_over()
        job = Job(self._drafts(entries), awaited=True)
        if not self._writer.submit(job):
            raise JournalUnavailable(f"{self._path}: the journal is closed")
        # The thread's answer comes through the loop, hence never before the next line.
        self._waiting[job] = self._loop.create_future()
        return await self._waiting[job]

    def note(self, *entries: Entry) -> None:
        if not entries:
            return
        if not self._noted and not self._closed:
            # The writer hears of all that one turn of the loop brings at once: woken for each, it would take turns with the loop.
            self._loop.call_soon(self._hand_over)
        self._noted.append(Job(self._drafts(entries), awaited=False))
        if self._closed:
            self._hand_over()

    def _hand_over(self) -> None:
        noted, self._noted = self._noted, []
        if noted:
            self._writer.submit(*noted)

    async def of_command(self, command: str) -> Sequence[Record]:
        return await self._read(self._lookups, lambda reader: rows_of_command(reader, storable(command)))

    async def select(
        self, after: int = 0, limit: int = 1000, *, device: str = "", kind: str = "", newest: bool = False
    ) -> Sequence[Record]:
        return await self._read(self._reports, lambda reader: select_rows(reader, after, limit, device, kind, newest))

    async def search(self, wanted: Search) -> Found:
        """Look for records, at `EXAMINED` of them at most. Raises JournalUnavailable."""
        self._be_open()
        return await self._reports.ask(lambda reader: search(reader, wanted))

    async def check(self, after: int, hash: str) -> Checked:
        """Check the next `PART` records after one and its hash, in a thread that leaves the loop its time."""
        self._be_open()
        return await asyncio.to_thread(check_part, self._path, Head(after, hash))

    async def beyond(self, seq: int) -> Head:
        """Return the head as soon as a record with a number above `seq` is durable: what a stream of events waits for."""
        while self._head is None or self._head.seq <= seq:
            watcher = self._loop.create_future()
            self._watchers.add(watcher)
            try:
                await watcher
            finally:
                self._watchers.discard(watcher)
        return self._head

    async def verify(self, expected_head: Head | None = None) -> Verdict:
        """Check the whole chain, in a thread that leaves the loop its time. Raises JournalUnavailable."""
        return await asyncio.to_thread(verify_gently, self._path, expected_head)

    async def close(self) -> None:
        """Write what was noted, once, and release the file; waits up to CLOSE_S for the disk. Never raises."""
        if self._closed:
            return
        self._closed = True
        self._hand_over()
        await asyncio.gather(self._lookups.close(), self._reports.close())
        self._writer.close()
        await asyncio.to_thread(self._writer.join, CLOSE_S)
        await asyncio.sleep(0)  # what the thread told last is settled before anybody is given up
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(JournalUnavailable(f"{self._path}: closed before the disk had answered"))

    def _drafts(self, entries: Sequence[Entry]) -> tuple[Draft, ...]:
        return drafts(entries, self._utcnow())

    def _tell(self, outcome: Outcome) -> None:
        try:
            self._loop.call_soon_threadsafe(self._settle, outcome)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return

    def _settle(self, outcome: Outcome) -> None:
        self._opened.set()
        if outcome.error is None:
            self._head = outcome.head
        for job, rows in outcome.done:
            future = self._waiting.pop(job, None)
            if future is None or future.done():
                continue
            if outcome.error is None:
                future.set_result([to_record(row) for row in rows])
            else:
                future.set_exception(JournalUnavailable(str(outcome.error)))
        for watcher in self._watchers:
            if not watcher.done():
                watcher.set_result(None)

    async def _read(self, reader: Reader, query: Query) -> Sequence[Record]:
        self._be_open()
        return await reader.read(query)

    def _be_open(self) -> None:
        if self._closed:
            raise JournalUnavailable(f"{self._path}: the journal is closed")
