"""A journal in a folder of its own, and a hand that opens its file without asking the journal."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest

from controller.journal import SqliteJournal, writer
from controller.journal.writer import WriterThread


class Clock:
    """A wall clock that goes on by a second each time it is read."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture(autouse=True)
def quick_retry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "RETRY_S", 0.02)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


class Opener(Protocol):
    async def __call__(self, path: Path) -> SqliteJournal: ...


@pytest.fixture
async def opened() -> AsyncIterator[Opener]:
    """`await opened(path)`: a journal that is closed after the test."""
    async with AsyncExitStack() as stack:

        async def open_one(path: Path) -> SqliteJournal:
            journal = await SqliteJournal.open(path, utcnow=Clock())
            stack.push_async_callback(journal.close)
            return journal

        yield open_one


@pytest.fixture
async def journal(opened: Opener, path: Path) -> SqliteJournal:
    return await opened(path)


@contextmanager
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None, timeout=5)) as connection:
        yield connection


@pytest.fixture
def tamper(path: Path) -> Callable[..., None]:
    """`tamper(sql, ...)`: what someone with the file and without scruples would do: drop the triggers, then write."""

    def run(*statements: str) -> None:
        with raw(path) as connection:
            for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                connection.execute(statement)

    return run


def thread_of(journal: SqliteJournal) -> threading.Thread:
    """Return the thread that writes `journal`."""
    writer = journal._writer
    assert isinstance(writer, WriterThread)
    return writer.thread
