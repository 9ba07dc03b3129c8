"""What goes with a change of state, value by value: nothing of one motion is left in the next."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from controller.core.device import Alarm
from controller.core.mover import Fault, Mover, Position
from controller.core.travel import HOUR_S, aged, fault_of, moved, tracked
from tests.core.rig import BOLLARD, GROUP, seen

NOW = 5000.0
LATE = Alarm("efo-late", 1, "late")
RESTING = Mover(
    spec=BOLLARD,
    state="lowered",
    version=3,
    readings=seen(BOLLARD, "between", NOW),
    moving_since=1.0,
    away=True,
    left_at=2.0,
    pulse_until=3.0,
    retry_at=4.0,
    unwatched=True,
    remark=LATE,
    returns=2,
    cycles=(NOW - HOUR_S, NOW - 1.0),
)
RISING = replace(RESTING, state="raising")
LOWERING = replace(RESTING, state="lowering")


def test_a_state_that_it_is_in_already_changes_nothing() -> None:
    assert moved(RESTING, "lowered", NOW, "again") is RESTING


def after(mover: Mover, state: str, **changes: object) -> Mover:
    """The mover in `state` with all that every change of state takes away, and `changes`."""
    gone = replace(mover, away=False, left_at=None, retry_at=0.0, unwatched=False, fault=None)
    return replace(gone, state=state, since=NOW, version=4, why="so", **changes)  # type: ignore[arg-type]


def test_a_motion_begins_with_nothing_of_the_last_one() -> None:
    began = after(RESTING, "raising", moving_since=None, pulse_until=math.inf, remark=None, whole=True, cut_off=False)
    began = replace(began, read_at=NOW)
    assert moved(RESTING, "raising", NOW, "so") == began


def test_a_motion_that_begins_in_between_is_no_whole_one() -> None:
    assert moved(replace(RESTING, state="stopped", whole=True), "raising", NOW).whole is False


@pytest.mark.parametrize("state", ["stopped", "unknown"])
def test_a_motion_that_is_broken_off_is_given_a_stop_pulse_and_stays_timed(state: str) -> None:
    assert moved(RISING, state, NOW, "so") == after(RISING, state, pulse_until=math.inf, read_at=None)


def test_a_motion_that_ends_in_a_fault_is_given_a_stop_pulse_and_says_which() -> None:
    fault = Fault.NO_LIMIT
    stopped = after(RISING, "fault", pulse_until=math.inf, fault=fault, read_at=None)
    assert moved(RISING, "fault", NOW, "so") == replace(stopped, why=str(fault))


def test_r04_r11_the_securing_motion_that_arrives_is_a_cycle_and_ends_the_count_of_returns() -> None:
    arrived = after(RISING, "raised", pulse_until=0.0, cycles=(NOW - 1.0, NOW), returns=0, remark=None)
    assert moved(RISING, "raised", NOW, "so") == arrived


def test_r04_the_opening_motion_that_arrives_is_no_cycle() -> None:
    assert moved(LOWERING, "lowered", NOW, "so") == after(LOWERING, "lowered", pulse_until=0.0)


def test_r04_steel_that_is_moved_by_hand_to_its_securing_limit_is_no_cycle() -> None:
    assert moved(RESTING, "raised", NOW, "so") == after(RESTING, "raised", remark=None)


def test_steel_that_is_found_somewhere_else_keeps_the_pulse_that_it_is_given() -> None:
    assert moved(RESTING, "stopped", NOW, "so") == after(RESTING, "stopped")


@pytest.mark.parametrize(
    ("ages", "left"), [((HOUR_S, 1.0), (1.0,)), ((HOUR_S - 0.1, 1.0), (HOUR_S - 0.1, 1.0)), ((), ())]
)
def test_r04_a_cycle_is_forgotten_when_it_is_an_hour_old(ages: tuple[float, ...], left: tuple[float, ...]) -> None:
    mover = replace(RESTING, cycles=tuple(NOW - age for age in ages))
    assert aged(mover, NOW).cycles == tuple(NOW - age for age in left)


def test_r16_one_member_at_neither_limit_is_enough_to_point_to_a_cable() -> None:
    group = replace(RISING, spec=GROUP, left_at=None)
    for words, fault in (
        (("top", "between", "top"), Fault.NO_LIMIT),
        (("top", "bottom", "top"), Fault.TRAVEL_TIME),
    ):
        assert fault_of(replace(group, readings=seen(GROUP, words, NOW)), NOW) is fault


def test_steel_that_is_seen_off_its_goal_is_away_before_its_outputs_are_acknowledged_but_has_not_left() -> None:
    starting = replace(RISING, moving_since=None, away=False, left_at=None)
    followed = tracked(starting, Position.BETWEEN, NOW)
    assert (followed.away, followed.left_at) == (True, None)


def test_steel_that_is_at_its_goal_already_is_not_away() -> None:
    starting = replace(RISING, away=False, left_at=None)
    assert tracked(starting, Position.TOP, NOW) is starting


def test_steel_has_left_from_when_it_was_first_seen_in_between() -> None:
    moving = replace(RISING, left_at=None)
    first = tracked(moving, Position.BETWEEN, NOW)
    assert first.left_at == NOW
    assert tracked(first, Position.BETWEEN, NOW + 0.1) is first


def test_a_limit_that_bounces_at_once_has_not_been_left() -> None:
    left = replace(RISING, left_at=NOW)
    assert tracked(left, Position.BOTTOM, NOW + BOLLARD.settle_s - 0.01).left_at is None
    assert tracked(left, Position.BOTTOM, NOW + BOLLARD.settle_s).left_at == NOW


def test_steel_at_rest_is_not_followed() -> None:
    assert tracked(RESTING, Position.BETWEEN, NOW) is RESTING
