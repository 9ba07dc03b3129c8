"""Some schedules of every small site, each in well under a second or two. The many are `make simulate-faults`."""

from __future__ import annotations

import pytest

from tests.faults.campaign import SMALL, Tally, results, shrink
from tests.faults.defects import DEFECTS, planted
from tests.faults.schedule import Happening, Schedule
from tests.faults.trial import attempt, of_seed

CAUGHT = {"machine": 1, "interlock": 1, "endpoint": 65, "journal": 1, "driver": 106}
"""By which seed each defect is caught: a thousand may be tried, and these are the first that do it."""


@pytest.mark.parametrize("site", SMALL)
@pytest.mark.parametrize("first", [1, 11])
def test_no_invariant_is_broken(site: str, first: int):
    tally = Tally()
    for result in results(range(first, first + 3), 1, site):
        tally.add(result)
    assert [str(broken) for result in tally.broken for broken in result.broken] == []


@pytest.mark.parametrize("defect", list(DEFECTS))
def test_a_defect_that_was_put_in_is_caught(defect: str):
    with planted(defect):
        found = [r for r in results(range(CAUGHT[defect], CAUGHT[defect] + 1), 1) if r.broken]
    assert found, f"{defect} is not caught by seed {CAUGHT[defect]} any more: look for the first that does"


def test_a_schedule_is_cut_down_to_what_matters():
    happenings = tuple(Happening(float(n), "order", f"d{n}") for n in range(20))
    schedule = Schedule("gate", 1, 20.0, happenings)

    def breaks(smaller: Schedule) -> bool:
        return {"d3", "d11"} <= {happening.target for happening in smaller.happenings}

    assert shrink(schedule, breaks) == [3, 11]


def test_a_part_of_a_schedule_can_be_tried_alone():
    whole = of_seed("gate", 5)
    assert attempt(whole.only([])).faults == 0
