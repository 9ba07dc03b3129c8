"""`python -m tests.faults [SEEDS=1-1000] [HOURS=50] [SITE=gate] [JOBS=2] [KEEP=3,7]`: try seeds, and say what they broke.

SEEDS     one seed, or a range                        HOURS  and more seeds until so much virtual time has passed
SITE      this site only                              JOBS   processes; all cores unless told otherwise
KEEP      of one seed's schedule these happenings only, by their place: replays what was cut down

The last line is the tally. Exit code 1 if an invariant was broken or, among 200 seeds or more, never put to the test; 2 for bad
input.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence

from tests.faults.campaign import Tally, campaign, shrink, site_of
from tests.faults.schedule import Schedule
from tests.faults.trial import Result, attempt, of_seed, quiet

KEYS = ("SEEDS", "HOURS", "SITE", "JOBS", "KEEP")
ENOUGH = 200
"""From this many seeds on an invariant that was never put to the test is a failure."""


EVERY = 1000
"""After so many seeds the tally so far is printed: a long run may be cut off."""


def main(arguments: Sequence[str]) -> int:
    """Run; return the exit code."""
    given = dict(argument.partition("=")[::2] for argument in arguments)
    try:
        seeds, hours = _seeds(given.get("SEEDS", "")), float(given.get("HOURS") or 0)
        jobs = int(given.get("JOBS") or os.cpu_count() or 1)
        kept = [int(place) for place in given.get("KEEP", "").split(",") if place]
        if unknown := [key for key in given if key not in KEYS]:
            raise ValueError(f"{unknown[0]} is not known (known: {', '.join(KEYS)})")
        if kept and (seeds is None or len(seeds) != 1):
            raise ValueError("KEEP goes with one seed, e.g. SEEDS=17 KEEP=3,7")
    except ValueError as error:
        print(f"tests.faults: {error}", file=sys.stderr)
        return 2
    quiet()
    site = given.get("SITE", "")
    if kept and seeds is not None:
        return _replay(of_seed(site or site_of(seeds[0]), seeds[0]).only(kept), kept)
    if seeds is None and not hours:
        seeds = range(1, 101)
    began = time.monotonic()
    tally = campaign(seeds, hours, jobs, site, _told)
    if tally.broken:
        _cut_down(tally.broken[0])
    return _conclude(tally, time.monotonic() - began)


def _seeds(text: str) -> range | None:
    if not text:
        return None
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def _told(tally: Tally, result: Result) -> None:
    for broken in result.broken[:3]:
        print(f"seed {result.seed} ({result.site}): {broken}", flush=True)
    if result.broken:
        print(f"    replay: {command(result.site, result.seed)}", flush=True)
    if tally.seeds % EVERY == 0:
        print(f"up to seed {result.seed}: {tally}", flush=True)


def command(site: str, seed: int, kept: Sequence[int] = ()) -> str:
    """Return the line that replays exactly this."""
    keep = f" KEEP={','.join(map(str, kept))}" if kept else ""
    return f"python -m tests.faults SEEDS={seed} SITE={site}{keep}"


def _cut_down(result: Result) -> None:
    """Print the fewest happenings that break the same invariant."""
    schedule = of_seed(result.site, result.seed)
    letter = result.broken[0].invariant

    def breaks(smaller: Schedule) -> bool:
        return any(broken.invariant == letter for broken in attempt(smaller).broken)

    kept = shrink(schedule, breaks)
    print(f"seed {result.seed} cut down to {len(kept)} of {len(schedule.happenings)} happenings:")
    _replay(schedule.only(kept), kept)


def _replay(schedule: Schedule, kept: Sequence[int]) -> int:
    for place, happening in zip(kept, schedule.happenings, strict=True):
        print(f"  {place:3} {happening}")
    result = attempt(schedule)
    for broken in result.broken:
        print(f"  {broken}")
    print(f"    replay: {command(schedule.site, schedule.seed, kept)}", flush=True)
    return bool(result.broken)


def _conclude(tally: Tally, wall_s: float) -> int:
    hours = tally.seconds / 3600
    print(f"{tally.seeds / wall_s:.2f} schedules/s, {hours / wall_s * 60:.2f} site-hours a minute")
    for letter in tally.vacuous:
        print(f"({letter}) was never put to the test")
    print(tally)
    return int(bool(tally.broken) or (tally.seeds >= ENOUGH and bool(tally.vacuous)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
