"""What the guards of a mover's table may look at, fact by fact, at the instant where each begins to hold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.device import DriveTo
from controller.core.modes import Mode
from controller.core.mover import Fault, Mover, Position, blindness, position
from controller.core.mover_table import Facts, facts_of
from controller.core.readings import good
from controller.core.spec import Action
from tests.core.rig import BOLLARD, BOOM_WITHOUT_STOP, PULSED, seen

NOW = 100.0
WRITING = DriveTo(number=1, levels=(), deadline=NOW + 1.0)
NONE = Facts(
    settled=False,
    coasted=False,
    local=False,
    arrived=False,
    too_soon=False,
    left=False,
    feedback_fault=False,
    seen=Position.BOTTOM,
)
JUST = Mover(spec=BOLLARD, state="lowered", since=NOW, acked_at=NOW, readings=seen(BOLLARD, "bottom", NOW))
LONG = replace(JUST, since=NOW - BOLLARD.settle_s, acked_at=0.0)
RISING = replace(JUST, state="raising", since=NOW - 5.0, moving_since=NOW - 1.0)


def test_of_steel_that_has_just_come_to_rest_nothing_holds() -> None:
    assert facts_of(JUST, NOW) == NONE


def test_steel_settles_and_has_coasted_after_the_time_of_a_bounce() -> None:
    assert facts_of(LONG, NOW) == replace(NONE, settled=True)
    assert facts_of(replace(LONG, state="stopped"), NOW) == replace(NONE, settled=True, coasted=True)
    assert facts_of(replace(LONG, state="stopped", since=LONG.since + 0.01), NOW) == NONE


def test_steel_coasts_until_its_outputs_are_released() -> None:
    assert facts_of(replace(LONG, state="stopped", writing=WRITING), NOW) == replace(NONE, settled=True)


def test_steel_coasts_from_when_its_outputs_were_released() -> None:
    assert facts_of(replace(LONG, state="stopped", acked_at=NOW - 0.1), NOW) == replace(NONE, settled=True)


def test_a_drive_that_cannot_be_stopped_may_use_up_its_travel_time() -> None:
    boom = replace(LONG, state="stopped", spec=BOOM_WITHOUT_STOP, moving_since=NOW - BOOM_WITHOUT_STOP.travel_s + 0.01)
    assert not facts_of(boom, NOW).coasted
    assert facts_of(replace(boom, moving_since=NOW - BOOM_WITHOUT_STOP.travel_s), NOW).coasted


def test_r18_in_local_mode_somebody_may_move_it() -> None:
    assert facts_of(replace(JUST, mode=Mode.LOCAL), NOW) == replace(NONE, local=True)


def test_a_motion_that_was_seen_off_its_goal_has_arrived_where_its_limit_shows() -> None:
    assert facts_of(replace(JUST, away=True), NOW) == replace(NONE, arrived=True)


@pytest.mark.parametrize(("spec", "given_s"), [(BOLLARD, 0.3), (replace(BOLLARD, drive=PULSED), 0.5)])
def test_a_motion_at_its_goal_has_arrived_once_its_outputs_were_given_in_full(spec: object, given_s: float) -> None:
    moving = replace(RISING, spec=spec, moving_since=NOW - given_s)  # type: ignore[arg-type]
    assert facts_of(moving, NOW).arrived
    assert not facts_of(replace(moving, moving_since=NOW - given_s + 0.01), NOW).arrived
    assert not facts_of(replace(moving, moving_since=None), NOW).arrived


@pytest.mark.parametrize(("took_s", "too_soon"), [(2.9, True), (3.0, False)])
def test_r01_the_whole_way_takes_the_shortest_time_at_least(took_s: float, too_soon: bool) -> None:
    quick = replace(RISING, spec=replace(BOLLARD, fastest_s=3.0), whole=True, moving_since=NOW - took_s)
    assert facts_of(quick, NOW).too_soon is too_soon
    assert not facts_of(replace(quick, whole=False), NOW).too_soon
    assert not facts_of(replace(quick, returning="R09"), NOW).too_soon


def test_r01_a_limit_that_shows_before_the_drive_was_told_is_too_soon() -> None:
    told = replace(RISING, spec=replace(BOLLARD, fastest_s=0.5), whole=True, moving_since=None)
    assert facts_of(told, NOW).too_soon


def test_a_motion_has_left_after_the_time_of_a_bounce() -> None:
    assert facts_of(replace(RISING, left_at=NOW - BOLLARD.settle_s), NOW).left
    assert not facts_of(replace(RISING, left_at=NOW - BOLLARD.settle_s + 0.01), NOW).left


def test_r20_a_fault_of_the_feedback_is_told_from_one_of_the_steel() -> None:
    assert facts_of(replace(JUST, fault=Fault.BOTH_LIMITS), NOW) == replace(NONE, feedback_fault=True)
    assert facts_of(replace(JUST, fault=Fault.LEFT_POSITION), NOW) == NONE


def test_limits_that_can_all_be_read_are_no_blindness() -> None:
    assert blindness(JUST, NOW) == ""
    assert blindness(JUST, NOW + 1.0) == "no fresh reading of raised0, lowered0"


def test_where_the_steel_is_follows_from_its_own_readings_as_they_are_now() -> None:
    """What was found last is remembered: neither another time nor another mover is answered with it."""
    assert position(JUST, NOW) is Position.BOTTOM
    assert position(JUST, NOW + BOLLARD.inputs["raised0"]) is Position.UNSEEN
    assert position(JUST, NOW) is Position.BOTTOM
    assert position(replace(JUST, down=frozenset({"io"})), NOW) is Position.UNSEEN
    assert position(replace(JUST, readings=seen(BOLLARD, "top", NOW)), NOW) is Position.TOP
    other = replace(BOLLARD, tops=BOLLARD.bottoms, bottoms=BOLLARD.tops)
    assert position(JUST, NOW) is Position.BOTTOM
    assert position(replace(JUST, spec=other), NOW) is Position.TOP


@pytest.mark.parametrize(
    ("state", "motion"), [("raising", Action.RAISE), ("lowering", Action.LOWER), ("stopped", None), ("unknown", None)]
)
def test_the_state_tells_the_motion(state: str, motion: Action | None) -> None:
    assert replace(JUST, state=state).motion is motion


def test_r02_an_emergency_is_due_from_the_start_of_its_drive_and_nothing_else_is() -> None:
    assert RISING.efo_due is None
    assert RISING.travel_due == NOW - 1.0 + BOLLARD.travel_s
    assert replace(RISING, moving_since=None).travel_due is None
    assert replace(RISING, state="raised").travel_due is None


def test_r18_a_key_that_cannot_be_read_is_no_mode_in_which_anything_moves() -> None:
    assert JUST.with_mode(NOW) is JUST
    assert replace(JUST, readings={"local": good(True, NOW)}).with_mode(NOW).mode is Mode.LOCAL
    assert JUST.with_mode(NOW + 1.0).mode is Mode.UNKNOWN
