"""Many seeds, on every core: what they cover, and what they break."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, count

from tests.faults.schedule import Schedule
from tests.faults.trial import PAIRS, Prepare, Result, attempt, of_seed

SMALL = ("gate", "airlock", "boom", "blocker")
LARGE, LARGE_EVERY = "nice-promenade", 200
LETTERS = "abcdefghijklm"


def site_of(seed: int) -> str:
    """Return the site on which a seed is tried: a small one, now and then a whole promenade."""
    return LARGE if seed % LARGE_EVERY == 0 else SMALL[seed % len(SMALL)]


@dataclass
class Tally:
    """What many results come to."""

    seeds: int = 0
    seconds: float = 0.0
    faults: int = 0
    orders: int = 0
    frames: int = 0
    tried: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LETTERS, 0))
    pairs: set[tuple[str, str]] = field(default_factory=set)
    broken: list[Result] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """Take in one result."""
        self.seeds += 1
        self.seconds += result.seconds
        self.faults += result.faults
        self.orders += result.orders
        self.frames += sum(result.befallen.values())
        self.pairs |= result.pairs & PAIRS
        for letter, times in result.tried.items():
            self.tried[letter] += times
        if result.broken:
            self.broken.append(result)

    @property
    def vacuous(self) -> list[str]:
        """Name the invariants that were never put to the test."""
        return [letter for letter, times in self.tried.items() if not times]

    def __str__(self) -> str:
        tried = " ".join(f"{letter}:{times}" for letter, times in self.tried.items())
        return (
            f"{self.seeds} seeds, {self.seconds / 3600:.1f} site-hours, {self.faults} faults ({self.frames} frames befallen), "
            f"{self.orders} orders, {len(self.pairs)}/{len(PAIRS)} transitions of the mover, invariants tested {tried}, "
            f"{len(self.broken)} seeds with a violation"
        )


def results(seeds: Iterable[int], jobs: int, site: str = "", prepare: Prepare | None = None) -> Iterator[Result]:
    """Try seeds one by one, `jobs` at a time, and yield what each came to, in the order of the seeds."""
    work = ((site or site_of(seed), seed) for seed in seeds)
    if jobs == 1:
        yield from (attempt(of_seed(*pair), prepare) for pair in work)
        return
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        yield from pool.imap(_try, work, chunksize=1)


def _try(pair: tuple[str, int]) -> Result:
    return attempt(of_seed(*pair))


def campaign(
    seeds: range | None,
    hours: float,
    jobs: int,
    site: str = "",
    told: Callable[[Tally, Result], None] = lambda _, __: None,
) -> Tally:
    """Try `seeds`, and more after them, or from 1 on, until `hours` of virtual time are full. `told` hears of each at its end."""
    tally = Tally()
    wanted = chain(seeds or (), count(seeds.stop if seeds else 1) if hours else ())
    for result in results(wanted, jobs, site):
        tally.add(result)
        told(tally, result)
        if hours and tally.seconds >= hours * 3600 and tally.seeds >= len(seeds or ()):
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
