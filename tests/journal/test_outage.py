"""Each failure is SQLite's own: a full file, a held lock, a read-only file, a disk that refuses, a file gone."""

# ruff: noqa: ASYNC240 (nothing else runs on the loop when a test touches the file)

from __future__ import annotations

import asyncio
import resource
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controller.journal import SqliteJournal, database, verify, writer
from controller.ports import Entry, JournalUnavailable
from tests.journal.conftest import Opener, raw, thread_of

BULKY = "x" * 2000
Disk = Callable[..., None]


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """`disk(pragma)`: what every connection that the writer opens from now on is told."""
    pragmas: list[str] = []
    connect = database.connect

    def connect_and_tell(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
        return connection

    monkeypatch.setattr(database, "connect", connect_and_tell)

    def tell(*wanted: str) -> None:
        pragmas[:] = wanted

    return tell


FULL = "max_page_count = 30"


async def fill(journal: SqliteJournal) -> int:
    """Append until the file is full; return the number of the last record that went in."""
    for last in range(1000):
        try:
            await journal.append(Entry("state", body={"x": BULKY}))
        except JournalUnavailable:
            return last
    raise AssertionError("never full")


async def test_rule_3_a_full_disk_refuses_the_append_and_says_so(opened: Opener, path: Path, disk: Disk):
    disk(FULL)
    journal = await opened(path)
    last = await fill(journal)
    assert not journal.healthy
    assert "the disk is full" in journal.trouble
    with pytest.raises(JournalUnavailable, match=r"journal\.db: the disk is full.*SQLITE_FULL"):
        await journal.append(Entry("order", body={"x": BULKY}))
    verdict = verify(path)
    assert (verdict.ok, verdict.records) == (True, last)


async def test_rule_3_of_an_append_that_failed_nothing_is_recorded(opened: Opener, path: Path, disk: Disk):
    disk(FULL)
    journal = await opened(path)
    small = [Entry("order", command="0192")] * 3
    with pytest.raises(JournalUnavailable):
        await journal.append(*small, *[Entry("state", body={"x": BULKY})] * 100, *small)
    assert list(await journal.of_command("0192")) == []
    assert verify(path).records == 0


async def test_it_goes_on_by_itself_and_tells_of_the_outage(opened: Opener, path: Path, disk: Disk):
    disk(FULL)
    journal = await opened(path)
    last = await fill(journal)
    journal.note(Entry("emergency", "albert-bollards", body={"x": BULKY}))
    with pytest.raises(JournalUnavailable):
        await journal.append(Entry("order", body={"x": BULKY}))
    disk()
    await asyncio.wait_for(journal.beyond(last), 20)
    assert journal.healthy
    (recovered, emergency) = await journal.select(after=last)
    assert recovered.entry.kind == "journal-recovered"
    assert recovered.entry.body["appends_refused"] == 2
    assert recovered.entry.body["notes_lost"] == 0
    assert "the disk is full" in recovered.entry.body["why"]
    assert emergency.entry.kind == "emergency"
    assert recovered.entry.body["since"] < emergency.at < recovered.at, "it keeps the time at which it was noted"
    assert verify(path).ok


async def test_an_outage_ends_without_anything_to_write(opened: Opener, path: Path, disk: Disk):
    disk(FULL)
    journal = await opened(path)
    last = await fill(journal)
    disk()
    assert (await asyncio.wait_for(journal.beyond(last), 20)).seq == last + 1
    assert journal.healthy


async def test_memory_keeps_the_oldest_notes_and_counts_the_rest(
    opened: Opener, path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(writer, "NOTES_KEPT", 3)
    disk(FULL)
    journal = await opened(path)
    last = await fill(journal)
    for number in range(5):
        journal.note(Entry("state", body={"n": number, "x": BULKY * 20}))
    assert journal.lost == 2
    disk()
    await asyncio.wait_for(journal.beyond(last), 20)
    recovered, *kept = await journal.select(after=last)
    assert recovered.entry.body["notes_lost"] == 2
    assert [record.entry.body["n"] for record in kept] == [0, 1, 2]
    journal.note(Entry("state"))
    await journal.append()
    assert [record.entry.kind for record in await journal.select(after=kept[-1].seq)] == ["state"], "it is told once"


async def test_an_append_behind_notes_that_fail_is_refused_at_once(opened: Opener, path: Path, disk: Disk):
    disk(FULL)
    journal = await opened(path)
    await fill(journal)
    journal.note(*[Entry("state", body={"x": BULKY})] * 2000)
    with pytest.raises(JournalUnavailable):
        await asyncio.wait_for(journal.append(Entry("order")), 20)


async def test_closing_in_an_outage_is_quick_and_counts_what_is_lost(opened: Opener, path: Path, disk: Disk):
    disk(FULL)
    journal = await opened(path)
    await fill(journal)
    journal.note(*[Entry("state", body={"x": BULKY})] * 7)
    await asyncio.wait_for(journal.close(), 20)
    assert journal.lost == 7
    assert not thread_of(journal).is_alive()


async def test_a_foreign_program_that_holds_the_file_is_named(
    journal: SqliteJournal, path: Path, monkeypatch: pytest.MonkeyPatch
):
    with raw(path) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalUnavailable, match="another program holds it locked"):
            await journal.append(Entry("order"))
        assert await journal.select() == [], "reading goes on"
        other.execute("ROLLBACK")
    await asyncio.wait_for(journal.beyond(0), 20)
    assert journal.healthy


async def test_a_file_that_became_read_only_is_named(opened: Opener, path: Path, disk: Disk):
    first = await opened(path)
    await first.append(Entry("state"))
    await first.close()
    disk("query_only = ON")
    journal = await opened(path)
    with pytest.raises(JournalUnavailable, match="cannot be written; give the service's user write permission"):
        await journal.append(Entry("order"))


@pytest.fixture
def small_files() -> Iterator[Callable[[int], None]]:
    """`small_files(n)`: the kernel refuses this process to write a file beyond n bytes, until the end of the test."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_disk_that_refuses_to_write_is_named(
    journal: SqliteJournal, path: Path, small_files: Callable[[int], None]
):
    await journal.append(Entry("state"))
    small_files(path.with_name("journal.db-wal").stat().st_size)
    with pytest.raises(JournalUnavailable, match="SQLITE_IOERR"):
        await journal.append(Entry("order", body={"x": BULKY * 5}))
    small_files(resource.RLIM_INFINITY)
    assert (await asyncio.wait_for(journal.beyond(1), 20)).seq == 2
    assert verify(path).ok


async def test_a_folder_in_place_of_the_file_is_named_and_the_service_can_start(opened: Opener, path: Path):
    path.mkdir()
    journal = await opened(path)
    assert (journal.healthy, journal.head) == (False, None)
    assert "Is a directory" in journal.trouble
    with pytest.raises(JournalUnavailable, match="Is a directory"):
        await journal.append(Entry("order"))
    with pytest.raises(JournalUnavailable, match="no journal here"):
        await journal.of_command("0192")
    journal.note(Entry("emergency"))
    path.rmdir()
    await asyncio.wait_for(journal.beyond(1), 20)
    assert [record.entry.kind for record in await journal.select()] == ["journal-recovered", "emergency"]


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"site: nice-promenade\n" * 100, "is not a journal; is it the right file"), (b"\x00" * 4096, "not a journal")],
)
async def test_a_file_that_is_something_else_is_refused_and_left_alone(
    opened: Opener, path: Path, content: bytes, said: str
):
    path.write_bytes(content)
    journal = await opened(path)
    assert said in journal.trouble
    await journal.close()
    assert path.read_bytes() == content


async def test_a_database_of_another_program_is_refused_and_left_alone(opened: Opener, path: Path):
    with raw(path) as other:
        other.execute("CREATE TABLE accounts (name TEXT)")
    content = path.read_bytes()
    journal = await opened(path)
    assert "not a journal of rempart; check the path" in journal.trouble
    await journal.close()
    assert path.read_bytes() == content


async def test_a_journal_of_another_version_is_refused(opened: Opener, path: Path):
    first = await opened(path)
    await first.close()
    with raw(path) as other:
        other.execute("PRAGMA user_version = 2")
    journal = await opened(path)
    assert "journal version 2, expected 1" in journal.trouble


async def test_a_file_that_was_removed_is_noticed_at_the_next_append(journal: SqliteJournal, path: Path):
    await journal.append(Entry("state"))
    path.unlink()
    with pytest.raises(JournalUnavailable):
        await journal.append(Entry("order"))
    assert not path.exists(), "a second journal is never begun in silence"


async def test_r37_a_file_that_was_rolled_back_is_not_continued(journal: SqliteJournal, opened: Opener, path: Path):
    await journal.append(Entry("state"), Entry("state"))
    for name in ("journal.db", "journal.db-wal", "journal.db-shm"):
        path.with_name(name).unlink(missing_ok=True)
    other = await opened(path)
    await other.append(Entry("state", body={"another": "history"}))
    await other.close()
    with pytest.raises(JournalUnavailable, match="replaced while it was in use"):
        await journal.append(Entry("order"))
    with pytest.raises(JournalUnavailable, match="record 2, which was durable, is not in it any more"):
        await journal.append(Entry("order"))
    assert verify(path).records == 1


async def test_a_disk_that_does_not_answer_is_not_called_healthy(
    journal: SqliteJournal, path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(writer, "STALLED_S", 0.0)
    with raw(path) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(journal.append(Entry("order")))
        while journal.healthy:  # noqa: ASYNC110 (nobody announces a disk that says nothing)
            await asyncio.sleep(0)
        assert "has not answered" in journal.trouble
        other.execute("ROLLBACK")
    await waiting
    assert journal.healthy


async def test_a_defect_in_the_writer_is_an_outage_and_not_a_dead_thread(
    journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as patch:
        patch.setattr(writer, "seal", lambda *_: 1 / 0)
        with pytest.raises(JournalUnavailable, match="a defect of rempart: ZeroDivisionError"):
            await journal.append(Entry("order"))
    await asyncio.wait_for(journal.beyond(0), 20)
    assert journal.healthy
