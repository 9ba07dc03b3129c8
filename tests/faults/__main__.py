"""`python -m tests.faults [SEEDS=1-1000] [HOURS=50] [MINUTES=3] [SITE=gate] [JOBS=2] [TALLY=file] [KEEP=3,7]`: try seeds.

SEEDS     one seed, or a range                        HOURS  and more seeds until so much virtual time has passed
MINUTES   the longest that a schedule may last        SITE   this site only
JOBS      processes; all cores unless told otherwise  TALLY  add a line to this file, which tests.faults.tally adds up
KEEP      of one seed's schedule these happenings only, by their place: replays what was cut down

The last line is the tally. Exit code 1 if an invariant was broken or, among 200 seeds or more, never put to the test; 2 for bad
input.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.faults.campaign import Plan, campaign, shrink
from tests.faults.schedule import LONGEST_S, Schedule
from tests.faults.tally import Tally
from tests.faults.trial import Result, attempt, quiet

KEYS = ("SEEDS", "HOURS", "MINUTES", "SITE", "JOBS", "TALLY", "KEEP")
SHORT_S = 12.0
ENOUGH = 200
"""From this many seeds on an invariant that was never put to the test is a failure."""

EVERY = 1000
"""After so many seeds the tally so far is printed: a long run may be cut off."""


def main(arguments: Sequence[str]) -> int:
    """Run; return the exit code."""
    given = dict(argument.partition("=")[::2] for argument in arguments)
    try:
        plan = _plan(given)
        kept = [int(place) for place in given.get("KEEP", "").split(",") if place]
        if kept and (plan.seeds is None or len(plan.seeds) != 1):
            raise ValueError("KEEP goes with one seed, e.g. SEEDS=17 KEEP=3,7")
        if given.get("TALLY") and (plan.seeds is None or plan.hours):
            raise ValueError("TALLY goes with a range of seeds alone, so that tallies can be added up")
    except ValueError as error:
        print(f"tests.faults: {error}", file=sys.stderr)
        return 2
    quiet()
    if kept and plan.seeds is not None:
        return _replay(plan.schedule(plan.seeds[0]).only(kept), kept)
    began = time.monotonic()
    first: list[Result] = []

    def told(tally: Tally, result: Result) -> None:
        first.extend([result] if result.broken and not first else [])
        _told(plan, tally, result)

    tally = campaign(plan, told)
    if first:
        _cut_down(plan, first[0])
    if plan.seeds is not None and given.get("TALLY"):
        with Path(given["TALLY"]).open("a", encoding="utf-8") as file:
            file.write(tally.line(plan.seeds, plan.longest_s) + "\n")
    return _conclude(tally, time.monotonic() - began)


def _plan(given: dict[str, str]) -> Plan:
    """Read what is to be tried. Raises ValueError."""
    if unknown := [key for key in given if key not in KEYS]:
        raise ValueError(f"{unknown[0]} is not known (known: {', '.join(KEYS)})")
    seeds, hours = _seeds(given.get("SEEDS", "")), float(given.get("HOURS") or 0)
    longest_s = 60 * float(given.get("MINUTES") or LONGEST_S / 60)
    if longest_s < SHORT_S:
        raise ValueError(
            f"MINUTES={given['MINUTES']}: expected {SHORT_S / 60:g} or more, or nothing has time to happen"
        )
    if seeds is None and not hours:
        seeds = range(1, 101)
    return Plan(seeds, hours, given.get("SITE", ""), longest_s, int(given.get("JOBS") or os.cpu_count() or 1))


def _seeds(text: str) -> range | None:
    if not text:
        return None
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def _told(plan: Plan, tally: Tally, result: Result) -> None:
    for broken in result.broken[:3]:
        print(f"seed {result.seed} ({result.site}): {broken}", flush=True)
    if result.broken:
        print(f"    replay: {command(plan.schedule(result.seed))}", flush=True)
    if tally.seeds % EVERY == 0:
        print(f"up to seed {result.seed}: {tally}", flush=True)


def command(schedule: Schedule, kept: Sequence[int] = ()) -> str:
    """Return the line that replays exactly this."""
    keep = f" KEEP={','.join(map(str, kept))}" if kept else ""
    minutes = f" MINUTES={schedule.longest_s / 60:g}" if schedule.longest_s != LONGEST_S else ""
    return f"python -m tests.faults SEEDS={schedule.seed} SITE={schedule.site}{minutes}{keep}"


def _cut_down(plan: Plan, result: Result) -> None:
    """Print the fewest happenings that break the same invariant."""
    schedule = plan.schedule(result.seed)
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
    print(f"    replay: {command(schedule, kept)}", flush=True)
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
