"""Orders that wait: the securing motion begins once the signals show halt and the beacon has warned (R13, R14, R15)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from controller.core.command import Authority, Life, Rule
from controller.core.device import Restored, Sampled, Ticked
from controller.core.lamps import Lamps
from controller.core.readings import bad
from tests.core.rig import BEACON, BOLLARD, BOOM_WITHOUT_STOP, MAX_AGE_S, SIGNAL, Rig, answered, moving, ready

WARNED = replace(BOLLARD, warning="beacon")
GUARDED = replace(WARNED, presence=("entry",), inputs={**BOLLARD.inputs, "estop": MAX_AGE_S})


def lit(rig: Rig) -> None:
    rig.show(BEACON, lamp=True)


def waiting(rig: Rig, action: str = "raise", **more: Any) -> str:
    """Order the securing motion, which has to wait."""
    writes = len(rig.drives)
    order = rig.order(action, **{"expires_in_s": 20.0, **more})
    assert rig.lives(order) == [Life.ACCEPTED]
    assert rig.device.waiting
    assert len(rig.drives) == writes
    return order


def warned_from_now(rig: Rig) -> None:
    """Let the second of its warning pass: it begins to move after that, and not before."""
    rig.run(0.9)
    assert not rig.device.moving
    rig.run(0.2)
    assert rig.device.moving


def ended(rig: Rig, order: str, writes: int) -> str:
    """Say how an order ended that never began."""
    assert (rig.device.order, rig.device.waiting, rig.device.moving) == (None, "", False)
    assert not any(drive.order == order for drive in rig.drives)
    assert len(rig.drives) == writes
    assert rig.last(order).life is Life.FAILED
    return rig.last(order).because


# What it waits for.


def test_r14_the_securing_motion_waits_until_every_signal_shows_halt() -> None:
    rig = ready(replace(BOLLARD, signals=("signal", "far")))
    waiting(rig)
    assert rig.device.waiting == "halt of signal (R14)"
    rig.show(SIGNAL, halt_lamp=True, go_lamp=False)
    assert rig.device.waiting == "halt of far (R14)"
    rig.show(replace(SIGNAL, id="far"), halt_lamp=True, go_lamp=False)
    assert (rig.device.state, rig.device.waiting) == ("raising", "")


@pytest.mark.parametrize(("halt", "go"), [(False, False), (True, True), (False, True)])
def test_r14_a_signal_that_is_dark_or_shows_anything_else_is_waited_for(halt: bool, go: bool) -> None:
    rig = ready(replace(BOLLARD, signals=("signal",)))
    rig.show(SIGNAL, halt_lamp=halt, go_lamp=go)
    waiting(rig)


def test_r14_a_halt_that_was_seen_too_long_ago_is_waited_for() -> None:
    rig = ready(replace(BOLLARD, signals=("signal",)))
    rig.show(SIGNAL, halt_lamp=True, go_lamp=False)
    rig.now += MAX_AGE_S
    rig.sample()
    waiting(rig)


def test_r15_the_securing_motion_waits_for_the_proof_that_its_beacon_is_lit() -> None:
    rig = ready(WARNED)
    waiting(rig)
    assert rig.device.waiting == "proof that beacon is lit (R15)"
    rig.show(BEACON, lamp=False)
    rig.run(3.0)
    assert rig.device.waiting == "proof that beacon is lit (R15)"


def test_r13_the_securing_motion_is_warned_of_for_a_second() -> None:
    rig = ready(WARNED)
    order = waiting(rig)
    lit(rig)
    assert rig.device.waiting == "1 s of warning by beacon (R13)"
    rig.run(0.9)
    assert rig.device.state == "lowered"
    rig.run(0.2)
    assert rig.device.state == "raising"
    assert rig.drives[-1].order == order
    rig.ack()
    assert rig.lives(order) == [Life.ACCEPTED, Life.ISSUED]


def test_r13_a_beacon_that_was_lit_for_another_mover_has_not_warned_of_this_one() -> None:
    rig = ready(WARNED)
    rig.neighbours["other"] = replace(rig.device, spec=replace(WARNED, id="other"), state="raising")
    lit(rig)
    rig.run(5.0)
    waiting(rig)
    warned_from_now(rig)


def test_r13_a_beacon_that_may_have_been_dark_for_an_instant_warns_anew_from_when_it_is_seen_again() -> None:
    rig = ready(WARNED)
    waiting(rig)
    lit(rig)
    rig.run(0.5)
    rig.order("stop")
    rig.neighbours["beacon"] = answered(rig.neighbours["beacon"], Ticked(), rig.around, rig.now)
    rig.now += 0.1
    waiting(rig)
    rig.neighbours["beacon"] = answered(rig.neighbours["beacon"], Ticked(), rig.around, rig.now)
    assert rig.neighbours["beacon"].state == "lit"
    rig.now += 0.3
    rig.tick()
    assert rig.device.waiting == "proof that beacon is lit (R15)"
    lit(rig)
    warned_from_now(rig)


def test_r14_a_signal_that_was_switched_since_it_was_read_shows_nothing() -> None:
    rig = ready(replace(BOLLARD, signals=("signal",)))
    rig.show(SIGNAL, halt_lamp=True, go_lamp=False)
    assert cast(Lamps, rig.neighbours["signal"]).asked == "go"
    waiting(rig)
    rig.now += 0.1
    rig.neighbours["signal"] = answered(rig.neighbours["signal"], Ticked(), rig.around, rig.now)
    rig.tick()
    assert rig.neighbours["signal"].state == "halt"
    assert rig.device.waiting == "halt of signal (R14)"
    rig.show(SIGNAL, halt_lamp=True, go_lamp=False)
    assert rig.device.moving


def test_r13_a_proof_that_is_lost_while_it_waits_makes_the_warning_begin_again() -> None:
    rig = ready(WARNED)
    waiting(rig)
    lit(rig)
    rig.run(0.8)
    rig.show(BEACON, lamp=False)
    rig.run(0.2)
    lit(rig)
    warned_from_now(rig)


def test_r15_a_proof_that_is_too_old_is_none() -> None:
    rig = ready(WARNED)
    waiting(rig)
    lit(rig)
    rig.now += MAX_AGE_S
    rig.sample()
    assert rig.device.waiting == "proof that beacon is lit (R15)"


def test_r13_asking_again_does_not_make_the_warning_begin_again() -> None:
    rig = ready(WARNED)
    first = waiting(rig)
    lit(rig)
    rig.run(0.8)
    waiting(rig)
    assert rig.last(first).life is Life.SUPERSEDED
    rig.run(0.3)
    assert rig.device.moving


def test_the_opening_motion_is_not_warned_of() -> None:
    rig = ready(replace(WARNED, signals=("signal",)), "top")
    rig.order("lower")
    assert rig.device.state == "lowering"


def test_where_nothing_would_move_nothing_is_waited_for() -> None:
    rig = ready(WARNED, "top")
    assert rig.lives(rig.order("raise")) == [Life.ACCEPTED, Life.CONFIRMED]


def test_steel_that_coasts_to_its_goal_while_the_order_waits_is_there() -> None:
    rig, _ = moving(WARNED, "lower")
    order = rig.order("raise", expires_in_s=20.0)
    rig.ack()
    assert rig.device.waiting
    rig.sample()
    rig.sample("top")
    assert rig.device.state == "raised"
    assert (rig.last(order).life, rig.last(order).because) == (Life.CONFIRMED, "it is there already")


def test_an_opening_motion_that_is_turned_round_before_it_left_is_where_its_limit_shows_it() -> None:
    rig = ready(WARNED, "top")
    rig.order("lower")
    rig.ack()
    order = rig.order("raise")
    assert rig.device.waiting
    rig.ack()
    rig.run(0.5)
    assert rig.device.state == "raised"
    assert rig.last(order).because == "it is there already"


def test_an_order_that_waits_stops_the_opposite_motion_first() -> None:
    rig, opening = moving(WARNED, "lower")
    order = rig.order("raise", expires_in_s=20.0)
    assert rig.last(opening).life is Life.SUPERSEDED
    assert (rig.device.state, rig.device.waiting) == ("stopped", "proof that beacon is lit (R15)")
    assert (rig.levels, rig.drives[-1].order) == ({"lower": False}, "")
    rig.ack()
    lit(rig)
    rig.run(1.1)
    assert rig.drives[-1].order == order


def test_the_same_motion_under_way_waits_for_nothing() -> None:
    rig = ready(WARNED)
    waiting(rig)
    lit(rig)
    rig.run(1.1)
    rig.ack()
    rig.show(BEACON, lamp=False)
    order = rig.order("raise")
    assert rig.lives(order) == [Life.ACCEPTED, Life.ISSUED]


# R13 after the return of power.


def test_r13_automatic_motion_is_warned_of_for_five_seconds_after_the_power_is_back() -> None:
    rig = ready(WARNED)
    waiting(rig, automatic=True)
    lit(rig)
    assert rig.device.waiting == "5 s of warning by beacon (R13)"
    rig.run(4.9)
    assert not rig.device.moving
    rig.run(0.2)
    assert rig.device.moving


def test_r13_automatic_motion_after_another_motion_is_warned_of_like_any() -> None:
    rig = ready(WARNED, "top")
    rig.order("lower")
    rig.ack()
    rig.run(0.6)
    rig.sample("bottom")
    rig.ack()
    waiting(rig, automatic=True)
    lit(rig)
    assert rig.device.waiting == "1 s of warning by beacon (R13)"


@pytest.mark.parametrize("announced", [True, False])
def test_r13_every_loss_counts_as_a_loss_of_power(announced: bool) -> None:
    rig = ready(replace(WARNED), "top")
    rig.order("lower")
    rig.ack()
    rig.run(0.6)
    rig.sample("bottom")
    if announced:
        rig.lose()
    rig.give(Restored("io"))
    rig.ack()
    rig.sample()
    waiting(rig, automatic=True)
    lit(rig)
    assert rig.device.waiting == "5 s of warning by beacon (R13)"


# How it ends without having begun.


def test_an_order_that_waits_dies_at_its_expiry_without_a_further_event() -> None:
    rig = ready(WARNED)
    order = waiting(rig, expires_in_s=0.05)
    rig.now = rig.wake_at or 0.0
    rig.tick()
    assert rig.lives(order) == [Life.ACCEPTED, Life.EXPIRED]
    assert rig.last(order).because == "nothing was sent: it waited for proof that beacon is lit (R15)"


def test_an_order_that_waits_looks_again_by_itself() -> None:
    rig = ready(WARNED)
    waiting(rig)
    assert rig.wake_at == pytest.approx(rig.now + 0.1)


def test_a_stop_ends_an_order_that_waits() -> None:
    rig = ready(WARNED)
    order = waiting(rig)
    stop = rig.order("stop")
    rig.ack()
    assert rig.lives(order) == [Life.ACCEPTED, Life.SUPERSEDED]
    assert rig.last(stop).life is Life.CONFIRMED


def test_a_stop_ends_an_order_that_waits_even_of_a_drive_that_cannot_be_stopped() -> None:
    rig = ready(replace(BOOM_WITHOUT_STOP, warning="beacon"), "top")
    order = waiting(rig, "lower")
    stop = rig.order("stop")
    rig.ack()
    assert rig.lives(order) == [Life.ACCEPTED, Life.SUPERSEDED]
    assert rig.last(stop).life is Life.CONFIRMED


def test_an_order_to_open_ends_one_that_waits_to_secure() -> None:
    rig = ready(WARNED, "between")
    order = waiting(rig)
    rig.order("lower")
    assert rig.last(order).life is Life.SUPERSEDED
    assert rig.device.state == "lowering"


def test_r18_a_turned_key_ends_an_order_that_waits() -> None:
    rig = ready(WARNED)
    order = waiting(rig)
    rig.local, writes = True, len(rig.drives)
    rig.sample()
    assert ended(rig, order, writes) == "nothing was sent: R18 steel: the key switch is in local"


def test_r09_a_vehicle_ends_an_order_that_waits() -> None:
    rig = ready(GUARDED)
    order, writes = waiting(rig), len(rig.drives)
    rig.loop("entry", detect=True)
    assert ended(rig, order, writes) == "nothing was sent: R09 entry: loop occupied"


def test_r29_a_loop_that_is_too_old_ends_an_order_that_waits() -> None:
    rig = ready(GUARDED)
    order, writes = waiting(rig), len(rig.drives)
    rig.now += MAX_AGE_S
    rig.sample()
    assert "reading too old" in ended(rig, order, writes)


def test_r18_a_pressed_emergency_stop_ends_an_order_that_waits() -> None:
    rig = ready(GUARDED)
    order, writes = waiting(rig), len(rig.drives)
    rig.press("estop")
    assert "the emergency stop is pressed" in ended(rig, order, writes)


def test_a_lock_out_ends_an_order_that_waits_although_it_was_about_to_begin() -> None:
    rig = ready(WARNED)
    order, writes = waiting(rig), len(rig.drives)
    lit(rig)
    rig.now += 1.0
    rig.neighbours["beacon"] = replace(rig.neighbours["beacon"], readings={}, spec=replace(BEACON, inputs={}))
    rig.device = rig.device.heard({n: replace(r, taken=rig.now) for n, r in rig.device.readings.items()})
    rig.order("lock-out", reason="oil")
    assert "lock-out steel: locked out by op" in ended(rig, order, writes)


def test_r17_a_lost_unit_ends_an_order_that_waits() -> None:
    rig = ready(WARNED)
    order, writes = waiting(rig), len(rig.drives)
    rig.lose()
    assert ended(rig, order, writes) == "nothing was sent: unreachable steel: io does not answer: mute"


def test_r17_a_reconnect_that_nobody_announced_ends_an_order_that_waits() -> None:
    rig = ready(WARNED)
    order = waiting(rig)
    rig.restore()
    assert rig.last(order).life is Life.FAILED
    assert rig.device.order is None


def test_a_reading_that_is_bad_ends_an_order_that_waits() -> None:
    rig = ready(WARNED)
    order = waiting(rig)
    rig.give(Sampled({"raised0": bad(rig.now)}))
    assert "its position is not known" in rig.last(order).because


def test_r20_an_order_that_waits_acknowledges_no_fault_that_its_author_did_not_see() -> None:
    rig = ready(WARNED)
    order = waiting(rig)
    rig.now += 0.2
    rig.sample("between")
    assert rig.device.state == "fault"
    assert rig.last(order).because == "nothing was sent: fault while it waited: left its position without a command"


def test_an_order_given_in_a_fault_waits_and_begins() -> None:
    rig = ready(WARNED)
    rig.sample("between")
    rig.run(0.2)
    assert rig.device.state == "fault"
    waiting(rig)
    lit(rig)
    rig.run(1.1)
    assert rig.device.state == "raising"


def test_a_release_that_fails_while_an_order_waits_does_not_end_it() -> None:
    rig, _ = moving(WARNED, "lower")
    order = rig.order("raise", expires_in_s=20.0)
    rig.fail(Life.FAILED)
    assert rig.lives(order) == [Life.ACCEPTED]
    rig.run(0.6)
    rig.ack()
    assert rig.lives(order) == [Life.ACCEPTED]


# What others see of it.


def test_that_an_order_waits_and_for_what_is_a_change() -> None:
    rig = ready(WARNED)
    before = rig.device.version
    waiting(rig)
    assert rig.device.version == before + 1
    lit(rig)
    assert rig.device.version == before + 2


def test_the_version_that_an_order_itself_changed_does_not_end_it() -> None:
    rig = ready(WARNED)
    waiting(rig, seen=rig.device.version)
    lit(rig)
    rig.run(1.1)
    assert rig.device.moving


# Authority.


def test_an_order_of_less_authority_than_the_live_one_is_refused() -> None:
    rig, live = moving(BOLLARD, by="anna")
    order = rig.order("lower", authority=Authority.SCHEDULE)
    assert [r.rule for r in rig.last(order).refusals] == [Rule.AUTHORITY]
    assert rig.last(order).because == f"order {live} to raise, of anna, is under way and has more authority"


@pytest.mark.parametrize("authority", [Authority.OPERATOR, Authority.LOCAL])
def test_an_order_of_the_same_authority_or_more_takes_over(authority: Authority) -> None:
    rig, live = moving(BOLLARD)
    rig.order("lower", authority=authority)
    assert rig.last(live).life is Life.SUPERSEDED


def test_a_stop_needs_no_authority() -> None:
    rig, live = moving(BOLLARD, authority=Authority.LOCAL)
    rig.order("stop", authority=Authority.SCHEDULE)
    assert rig.last(live).life is Life.SUPERSEDED


def test_an_order_that_waits_has_the_authority_of_one_that_moves() -> None:
    rig = ready(WARNED)
    waiting(rig)
    assert [r.rule for r in rig.last(rig.order("lower", authority=Authority.SCHEDULE)).refusals] == [Rule.AUTHORITY]


def test_a_schedule_may_order_what_nobody_else_does() -> None:
    rig = ready()
    assert rig.lives(rig.order("raise", authority=Authority.SCHEDULE)) == [Life.ACCEPTED]
