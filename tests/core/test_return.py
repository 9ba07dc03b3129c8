"""Steel that meets something on its way up goes back to where it lets pass (R10), and not for ever (R11)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from controller.core.command import Authority, Life, Rule
from controller.core.device import Sampled
from controller.core.readings import bad
from tests.core.rig import BLOCKER, BOLLARD, BOOM, BOOM_WITHOUT_STOP, MAX_AGE_S, Rig, moving, ready
from tests.core.rig import seen as says

if TYPE_CHECKING:
    from controller.core.spec import MoverSpec

LOOPS = ("entry", "exit")
EDGE = {**BOLLARD.inputs, "obstruction": MAX_AGE_S, "estop": MAX_AGE_S}
GUARDED = replace(BOLLARD, presence=LOOPS, inputs=EDGE)
SECURING = {
    "held": (GUARDED, "raise"),
    "pulsed with stop": (replace(BOOM, presence=LOOPS), "lower"),
    "pulsed without stop": (replace(BOOM_WITHOUT_STOP, presence=LOOPS), "lower"),
    "setpoint": (replace(BLOCKER, presence=LOOPS), "raise"),
}
each_securing = pytest.mark.parametrize(("spec", "action"), SECURING.values(), ids=SECURING)
ROW = replace(GUARDED, airlock_with="other")
OTHER = replace(BOLLARD, id="other")


def returning(spec: MoverSpec = GUARDED, action: str = "raise", **order: object) -> tuple[Rig, str]:
    """A mover that is being taken back from a vehicle, its outputs not acknowledged yet; and its order."""
    rig, name = moving(spec, action, **order)
    rig.loop("entry", detect=True)
    return rig, name


# What takes it back.


@each_securing
def test_r10_a_vehicle_that_arrives_in_mid_travel_takes_the_steel_back(spec: MoverSpec, action: str) -> None:
    rig, _ = returning(spec, action)
    assert rig.device.motion is spec.opens
    assert "R09 entry: loop occupied" in rig.device.why


@each_securing
def test_r10_what_secures_is_off_before_what_opens_is_on_and_nothing_queues_before_it(
    spec: MoverSpec, action: str
) -> None:
    rig, _ = returning(spec, action)
    opens = {"command": {"raise": 1, "lower": 2}[spec.opens]} if "command" in spec.outputs else {spec.opens: True}
    drive = rig.drives[-1]
    assert drive.urgent
    assert drive.levels[-1] == next(iter(opens.items()))
    assert not any(level for _, level in drive.levels[:-1])


@each_securing
def test_r10_the_order_fails_by_that_name_once_the_open_limit_is_seen(spec: MoverSpec, action: str) -> None:
    rig, order = returning(spec, action)
    rig.ack()
    rig.run(1.0)
    assert rig.last(order).life is Life.MOVING
    rig.sample("bottom" if action == "raise" else "top")
    assert rig.device.state == spec.open_state
    assert (rig.last(order).life, rig.last(order).because) == (Life.FAILED, "taken back: R09 entry: loop occupied")


def test_r10_a_pressed_edge_takes_the_steel_back() -> None:
    rig, _ = moving(GUARDED)
    rig.press("obstruction")
    assert rig.device.state == "lowering"
    assert rig.device.returning == "R10 steel: it met an obstruction"


def test_r10_a_pressed_edge_refuses_the_securing_motion() -> None:
    rig = ready(GUARDED)
    rig.press("obstruction")
    order = rig.order("raise")
    assert [(r.rule, r.because) for r in rig.last(order).refusals] == [(Rule.OBSTRUCTION, "it met an obstruction")]


def test_r10_an_edge_that_cannot_be_read_only_stops_the_motion() -> None:
    rig, order = moving(GUARDED)
    rig.give(Sampled({"obstruction": bad(rig.now)}))
    assert rig.device.state == "stopped"
    assert "its obstruction sensor cannot be read" in rig.last(order).because


@pytest.mark.parametrize("doubt", ["fault", "unknown", "stale"])
def test_r10_doubt_about_a_loop_only_stops_the_motion(doubt: str) -> None:
    rig, order = moving(GUARDED)
    if doubt == "fault":
        rig.loop("exit", fault=True)
    elif doubt == "unknown":
        del rig.neighbours["exit"]
        rig.tick()
    else:
        rig.now += MAX_AGE_S
        rig.sample()
    assert rig.device.state == "stopped"
    assert (rig.last(order).life, rig.device.returns) == (Life.FAILED, 0)


def test_r10_an_old_sight_of_a_vehicle_is_doubt() -> None:
    rig, _ = moving(GUARDED)
    loop = rig.neighbours["entry"]
    rig.neighbours["entry"] = replace(loop, state="occupied")
    rig.now += MAX_AGE_S
    rig.sample()
    assert rig.device.state == "stopped"


def test_r10_a_vehicle_takes_it_back_although_another_loop_is_in_doubt() -> None:
    rig, _ = moving(GUARDED)
    rig.neighbours["entry"] = replace(rig.neighbours["entry"], state="unknown")
    rig.loop("exit", detect=True)
    assert rig.device.state == "lowering"


@each_securing
def test_r10_steel_is_not_taken_back_before_its_write_is_acknowledged(spec: MoverSpec, action: str) -> None:
    rig = ready(spec, "bottom" if action == "raise" else "top")
    rig.order(action)
    rig.loop("entry", detect=True)
    assert (rig.device.state, rig.device.returns) == ("stopped", 0)


def test_r10_a_drive_that_cannot_be_stopped_is_taken_back_before_it_leaves_its_limit() -> None:
    spec, action = SECURING["pulsed without stop"]
    rig = ready(spec, "top")
    order = rig.order(action)
    rig.ack()
    rig.loop("entry", detect=True)
    assert rig.levels == {"lower": False, "raise": True}
    rig.ack()
    rig.run(1.0)
    assert rig.device.state == "raised"
    assert rig.last(order).because == "taken back: R09 entry: loop occupied"


# What ends it.


def test_r10_a_vehicle_that_leaves_again_does_not_end_the_return() -> None:
    rig, _ = returning()
    rig.ack()
    rig.loop("entry", detect=False)
    rig.run(2.0)
    assert rig.device.state == "lowering"


def test_r10_a_vehicle_that_leaves_after_the_return_starts_nothing() -> None:
    rig, _ = returning()
    rig.ack()
    rig.sample("bottom")
    rig.ack()
    rig.loop("entry", detect=False)
    writes = len(rig.drives)
    rig.run(5.0)
    assert (rig.device.state, len(rig.drives)) == ("lowered", writes)


def test_r10_the_other_row_of_an_airlock_that_is_not_secured_forbids_the_return() -> None:
    rig, order = moving(ROW)
    rig.loop("entry", detect=True)
    assert rig.device.state == "stopped"
    assert rig.last(order).because == "R09 entry: loop occupied"


def test_r10_the_other_row_that_leaves_its_position_ends_the_return() -> None:
    rig, order = moving(ROW)
    rig.show(OTHER, raised0=True, lowered0=False, local=False)
    rig.loop("entry", detect=True)
    assert rig.device.state == "lowering"
    rig.ack()
    rig.show(OTHER, raised0=False, lowered0=False, local=True)
    assert rig.device.state == "stopped"
    assert "taken back: R09 entry: loop occupied; but not to its end: airlock other" in rig.last(order).because


def test_r10_a_return_that_takes_too_long_is_a_fault_and_says_that_it_did_not_arrive() -> None:
    rig, order = returning()
    rig.ack()
    rig.run(8.1)
    assert rig.device.state == "fault"
    assert rig.last(order).life is Life.FAILED
    assert "but not to its end: neither limit seen in time" in rig.last(order).because


@pytest.mark.parametrize(
    ("life", "ends"),
    [
        (Life.FAILED, Life.FAILED),
        (Life.UNKNOWN, Life.UNKNOWN),
        (Life.EXPIRED, Life.FAILED),
        (Life.SUPERSEDED, Life.FAILED),
    ],
)
def test_r10_a_return_whose_write_fails_is_released_and_ends_the_order(life: Life, ends: Life) -> None:
    rig, order = returning()
    rig.fail(life)
    assert (rig.last(order).life, rig.device.returning) == (ends, "")
    assert rig.last(order).because == "it could not be taken back (R09 entry: loop occupied): why"
    assert rig.levels == {"raise": False, "lower": False}


def test_r10_a_unit_that_is_lost_in_the_return_ends_the_order_as_unknown() -> None:
    rig, order = returning()
    rig.ack()
    rig.lose()
    assert rig.last(order).life is Life.UNKNOWN
    assert rig.device.returning == ""


def test_r10_a_stop_ends_the_return() -> None:
    rig, order = returning()
    rig.order("stop")
    assert (rig.device.state, rig.device.returning) == ("stopped", "")
    assert rig.last(order).life is Life.SUPERSEDED


def test_r10_an_order_to_open_takes_the_return_over() -> None:
    rig, order = returning()
    rig.ack()
    newer = rig.order("lower")
    assert rig.last(order).life is Life.SUPERSEDED
    rig.sample("bottom")
    assert rig.last(newer).life is Life.CONFIRMED


def test_r10_an_order_to_open_before_the_return_is_acknowledged_is_written_anew() -> None:
    rig, _ = returning()
    newer = rig.order("lower")
    assert rig.drives[-1].order == newer
    assert rig.levels == {"raise": False, "lower": True}


def test_r18_a_pressed_emergency_stop_ends_the_return() -> None:
    rig, order = returning()
    rig.ack()
    rig.press("estop")
    assert rig.device.state == "stopped"
    assert "but not to its end: R18 steel: the emergency stop is pressed" in rig.last(order).because


def test_r10_a_lock_out_ends_the_return() -> None:
    rig, _ = returning()
    rig.order("lock-out", reason="hydraulics")
    assert rig.device.state == "stopped"


@pytest.mark.parametrize("switch", ["test", "emergency"])
def test_r10_whoever_takes_the_mover_over_does_not_stop_the_return(switch: str) -> None:
    rig, order = returning()
    rig.ack()
    if switch == "test":
        rig.order("test", by="somebody else")
    else:
        rig.fire()
    rig.run(1.0)
    assert rig.device.state == "lowering"
    rig.sample("bottom")
    assert "taken back" in rig.last(order).because


def test_r10_an_emergency_in_the_return_latches_and_says_why_it_does_not_move() -> None:
    rig, order = returning()
    emergency = rig.fire(by="guard")
    assert rig.device.holds.efo is not None
    assert rig.lives(emergency) == [Life.ACCEPTED, Life.FAILED]
    assert rig.last(emergency).because == "latched, but it is being taken back: R09 entry: loop occupied"
    assert rig.lives(order)[-1] is Life.MOVING


def test_an_emergency_turns_the_return_round_once_the_way_is_clear() -> None:
    rig, order = returning()
    rig.ack()
    rig.loop("entry")
    rig.run(1.1)
    rig.fire()
    assert (rig.device.state, rig.device.returning) == ("raising", "")
    assert rig.last(order).life is Life.SUPERSEDED


def ignoring() -> Rig:
    """An emergency in mid-travel that rises under a vehicle because somebody has signed for it."""
    rig = ready(replace(GUARDED, efo_ignores_presence=True))
    rig.loop("entry", detect=True)
    rig.fire()
    rig.ack()
    rig.run(0.5)
    rig.sample("between")
    return rig


def test_an_emergency_that_ignores_presence_is_not_taken_back_from_a_vehicle() -> None:
    rig = ignoring()
    rig.tick()
    assert rig.device.state == "raising"


def test_r10_its_pressed_edge_takes_back_an_emergency_that_ignores_presence() -> None:
    rig = ignoring()
    rig.press("obstruction")
    assert rig.device.state == "lowering"
    assert rig.device.returning == "R10 steel: it met an obstruction"


def test_r10_a_vehicle_takes_back_an_emergency_that_does_not_ignore_presence() -> None:
    rig, _ = returning(GUARDED, authority=Authority.EMERGENCY)
    assert (rig.device.state, rig.device.returning) == ("lowering", "R09 entry: loop occupied")


def test_r10_a_vehicle_takes_back_the_ordinary_motion_of_a_mover_whose_emergency_ignores_it() -> None:
    rig, _ = returning(replace(GUARDED, efo_ignores_presence=True))
    assert (rig.device.state, rig.device.returning) == ("lowering", "R09 entry: loop occupied")


def test_doubt_of_the_edge_only_stops_an_emergency_that_ignores_a_vehicle() -> None:
    rig = ignoring()
    rig.give(Sampled({"obstruction": bad(rig.now)}))
    assert rig.device.state == "stopped"


def test_a_return_is_timed_anew_and_its_length_says_nothing_about_the_travel() -> None:
    rig, _ = returning(replace(GUARDED, fastest_s=3.0))
    rig.ack()
    rig.run(0.5)
    rig.sample("bottom")
    assert rig.device.remark is None


# R11.


def taken_back(rig: Rig, times: int) -> None:
    for _ in range(times):
        rig.order("raise", automatic=True)
        rig.ack()
        rig.run(0.5)
        rig.sample("between")
        rig.loop("entry", detect=True)
        rig.ack()
        rig.sample("bottom")
        rig.ack()
        rig.loop("entry")
        rig.run(1.5)


def test_r11_steel_that_was_taken_back_too_often_does_not_secure_by_itself() -> None:
    rig = ready(GUARDED)
    taken_back(rig, 2)
    assert "given-up" not in rig.alarms
    taken_back(rig, 1)
    assert "given-up" in rig.alarms
    order = rig.order("raise", automatic=True)
    assert [r.rule for r in rig.last(order).refusals] == [Rule.GIVEN_UP]


def test_r11_a_person_may_order_it_anew_and_the_count_begins_again() -> None:
    rig = ready(GUARDED)
    taken_back(rig, 3)
    assert rig.lives(rig.order("raise")) == [Life.ACCEPTED]
    assert rig.device.returns == 0


def test_r11_a_refused_order_of_a_person_does_not_begin_the_count_again() -> None:
    rig = ready(GUARDED)
    taken_back(rig, 3)
    rig.loop("entry", detect=True)
    rig.order("raise")
    assert rig.device.returns == 3


def test_r11_steel_that_secured_has_not_given_up() -> None:
    rig = ready(GUARDED)
    taken_back(rig, 2)
    rig.order("raise", automatic=True)
    rig.ack()
    rig.sample("top")
    rig.run(0.1)
    assert (rig.device.state, rig.device.returns) == ("raised", 0)


def test_what_is_shown_of_a_return_is_a_change() -> None:
    rig, _ = moving(GUARDED)
    before = rig.device.version
    rig.give(Sampled(says(rig.spec, "between", rig.now, pressed=("obstruction",))))
    assert rig.device.version > before
