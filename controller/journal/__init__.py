"""The journal: append-only, gap-free, hash-chained, on SQLite (R37). Its file format is in docs/reference/journal.md.

`SqliteJournal` is the service's; `read`, `verify` and `export` work on the file of a running or a stopped controller.
"""

from __future__ import annotations

from controller.journal.chain import START, Head, Verdict
from controller.journal.offline import export, read, verify
from controller.journal.store import SqliteJournal

__all__ = ["START", "Head", "SqliteJournal", "Verdict", "export", "read", "verify"]
