"""A journal of many records, written as fast as it can be: its own tables, triggers and chain, in large batches.

python -m benchmarks.records.build FILE COUNT
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.records.entries import drafts
from controller.journal.chain import seal
from controller.journal.database import Database

BATCH = 20_000


def build(path: Path, count: int) -> None:
    """Write `count` records to a new journal."""
    database = Database(path, create=True)
    try:
        for first in range(0, count, BATCH):
            database.write(seal(database.head, drafts(first, min(BATCH, count - first))))
    finally:
        database.close()


if __name__ == "__main__":
    build(Path(sys.argv[1]), int(sys.argv[2]))
