"""kill -9 in mid-stream: whatever the journal had promised is there, and the chain goes on.

The kernel survives such a kill and with it what was written but not flushed; that the disk is waited for is pinned by
`test_a_commit_waits_for_the_disk`.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from controller.journal import verify
from controller.ports import Entry
from tests.journal.conftest import Opener

CHILD = """
import asyncio, os, sys
from datetime import UTC, datetime
from pathlib import Path
from controller.journal import SqliteJournal
from controller.ports import Entry

async def write(journal, task):
    for step in range(1_000_000):
        journal.note(Entry("state", body={"task": task}))
        for record in await journal.append(Entry("order", command=f"{task}-{step}"), Entry("state")):
            os.write(1, f"{record.seq} {record.hash}\\n".encode())

async def main():
    journal = await SqliteJournal.open(Path(sys.argv[1]), utcnow=lambda: datetime.now(UTC))
    await asyncio.gather(*(write(journal, task) for task in range(4)))

asyncio.run(main())
"""


@pytest.mark.parametrize("lines", [1, 50, 400])
async def test_rule_3_what_was_appended_before_a_kill_is_there_after_it(opened: Opener, path: Path, lines: int):
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, str(path), stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert child.stdout is not None
    promised = [await child.stdout.readline() for _ in range(lines)]
    child.send_signal(signal.SIGKILL)
    promised += (await child.stdout.read()).splitlines(keepends=True)
    assert await child.wait() == -signal.SIGKILL
    whole = dict(line.split() for line in promised if line.endswith(b"\n"))

    journal = await opened(path)
    found = {b"%d" % record.seq: record.hash.encode() for record in await journal.select(limit=1_000_000)}
    assert whole.items() <= found.items()
    last = max(map(int, found))
    (record,) = await journal.append(Entry("started"))
    assert record.seq == last + 1
    verdict = verify(path)
    assert (verdict.ok, verdict.records) == (True, last + 1), verdict.why
