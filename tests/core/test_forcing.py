"""Outputs that are set by hand while their wiring is proven: who may, for how long, and that they are always released."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.command import Life, Output, Rule, Switch
from controller.core.forcing import LONGEST_S
from controller.core.mover import HOLD_S, Mover
from controller.core.readings import Value
from controller.core.replacing import replace
from controller.core.spec import Action, Drive, MoverSpec
from tests.core.rig import BLOCKER, BOLLARD, BOOM, BOOM_WITHOUT_STOP, LOOP, Rig, mover_spec, ready

ADA, BO = "Ada", "Bo"


def bench(spec: MoverSpec = BOLLARD, *, picture: str = "bottom", test: bool = True) -> Rig:
    """A mover at rest, its outputs released, in test held by Ada."""
    rig = ready(spec, picture)
    if test:
        rig.order(Switch.TEST, by=ADA)
    return rig


def force(rig: Rig, point: str = "raise", *, by: str = ADA, level: bool | int = True, **more: Any) -> str:
    return rig.order(Output.SET, by=by, point=point, level=level, hold=True, **more)


def on(rig: Rig) -> set[str]:
    return {name for name, level in rig.coils.items() if level}


def last(rig: Rig, order: str) -> tuple[Life, str]:
    return rig.last(order).life, rig.last(order).because


def refusals(rig: Rig, order: str) -> list[Rule]:
    return [refusal.rule for progress in rig.progress if progress.order == order for refusal in progress.refusals]


@pytest.mark.parametrize("point", ["raise", "lower"])
def test_an_output_is_on_while_it_is_held_and_released_when_it_is_let_go_r24(point: str) -> None:
    rig = bench()
    order = force(rig, point)
    rig.ack()
    assert on(rig) == {point}
    assert last(rig, order)[0] is Life.ISSUED
    for _ in range(3):
        rig.now += 0.5
        rig.sample("between")
        rig.held(order)
    assert on(rig) == {point}
    rig.now += HOLD_S
    rig.sample("between")
    rig.ack()
    assert on(rig) == set()
    rig.tick()
    assert last(rig, order) == (Life.CONFIRMED, f"its output {point} was on and is released: it was let go")


def test_it_is_let_go_by_an_order_that_switches_it_off() -> None:
    rig = bench()
    order = force(rig)
    rig.ack()
    off = force(rig, level=False)
    rig.ack()
    rig.tick()
    assert last(rig, order)[0] is Life.CONFIRMED
    assert last(rig, off) == (Life.CONFIRMED, f"raise is let go; order {order} ends when its release is acknowledged")
    assert on(rig) == set()


@pytest.mark.parametrize("point", ["raise", "lower"])
def test_to_switch_off_what_is_not_forced_says_so(point: str) -> None:
    rig = bench()
    if point == "lower":
        force(rig, "raise")
    assert last(rig, force(rig, point, level=False)) == (Life.CONFIRMED, f"nothing to do: {point} is not forced")


def test_its_position_is_not_known_while_it_lasts_and_nothing_is_concluded_from_its_limits_r20() -> None:
    rig = bench()
    force(rig)
    rig.ack()
    for picture in ("between", "top", "both", "bottom"):
        rig.now += 0.2
        rig.sample(picture)
        assert (rig.device.state, rig.device.fault) == ("unknown", None)
        assert rig.device.why == "its output raise is forced by Ada"


def test_it_is_known_again_once_its_outputs_are_released_and_it_has_come_to_rest_r25() -> None:
    rig = bench()
    order = force(rig)
    rig.ack()
    rig.now += 0.5
    rig.sample("between")
    force(rig, level=False)
    rig.ack()
    rig.sample("top")
    assert rig.device.state == "stopped"
    rig.run(1.0)
    assert rig.device.state == "raised"
    assert last(rig, order)[0] is Life.CONFIRMED


def test_a_mover_in_fault_can_have_its_wiring_proven() -> None:
    rig = bench()
    rig.run(1.0)
    rig.sample("between")
    assert rig.device.state == "fault"
    order = force(rig, "lower")
    rig.ack()
    assert last(rig, order)[0] is Life.ISSUED
    assert rig.device.state == "unknown"


def test_r19_nobody_forces_an_output_outside_of_test() -> None:
    rig = bench(test=False)
    order = force(rig)
    assert refusals(rig, order) == [Rule.TEST]
    assert "`rempart test steel`" in last(rig, order)[1]
    assert not any(level for drive in rig.drives for _, level in drive.levels)


def test_r19_nor_in_somebody_elses_test() -> None:
    rig = bench()
    order = force(rig, by=BO)
    assert last(rig, order) == (Life.REFUSED, "Ada holds it in test")


@pytest.mark.parametrize("how", ["estop", "local"])
def test_r18_an_emergency_stop_or_a_key_switch_refuses_it_and_ends_it(how: str) -> None:
    spec = mover_spec(inputs={**BOLLARD.inputs, "estop": 1.0})
    for first in (True, False):
        rig = bench(spec)
        order = "" if first else force(rig)
        if not first:
            rig.ack()
        rig.local = how == "local"
        rig.press(*(["estop"] if how == "estop" else []))
        order = order or force(rig)
        if not first:
            rig.ack()
            rig.tick()
        assert last(rig, order)[0] is (Life.REFUSED if first else Life.FAILED)
        assert "R18" in last(rig, order)[1] if not first else refusals(rig, order) == [Rule.MODE]
        assert on(rig) == set()


def test_an_output_that_it_does_not_have_is_refused_with_those_that_it_has() -> None:
    rig = bench()
    order = force(rig, "horn")
    assert last(rig, order) == (
        Life.REFUSED,
        "horn True: expected one of its outputs raise, lower, switched on or off",
    )


@pytest.mark.parametrize("level", [1, 7])
def test_a_relay_takes_no_number(level: int) -> None:
    rig = bench()
    assert refusals(rig, force(rig, level=level)) == [Rule.KIND]


def test_a_set_point_takes_the_codes_of_its_motions_alone() -> None:
    rig = bench(BLOCKER)
    refused = force(rig, "command", level=9)
    assert last(rig, refused)[1] == "command 9: expected `command` with one of 1 (raise), 2 (lower)"
    order = force(rig, "command", level=2)
    rig.ack()
    assert rig.coils["command"] == 2
    force(rig, "command", level=False)
    rig.ack()
    assert rig.coils["command"] == 0
    rig.tick()
    assert last(rig, order)[0] is Life.CONFIRMED


def test_r24_a_drive_that_cannot_be_stopped_is_not_forced() -> None:
    rig = bench(BOOM_WITHOUT_STOP)
    assert refusals(rig, force(rig)) == [Rule.KIND]


def test_r27_a_drive_that_a_pulse_starts_gets_its_pulse_to_stop_when_the_output_is_let_go() -> None:
    rig = bench(BOOM, picture="top")
    order = force(rig, "lower")
    rig.ack()
    assert on(rig) == {"lower"}
    force(rig, "lower", level=False)
    rig.ack()
    assert on(rig) == {"stop"}
    rig.run(1.0)
    rig.ack()
    assert on(rig) == set()
    assert last(rig, order)[0] is Life.CONFIRMED


def test_the_output_that_stops_can_be_proven_too() -> None:
    rig = bench(BOOM, picture="top")
    force(rig, "stop")
    rig.ack()
    assert on(rig) == {"stop"}


GUARDED = mover_spec(presence=("loop",))


def test_r09_a_vehicle_on_the_loop_refuses_either_output_for_which_way_it_goes_is_not_proven() -> None:
    rig = bench(GUARDED)
    rig.loop("loop", detect=True)
    assert refusals(rig, force(rig, "raise")) == [Rule.PRESENCE]
    assert refusals(rig, force(rig, "lower")) == [Rule.PRESENCE]


def test_r09_a_vehicle_that_arrives_ends_it_at_once() -> None:
    rig = bench(GUARDED)
    order = force(rig)
    rig.ack()
    rig.loop("loop", detect=True)
    assert rig.drives[-1].urgent
    rig.ack()
    rig.tick()
    assert last(rig, order) == (
        Life.FAILED,
        "its output raise was on and is released: R09 loop: loop occupied",
    )


def test_r29_a_loop_that_falls_silent_ends_it_when_its_reading_is_too_old() -> None:
    rig = bench(GUARDED)
    order = force(rig)
    rig.ack()
    while last(rig, order)[0] is Life.ISSUED and rig.wake_at is not None and rig.now < 103.0:
        rig.now = max(rig.wake_at, rig.now + 0.05)
        rig.sample()
        rig.held(order)
        if rig.device.writing is not None:
            rig.ack()
            rig.tick()
    assert last(rig, order)[0] is Life.FAILED
    assert "R29 loop" in last(rig, order)[1]
    assert on(rig) == set()


def test_rule_6_without_its_limit_switches_it_is_refused_and_ends() -> None:
    rig = bench(mover_spec(inputs=dict.fromkeys((*BOLLARD.tops, *BOLLARD.bottoms), 1.0)))
    order = force(rig)
    rig.ack()
    rig.now += 1.1
    rig.held(order)
    rig.tick()
    rig.ack()
    rig.tick()
    assert last(rig, order)[0] is Life.FAILED
    assert "no fresh reading of raised0" in last(rig, order)[1]
    assert refusals(rig, force(rig))[0] is Rule.FRESH


def test_nothing_is_forced_beside_a_motion_or_another_forced_output() -> None:
    rig = bench()
    first = force(rig)
    assert refusals(rig, force(rig, "lower")) == [Rule.AUTHORITY]
    rig.ack()
    force(rig, level=False)
    rig.ack()
    rig.run(1.0)
    motion = rig.order(Action.RAISE, by=ADA)
    assert rig.device.state == "raising"
    assert refusals(rig, force(rig)) == [Rule.AUTHORITY]
    assert last(rig, first)[0] is Life.CONFIRMED
    assert last(rig, motion)[0] is Life.ACCEPTED


@pytest.mark.parametrize("point", ["raise", "lower"])
def test_rule_9_an_emergency_takes_over_at_once(point: str) -> None:
    rig = bench()
    order = force(rig, point)
    rig.ack()
    rig.now += 0.5
    rig.sample("between")
    fired = rig.fire(by=BO)
    assert rig.device.state == "raising"
    rig.ack()
    assert on(rig) == {"raise"}
    assert last(rig, order)[0] is Life.SUPERSEDED
    assert Life.ISSUED in rig.lives(fired)
    assert isinstance(rig.device, Mover)
    assert rig.device.travel_due is not None


def test_anybody_stops_it() -> None:
    rig = bench()
    order = force(rig)
    rig.ack()
    stop = rig.order(Action.STOP, by=BO)
    rig.ack()
    assert on(rig) == set()
    assert last(rig, order)[0] is Life.SUPERSEDED
    assert last(rig, stop)[0] is Life.CONFIRMED


def test_whoever_holds_the_test_orders_a_motion_instead_and_nobody_else_does() -> None:
    rig = bench()
    order = force(rig)
    rig.ack()
    refused = rig.order(Action.RAISE, by=BO)
    assert last(rig, refused)[0] is Life.REFUSED
    assert last(rig, order)[0] is Life.ISSUED
    rig.order(Action.RAISE, by=ADA)
    assert last(rig, order)[0] is Life.SUPERSEDED
    assert rig.device.state == "raising"


@pytest.mark.parametrize("switch", [Switch.END_TEST, Switch.LOCK_OUT])
def test_it_ends_with_the_test_and_with_a_lock_out(switch: Switch) -> None:
    rig = bench()
    order = force(rig)
    rig.ack()
    rig.order(switch, by=ADA, reason="works")
    rig.ack()
    rig.tick()
    assert last(rig, order)[0] is Life.FAILED
    assert on(rig) == set()


def test_it_does_not_last_for_ever_whoever_holds_on() -> None:
    rig = bench()
    order = force(rig)
    rig.ack()
    until = rig.now + LONGEST_S
    while rig.now < until - 0.01:
        rig.now += 0.25
        rig.sample()
        rig.held(order)
    rig.ack()
    rig.tick()
    assert last(rig, order)[0] is Life.FAILED
    assert "30 s at most" in last(rig, order)[1]


def test_it_is_looked_at_when_it_may_be_over() -> None:
    rig = bench()
    force(rig)
    rig.ack()
    assert rig.wake_at is not None
    assert rig.wake_at <= rig.now + HOLD_S


@pytest.mark.parametrize("life", [Life.EXPIRED, Life.FAILED, Life.UNKNOWN])
def test_rule_4_a_write_that_failed_is_not_written_again(life: Life) -> None:
    rig = bench()
    order = force(rig)
    rig.fail(life)
    assert last(rig, order)[0] is life
    rig.run(2.0)
    assert not any(level for drive in rig.drives[2:] for _, level in drive.levels)


def test_a_release_that_failed_ends_it_as_unknown_and_is_written_until_it_is_heard() -> None:
    rig = bench()
    order = force(rig)
    rig.ack()
    force(rig, level=False)
    rig.fail(Life.UNKNOWN, "mute")
    assert last(rig, order) == (Life.UNKNOWN, "mute")
    rig.run(1.0)
    rig.ack()
    assert on(rig) == set()


def test_what_was_let_go_before_its_unit_had_answered_was_never_on_for_all_that_is_known() -> None:
    rig = bench()
    order = force(rig)
    force(rig, level=False)
    rig.ack()
    rig.tick()
    assert last(rig, order) == (Life.FAILED, "it was over before its output was acknowledged: it was let go")


@pytest.mark.parametrize("spec", [BOLLARD, BOOM])
def test_r17_a_unit_that_is_lost_ends_it_and_its_steel_counts_as_driven(spec: MoverSpec) -> None:
    rig = bench(spec)
    order = force(rig)
    rig.ack()
    rig.lose()
    assert last(rig, order)[0] is Life.UNKNOWN
    assert isinstance(rig.device, Mover)
    assert rig.device.unwatched
    assert "it was driven by hand and may still move" in rig.device.why
    assert refusals(rig, force(rig))[0] is Rule.UNREACHABLE
    rig.restore()
    rig.sample("between")
    assert not rig.levels["raise"]
    assert rig.levels.get("stop", True)


def test_rule_3_an_order_that_comes_too_late_is_refused() -> None:
    rig = bench()
    assert refusals(rig, force(rig, expires_in_s=0.0)) == [Rule.EXPIRED]


def test_rule_3_it_goes_out_before_it_expires_or_not_at_all() -> None:
    rig = bench()
    force(rig, expires_in_s=2.0)
    assert rig.drives[-1].deadline == rig.now + 2.0
    assert dict[str, Value](rig.drives[-1].levels) == {"raise": True}


def test_nobody_is_alarmed_about_a_position_that_is_being_found_out() -> None:
    rig = bench()
    force(rig)
    rig.ack()
    assert rig.alarms == []


def test_r27_a_drive_that_a_pulse_started_is_stopped_though_the_order_that_took_over_is_refused_or_waits() -> None:
    rig = bench(BOOM, picture="top")
    force(rig, "lower")
    rig.ack()
    rig.order(Action.RAISE, by=ADA, seen=0)
    rig.ack()
    assert on(rig) == {"stop"}


def test_r27_and_so_it_is_when_an_emergency_has_to_wait_for_a_vehicle() -> None:
    rig = bench(replace(BOOM, presence=("loop",)), picture="top")
    force(rig, "raise")
    rig.ack()
    assert on(rig) == {"raise"}
    rig.show(LOOP, detect=True, fault=False)
    rig.fire(by=BO)
    rig.ack()
    assert on(rig) == {"stop"}


def test_a_set_point_whose_code_of_rest_is_no_zero_is_released_too() -> None:
    spec = replace(BLOCKER, drive=Drive(type="setpoint", codes={"stop": 0x6801, "raise": 0x6802, "lower": 0x6804}))
    rig = bench(spec)
    order = force(rig, "command", level=0x6802)
    rig.ack()
    force(rig, "command", level=False)
    rig.ack()
    rig.tick()
    assert last(rig, order)[0] is Life.CONFIRMED
    assert rig.coils["command"] == 0x6801


def test_on_is_no_code_of_a_set_point() -> None:
    rig = bench(BLOCKER)
    assert refusals(rig, force(rig, "command", level=True)) == [Rule.KIND]


def test_pas_69_neither_output_of_a_row_is_forced_while_the_other_row_of_the_airlock_is_not_secured() -> None:
    rig = bench(mover_spec(airlock_with="other"))
    for point in ("raise", "lower"):
        assert Rule.AIRLOCK in refusals(rig, force(rig, point))
