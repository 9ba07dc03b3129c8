"""The journal: what a record costs at 10,000 a minute and when it is durable, and how long it takes to ask among millions."""

from __future__ import annotations

import atexit
import json
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from benchmarks.contenders.base import Contender
from benchmarks.contenders.rempart import Rempart
from benchmarks.machine import cpus
from benchmarks.processes import Process, python
from benchmarks.trouble import NotDone, NotPossible
from benchmarks.works.scene import Figures, Size

PER_S = 10_000 / 60
BYTES = 500
"""What a record of the bench takes on disk is 350, with its indexes; the rest is ample room."""
PATIENCE_S, RECORD_S = 60.0, 0.0005
"""How long a program may take, and how much longer for each record that it has to do with."""


def journal(contender: Contender, size: Size, folder: Path) -> Figures:
    """Append to a new journal, then ask a large one. Raises NotPossible where the disk has no room for that."""
    assert isinstance(contender, Rempart)
    fresh = str(folder / "journal.db")
    appended = _run(folder, "append", contender.loop, fresh, str(size.appends), str(PER_S), more_s=size.appends / PER_S)
    asked = _run(folder, "ask", str(large(size.records)), more_s=size.records * RECORD_S)
    return {**appended, **asked}


@cache
def large(records: int) -> Path:
    """Return a journal of so many records, which is built once and goes with this process. Raises NotPossible, NotDone."""
    folder = Path(tempfile.mkdtemp(prefix="rempart-bench-journal-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    free, needed = shutil.disk_usage(folder).free, records * BYTES
    if free < needed:
        raise NotPossible(
            f"{folder}: {records} records take {needed / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free; "
            "make room, name another disk (TMPDIR), or ask among fewer (--records)"
        )
    path = folder / "journal.db"
    _run(folder, "build", str(path), str(records), more_s=records * RECORD_S)
    return path


def _run(folder: Path, name: str, *arguments: str, more_s: float) -> Figures:
    """Run a program of `benchmarks.records` to its end and return what it prints."""
    log = folder / f"{name}.log"
    with Process(
        f"{name} of the journal", python(f"benchmarks.records.{name}", *arguments), cpu=cpus()[1], log=log
    ) as it:
        try:
            status = it.child.wait(PATIENCE_S + more_s)
        except subprocess.TimeoutExpired:
            raise NotDone(f"{it.name}: has not ended after {PATIENCE_S + more_s:g} s") from None
        if status:
            it.alive()
    return dict(json.loads(log.read_text("utf-8") or "{}"))
