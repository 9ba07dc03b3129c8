# ruff: noqa: ASYNC240 (nothing else runs on the loop when a test touches a file)

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controller.journal import SqliteJournal, export, offline, read, verify
from controller.journal.database import all_rows
from controller.ports import Entry, JournalUnavailable
from tests.journal.conftest import Opener

ROOT = Path(__file__).parents[2]

ENTRIES = (
    Entry("order", "albert-bollards", "0192", {"action": "raise", "reason": 'a "quoted", é\nreason'}),
    Entry("state", "albert-bollards", "", {"state": "raising", "speed": 1e-7}),
    Entry("alarm"),
)


async def test_a_running_journal_is_read_beside_it(journal: SqliteJournal, path: Path):
    records = await journal.append(*ENTRIES)
    assert read(path) == records
    assert read(path, device="albert-bollards", newest=True, limit=1) == records[1:2]
    assert verify(path).head == journal.head


async def test_reading_shows_one_moment(journal: SqliteJournal, path: Path, monkeypatch: pytest.MonkeyPatch):
    await journal.append(*ENTRIES)
    with offline._reading(path) as reader:
        assert len(list(all_rows(reader))) == 3
        await journal.append(*ENTRIES)
        assert len(list(all_rows(reader))) == 3


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


LOOK = """
import os, sys
from pathlib import Path
from controller.journal import verify
if os.geteuid() == 0:
    os.setuid(65534)  # root may write everywhere
print(verify(Path(sys.argv[1])).records)
"""


@pytest.fixture
def evidence() -> Iterator[Path]:
    """A folder that every user can reach; the folders of pytest are its user's alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield folder
        folder.chmod(0o755)


async def test_a_copy_in_a_folder_that_nobody_may_write_is_read(opened: Opener, path: Path, evidence: Path):
    journal = await opened(path)
    await journal.append(*ENTRIES)
    await journal.close()
    copy = evidence / "journal.db"
    shutil.copy(path, copy)
    copy.chmod(0o444)
    evidence.chmod(0o555)
    result = await asyncio.to_thread(run, sys.executable, "-c", LOOK, str(copy), cwd=ROOT)
    assert (result.returncode, result.stdout.strip()) == (0, "3"), result.stderr
    assert os.listdir(evidence) == ["journal.db"]


@pytest.mark.parametrize("call", [read, verify, lambda path: export(path, io.StringIO())])
def test_a_path_without_a_journal_is_an_error_that_makes_no_file(call: Callable[[Path], object], path: Path):
    with pytest.raises(JournalUnavailable, match=r"journal\.db: no journal here; expected the journal\.db of a site"):
        call(path)
    assert not path.exists()


def test_a_file_that_is_something_else_is_an_error(path: Path):
    path.write_text("site: nice-promenade\n" * 100)
    with pytest.raises(JournalUnavailable, match="it is not a journal"):
        verify(path)


async def test_export_as_json_is_one_object_a_line_from_which_the_hashes_follow(journal: SqliteJournal, path: Path):
    records = await journal.append(*ENTRIES)
    out = io.StringIO()
    assert export(path, out) == 3
    lines = out.getvalue().splitlines()
    previous = "0" * 64
    for line, record in zip(lines, records, strict=True):
        found = json.loads(line)
        assert (found["seq"], found["body"], found["hash"]) == (record.seq, record.entry.body, record.hash)
        fields = [found[name] for name in ("seq", "at", "kind", "device", "command", "body")]
        text = json.dumps([*fields, previous], ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        previous = hashlib.sha256(text.encode()).hexdigest()
        assert previous == found["hash"]


async def test_export_as_csv_has_a_head_line_and_comes_back(journal: SqliteJournal, path: Path):
    records = await journal.append(*ENTRIES)
    out = io.StringIO(newline="")
    assert export(path, out, format="csv", after=1) == 2
    found = list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))
    assert list(found[0]) == ["seq", "at", "kind", "device", "command", "body", "hash"]
    assert [(int(row["seq"]), row["hash"]) for row in found] == [(record.seq, record.hash) for record in records[1:]]
    assert json.loads(found[0]["body"]) == records[1].entry.body


async def test_export_streams(journal: SqliteJournal, path: Path, monkeypatch: pytest.MonkeyPatch):
    await journal.append(*[Entry("state")] * 10)
    taken: list[int] = []

    def watched(*args: object) -> object:
        for row in all_rows(*args):  # type: ignore[arg-type]
            taken.append(row.seq)
            yield row

    monkeypatch.setattr(offline, "all_rows", watched)

    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        export(path, Full())
    assert taken == [1]


def test_another_format_is_an_error(path: Path):
    with pytest.raises(ValueError, match="'xml': expected one of json, csv"):
        export(path, io.StringIO(), format="xml")


def snippets(language: str) -> list[str]:
    page = (ROOT / "docs" / "reference" / "journal.md").read_text(encoding="utf-8")
    return [part.split("```", 1)[0] for part in page.split(f"```{language} text\n")[1:]]


@pytest.mark.needs("sqlite3", "sha256sum")
async def test_a_record_is_verified_by_hand_as_documented(journal: SqliteJournal, path: Path):
    second = (await journal.append(*ENTRIES))[1]
    (command,) = snippets("sh")
    result = await asyncio.to_thread(run, "sh", "-c", command, cwd=path.parent)
    assert result.stdout.split() == [second.hash, "-", second.hash], result.stderr


async def test_an_export_is_verified_by_hand_as_documented(journal: SqliteJournal, path: Path):
    last = (await journal.append(*ENTRIES))[-1]
    with (path.parent / "export.json").open("w", encoding="utf-8") as out:
        export(path, out)
    (program,) = snippets("python")
    (path.parent / "by_hand.py").write_text(program, encoding="utf-8")
    command = f"{sys.executable} by_hand.py < export.json"
    result = await asyncio.to_thread(run, "sh", "-c", command, cwd=path.parent)
    assert result.stdout.split() == ["3", last.hash], result.stderr
