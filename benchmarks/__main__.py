"""`python -m benchmarks`: run works, print the table, write the page."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks import page
from benchmarks.campaign import Campaign
from benchmarks.contenders import CONTENDERS
from benchmarks.contenders.base import Contender
from benchmarks.guard import guard
from benchmarks.machine import allow_files, pinned
from benchmarks.results import LATEST, Results
from benchmarks.table import table
from benchmarks.trouble import NotPossible
from benchmarks.works.catalogue import WORKS
from benchmarks.works.scene import Apart, Size, Work

SHORT, FULL = Size(), Size(window_s=6.0, orders=300, lockdowns=5, records=10_000_000)
ROUNDS, FULL_ROUNDS = 3, 5


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """Take the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure the service beside its references. `make bench` is the short form, `make bench-full` all of it.",
    )
    parser.add_argument("--full", action="store_true", help="all works, five rounds, more of each")
    parser.add_argument("--works", metavar="NAME,…", type=_names, help=f"of {', '.join(WORKS)}")
    parser.add_argument("--contenders", metavar="NAME,…", type=_names, help=f"of {', '.join(CONTENDERS)}")
    parser.add_argument("--rounds", metavar="N", type=int, help=f"interleaved rounds ({ROUNDS}; full {FULL_ROUNDS})")
    parser.add_argument("--devices", metavar="N", type=int, help=f"devices of the farm ({SHORT.devices})")
    parser.add_argument("--seconds", metavar="S", type=float, help="length of a window of polling (4; full 6)")
    parser.add_argument("--orders", metavar="N", type=int, help="orders of a work in a round (60; full 300)")
    parser.add_argument("--records", metavar="N", type=int, help="records to ask the journal among (1e6; full 1e7)")
    parser.add_argument("--results", metavar="FILE", type=Path, default=LATEST, help="where the figures are kept")
    parser.add_argument(
        "--guard", action="store_true", help="run only this: whether a scan still costs what it did (2 min)"
    )
    parser.add_argument("--table", action="store_true", help="run nothing: the table of the figures that are kept")
    parser.add_argument("--page", action="store_true", help=f"run nothing: write them into {page.PAGE.name}")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says; return the exit status.

    0, 1 where a work was not done or a scan costs more than it did, 2 where nothing could be run.
    """
    given = parsed(arguments)
    # Whoever is told to end ends its children too.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        if given.guard:
            return _guard()
        results = Results.load(given.results) if given.table or given.page else _run(given)
    except NotPossible as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    except FileNotFoundError as error:
        print(f"bench: {error.filename}: no figures are kept there; run `make bench` first", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("bench: interrupted; what was started has been ended", file=sys.stderr)
        return 130
    if given.page:
        page.write(results)
        return 0
    print(*table(results), sep="\n", flush=True)
    return 1 if results.failures else 0


def _guard() -> int:
    _prepare()
    verdict = guard(_teller())
    print(f"bench-guard: {verdict}", flush=True)
    return 0 if verdict.well else 1


def _prepare() -> None:
    allow_files()
    if not pinned():
        print("bench: one CPU only: the farm and the contender share it, and the figures say little", file=sys.stderr)


def _teller() -> Callable[[str], None]:
    began = time.monotonic()

    def told(line: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {line}", file=sys.stderr, flush=True)

    return told


def _run(given: argparse.Namespace) -> Results:
    _prepare()
    told = _teller()
    contenders = _contenders(given.contenders, told, full=given.full)
    works = _works(given.works, full=given.full)
    flat_out = [work for work in works if isinstance(work, Work) and not work.hz]
    for it in contenders:
        if it.by_timers and (flat := [work.name for work in flat_out if work.layout in it.layouts]):
            told(f"{it.name}: it polls by timers, and is left out of {', '.join(flat)}")
    size = FULL if given.full else SHORT
    asked = {"devices": given.devices, "window_s": given.seconds, "orders": given.orders, "records": given.records}
    size = replace(size, **{name: value for name, value in asked.items() if value})
    results = Results(size)
    campaign = Campaign(contenders, works, size, told)
    rounds = given.rounds or (FULL_ROUNDS if given.full else ROUNDS)
    for n in range(rounds):
        told(f"round {n + 1} of {rounds}")
        results.rounds.append(campaign.round(results.failures))
        results.save(given.results)
    return results


def _contenders(names: list[str] | None, told: Callable[[str], None], *, full: bool) -> list[Contender]:
    _known(names, CONTENDERS, "contender")
    there = []
    for it in CONTENDERS.values():
        if not (it.name in names if names is not None else full or not it.long):
            continue
        try:
            it.prepare(told)
        except NotPossible as error:
            print(f"bench: without {it.name}: {error}", file=sys.stderr)
        else:
            there.append(it)
    if not there:
        raise NotPossible("no contender is left")
    return there


def _works(names: list[str] | None, *, full: bool) -> list[Work | Apart]:
    _known(names, WORKS, "work")
    return [it for it in WORKS.values() if (it.name in names if names is not None else full or not it.long)]


def _known(names: list[str] | None, there: Iterable[str], what: str) -> None:
    known = list(there)
    for name in names or ():
        if name not in known:
            raise NotPossible(f"{name}: no such {what}; expected some of {', '.join(known)}, with commas in between")


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
