"""The journal's file: its schema, the writer's connection and readers' connections. Blocking; called from threads only.

The triggers refuse to edit, delete or renumber (R37). They stop mistakes and careless tools; whoever owns the file can drop
them, and that is what the chain is for.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from controller.journal.chain import START, Head, Row
from controller.ports import JournalUnavailable

APPLICATION_ID = 0x52504A4C
SCHEMA_VERSION = 1
# How long a commit waits for a foreign program that holds the file; an order has seconds to live, not minutes.
BUSY_S = 0.5

TABLES = """
CREATE TABLE journal (
    seq INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, device TEXT NOT NULL, command TEXT NOT NULL,
    body TEXT NOT NULL, hash TEXT NOT NULL
);
CREATE INDEX journal_device ON journal (device) WHERE device <> '';
CREATE INDEX journal_kind ON journal (kind);
CREATE INDEX journal_command ON journal (command) WHERE command <> '';
CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, hash TEXT NOT NULL);
INSERT INTO head VALUES (1, 0, hex(zeroblob(32)));
CREATE TRIGGER journal_insert BEFORE INSERT ON journal WHEN new.seq IS NOT (SELECT seq + 1 FROM head)
    BEGIN SELECT raise(ABORT, 'the journal is append-only: a record takes the next number'); END;
CREATE TRIGGER journal_head AFTER INSERT ON journal BEGIN UPDATE head SET seq = new.seq, hash = new.hash; END;
CREATE TRIGGER journal_update BEFORE UPDATE ON journal
    BEGIN SELECT raise(ABORT, 'the journal is append-only: a record is never edited'); END;
CREATE TRIGGER journal_delete BEFORE DELETE ON journal
    BEGIN SELECT raise(ABORT, 'the journal is append-only: a record is never deleted'); END;
CREATE TRIGGER head_insert BEFORE INSERT ON head BEGIN SELECT raise(ABORT, 'the journal has one head'); END;
CREATE TRIGGER head_update BEFORE UPDATE ON head WHEN new.seq IS NOT old.seq + 1
    BEGIN SELECT raise(ABORT, 'the head of the journal only advances, with its records'); END;
CREATE TRIGGER head_delete BEFORE DELETE ON head BEGIN SELECT raise(ABORT, 'the journal has one head'); END;
"""
STAMP = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"

AT_ONCE = 1000
"""How many rows one statement inserts: between two of them the interpreter goes to whoever wants it, under load for 5 ms."""

COLUMNS = "SELECT seq, at, kind, device, command, body, hash FROM journal"

ADVICE = {
    "SQLITE_FULL": "the disk is full; make room on it, the journal then goes on by itself",
    "SQLITE_BUSY": "another program holds it locked; end that program",
    "SQLITE_READONLY": "it cannot be written; give the service's user write permission on the file and its folder",
    "SQLITE_CANTOPEN": "it cannot be opened; check that its folder exists and that the service's user may write there",
    "SQLITE_PERM": "it cannot be opened; give the service's user permission",
    "SQLITE_NOTADB": "it is not a journal; is it the right file? If it is, move it away and restart",
    "SQLITE_CORRUPT": "it is damaged; stop the service, keep a copy as evidence, move the file away and restart",
    "SQLITE_IOERR": "the disk failed; check the disk",
}


def unavailable(path: Path, error: sqlite3.Error | OSError) -> JournalUnavailable:
    """Say what is wrong with the journal at `path` and what to do about it."""
    if isinstance(error, OSError):
        return JournalUnavailable(f"{path}: {error.strerror or error}")
    name = str(getattr(error, "sqlite_errorname", "SQLITE_ERROR"))
    advice = next((text for known, text in ADVICE.items() if name.startswith(known)), "see the message of SQLite")
    return JournalUnavailable(f"{path}: {advice} ({name}: {error})")


class Database:
    """The one connection that writes."""

    def __init__(self, path: Path, *, create: bool) -> None:
        """Open the journal at `path`, and make it if it is not there and `create` is set.

        Raises sqlite3.Error, OSError, JournalUnavailable (the file is something else).
        """
        if create:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        self._path = path
        self._file = _file_identity(path)
        self._connection = connect(path)
        try:
            _prepare(self._connection, path)
            self.head = stored_head(self._connection)
        except BaseException:
            self._connection.close()
            raise

    def write(self, rows: Sequence[Row]) -> None:
        """Make `rows` durable, or none of them. Raises sqlite3.Error, OSError."""
        if _file_identity(self._path) != self._file:
            raise OSError(errno.ESTALE, "the file was replaced while it was in use; restart the service")
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for start in range(0, len(rows), AT_ONCE):
                some = rows[start : start + AT_ONCE]
                self._connection.execute(_insert(len(some)), [field for row in some for field in row])
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        self.head = Head(rows[-1].seq, rows[-1].hash)

    def holds(self, head: Head) -> bool:
        """Whether the record that `head` names is in this file."""
        found = self._connection.execute("SELECT hash FROM journal WHERE seq = ?", (head.seq,)).fetchone()
        return head == START or (found is not None and found[0] == head.hash)

    def close(self) -> None:
        """Release the file."""
        self._connection.close()


def _insert(rows: int) -> str:
    return f"INSERT INTO journal VALUES {', '.join(['(?, ?, ?, ?, ?, ?, ?)'] * rows)}"  # noqa: S608 (question marks only)


def connect(path: Path) -> sqlite3.Connection:
    """A connection that may write an existing file."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=BUSY_S)


def _file_identity(path: Path) -> tuple[int, int]:
    found = os.stat(path)
    return found.st_dev, found.st_ino


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        recognise(connection, path)
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise JournalUnavailable(f"{path}: this file system cannot hold a write-ahead log; use a local disk")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA journal_size_limit = {16 << 20}")
    if not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        connection.executescript(f"BEGIN IMMEDIATE; {TABLES} {STAMP} COMMIT;")


def recognise(connection: sqlite3.Connection, path: Path) -> None:
    """Raise JournalUnavailable unless this is a journal of the version that we know."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION_ID:
        raise JournalUnavailable(f"{path}: a SQLite database, but not a journal of rempart; check the path")
    if version != SCHEMA_VERSION:
        raise JournalUnavailable(
            f"{path}: journal version {version}, expected {SCHEMA_VERSION}; use the release of rempart that wrote it"
        )


def stored_head(connection: sqlite3.Connection) -> Head:
    """The last record as the head table knows it."""
    found = connection.execute("SELECT seq, hash FROM head").fetchone()
    return Head(*found) if found else START


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write; works beside a running controller, after it, and on a copy in a read-only folder.

    Raises JournalUnavailable, sqlite3.Error.
    """
    if not path.is_file():
        raise JournalUnavailable(f"{path}: no journal here; expected the journal.db of a site's state folder")
    try:
        return _open_reader(path, "mode=ro")
    except sqlite3.OperationalError:
        # A write-ahead log wants a shared-memory file beside it. Where none can be made, nobody writes either.
        wal = path.with_name(path.name + "-wal")
        if os.access(path.parent, os.W_OK) or (wal.exists() and wal.stat().st_size):
            raise
        return _open_reader(path, "immutable=1")


def _open_reader(path: Path, how: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?{how}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=BUSY_S, check_same_thread=False)
    try:
        recognise(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def all_rows(connection: sqlite3.Connection, after: int = 0) -> Iterator[Row]:
    """Stream every record above number `after`, oldest first."""
    return map(Row._make, connection.execute(f"{COLUMNS} WHERE seq > ? ORDER BY seq", (after,)))


def rows_of_command(connection: sqlite3.Connection, command: str) -> list[Row]:
    """Every record of one command id, oldest first."""
    query = f"{COLUMNS} WHERE command = ? AND command <> '' ORDER BY seq"
    return [Row._make(found) for found in connection.execute(query, (command,))]


def select_rows(
    connection: sqlite3.Connection, after: int, limit: int, device: str, kind: str, newest: bool
) -> list[Row]:
    """Up to `limit` records above `after`, of one device and one kind if these are given, oldest first."""
    where, values = ["seq > ?"], [after, *(name for name in (device, kind) if name)]
    if device:
        # Without the second half SQLite does not see that its partial index serves.
        where += ["device = ? AND device <> ''"]
    if kind:
        # The plus keeps SQLite from the index of kinds: of a kind there are millions of records, of one device thousands.
        where += ["+kind = ?" if device else "kind = ?"]
    order = "DESC" if newest else "ASC"
    query = f"{COLUMNS} WHERE {' AND '.join(where)} ORDER BY seq {order} LIMIT ?"
    rows = [Row._make(found) for found in connection.execute(query, (*values, max(0, limit)))]
    return rows[::-1] if newest else rows
