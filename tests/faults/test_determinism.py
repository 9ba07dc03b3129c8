"""One seed, one history: the journal of a run is the same to the last byte, whoever runs it, and wherever."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.trial import attempt, of_seed

pytestmark = pytest.mark.untraced

ROOT = Path(__file__).parents[2]
SITES = ("gate", "airlock", "boom", "blocker", "post")
ELSEWHERE = (
    "import sys; from tests.faults.trial import attempt, of_seed; print(attempt(of_seed(sys.argv[1], 7)).journal)"
)


@pytest.mark.parametrize("site", SITES)
def test_the_same_seed_gives_the_same_journal_here_and_in_another_process_with_another_hash_seed(site: str):
    first, second = (attempt(of_seed(site, 7)).journal for _ in range(2))
    assert first == second
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    command = [sys.executable, "-c", ELSEWHERE, site]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100, check=True)
    assert done.stdout.splitlines()[-1] == first


def test_the_whole_promenade_repeats_itself_too():
    schedule = of_seed("nice-promenade", 3)
    short = schedule.only([place for place, h in enumerate(schedule.happenings) if h.at < 40])
    assert attempt(short).journal == attempt(short).journal


def test_another_seed_gives_another_journal():
    assert attempt(of_seed("gate", 1)).journal != attempt(of_seed("gate", 2)).journal
