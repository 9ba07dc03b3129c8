"""Some schedules of every small site. The many are the last step of `make test`, and `make simulate-faults`."""

from __future__ import annotations

from itertools import chain

import pytest

from tests.faults.bench import Bench
from tests.faults.campaign import SMALL, Plan, shrink
from tests.faults.defects import DEFECTS, planted
from tests.faults.schedule import Happening, Schedule
from tests.faults.trial import FAILED, attempt, of_seed

pytestmark = pytest.mark.untraced

CAUGHT = {"machine": (1, "i"), "interlock": (7, "c"), "endpoint": (146, "a"), "journal": (1, "g"), "driver": (21, "b")}
"""The first seed that catches each defect, and the invariant that does."""
MOST = 1000
"""After a change of the schedules another seed may be the first; of so many one has to be."""


@pytest.mark.parametrize("site", SMALL)
def test_no_invariant_is_broken(site: str):
    results = Plan(range(1, 3), site=site).results()
    assert [str(broken) for result in results for broken in result.broken] == []


@pytest.mark.parametrize("defect", list(DEFECTS))
def test_a_defect_that_was_put_in_is_caught(defect: str):
    seed, letter = CAUGHT[defect]
    with planted(defect):
        tried = chain(Plan(range(seed, seed + 1)).results(), Plan(range(1, MOST + 1)).results())
        caught = next((r for r in tried if any(broken.invariant == letter for broken in r.broken)), None)
    assert caught is not None, f"{defect} breaks ({letter}) under none of {MOST} seeds"


def test_a_schedule_is_cut_down_to_what_matters():
    happenings = tuple(Happening(float(n), "order", f"d{n}") for n in range(20))
    schedule = Schedule("gate", 1, 20.0, 20.0, happenings)

    def breaks(smaller: Schedule) -> bool:
        return {"d3", "d11"} <= {happening.target for happening in smaller.happenings}

    assert shrink(schedule, breaks) == [3, 11]


def test_a_part_of_a_schedule_can_be_tried_alone():
    whole = of_seed("gate", 5)
    assert attempt(whole.only([])).faults == 0


def test_an_answer_that_is_read_while_the_controller_starts_anew_is_told_by_nobody():
    schedule = Plan(range(1927, 1928), site="boom", longest_s=36.0).schedule(1927)
    assert attempt(schedule.only([6, 9, 11])).broken == []


def test_nothing_more_is_sent_of_an_order_that_another_has_superseded_in_the_middle_of_its_frames():
    schedule = Plan(range(12952, 12953), site="boom", longest_s=36.0).schedule(12952)
    assert attempt(schedule.only([0, 1, 2])).broken == []


def test_r13_a_beacon_that_went_dark_and_was_lit_again_between_two_looks_warns_anew():
    schedule = Plan(range(4724, 4725), site="post", longest_s=36.0).schedule(4724)
    assert attempt(schedule.only([5, 6])).broken == []


def test_a_loop_that_was_lost_and_back_between_two_looks_is_waited_for_before_the_site_is_judged():
    schedule = Plan(range(10966, 10967), site="airlock", longest_s=36.0).schedule(10966)
    assert attempt(schedule.only([1, 7])).broken == []


def test_an_order_that_a_slow_disk_has_not_recorded_yet_is_waited_for_before_the_site_is_judged():
    schedule = Plan(range(33843, 33844), site="blocker", longest_s=12.0).schedule(33843)
    assert attempt(schedule.only([0, 1])).broken == []


def test_an_access_that_began_while_the_disk_was_slow_is_waited_for_before_the_site_is_judged():
    schedule = Plan(range(16483, 16484), site="blocker", longest_s=12.0).schedule(16483)
    assert attempt(schedule.only([0, 1, 3])).broken == []


def test_a_trial_that_fails_itself_is_told_with_its_traceback_and_ends_nothing_else():
    def fails(_: Bench) -> None:
        raise RuntimeError("nobody foresaw this")

    broken = attempt(of_seed("gate", 5, 20.0), fails).broken
    assert [b.invariant for b in broken] == [FAILED]
    assert "nobody foresaw this" in broken[0].detail
