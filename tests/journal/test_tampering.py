from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from controller.journal import Head, SqliteJournal, verify
from controller.journal.chain import START, draft, seal
from controller.ports import Entry
from tests.journal.conftest import Clock, Opener, raw

Tamper = Callable[..., None]


@pytest.fixture
async def head(opened: Opener, path: Path) -> Head:
    """A closed journal of ten records, and what an auditor remembers of it."""
    journal = await opened(path)
    await journal.append(*(Entry("state", "albert-bollards", body={"n": n}) for n in range(1, 11)))
    found = journal.head
    await journal.close()
    assert found is not None
    return found


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM journal",
        "DELETE FROM journal WHERE seq = 3",
        "UPDATE journal SET body = '{}' WHERE seq = 3",
        "UPDATE journal SET seq = 30 WHERE seq = 3",
        "INSERT OR REPLACE INTO journal VALUES (3, '', '', '', '', '{}', '')",
        "INSERT INTO journal VALUES (12, '', '', '', '', '{}', '')",
        "DELETE FROM head",
        "UPDATE head SET seq = 2",
        "INSERT OR REPLACE INTO head VALUES (1, 2, '')",
    ],
)
def test_r37_nobody_clears_or_edits_the_journal_by_mistake(head: Head, path: Path, statement: str):
    with raw(path) as other, pytest.raises(sqlite3.IntegrityError, match="journal"):
        other.execute(statement)
    assert verify(path, head).ok


@pytest.mark.parametrize(
    ("statements", "bad", "why"),
    [
        (["UPDATE journal SET body = '{\"n\":99}' WHERE seq = 3"], 3, "does not fit its hash"),
        (["UPDATE journal SET at = '2020-01-01T00:00:00.000000Z' WHERE seq = 10"], 10, "does not fit its hash"),
        (["UPDATE journal SET command = x'00' WHERE seq = 4"], 4, "cannot be read"),
        (["UPDATE journal SET kind = cast(x'ff' AS TEXT) WHERE seq = 4"], 4, "cannot read on after record 3"),
        (["DELETE FROM journal WHERE seq = 1"], 1, "record 1 is missing: after 0 comes 2"),
        (["DELETE FROM journal WHERE seq BETWEEN 4 AND 6"], 4, "record 4 is missing: after 3 comes 7"),
        (
            [
                "UPDATE journal SET seq = -1 WHERE seq = 5",
                "UPDATE journal SET seq = 5 WHERE seq = 6",
                "UPDATE journal SET seq = 6 WHERE seq = -1",
            ],
            5,
            "does not fit its hash",
        ),
        (["DELETE FROM journal WHERE seq > 8"], 9, "records 9 to 10 are missing at the end: its head table"),
        (["DELETE FROM journal"], 1, "records 1 to 10 are missing at the end: its head table"),
        (["UPDATE head SET hash = 'x'"], 10, "not the one that its head table knows"),
        (["DROP TABLE head"], 1, "no such table: head"),
    ],
)
def test_r37_tampering_is_found(head: Head, path: Path, tamper: Tamper, statements: list[str], bad: int, why: str):
    tamper(*statements)
    verdict = verify(path)
    assert (verdict.ok, verdict.first_bad_seq, verdict.records) == (False, bad, bad - 1)
    assert why in verdict.why


CUT = (
    "DELETE FROM journal WHERE seq > 8",
    "UPDATE head SET (seq, hash) = (SELECT seq, hash FROM journal WHERE seq = 8)",
)


def test_r37_an_end_cut_off_with_its_head_is_found_only_by_who_remembers(head: Head, path: Path, tamper: Tamper):
    tamper(*CUT)
    assert verify(path).ok, "nothing in the file itself can tell"
    verdict = verify(path, head)
    assert (verdict.ok, verdict.first_bad_seq) == (False, 9)
    assert "missing at the end: the head given knows record 10" in verdict.why


def test_r37_a_forged_journal_is_found_only_by_who_remembers(head: Head, path: Path, tamper: Tamper):
    rows = seal(START, [draft(Entry("state", body={"n": -n}), Clock()()) for n in range(12)])
    tamper("DELETE FROM journal", f"UPDATE head SET seq = 12, hash = '{rows[-1].hash}'")
    with raw(path) as other:
        other.executemany("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    assert verify(path).ok
    verdict = verify(path, head)
    assert (verdict.ok, verdict.first_bad_seq) == (False, 10)


async def test_r37_a_running_journal_goes_on_after_a_hole_that_stays_visible(
    journal: SqliteJournal, path: Path, tamper: Tamper
):
    await journal.append(*[Entry("state")] * 5)
    tamper("DELETE FROM journal WHERE seq = 5")
    await journal.append(Entry("state"))
    verdict = await journal.verify()
    assert (verdict.ok, verdict.first_bad_seq) == (False, 5)


def test_a_damaged_file_is_a_bad_verdict(opened: Opener, path: Path):
    async def fill() -> None:
        journal = await SqliteJournal.open(path, utcnow=Clock())
        await journal.append(*(Entry("state", body={"x": "x" * 500}) for _ in range(200)))
        await journal.close()

    asyncio.run(fill())
    with raw(path) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        pages = other.execute("PRAGMA page_count").fetchone()[0]
    with path.open("r+b") as file:
        file.seek(4096 * (pages // 2))
        file.write(b"\xff" * 4096 * 4)
    verdict = verify(path)
    assert not verdict.ok
    assert 0 < verdict.records < 200
    assert "SQLite cannot read on" in verdict.why
