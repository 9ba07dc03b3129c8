"""A mover's state follows its limit switches, through travel, bounce, and all that can go wrong on the way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core import kinds
from controller.core.command import Life
from controller.core.mover import Fault
from controller.core.spec import MoverSpec
from tests.core.rig import ALL, BOLLARD, BOOM, BOOM_WITHOUT_STOP, GROUP, Rig, moving, ready

each_machine = pytest.mark.parametrize("spec", ALL.values(), ids=ALL)
each_way = pytest.mark.parametrize(
    ("action", "start", "goal"), [("raise", "bottom", "top"), ("lower", "top", "bottom")], ids=["raise", "lower"]
)
MOTION = {"raise": "raising", "lower": "lowering"}
REST = {"top": "raised", "bottom": "lowered"}


# A whole travel.


@each_machine
@each_way
def test_a_travel_is_told_from_acceptance_to_the_limit_switch(
    spec: MoverSpec, action: str, start: str, goal: str
) -> None:
    rig = ready(spec, start)
    order = rig.order(action)
    assert rig.device.state == MOTION[action]
    rig.ack()
    rig.run(0.5)
    rig.sample("between")
    rig.run(3.0)
    assert rig.device.state == MOTION[action]
    rig.sample(goal)
    assert rig.device.state == REST[goal]
    assert rig.lives(order) == [Life.ACCEPTED, Life.ISSUED, Life.MOVING, Life.CONFIRMED]
    assert rig.device.order is None
    assert rig.alarms == []


@each_machine
def test_an_acknowledged_write_is_not_success_r25(spec: MoverSpec) -> None:
    rig = ready(spec)
    order = rig.order("raise")
    rig.ack()
    rig.run(2.0)
    assert rig.device.state == "raising"
    assert rig.lives(order) == [Life.ACCEPTED, Life.ISSUED]


def test_the_outputs_are_released_when_the_limit_is_reached() -> None:
    rig, _ = moving()
    assert rig.coils == {"raise": True, "lower": False}
    rig.sample("top")
    assert rig.levels == {"raise": False}
    rig.ack()
    assert rig.coils == {"raise": False, "lower": False}


def test_a_code_goes_back_to_stop_when_the_limit_is_reached() -> None:
    rig, _ = moving(ALL["blocker"])
    assert rig.coils == {"command": 1}
    rig.sample("top")
    assert rig.levels == {"command": 0}


def test_a_group_is_raised_only_when_its_last_member_is() -> None:
    rig, order = moving(GROUP)
    rig.sample(("top", "between", "top"))
    assert rig.device.state == "raising"
    rig.sample(("top", "top", "top"))
    assert rig.device.state == "raised"
    assert rig.lives(order)[-1] is Life.CONFIRMED


def test_a_travel_too_quick_for_a_reading_in_between_still_arrives() -> None:
    rig = ready()
    order = rig.order("raise")
    rig.ack()
    rig.run(1.0)
    rig.sample("top")
    assert rig.device.state == "raised"
    assert rig.lives(order) == [Life.ACCEPTED, Life.ISSUED, Life.CONFIRMED]


def test_steel_that_arrives_before_its_write_is_acknowledged_has_arrived() -> None:
    rig = ready()
    order = rig.order("raise")
    rig.sample("between")
    rig.sample("top")
    assert rig.device.state == "raised"
    assert rig.lives(order) == [Life.ACCEPTED, Life.CONFIRMED]
    assert rig.levels == {"raise": False}


def test_steel_that_arrives_before_anything_else_is_heard_has_arrived() -> None:
    rig = ready()
    order = rig.order("raise")
    rig.now += 0.3
    rig.sample("top")
    assert rig.device.state == "raised"
    assert rig.lives(order) == [Life.ACCEPTED, Life.CONFIRMED]


def test_a_motion_out_of_a_stop_in_mid_travel_is_told_only_once_its_outputs_are_on() -> None:
    rig = ready(picture="between")
    order = rig.order("raise")
    rig.run(0.2)
    assert rig.lives(order) == [Life.ACCEPTED]
    rig.ack()
    assert rig.lives(order) == [Life.ACCEPTED, Life.ISSUED, Life.MOVING]


# Bounce and coasting.


def test_a_limit_that_bounces_on_leaving_is_no_return() -> None:
    rig = ready()
    rig.order("raise")
    rig.ack()
    rig.run(1.0)
    for picture in ("between", "bottom", "between", "bottom", "between"):
        rig.now += 0.02
        rig.sample(picture)
        assert rig.device.state == "raising"
    rig.run(1.0)
    assert rig.device.state == "raising"


def test_a_limit_that_trembles_before_the_steel_leaves_is_no_return() -> None:
    rig = ready()
    rig.order("raise")
    rig.ack()
    rig.sample("between")
    rig.now += 0.05
    rig.sample("bottom")
    rig.run(2.0)
    assert rig.device.state == "raising"


def test_a_limit_that_bounces_on_arriving_does_not_leave_its_position() -> None:
    rig, _ = moving()
    for picture in ("top", "between", "top", "between", "top"):
        rig.now += 0.02
        rig.sample(picture)
        assert rig.device.state == "raised"
    rig.run(1.0)
    assert rig.device.state == "raised"


def test_a_bounce_that_does_not_end_is_a_fault_without_a_further_reading() -> None:
    rig, _ = moving()
    rig.sample("top")
    rig.now += 0.1
    rig.sample("between")
    assert rig.wake_at == rig.device.settle_due
    rig.now = rig.device.settle_due
    rig.tick()
    assert rig.device.fault is Fault.LEFT_POSITION


def test_stopped_steel_may_coast_to_the_limit() -> None:
    rig, _ = moving()
    rig.order("stop")
    rig.ack()
    rig.now += 0.1
    rig.sample("between")
    rig.now += 0.1
    rig.sample("top")
    assert rig.device.state == "raised"
    assert rig.device.fault is None


def test_steel_coasts_from_when_its_outputs_are_released_and_not_from_the_order() -> None:
    rig, _ = moving()
    rig.order("stop")
    rig.run(1.0)
    rig.ack()
    rig.run(0.1)
    rig.now += 0.1
    rig.sample("top")
    assert rig.device.state == "raised"


def test_steel_that_runs_on_while_its_release_is_on_the_wire_has_not_started_by_itself() -> None:
    rig, _ = moving()
    rig.order("stop")
    rig.run(1.0)
    rig.sample("top")
    assert rig.device.state == "stopped"
    rig.ack()
    rig.run(0.5)
    assert (rig.device.state, rig.device.fault) == ("raised", None)


def test_stopped_steel_that_starts_again_by_itself_is_a_fault_r20() -> None:
    rig, _ = moving()
    rig.order("stop")
    rig.ack()
    rig.run(1.0)
    rig.sample("top")
    assert rig.device.fault is Fault.LEFT_POSITION


def test_a_drive_that_cannot_be_stopped_may_run_to_its_limit() -> None:
    rig, _ = moving(BOOM_WITHOUT_STOP)
    rig.local = True
    rig.sample()
    rig.local = False
    rig.ack()
    rig.run(3.0)
    rig.sample("top")
    assert rig.device.state == "raised"


def test_a_drive_that_cannot_be_stopped_and_starts_after_its_travel_time_is_a_fault_r20() -> None:
    rig, _ = moving(BOOM_WITHOUT_STOP)
    rig.local = True
    rig.sample()
    rig.local = False
    rig.ack()
    rig.run(9.0)
    rig.sample("top")
    assert rig.device.fault is Fault.LEFT_POSITION


# Too long on the way (R01, R16).


def until_overdue(rig: Rig, picture: str | tuple[str, ...]) -> None:
    assert rig.device.travel_due is not None
    rig.run(rig.device.travel_due - rig.now - 0.2)
    rig.sample(picture)
    assert rig.device.state == "raising"
    rig.run(0.3)
    assert rig.device.state == "fault"


def test_r16_steel_that_never_leaves_its_limit_exceeds_its_travel_time() -> None:
    rig = ready()
    order = rig.order("raise")
    rig.ack()
    until_overdue(rig, "bottom")
    assert rig.device.fault is Fault.TRAVEL_TIME
    assert rig.last(order).life is Life.FAILED
    assert rig.last(order).because == "travel time exceeded"
    assert rig.alarms == ["travel-time"]


def test_r16_neither_limit_is_a_fault_of_its_own() -> None:
    rig, order = moving()
    until_overdue(rig, "between")
    assert rig.device.fault is Fault.NO_LIMIT
    assert rig.last(order).because == "neither limit seen in time: a broken cable, or steel that is stuck"
    assert rig.alarms == ["no-limit"]


def test_r16_a_member_at_neither_limit_points_to_its_cable() -> None:
    rig, _ = moving(GROUP)
    until_overdue(rig, ("top", "between", "top"))
    assert rig.device.fault is Fault.NO_LIMIT


def test_r16_members_apart_at_their_limits_exceed_the_travel_time() -> None:
    rig, _ = moving(GROUP)
    until_overdue(rig, ("top", "bottom", "top"))
    assert rig.device.fault is Fault.TRAVEL_TIME


def test_the_travel_is_timed_from_the_acknowledgement() -> None:
    rig = ready()
    rig.order("raise", expires_in_s=20.0)
    rig.run(10.0)
    assert rig.device.state == "raising"
    rig.ack()
    assert rig.device.travel_due == rig.now + rig.spec.travel_s


def test_an_overdue_travel_is_noticed_without_a_further_reading() -> None:
    rig = ready()
    rig.order("raise")
    rig.ack()
    due = rig.device.travel_due
    assert due is not None
    rig.run(round(due - rig.now, 1) - 0.1)
    assert rig.wake_at == due
    rig.now = due
    rig.tick()
    assert rig.device.state == "fault"


def test_an_overdue_travel_releases_its_outputs() -> None:
    rig, _ = moving()
    until_overdue(rig, "between")
    assert rig.levels == {"raise": False}


def test_an_overdue_boom_is_given_a_stop_pulse() -> None:
    rig, _ = moving(BOOM)
    until_overdue(rig, "between")
    assert rig.levels["stop"] is True


# Feedback that contradicts (R20), and steel that no order moves.


def test_r20_both_limits_of_a_member_are_a_fault_at_rest() -> None:
    rig = ready(GROUP)
    rig.sample(("bottom", "both", "bottom"))
    assert rig.device.fault is Fault.BOTH_LIMITS
    assert rig.alarms == ["both-limits"]


def test_r20_both_limits_in_mid_travel_stop_the_motion() -> None:
    rig, order = moving()
    rig.sample("both")
    assert rig.device.fault is Fault.BOTH_LIMITS
    assert rig.last(order).life is Life.FAILED
    assert rig.levels == {"raise": False}


@pytest.mark.parametrize(
    ("picture", "state"), [("top", "raised"), ("bottom", "lowered"), ("between", "stopped")], ids=str
)
def test_a_fault_of_the_feedback_ends_with_the_feedback(picture: str, state: str) -> None:
    rig = ready()
    rig.sample("both")
    rig.sample(picture)
    assert rig.device.state == state
    assert rig.device.fault is None
    assert rig.alarms == []


def test_both_limits_at_start_are_a_fault() -> None:
    rig = ready(picture="both")
    assert rig.device.fault is Fault.BOTH_LIMITS


@pytest.mark.parametrize(
    ("start", "then"), [("top", "between"), ("top", "bottom"), ("bottom", "between"), ("bottom", "top")], ids=str
)
def test_r20_a_position_left_unasked_is_a_fault_of_the_highest_priority(start: str, then: str) -> None:
    rig = ready(picture=start)
    rig.sample(then)
    assert rig.device.fault is Fault.LEFT_POSITION
    assert rig.device.why == "left its position without a command"
    assert rig.alarms == ["left-position"]


def test_r20_one_member_that_sinks_by_itself_is_a_fault() -> None:
    rig = ready(GROUP, "top")
    rig.sample(("top", "between", "top"))
    assert rig.device.fault is Fault.LEFT_POSITION


@pytest.mark.parametrize("picture", ["top", "between", "bottom"])
def test_a_fault_of_the_steel_stays_until_a_person_orders_a_motion(picture: str) -> None:
    rig = ready(picture="top")
    rig.sample("between")
    rig.sample(picture)
    rig.run(5.0)
    assert rig.device.fault is Fault.LEFT_POSITION
    rig.order("lower" if picture == "top" else "raise")
    assert rig.device.fault is None
    assert rig.alarms == []


@pytest.mark.parametrize(
    ("action", "start", "elsewhere", "state"),
    [("raise", "top", "between", "raised"), ("lower", "bottom", "between", "lowered")],
    ids=["raise", "lower"],
)
def test_the_order_that_acknowledges_a_fault_moves_nothing_if_the_steel_is_there(
    action: str, start: str, elsewhere: str, state: str
) -> None:
    rig = ready(picture=start)
    rig.sample(elsewhere)
    rig.sample(start)
    before = len(rig.drives)
    order = rig.order(action)
    assert rig.device.state == state
    assert rig.lives(order) == [Life.ACCEPTED, Life.CONFIRMED]
    assert len(rig.drives) == before


@pytest.mark.parametrize("fault", Fault)
def test_what_no_order_explains_is_of_the_highest_priority_r20(fault: Fault) -> None:
    (alarm,) = kinds.alarms(replace(ready().device, fault=fault))
    assert alarm.priority == (1 if fault in (Fault.BOTH_LIMITS, Fault.LEFT_POSITION) else 2)
    assert alarm.text == str(fault)


def test_the_first_cause_of_a_fault_is_kept() -> None:
    rig = ready(picture="top")
    rig.sample("between")
    rig.sample("both")
    rig.sample("between")
    assert rig.device.fault is Fault.LEFT_POSITION


@pytest.mark.parametrize(("action", "start"), [("raise", "bottom"), ("lower", "top")], ids=["raise", "lower"])
def test_steel_that_comes_back_to_where_it_started_is_a_fault(action: str, start: str) -> None:
    rig, order = moving(BOLLARD, action)
    rig.sample(start)
    assert rig.device.fault is Fault.RETURNED
    assert rig.last(order).because == "returned to where it started"
    assert rig.alarms == ["returned"]


def test_steel_found_in_between_at_start_is_stopped_and_no_fault() -> None:
    rig = ready(picture="between")
    assert rig.device.state == "stopped"
    assert rig.alarms == []
