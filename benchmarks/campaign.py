"""Rounds: each contender does each work once in each, one after the other, so that what the machine does meanwhile meets all."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from benchmarks.contenders.base import Contender, Stage
from benchmarks.farm import Farm, Layout
from benchmarks.trouble import NotDone, NotPossible
from benchmarks.works.scene import Apart, Figures, Scene, Size, Work

FIRST_SCAN_S = 180.0
SETTLED_S = 1.0
FOLDER = "rempart-bench-"

Round = dict[str, dict[str, Figures]]
"""Of one round: the figures by contender and work; a work that failed has none."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A work that a contender did not do, and why."""

    contender: str
    work: str
    why: str


@dataclass(frozen=True, slots=True)
class Campaign:
    """What is to be run. `told` hears a line of progress."""

    contenders: Sequence[Contender]
    works: Sequence[Work | Apart]
    size: Size
    told: Callable[[str], None]

    def round(self, failures: list[Failure]) -> Round:
        """Run one round."""
        found: Round = {contender.name: {} for contender in self.contenders}
        on_farm = [work for work in self.works if isinstance(work, Work)]
        for (_, _, devices), group in groupby(sorted(on_farm, key=_place), key=_place):
            works, size = list(group), replace(self.size, devices=devices or self.size.devices)
            for contender in self.contenders:
                wanted = [work for work in works if can(contender, work)]
                self._sessions(contender, wanted, size, found[contender.name], failures)
        for work in self.works:
            for contender in self.contenders:
                if isinstance(work, Apart) and can(contender, work):
                    self._apart(contender, work, found[contender.name], failures)
        return found

    def _sessions(
        self, contender: Contender, wanted: list[Work], size: Size,
        found: dict[str, Figures], failures: list[Failure],
    ) -> None:  # fmt: skip
        """Do the works on one contender; after a failure the rest of them on a fresh one."""
        left = list(wanted)
        while left:
            work = left[0]
            try:
                with opened(contender, work.layout, work.hz, size) as scene:
                    while left:
                        work = left[0]
                        self.told(f"{contender.name}: {work.title}")
                        found[work.name] = work.do(scene)
                        left.pop(0)
            except (NotDone, NotPossible, OSError) as error:
                self._failed(contender, work, error, failures)
                left.remove(work)

    def _apart(self, contender: Contender, work: Apart, found: dict[str, Figures], failures: list[Failure]) -> None:
        self.told(f"{contender.name}: {work.title}")
        with tempfile.TemporaryDirectory(prefix=FOLDER) as name:
            try:
                found[work.name] = work.do(contender, self.size, Path(name))
            except (NotDone, NotPossible, OSError) as error:
                self._failed(contender, work, error, failures)

    def _failed(self, contender: Contender, work: Work | Apart, error: Exception, failures: list[Failure]) -> None:
        failures.append(Failure(contender.name, work.name, str(error)))
        self.told(f"{contender.name}: {work.title}: failed: {error}")


@contextmanager
def opened(contender: Contender, layout: Layout, hz: float, size: Size) -> Iterator[Scene]:
    """Start a farm and a contender on it, wait for the first full scan, and end both with the block."""
    with tempfile.TemporaryDirectory(prefix=FOLDER) as name:
        folder = Path(name)
        with Farm(size.devices, folder, layout) as farm:
            stage = Stage(farm, hz, folder)
            with contender.start(stage) as running:
                full = farm.await_full_scan(running.process, FIRST_SCAN_S)
                time.sleep(SETTLED_S)
                yield Scene(stage, running, size, (full - running.process.started_ns) / 1e9)


def can(contender: Contender, work: Work | Apart) -> bool:
    """Tell whether a work is one for this contender."""
    if isinstance(work, Apart):
        return contender.name in work.who
    if contender.by_timers and not work.hz:
        return False
    return work.layout in contender.layouts and (not work.who or contender.name in work.who)


def _place(work: Work) -> tuple[str, float, int]:
    return work.layout.value, work.hz, work.devices
