"""Reads of the journal in a thread of their own, with a connection of their own. Loop side only."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from controller.journal.chain import Row, to_record
from controller.journal.database import open_reader, unavailable
from controller.ports import JournalUnavailable, Record

CLOSE_S = 0.5
"""How long a read may go on when the service stops: a disk that hangs must not hold it."""

T = TypeVar("T")
Query = Callable[[sqlite3.Connection], list[Row]]


class Reader:
    """One read after the other; the connection is made with the first, and anew after one that failed."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._connection: sqlite3.Connection | None = None

    async def read(self, query: Query) -> Sequence[Record]:
        """Return what `query` finds. Raises JournalUnavailable."""
        return await self.ask(lambda reader: [to_record(row) for row in query(reader)])

    async def ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """Return the answer to `question`. Raises JournalUnavailable."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._answer, question)

    async def close(self) -> None:
        """Release the file; waits up to CLOSE_S for the disk. Never raises."""
        await asyncio.wait({asyncio.get_running_loop().run_in_executor(self._thread, self._release)}, timeout=CLOSE_S)
        self._thread.shutdown(wait=False)

    def _answer(self, question: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if self._connection is None:
                self._connection = open_reader(self._path)
            return question(self._connection)
        except sqlite3.Error as error:
            self._release()
            raise unavailable(self._path, error) from error
        except ValueError as error:
            raise JournalUnavailable(f"{self._path}: a record cannot be read: {error}; verify the journal") from error

    def _release(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
