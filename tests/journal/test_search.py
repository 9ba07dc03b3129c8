"""Looking for records by what they say, at a bounded number of them; and the chain, part by part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from controller.journal import START, SqliteJournal, offline, search
from controller.ports import Checked, Entry, JournalUnavailable, Search

LARGEST = 2**63 - 1


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """One search looks at ten records, and one check at four."""
    monkeypatch.setattr(search, "EXAMINED", 10)
    monkeypatch.setattr(offline, "PART", 4)


async def filled(journal: SqliteJournal, count: int = 25) -> None:
    """Records 1 to `count`: of two devices and two kinds in turn, each with its number in its body."""
    await journal.append(*(
        Entry("device" if number % 3 else "command", "boom" if number % 2 else "loop", f"c{number}", {"why": f"no {number}."})
        for number in range(1, count + 1)
    ))  # fmt: skip


async def numbers(journal: SqliteJournal, **wanted: Any) -> tuple[list[int], int | None]:
    found = await journal.search(Search(**wanted))
    return [record.seq for record in found.records], found.reached


async def everything(journal: SqliteJournal, **wanted: Any) -> tuple[list[int], int]:
    """What a search finds in all, from its newest, and how many requests that took."""
    seqs: list[int] = []
    before, asked = 0, 0
    while True:
        found, reached = await numbers(journal, before=before, newest=True, **wanted)
        seqs, asked = found + seqs, asked + 1
        if reached is None:
            return seqs, asked
        before = reached


async def test_without_a_filter_it_is_bounded_by_its_limit(journal: SqliteJournal, short: None):
    await filled(journal)
    assert await numbers(journal, limit=20) == (list(range(1, 21)), 20)
    assert await numbers(journal, after=20, limit=20) == (list(range(21, 26)), None)
    assert await numbers(journal, limit=5, newest=True) == ([21, 22, 23, 24, 25], 21)
    assert await numbers(journal, limit=5, newest=True, before=3) == ([1, 2], None)
    assert await numbers(journal, after=3, before=6) == ([4, 5], None)


async def test_a_text_is_looked_for_in_so_many_records_and_no_more(journal: SqliteJournal, short: None):
    await filled(journal)
    assert await numbers(journal, text="NO 25.") == ([], 10)
    assert await numbers(journal, after=10, text="no 25.") == ([], 20)
    assert await numbers(journal, after=20, text="no 25.") == ([25], None)
    assert await numbers(journal, text="no 1.", newest=True) == ([], 16)
    assert await everything(journal, text="no 1.") == ([1], 3)


@pytest.mark.parametrize("text", ["c7", "boom", "%", "_", "!", "no 1"])
async def test_device_command_and_body_are_searched_and_no_sign_is_special(journal: SqliteJournal, text: str):
    await filled(journal)
    found, _ = await everything(journal, text=text)
    held = {r.seq: f"{r.entry.device} {r.entry.command} {r.entry.body}" for r in await journal.select()}
    assert found == [seq for seq, told in held.items() if text in told]


@pytest.mark.parametrize("limit", [1, 3, 100])
@pytest.mark.parametrize("which", [{}, {"device": "boom"}, {"kind": "command"}, {"device": "boom", "kind": "command"}])
async def test_page_by_page_nothing_is_missed_and_nothing_comes_twice(
    journal: SqliteJournal, short: None, which: dict[str, str], limit: int
):
    await filled(journal)
    held = [r.seq for r in await journal.select(device=which.get("device", ""), kind=which.get("kind", ""))]
    assert (await everything(journal, limit=limit, **which))[0] == held
    texted, _ = await everything(journal, limit=limit, text="no 2", **which)
    assert texted == [seq for seq in held if f"no {seq}".startswith("no 2")]


async def test_of_a_device_only_its_own_records_count(journal: SqliteJournal, short: None):
    await filled(journal, 20)
    assert await numbers(journal, device="boom", kind="no such", newest=True) == ([], 1)
    assert await numbers(journal, device="loop", text="no 20.") == ([20], 20)


async def test_the_records_of_one_command(journal: SqliteJournal, short: None):
    await filled(journal, 12)
    await journal.append(*(Entry("passage", "", "c3", {"stage": str(number)}) for number in range(11)))
    assert (await everything(journal, command="c3"))[0] == [3, *range(13, 24)]
    assert (await everything(journal, command="c3", kind="passage", text='"1'))[0] == [14, 23]
    assert await numbers(journal, command="c3", device="loop", newest=True) == ([], 14)
    assert await numbers(journal, command="no such", text="x") == ([], None)


@pytest.mark.parametrize(
    "which", [{"after": LARGEST}, {"before": 1}, {"after": LARGEST, "newest": True}, {"text": "x"}]
)
async def test_the_ends_of_the_numbers(journal: SqliteJournal, which: dict[str, Any]):
    await filled(journal, 3)
    assert await numbers(journal, **which) == ([], None)


async def test_a_closed_journal_says_so(journal: SqliteJournal):
    await journal.close()
    with pytest.raises(JournalUnavailable, match="closed"):
        await journal.search(Search())
    with pytest.raises(JournalUnavailable, match="closed"):
        await journal.check(0, START.hash)


async def walked(journal: SqliteJournal) -> Sequence[Checked]:
    parts = [await journal.check(0, START.hash)]
    while not parts[-1].ended:
        parts.append(await journal.check(parts[-1].seq, parts[-1].hash))
    return parts


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 8, 9])
async def test_r37_a_whole_chain_holds_part_by_part(journal: SqliteJournal, short: None, count: int):
    if count:
        await filled(journal, count)
    parts = await walked(journal)
    assert all(part.ok for part in parts)
    assert parts[-1].seq == count
    assert len(parts) == count // 4 + 1
    assert journal.head is not None
    assert parts[-1].hash == journal.head.hash


@pytest.mark.parametrize("seq", [1, 4, 5, 7, 9])
async def test_r37_a_record_that_was_edited_is_found_in_its_part(
    journal: SqliteJournal, short: None, tamper: Callable[..., None], seq: int
):
    await filled(journal, 9)
    tamper(f"UPDATE journal SET device = 'other' WHERE seq = {seq}")
    last = (await walked(journal))[-1]
    assert (last.ok, last.seq) == (False, seq - 1)
    assert f"record {seq} does not fit" in last.why


@pytest.mark.parametrize("seq", [4, 8, 9])
async def test_r37_records_cut_off_at_the_end_are_missed(
    journal: SqliteJournal, short: None, tamper: Callable[..., None], seq: int
):
    await filled(journal, 9)
    tamper(f"DELETE FROM journal WHERE seq > {seq - 1}")
    last = (await walked(journal))[-1]
    assert (last.ok, last.seq) == (False, seq - 1)
    assert "missing at the end" in last.why


async def test_r37_a_start_that_is_not_on_the_chain_is_told(journal: SqliteJournal, short: None):
    await filled(journal, 9)
    for after, digest in ((5, START.hash), (99, "a" * 64), (0, "a" * 64)):
        found = await journal.check(after, digest)
        assert not found.ok
        assert "the chain was written anew" in found.why
