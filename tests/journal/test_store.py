from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path

import pytest

from controller.journal import SqliteJournal, read, store, verify
from controller.journal.chain import Row
from controller.journal.database import Database, rows_of_command, select_rows
from controller.ports import Entry, Journal, JournalUnavailable
from tests.journal.conftest import Clock, Opener, raw, thread_of

OVERALL_S = 10.0


def numbered(number: int, **fields: str) -> Entry:
    return Entry("state", body={"n": number}, **fields)


def test_it_is_the_journal_that_ports_ask_for(journal: SqliteJournal):
    as_port: Journal = journal
    assert as_port.healthy


async def test_a_new_journal_is_empty_healthy_and_private(journal: SqliteJournal, path: Path):
    assert (journal.healthy, journal.trouble, journal.lost) == (True, "", 0)
    assert journal.head is not None
    assert journal.head.seq == 0
    assert await journal.select() == []
    assert path.stat().st_mode & 0o777 == 0o600  # noqa: ASYNC240


async def test_rule_3_an_append_that_returned_is_in_the_file(journal: SqliteJournal, path: Path):
    records = await journal.append(Entry("order", "albert-bollards", "0192", {"action": "raise"}), Entry("refused"))
    with raw(path) as other:
        found = other.execute("SELECT seq, at, kind, device, command, body, hash FROM journal").fetchall()
    assert [(record.seq, record.at, record.hash) for record in records] == [(row[0], row[1], row[6]) for row in found]
    assert found[0][2:6] == ("order", "albert-bollards", "0192", '{"action":"raise"}')


def test_a_commit_waits_for_the_disk(path: Path):
    database = Database(path, create=True)
    try:
        assert database._connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert database._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    finally:
        database.close()


async def test_append_returns_what_a_reader_gets(journal: SqliteJournal):
    records = await journal.append(Entry("order", "d", "c", {"b": [1, 2.5, None], "a": "é"}), Entry("state"))
    assert await journal.select() == records


async def test_r37_numbers_have_no_gap_and_follow_the_order_of_the_calls(journal: SqliteJournal):
    async def several(task: int) -> list[tuple[int, int, int]]:
        got = []
        for step in range(20):
            journal.note(Entry("note", body={"task": task, "step": step}))
            (record,) = await journal.append(Entry("append", body={"task": task, "step": step}))
            got.append((record.seq, task, step))
        return got

    got = sorted(chain.from_iterable(await asyncio.gather(*(several(task) for task in range(10)))))
    records = await journal.select(limit=1000)
    assert [record.seq for record in records] == list(range(1, 401))
    appended = [(r.seq, r.entry.body["task"], r.entry.body["step"]) for r in records if r.entry.kind == "append"]
    assert appended == got
    for task in range(10):
        own = [(r.entry.body["step"], r.entry.kind) for r in records if r.entry.body["task"] == task]
        assert own == [(step, kind) for step in range(20) for kind in ("note", "append")]
    assert (await journal.verify()).ok


async def test_appends_that_come_together_share_a_commit(journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch):
    commits = []
    write = Database.write

    def counted(self: Database, rows: Sequence[Row]) -> None:
        commits.append(len(rows))
        write(self, rows)

    monkeypatch.setattr(Database, "write", counted)
    await asyncio.gather(*(journal.append(numbered(number)) for number in range(200)))
    assert sum(commits) == 200
    assert len(commits) < 20


async def test_an_append_larger_than_a_batch_is_written_whole(journal: SqliteJournal):
    records = await journal.append(*(numbered(number) for number in range(1500)))
    assert [record.entry.body["n"] for record in records] == list(range(1500))


async def test_an_append_of_nothing_waits_for_the_notes_before_it(journal: SqliteJournal):
    journal.note(*(numbered(number) for number in range(5)))
    assert await journal.append() == []
    assert len(await journal.select()) == 5


async def test_a_cancelled_append_disturbs_nobody(journal: SqliteJournal):
    task = asyncio.create_task(journal.append(numbered(1)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await journal.append(numbered(2))
    assert (await journal.select())[-1].entry.body == {"n": 2}
    assert journal._waiting == {}


async def test_a_record_keeps_the_time_of_the_call(journal: SqliteJournal):
    journal.note(numbered(1))
    journal.note(numbered(2), numbered(3))
    await journal.append()
    assert [record.at[-10:] for record in await journal.select()] == ["01.000000Z", "02.000000Z", "02.000000Z"]


async def test_rule_3_a_command_is_found_over_restarts(opened: Opener, path: Path):
    first = await opened(path)
    await first.append(Entry("order", "albert-bollards", "0192"), Entry("started"))
    await first.close()
    second = await opened(path)
    await second.append(Entry("outcome", "albert-bollards", "0192", {"outcome": "unknown"}))
    assert [(r.seq, r.entry.kind) for r in await second.of_command("0192")] == [(1, "order"), (3, "outcome")]
    assert list(await second.of_command("")) == []
    assert (await second.verify()).ok


async def test_an_order_is_looked_up_while_somebody_reads_a_long_report(
    journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
):
    begun, over = threading.Event(), threading.Event()

    def long(*_: object) -> list[Row]:
        begun.set()
        over.wait(OVERALL_S)
        return []

    monkeypatch.setattr(store, "select_rows", long)
    await journal.append(Entry("order", "albert-bollards", "0192"))
    report = asyncio.create_task(journal.select())
    await asyncio.to_thread(begun.wait, OVERALL_S)
    try:
        async with asyncio.timeout(OVERALL_S):
            assert [record.seq for record in await journal.of_command("0192")] == [1]
        assert not report.done()
    finally:
        over.set()
        await report


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ("command", "journal_command"),
        ("device", "journal_device"),
        ("kind", "journal_kind"),
        # A site has hundreds of devices and eight kinds: by kind it would walk past all records of the other devices.
        ("device and kind", "journal_device"),
        ("", "INTEGER PRIMARY KEY"),
    ],
)
def test_a_search_costs_no_walk_through_the_journal(path: Path, wanted: str, index: str):
    Database(path, create=True).close()
    with raw(path) as reader:
        asked: list[str] = []
        reader.set_trace_callback(asked.append)
        if wanted == "command":
            rows_of_command(reader, "0192")
        else:
            select_rows(reader, 0, 10, "d" * ("device" in wanted), "k" * ("kind" in wanted), newest=True)
        reader.set_trace_callback(None)
        plan = [row[3] for row in reader.execute(f"EXPLAIN QUERY PLAN {asked[0]}")]
    assert len(plan) == 1, "no sorting either"
    assert index in plan[0]


async def test_a_command_id_that_no_file_can_hold_is_found_again(journal: SqliteJournal):
    (record,) = await journal.append(Entry("order", command="\ud800"))
    assert await journal.of_command("\ud800") == [record]


@pytest.mark.parametrize(
    ("wanted", "seqs"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"after": 4}, [5, 6]),
        ({"limit": 2}, [1, 2]),
        ({"limit": 0}, []),
        ({"limit": -1}, []),
        ({"limit": 2, "newest": True}, [5, 6]),
        ({"after": 5, "limit": 2, "newest": True}, [6]),
        ({"device": "a"}, [1, 3, 5]),
        ({"kind": "state"}, [1, 2, 3]),
        ({"device": "a", "kind": "order"}, [5]),
        ({"device": "a", "limit": 1, "newest": True}, [5]),
    ],
)
async def test_select(journal: SqliteJournal, wanted: dict, seqs: list[int]):
    kinds = ["state"] * 3 + ["order"] * 3
    await journal.append(*(Entry(kind, device) for kind, device in zip(kinds, "abab" + "ab", strict=True)))
    assert [record.seq for record in await journal.select(**wanted)] == seqs


async def test_beyond_returns_when_a_later_record_is_durable(journal: SqliteJournal):
    await journal.append(numbered(1))
    head = await journal.beyond(0)
    assert head.seq == 1
    waiting = asyncio.create_task(journal.beyond(1))
    await asyncio.sleep(0)
    assert not waiting.done()
    journal.note(numbered(2))
    assert (await waiting).seq == 2


async def test_a_cancelled_watcher_leaves_nothing_behind(journal: SqliteJournal):
    task = asyncio.create_task(journal.beyond(0))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert journal._watchers == set()


async def test_closing_writes_what_was_noted(opened: Opener, path: Path):
    journal = await opened(path)
    journal.note(*(numbered(number) for number in range(2000)))
    await journal.close()
    await journal.close()
    assert verify(path).records == 2000
    assert not thread_of(journal).is_alive()


async def test_a_closed_journal_takes_nothing_more(opened: Opener, path: Path):
    journal = await opened(path)
    await journal.close()
    with pytest.raises(JournalUnavailable, match="closed"):
        await journal.append(numbered(1))
    with pytest.raises(JournalUnavailable, match="closed"):
        await journal.select()
    journal.note(numbered(1), numbered(2))
    assert journal.lost == 2


async def test_the_loop_goes_on_while_the_disk_does_not(journal: SqliteJournal, path: Path):
    turns = 0
    with raw(path) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(journal.append(numbered(1)))
        while turns < 1000:
            await asyncio.sleep(0)
            turns += 1
        assert not waiting.done()
        other.execute("ROLLBACK")
    assert (await waiting)[0].seq == 1


async def test_rule_12_two_writers_on_one_file_never_fork_the_chain(opened: Opener, path: Path):
    one, other = await opened(path), await opened(path)
    await one.append(numbered(1))
    with pytest.raises(JournalUnavailable, match="next number"):
        await other.append(numbered(2))
    await other.append(numbered(3))
    verdict = verify(path)
    assert verdict.ok, verdict.why
    assert [r.entry.body.get("n") for r in await one.select() if r.entry.kind == "state"] == [1, 3]


async def test_closing_does_not_wait_for_a_disk_that_hangs(opened: Opener, path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(store, "CLOSE_S", 0.0)
    journal = await opened(path)
    with raw(path) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(journal.append(numbered(1)))
        await asyncio.sleep(0)
        await journal.close()
        with pytest.raises(JournalUnavailable, match="closed before the disk had answered"):
            await waiting
    await asyncio.to_thread(thread_of(journal).join)


def test_a_loop_that_ended_without_closing_leaves_a_writer_that_ends(path: Path):
    async def forget(other: sqlite3.Connection) -> SqliteJournal:
        journal = await SqliteJournal.open(path, utcnow=Clock())
        other.execute("BEGIN IMMEDIATE")
        journal.note(numbered(1))
        return journal

    Database(path, create=True).close()
    with raw(path) as other:
        journal = asyncio.run(forget(other))
        other.execute("ROLLBACK")
    journal._writer.close()
    thread_of(journal).join(20)
    assert not thread_of(journal).is_alive()
    assert verify(path).records == 1


@pytest.mark.parametrize(
    ("statement", "said"),
    [("UPDATE journal SET body = 'x'", "a record cannot be read"), ("DROP TABLE journal", "no such table: journal")],
)
async def test_a_read_that_fails_says_why(
    journal: SqliteJournal, path: Path, tamper: Callable[..., None], statement: str, said: str
):
    await journal.append(numbered(1))
    tamper(statement)
    with pytest.raises(JournalUnavailable, match=said):
        await journal.select()
    with pytest.raises(JournalUnavailable, match=said):
        read(path)
