"""The form of people.db, and its opening. Blocking.

The file holds no secret that opens anything: argon2id hashes of passwords, SHA-256 of tokens. Its mode is 0600 all the same.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from controller.people.errors import StoreUnavailable

FILE = "people.db"
APPLICATION_ID = 0x52505045
SCHEMA_VERSION = 1
BUSY_S = 2.0
"""How long one program waits for the other: the controller and the command line both write, a few milliseconds each."""

TABLES = """
CREATE TABLE user (
    key TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, hash TEXT NOT NULL, language TEXT NOT NULL,
    demo INTEGER NOT NULL, disabled INTEGER NOT NULL, created TEXT NOT NULL, epoch INTEGER NOT NULL
);
CREATE TABLE token (
    id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL, role TEXT NOT NULL, digest TEXT NOT NULL UNIQUE,
    created TEXT NOT NULL, expires TEXT NOT NULL, by TEXT NOT NULL
);
CREATE TABLE familiar (key TEXT NOT NULL, address TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (key, address));
CREATE TABLE change (number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE epoch (one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL);
INSERT INTO epoch VALUES (1, 0);
"""

ADVICE = {
    "SQLITE_FULL": "the disk is full; make room on it",
    "SQLITE_BUSY": "another program holds it locked; end that program",
    "SQLITE_READONLY": "it cannot be written; run this as the user whose file it is",
    "SQLITE_CANTOPEN": "it cannot be opened; run this as the user whose folder it is in",
    "SQLITE_NOTADB": "it is no list of users; move it away, and make the users anew",
    "SQLITE_CORRUPT": "it is damaged; move it away, and make the users anew",
}


def connect(path: Path | None) -> sqlite3.Connection:
    """Open people.db at `path`, and make it where it is not there; None is one in memory. Raises StoreUnavailable."""
    with explained(path):
        if path is not None:
            _secured(path)
        connection = sqlite3.connect(
            ":memory:" if path is None else path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
        return connection


def _secured(path: Path) -> None:
    """Make the file, which nobody but the owner of its folder may: the controller could not read it."""
    owner = path.parent.stat().st_uid
    if owner != os.geteuid():
        raise StoreUnavailable(
            f"{path}: its folder belongs to user {owner}; run this as that user (sudo -u '#{owner}')"
        )
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
    finally:
        os.close(descriptor)
    if mode & 0o077:
        raise StoreUnavailable(f"{path}: mode {mode:04o}, others can read or change it; chmod 600 {path}")


def _prepare(connection: sqlite3.Connection, path: Path | None) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        (found,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if not tables:
            for statement in TABLES.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        elif found != APPLICATION_ID:
            raise StoreUnavailable(f"{path}: is no list of users; is it the right file?")
        elif version != SCHEMA_VERSION:
            raise StoreUnavailable(
                f"{path}: has form {version}, expected {SCHEMA_VERSION}; use the release that wrote it"
            )
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


@contextmanager
def explained(path: Path | None) -> Iterator[None]:
    """Turn what goes wrong with the file into StoreUnavailable, with what to do."""
    try:
        yield
    except sqlite3.Error as error:
        name = str(getattr(error, "sqlite_errorname", "SQLITE_ERROR"))
        advice = next((text for known, text in ADVICE.items() if name.startswith(known)), "see the message of SQLite")
        raise StoreUnavailable(f"{path}: {advice} ({name}: {error})") from error
    except OSError as error:
        raise StoreUnavailable(f"{path}: {error.strerror or error}") from error
