"""What an order meets: refusals, an older order, a newer one, the key switch; and what stop means."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.command import Life, Rule
from controller.core.device import Lost, Sampled
from controller.core.modes import Mode
from controller.core.mover import Fault
from controller.core.readings import bad
from controller.core.refusals import forbidding
from controller.core.spec import Action, MoverSpec
from tests.core.rig import ALL, BLOCKER, BOLLARD, BOOM, BOOM_WITHOUT_STOP, GROUP, Rig, mover_spec, moving, ready, seen


def rules(rig: Rig, order: str) -> list[Rule]:
    assert rig.lives(order) == [Life.REFUSED]
    return [refusal.rule for refusal in rig.last(order).refusals]


# Refused, and nothing changes.


def test_nothing_is_commandable_before_one_full_fresh_read() -> None:
    rig = Rig()
    rig.restore()
    order = rig.order("raise")
    assert rules(rig, order) == [Rule.FRESH, Rule.MODE]
    assert "no fresh reading of raised0, lowered0" in rig.last(order).because


@pytest.mark.parametrize("signal", ["raised1", "lowered2"])
def test_one_unread_limit_of_a_group_is_enough_to_refuse_and_is_named(signal: str) -> None:
    rig = ready(GROUP)
    rig.now += 0.1
    rig.give(Sampled({signal: bad(rig.now)}))
    assert rig.device.state == "unknown"
    assert rig.device.why == f"no fresh reading of {signal}"
    order = rig.order("raise")
    assert rules(rig, order) == [Rule.FRESH]
    assert signal in rig.last(order).because


@pytest.mark.parametrize("action", ["raise", "lower", "stop"])
def test_nothing_is_queued_for_a_unit_that_is_down(action: str) -> None:
    rig = ready()
    rig.lose("mute for 0.5 s")
    before = len(rig.drives)
    order = rig.order(action)
    assert Rule.UNREACHABLE in rules(rig, order)
    assert rig.last(order).because == "io does not answer: mute for 0.5 s"
    assert len(rig.drives) == before


def test_at_start_a_unit_that_never_answered_refuses_even_a_stop() -> None:
    rig = Rig()
    order = rig.order("stop")
    assert rules(rig, order) == [Rule.UNREACHABLE]
    assert rig.last(order).because == "io does not answer"


def test_every_unit_that_does_not_answer_is_named() -> None:
    rig = Rig()
    rig.give(Lost("bus", "unplugged"))
    assert rig.last(rig.order("stop")).because == "bus, io do not answer: unplugged"


def test_two_units_that_are_down_do_not_answer() -> None:
    rig = ready()
    silent = replace(rig.device, down=frozenset({"io", "io2"}), why="")
    assert forbidding(silent, Action.RAISE, {}, rig.now)[0].because == "io, io2 do not answer"


def test_an_order_whose_time_is_over_is_refused() -> None:
    rig = ready()
    assert rules(rig, rig.order("raise", expires_in_s=0.0)) == [Rule.EXPIRED]


def test_an_order_given_on_another_state_than_this_is_refused() -> None:
    rig = ready()
    seen = rig.device.version
    rig.sample("top")
    order = rig.order("lower", seen=seen)
    assert rules(rig, order) == [Rule.SEEN]
    assert f"you acted on version {seen}" in rig.last(order).because


def test_an_order_given_on_this_state_is_accepted() -> None:
    rig = ready()
    order = rig.order("raise", seen=rig.device.version)
    assert rig.lives(order) == [Life.ACCEPTED]


def test_a_stop_is_right_whatever_its_author_saw() -> None:
    rig, _ = moving()
    order = rig.order("stop", seen=0)
    assert rig.lives(order) == [Life.ACCEPTED]


def test_both_limits_refuse_a_motion_by_their_fault() -> None:
    rig = ready()
    rig.sample("both")
    order = rig.order("raise")
    assert rules(rig, order) == [Rule.FAULT]
    assert rig.last(order).because == "fault: both limits active"


def test_every_reason_is_told_at_once() -> None:
    rig = ready()
    rig.local = True
    rig.sample("both")
    assert rules(rig, rig.order("raise", expires_in_s=-1.0, seen=99)) == [
        Rule.EXPIRED,
        Rule.SEEN,
        Rule.FAULT,
        Rule.MODE,
    ]


def test_a_refused_order_changes_nothing() -> None:
    rig = ready()
    rig.local = True
    rig.sample()
    before = rig.device
    rig.order("raise")
    assert rig.device == before


# A newer order.


def test_an_opposite_order_takes_over_and_releases_first() -> None:
    rig, first = moving()
    second = rig.order("lower")
    assert rig.last(first).life is Life.SUPERSEDED
    assert rig.last(first).because == "by a newer order of op to lower"
    assert rig.device.state == "lowering"
    assert rig.drives[-1].levels == (("raise", False), ("lower", True))
    assert rig.drives[-1].order == second


def test_an_opposite_order_takes_over_a_write_under_way() -> None:
    rig = ready()
    first = rig.order("raise")
    second = rig.order("lower")
    assert rig.lives(first) == [Life.ACCEPTED, Life.SUPERSEDED]
    assert rig.drives[-1].levels == (("raise", False), ("lower", True))
    rig.ack(rig.drives[-2].number)
    assert rig.lives(second) == [Life.ACCEPTED]
    rig.ack()
    assert rig.lives(second) == [Life.ACCEPTED, Life.ISSUED]


def test_a_reversal_at_the_limit_drives_although_the_limit_is_still_active() -> None:
    rig = ready(BOOM, "top")
    rig.order("lower")
    rig.ack()
    rig.now += 0.1
    rig.sample("top")
    order = rig.order("raise")
    assert rig.levels["raise"] is True
    rig.now += 0.1
    rig.sample("top")
    assert rig.device.state == "raising"
    rig.ack()
    rig.run(0.4)
    assert rig.device.state == "raising", "the pulse is not over"
    rig.run(0.2)
    assert rig.device.state == "raised"
    assert rig.lives(order) == [Life.ACCEPTED, Life.ISSUED, Life.CONFIRMED]


def test_a_reversal_at_the_limit_arrives_with_the_first_reading_after_its_outputs_were_given() -> None:
    rig = ready(picture="top")
    rig.order("lower")
    rig.ack()
    rig.now += 0.1
    rig.sample("top")
    rig.order("raise")
    rig.now += 0.1
    rig.ack()
    assert rig.device.settle_due < rig.device.given_due
    rig.now = rig.device.settle_due
    rig.tick()
    assert rig.wake_at == rig.device.given_due
    rig.now = rig.device.given_due
    rig.tick()
    assert rig.device.state == "raising"
    rig.sample("top")
    assert rig.device.state == "raised"


def test_a_reversal_in_mid_travel_is_timed_anew() -> None:
    rig, _ = moving()
    rig.run(5.0)
    rig.order("lower")
    rig.ack()
    assert rig.device.travel_due == rig.now + rig.spec.travel_s


def test_steel_that_overshoots_on_reversal_has_not_returned() -> None:
    rig, _ = moving()
    order = rig.order("lower")
    rig.run(0.5)
    rig.sample("top")
    rig.ack()
    rig.run(0.5)
    rig.sample("between")
    rig.run(1.0)
    rig.sample("bottom")
    assert rig.device.state == "lowered"
    assert rig.lives(order)[-1] is Life.CONFIRMED


@pytest.mark.parametrize("spec", [BOLLARD, BOOM, BLOCKER], ids=["held", "pulsed", "setpoint"])
def test_the_same_goal_again_takes_over_a_motion_that_goes_on_untouched(spec: MoverSpec) -> None:
    rig, first = moving(spec)
    due, writes = rig.device.travel_due, len(rig.drives)
    second = rig.order("raise")
    assert rig.last(first).life is Life.SUPERSEDED
    assert rig.lives(second) == [Life.ACCEPTED, Life.ISSUED, Life.MOVING], "it is seen to move already"
    assert "it is under way already" in [told.because for told in rig.progress]
    assert rig.device.travel_due == due, "a second order buys no time"
    assert len(rig.drives) == writes
    rig.sample("top")
    assert rig.lives(second)[-1] is Life.CONFIRMED


def test_the_same_goal_again_before_the_write_is_answered_writes_under_the_newer_order() -> None:
    rig = ready()
    first = rig.order("raise", expires_in_s=1.0)
    second = rig.order("raise", expires_in_s=3.0)
    assert rig.drives[-1].order == second
    assert rig.drives[-1].deadline == rig.now + 3.0
    rig.ack(rig.drives[-2].number)
    assert rig.lives(second) == [Life.ACCEPTED]
    rig.ack()
    assert rig.lives(first) == [Life.ACCEPTED, Life.SUPERSEDED]
    assert rig.lives(second) == [Life.ACCEPTED, Life.ISSUED]


@pytest.mark.parametrize(("action", "picture"), [("raise", "top"), ("lower", "bottom")], ids=["raise", "lower"])
def test_an_order_for_where_it_is_already_is_confirmed_and_writes_nothing(action: str, picture: str) -> None:
    rig = ready(picture=picture)
    before = len(rig.drives)
    order = rig.order(action)
    assert rig.lives(order) == [Life.ACCEPTED, Life.CONFIRMED]
    assert len(rig.drives) == before


# Stop.


@pytest.mark.parametrize("name", [name for name in ALL if name != "boom without stop"])
def test_a_stop_in_mid_travel_releases_everything_and_is_confirmed_by_the_wire(name: str) -> None:
    rig, motion = moving(ALL[name])
    stop = rig.order("stop")
    assert rig.last(motion).life is Life.SUPERSEDED
    assert rig.device.state == "stopped"
    assert rig.lives(stop) == [Life.ACCEPTED]
    released = {"boom": {"raise": False, "lower": False, "stop": True}, "blocker": {"command": 0}}
    assert rig.levels == released.get(name, {"raise": False, "lower": False})
    rig.ack()
    assert rig.lives(stop) == [Life.ACCEPTED, Life.CONFIRMED]


def test_a_stop_before_the_steel_has_left_finds_it_at_its_limit() -> None:
    rig = ready()
    rig.order("raise")
    rig.ack()
    rig.order("stop")
    rig.ack()
    rig.run(2.0)
    assert rig.device.state == "lowered"
    assert rig.device.why == "by order order-2"
    assert rig.device.fault is None


@pytest.mark.parametrize("picture", ["top", "both", "between"])
def test_a_stop_at_rest_or_in_a_fault_writes_the_releases_again(picture: str) -> None:
    rig = ready(picture=picture)
    order = rig.order("stop")
    assert rig.levels == {"raise": False, "lower": False}
    rig.ack()
    assert rig.lives(order) == [Life.ACCEPTED, Life.CONFIRMED]


def test_a_stop_pulses_the_stop_input_even_of_a_boom_that_no_order_moves() -> None:
    rig = ready(BOOM, "top")
    rig.sample("between")
    assert rig.device.state == "fault"
    rig.order("stop")
    assert rig.levels["stop"] is True


def test_a_stop_of_blind_steel_releases_its_outputs() -> None:
    rig = ready()
    rig.now += 2.0
    rig.tick()
    assert rig.device.state == "unknown"
    order = rig.order("stop")
    rig.ack()
    assert rig.lives(order) == [Life.ACCEPTED, Life.CONFIRMED]


@pytest.mark.parametrize("picture", ["top", "between"])
def test_a_drive_without_a_stop_input_refuses_a_stop_that_it_cannot_keep(picture: str) -> None:
    rig = ready(BOOM_WITHOUT_STOP, picture)
    assert rules(rig, rig.order("stop")) == [Rule.KIND]


def test_a_motion_goes_on_when_its_stop_is_refused() -> None:
    rig, motion = moving(BOOM_WITHOUT_STOP)
    rig.order("stop")
    rig.sample("top")
    assert rig.last(motion).life is Life.CONFIRMED


def test_a_newer_motion_takes_over_a_stop_that_is_not_acknowledged() -> None:
    rig, _ = moving()
    stop = rig.order("stop")
    rig.order("lower")
    assert rig.lives(stop) == [Life.ACCEPTED, Life.SUPERSEDED]
    assert rig.levels == {"raise": False, "lower": True}


def test_a_stop_whose_unit_is_lost_ends_unknown() -> None:
    rig, _ = moving()
    stop = rig.order("stop")
    rig.lose()
    assert rig.lives(stop) == [Life.ACCEPTED, Life.UNKNOWN]


# The key switch (R18, R19).


def test_r18_local_mode_refuses_a_motion_and_names_the_rule() -> None:
    rig = ready()
    rig.local = True
    rig.sample()
    order = rig.order("raise")
    assert rules(rig, order) == [Rule.MODE]
    assert rig.last(order).because == "the key switch is in local"


def test_r18_a_key_switch_that_cannot_be_read_refuses_a_motion() -> None:
    rig = ready()
    rig.now += 0.1
    rig.give(Sampled({"local": bad(rig.now)}))
    assert rig.device.mode is Mode.UNKNOWN
    order = rig.order("raise")
    assert rules(rig, order) == [Rule.MODE]
    assert rig.last(order).because == "the key switch cannot be read"


def test_a_key_switch_is_unknown_until_it_is_read() -> None:
    assert Rig().device.mode is Mode.UNKNOWN


def test_a_mover_without_a_key_switch_is_always_remote() -> None:
    spec = mover_spec(inputs={"raised0": 1.0, "lowered0": 1.0})
    rig = ready(spec)
    assert rig.device.mode is Mode.REMOTE
    assert rig.lives(rig.order("raise")) == [Life.ACCEPTED]


def test_r18_turning_the_key_in_mid_travel_stops_the_motion() -> None:
    rig, order = moving()
    rig.local = True
    rig.sample()
    assert rig.device.state == "stopped"
    assert rig.last(order).life is Life.FAILED
    assert rig.last(order).because == "R18 steel: the key switch is in local"
    assert rig.levels == {"raise": False}


def test_r18_turning_the_key_before_the_steel_has_left_fails_the_order_by_that_name() -> None:
    rig = ready()
    order = rig.order("raise")
    rig.ack()
    rig.local = True
    rig.sample()
    assert rig.device.state == "stopped"
    assert rig.last(order).because == "R18 steel: the key switch is in local"
    rig.ack()
    rig.run(0.5)
    assert (rig.device.state, rig.device.why) == ("lowered", "R18 steel: the key switch is in local")


@pytest.mark.parametrize(
    ("start", "pictures", "states"),
    [
        ("top", ["between", "bottom", "between", "top"], ["stopped", "lowered", "stopped", "raised"]),
        ("top", ["bottom", "top"], ["lowered", "raised"]),
    ],
    ids=["slowly", "at once"],
)
def test_in_local_mode_somebody_at_the_panel_moves_the_steel(
    start: str, pictures: list[str], states: list[str]
) -> None:
    rig = ready(picture=start)
    rig.local = True
    found = []
    for picture in pictures:
        rig.run(1.0)
        rig.sample(picture)
        found.append(rig.device.state)
    assert found == states
    assert rig.alarms == []


def test_r20_a_key_switch_that_cannot_be_read_excuses_no_movement() -> None:
    rig = ready(picture="top")
    rig.now += 0.1
    rig.give(Sampled({**seen(rig.spec, "between", rig.now), "local": bad(rig.now)}))
    assert rig.device.fault is Fault.LEFT_POSITION


def test_a_change_of_mode_is_a_change_that_an_author_must_have_seen() -> None:
    rig = ready()
    before = rig.device.version
    rig.local = True
    rig.sample()
    assert rig.device.version == before + 1
    rig.sample()
    assert rig.device.version == before + 1


# Time.


def test_the_write_of_an_order_may_go_out_until_the_order_expires_and_no_longer() -> None:
    rig = ready()
    order = rig.order("raise", expires_in_s=3.0)
    assert rig.drives[-1].deadline == rig.now + 3.0
    assert rig.drives[-1].order == order


def test_an_order_dies_when_its_write_expired_on_the_wire() -> None:
    rig = ready()
    order = rig.order("raise")
    rig.now += 0.5
    rig.fail(Life.EXPIRED, "the deadline passed")
    assert rig.lives(order) == [Life.ACCEPTED, Life.EXPIRED]
    assert rig.device.state == "stopped"
    assert rig.levels == {"raise": False, "lower": False}


def test_a_motion_under_way_outlives_the_expiry_of_its_order() -> None:
    rig = ready()
    order = rig.order("raise", expires_in_s=1.0)
    rig.ack()
    rig.run(2.0)
    rig.sample("between")
    rig.run(2.0)
    rig.sample("top")
    assert rig.lives(order)[-1] is Life.CONFIRMED
