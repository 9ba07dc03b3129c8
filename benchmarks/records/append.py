"""Records at a steady pace, each awaited until it is durable.

    python -m benchmarks.records.append asyncio|uvloop FILE COUNT PER_S

It prints its figures as a line of JSON. `cpu_us` is all that the process used for a record, `loop_us` the part of the loop's
thread; what pacing alone costs is measured first, and taken off both.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.figures import quantile
from benchmarks.records.entries import entry
from controller.journal import SqliteJournal


async def paced(
    count: int, per_s: float, do: Callable[[int], Coroutine[None, None, float]]
) -> tuple[list[float], float, float]:
    """Do it `count` times, whatever became of the last; return what each gave, and the CPU of process and loop for one, µs."""
    tasks: list[asyncio.Task[float]] = []
    process, thread = time.process_time_ns(), time.thread_time_ns()
    began = time.monotonic()
    for n in range(count):
        await asyncio.sleep(max(0.0, began + n / per_s - time.monotonic()))
        tasks.append(asyncio.create_task(do(n)))
    gave = await asyncio.gather(*tasks)
    used = (time.process_time_ns() - process, time.thread_time_ns() - thread)
    return gave, used[0] / count / 1e3, used[1] / count / 1e3


async def measured(path: Path, count: int, per_s: float) -> dict[str, float]:
    """Append to a journal in `path`."""
    journal = await SqliteJournal.open(path, utcnow=lambda: datetime.now(UTC))

    async def append(n: int) -> float:
        began = time.monotonic_ns()
        await journal.append(entry(n))
        return (time.monotonic_ns() - began) / 1e6

    async def nothing(n: int) -> float:
        return 0.0

    _, idle, idle_loop = await paced(count // 2, per_s, nothing)
    began = time.monotonic()
    took, used, used_loop = await paced(count, per_s, append)
    seconds = time.monotonic() - began
    verdict = await journal.verify()
    await journal.close()
    return {
        "cpu_us": used - idle,
        "loop_us": used_loop - idle_loop,
        "p50_ms": quantile(took, 0.5),
        "p99_ms": quantile(took, 0.99),
        "max_ms": max(took),
        "per_min": count / seconds * 60,
        "lost": count - verdict.records,
    }


def main(loop: str, path: str, count: str, per_s: str) -> None:
    """Measure, and print what was found."""
    factory: Any = None if loop == "asyncio" else importlib.import_module("uvloop").new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        print(json.dumps(runner.run(measured(Path(path), int(count), float(per_s)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
