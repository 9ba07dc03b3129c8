"""What a travel says about the equipment: how long it takes (R01, R03), and how often it is driven (R04)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.command import Life, Rule
from controller.core.mover import Fault
from tests.core.rig import BOLLARD, Rig, ready

QUICK = replace(BOLLARD, fastest_s=3.0)


def travel(rig: Rig, action: str, seconds: float, **order: object) -> str:
    """Let the steel go from one end to the other."""
    name = rig.order(action, **order)  # type: ignore[arg-type]
    rig.ack()
    rig.run(0.5)
    rig.sample("between")
    rig.run(seconds - 0.5)
    rig.sample("top" if action == "raise" else "bottom")
    rig.ack()
    return name


# R01, R03.


@pytest.mark.parametrize("action", ["raise", "lower"])
def test_r01_a_limit_that_shows_sooner_than_steel_can_travel_is_a_fault_and_not_believed(action: str) -> None:
    rig = ready(QUICK, "bottom" if action == "raise" else "top")
    order = travel(rig, action, 1.0)
    assert rig.last(order).life is Life.FAILED
    assert (rig.device.state, rig.device.fault, rig.alarms) == ("fault", Fault.TOO_SOON, ["too-soon"])


def test_r01_a_person_who_has_looked_orders_on_from_there() -> None:
    rig = ready(QUICK)
    travel(rig, "raise", 1.0)
    rig.run(0.5)
    order = rig.order("raise")
    assert (rig.device.state, rig.last(order).life) == ("raised", Life.CONFIRMED)


def test_r03_a_travel_within_its_window_is_none() -> None:
    rig = ready(QUICK)
    travel(rig, "raise", 3.2)
    assert rig.device.state == "raised"


def test_r01_part_of_a_travel_may_be_short() -> None:
    rig = ready(QUICK, "between")
    travel(rig, "raise", 1.0)
    assert rig.device.state == "raised"


def test_r02_an_emergency_may_be_quicker() -> None:
    rig = ready(QUICK)
    rig.fire()
    rig.ack()
    rig.run(0.5)
    rig.sample("between")
    rig.sample("top")
    assert rig.device.state == "raised"
    assert rig.device.remark is None


def test_r01_a_limit_that_shows_before_the_drive_was_told_is_a_fault() -> None:
    rig = ready(QUICK)
    rig.order("raise")
    rig.sample("top")
    assert rig.device.fault is Fault.TOO_SOON


# R04.

BUSY = replace(BOLLARD, cycles_per_hour=2)


def cycles(rig: Rig, times: int) -> None:
    for _ in range(times):
        travel(rig, "raise", 1.0)
        rig.run(0.6)
        travel(rig, "lower", 1.0)
        rig.run(0.6)


def test_r04_a_drive_that_was_secured_too_often_in_an_hour_is_not_opened() -> None:
    rig = ready(BUSY)
    cycles(rig, 1)
    travel(rig, "raise", 1.0)
    order = rig.order("lower")
    assert [r.rule for r in rig.last(order).refusals] == [Rule.CYCLES]
    assert rig.last(order).because == "2 cycles in the last hour; 2 are its limit"


def test_r04_what_was_driven_too_often_may_still_be_secured() -> None:
    rig = ready(BUSY)
    cycles(rig, 1)
    travel(rig, "raise", 1.0)
    rig.run(0.6)
    rig.sample("between")
    rig.run(0.6)
    assert rig.lives(rig.order("raise")) == [Life.ACCEPTED]


def test_r04_a_cycle_of_more_than_an_hour_ago_does_not_count() -> None:
    rig = ready(BUSY)
    cycles(rig, 1)
    travel(rig, "raise", 1.0)
    rig.now = rig.device.cycles[0] + 3600.0
    rig.sample()
    assert len(rig.device.cycles) == 1
    assert rig.lives(rig.order("lower")) == [Life.ACCEPTED]


def test_r04_a_motion_that_is_taken_back_is_no_cycle() -> None:
    rig = ready(replace(BUSY, presence=("entry",)))
    rig.order("raise")
    rig.ack()
    rig.run(0.5)
    rig.sample("between")
    rig.loop("entry", detect=True)
    rig.ack()
    rig.sample("bottom")
    assert rig.device.cycles == ()


def test_r04_an_emergency_counts_as_a_cycle_too() -> None:
    rig = ready(BUSY)
    rig.fire()
    rig.ack()
    rig.run(0.5)
    rig.sample("top")
    assert len(rig.device.cycles) == 1
