"""Many seeds, on every core: what they cover, and what they break."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, count

from tests.faults.schedule import LONGEST_S, Schedule
from tests.faults.tally import Tally
from tests.faults.trial import Prepare, Result, attempt, of_seed

SMALL = ("gate", "airlock", "boom", "blocker", "post")
LARGE, LARGE_EVERY = "nice-promenade", 200


def site_of(seed: int) -> str:
    """Return the site on which a seed is tried: a small one, now and then a whole promenade."""
    return LARGE if seed % LARGE_EVERY == 0 else SMALL[seed % len(SMALL)]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to try: these seeds, and more after them, or from 1 on, until `hours` of virtual time are full."""

    seeds: range | None = None
    hours: float = 0.0
    site: str = ""
    """This site only; "" for the one that each seed is for."""
    longest_s: float = LONGEST_S
    jobs: int = 1

    def schedule(self, seed: int) -> Schedule:
        """Return the schedule of a seed."""
        return of_seed(self.site or site_of(seed), seed, self.longest_s)

    def _wanted(self) -> Iterator[int]:
        return chain(self.seeds or (), count(self.seeds.stop if self.seeds else 1) if self.hours else ())

    def results(self, prepare: Prepare | None = None) -> Iterator[Result]:
        """Try seeds one by one, `jobs` at a time, and yield what each came to, in the order of the seeds."""
        if self.jobs == 1:
            yield from (attempt(self.schedule(seed), prepare) for seed in self._wanted())
            return
        with multiprocessing.get_context("fork").Pool(self.jobs) as pool:
            yield from pool.imap(self._try, self._wanted(), chunksize=1)

    def _try(self, seed: int) -> Result:
        return attempt(self.schedule(seed))


def campaign(plan: Plan, told: Callable[[Tally, Result], None] = lambda _, __: None) -> Tally:
    """Try what is planned. `told` hears of each result."""
    tally = Tally()
    for result in plan.results():
        tally.add(result)
        told(tally, result)
        if plan.hours and tally.seconds >= plan.hours * 3600 and tally.seeds >= len(plan.seeds or ()):
            break
    return tally


def shrink(schedule: Schedule, breaks: Callable[[Schedule], bool]) -> list[int]:
    """Return the places of the fewest happenings found that still break something (delta debugging; a local minimum)."""
    kept, pieces = list(range(len(schedule.happenings))), 2
    while len(kept) > 1:
        size = max(1, len(kept) // pieces)
        for start in range(0, len(kept), size):
            rest = kept[:start] + kept[start + size :]
            if rest and breaks(schedule.only(rest)):
                kept, pieces = rest, max(2, pieces - 1)
                break
        else:
            if size == 1:
                break
            pieces = min(len(kept), pieces * 2)
    return kept
