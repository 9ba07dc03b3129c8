"""What stands in the way: safety loops veto the securing motion, and two rows of an airlock are never open together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest

from controller.core.command import Life, Rule
from controller.core.device import Restored, Sampled, Wrote
from controller.core.kinds import new_device, step
from controller.core.mover import Mover
from controller.core.readings import bad, good
from tests.core.rig import BLOCKER, BOLLARD, BOOM, LOOP, Rig, moving, ready, seen

if TYPE_CHECKING:
    from controller.core.device import Device
    from controller.core.spec import MoverSpec

LOOPS = ("entry", "exit")
GUARDED = replace(BOLLARD, presence=LOOPS)
SECURING = {
    "bollard": (GUARDED, "raise"),
    "boom": (replace(BOOM, presence=LOOPS), "lower"),
    "blocker": (replace(BLOCKER, presence=LOOPS), "raise"),
}
each_securing = pytest.mark.parametrize(("spec", "action"), SECURING.values(), ids=SECURING)


def refused(rig: Rig, order: str) -> list[tuple[Rule, str]]:
    assert rig.lives(order) == [Life.REFUSED]
    return [(refusal.rule, refusal.device) for refusal in rig.last(order).refusals]


def open_picture(action: str) -> str:
    return "bottom" if action == "raise" else "top"


def stopped_by(rig: Rig, order: str, *words: str) -> None:
    assert not rig.device.moving
    assert rig.last(order).life is Life.FAILED
    for word in words:
        assert word in rig.last(order).because
    released = {name: 0 if name == "command" else False for name in rig.spec.outputs if name != "stop"}
    wanted = {**rig.coils, **rig.levels}
    assert {name: wanted[name] for name in released} == released


# Before the motion.


@each_securing
def test_r09_an_occupied_loop_refuses_the_securing_motion_and_is_named(spec: MoverSpec, action: str) -> None:
    rig = ready(spec, open_picture(action))
    rig.loop("exit", detect=True)
    order = rig.order(action)
    assert refused(rig, order) == [(Rule.PRESENCE, "exit")]
    assert rig.last(order).because == "loop occupied"


@each_securing
def test_r09_a_loop_does_not_refuse_the_opening_motion(spec: MoverSpec, action: str) -> None:
    opening = "lower" if action == "raise" else "raise"
    rig = ready(spec, open_picture(opening))
    rig.loop("exit", detect=True)
    assert rig.lives(rig.order(opening)) == [Life.ACCEPTED]


def test_every_loop_that_forbids_is_named() -> None:
    rig = ready(GUARDED)
    rig.loop("entry", detect=True)
    rig.loop("exit", fault=True)
    assert refused(rig, rig.order("raise")) == [(Rule.PRESENCE, "entry"), (Rule.DETECTOR, "exit")]


def test_r29_a_faulty_loop_counts_as_occupied() -> None:
    rig = ready(GUARDED)
    rig.loop("entry", fault=True)
    order = rig.order("raise")
    assert refused(rig, order) == [(Rule.DETECTOR, "entry")]
    assert rig.last(order).because == "loop fault, which counts as occupied (R09)"


def test_r29_a_loop_that_is_not_known_counts_as_occupied() -> None:
    rig = ready(GUARDED)
    rig.neighbours["entry"] = new_device(replace(LOOP, id="entry"), frozenset(), rig.now)
    order = rig.order("raise")
    assert refused(rig, order) == [(Rule.DETECTOR, "entry")]
    assert rig.last(order).because == "loop unknown, which counts as occupied (R09)"


def test_r29_a_loop_whose_reading_is_too_old_counts_as_occupied_before_it_says_so_itself() -> None:
    rig = ready(GUARDED)
    rig.now += 1.5
    rig.sample()
    assert rig.neighbours["entry"].state == "clear"
    order = rig.order("raise")
    assert refused(rig, order) == [(Rule.DETECTOR, "entry"), (Rule.DETECTOR, "exit")]


def test_a_loop_that_nobody_supervises_counts_as_occupied() -> None:
    rig = ready(GUARDED)
    del rig.neighbours["entry"]
    order = rig.order("raise")
    assert refused(rig, order) == [(Rule.DETECTOR, "entry")]


def test_r09_a_loop_that_has_just_cleared_refuses_for_one_second() -> None:
    rig = ready(GUARDED)
    rig.loop("entry", detect=True)
    rig.run(0.5)
    rig.loop("entry", detect=False)
    rig.run(0.9)
    order = rig.order("raise")
    assert refused(rig, order) == [(Rule.PRESENCE, "entry")]
    assert rig.last(order).because == "loop clear for 0.9 s only; 1.0 s is required"
    rig.now = rig.neighbours["entry"].since + 1.0
    rig.sample()
    assert rig.lives(rig.order("raise")) == [Life.ACCEPTED]


def test_r09_a_loop_that_has_come_back_from_a_loss_must_be_clear_for_one_second_too() -> None:
    rig = ready(GUARDED)
    rig.now += 0.1
    rig.neighbours["entry"] = step(rig.neighbours["entry"], Sampled({"fault": bad(rig.now)}), {}, rig.now).device
    rig.loop("entry")
    assert refused(rig, rig.order("raise")) == [(Rule.PRESENCE, "entry")]


def test_a_loop_forbids_nothing_where_nothing_would_move() -> None:
    rig = ready(GUARDED, "top")
    rig.loop("entry", detect=True)
    assert rig.lives(rig.order("raise")) == [Life.ACCEPTED, Life.CONFIRMED]


# In mid-motion.


def test_r29_a_loop_that_fails_in_mid_travel_stops_the_motion() -> None:
    rig, order = moving(GUARDED)
    rig.loop("exit", fault=True)
    stopped_by(rig, order, "R29", "exit", "fault")


def test_r29_a_loop_that_goes_silent_in_mid_travel_stops_the_motion_at_the_age_of_its_reading() -> None:
    rig, order = moving(GUARDED)
    stale_at = rig.now + 1.0
    rig.now += 0.6
    rig.sample()
    assert rig.wake_at == pytest.approx(stale_at)
    rig.now = stale_at
    rig.tick()
    stopped_by(rig, order, "R29", "entry", "too old")


def test_r09_a_vehicle_that_arrives_before_the_steel_has_left_fails_the_order_by_that_name() -> None:
    rig = ready(GUARDED)
    order = rig.order("raise")
    rig.ack()
    rig.loop("entry", detect=True)
    stopped_by(rig, order, "R09", "entry")
    rig.ack()
    rig.run(2.0)
    assert (rig.device.state, rig.device.fault) == ("lowered", None)
    assert rig.device.why == "R09 entry: loop occupied"


def test_r09_a_vehicle_that_arrives_before_the_write_went_out_takes_it_back() -> None:
    rig = ready(GUARDED)
    order = rig.order("raise")
    rig.loop("entry", detect=True)
    stopped_by(rig, order, "R09", "entry")


def test_a_vehicle_on_the_loop_does_not_stop_the_opening_motion() -> None:
    rig, _ = moving(GUARDED, "lower")
    rig.loop("entry", detect=True)
    assert rig.device.state == "lowering"


def test_a_vehicle_after_arrival_changes_nothing() -> None:
    rig, order = moving(GUARDED)
    rig.sample("top")
    rig.loop("entry", detect=True)
    assert rig.device.state == "raised"
    assert rig.last(order).life is Life.CONFIRMED


# The airlock (PAS 69).

ROW = replace(BOLLARD, airlock_with="other")
OTHER = replace(BOLLARD, id="other", airlock_with="steel")


def other_row(rig: Rig, picture: str) -> Device:
    """Put the other row where `picture` says, its outputs released."""
    row = rig.neighbours.get("other")
    if row is None:
        row = step(new_device(OTHER, frozenset({"io"}), rig.now), Restored("io"), {}, rig.now).device
        row = step(row, Wrote(1), {}, rig.now).device
    rig.neighbours["other"] = step(row, Sampled(seen(OTHER, picture, rig.now)), {}, rig.now).device
    return rig.neighbours["other"]


def airlock(other: str) -> Rig:
    rig = ready(ROW, "top")
    other_row(rig, other)
    return rig


def test_a_row_opens_while_the_other_is_secured() -> None:
    rig = airlock("top")
    assert rig.lives(rig.order("lower")) == [Life.ACCEPTED]


def test_a_row_does_not_open_while_the_other_shows_secured_but_its_outputs_may_still_be_on() -> None:
    """Stopped before it left its limit, and the release has not been acknowledged: it may yet open."""
    rig = airlock("top")
    row = cast(Mover, rig.neighbours["other"])
    rig.neighbours["other"] = row.asking({"raise": False, "lower": True}, rig.now + 2.0)[0]
    order = rig.order("lower")
    assert refused(rig, order) == [(Rule.AIRLOCK, "other")]
    assert rig.last(order).because == "the other row is raised, but its outputs may still be on"


@pytest.mark.parametrize("picture", ["bottom", "between", "both"])
def test_a_row_does_not_open_while_the_other_is_not_secured(picture: str) -> None:
    rig = airlock(picture)
    order = rig.order("lower")
    assert refused(rig, order) == [(Rule.AIRLOCK, "other")]
    assert rig.neighbours["other"].state in rig.last(order).because


def test_a_row_does_not_open_while_the_other_is_not_supervised() -> None:
    rig = ready(ROW, "top")
    order = rig.order("lower")
    assert refused(rig, order) == [(Rule.AIRLOCK, "other")]
    assert rig.last(order).because == "the other row is not supervised"


def test_a_row_does_not_open_while_the_proof_that_the_other_is_secured_is_too_old() -> None:
    rig = airlock("top")
    rig.now += 1.5
    rig.sample()
    assert rig.neighbours["other"].state == "raised"
    assert refused(rig, rig.order("lower")) == [(Rule.AIRLOCK, "other")]


@pytest.mark.parametrize("picture", ["bottom", "between"])
def test_a_row_may_always_be_secured(picture: str) -> None:
    rig = ready(ROW, "between")
    other_row(rig, picture)
    assert rig.lives(rig.order("raise")) == [Life.ACCEPTED]


def test_two_rows_that_were_ordered_open_at_the_same_instant_both_stop() -> None:
    rig = airlock("top")
    order = rig.order("lower")
    rig.ack()
    rig.neighbours["other"] = replace(other_row(rig, "top"), state="lowering")
    rig.tick()
    assert rig.device.state == "stopped"
    assert rig.last(order).life is Life.FAILED
    assert "airlock other" in rig.last(order).because


def test_a_row_stops_opening_when_the_other_leaves_its_position() -> None:
    rig = airlock("top")
    rig.order("lower")
    rig.ack()
    rig.now += 0.5
    other_row(rig, "top")
    rig.sample("between")
    other_row(rig, "between")
    rig.tick()
    assert rig.device.state == "stopped"


def test_a_row_stops_opening_when_the_proof_that_the_other_is_secured_grows_too_old() -> None:
    rig = airlock("top")
    rig.order("lower")
    rig.ack()
    stale_at = rig.now + 1.0
    rig.now += 0.6
    rig.sample("between")
    assert rig.wake_at == pytest.approx(stale_at)
    rig.now = stale_at
    rig.tick()
    assert rig.device.state == "stopped"


def test_a_row_that_is_open_already_is_no_reason_to_refuse_it() -> None:
    rig = ready(ROW, "bottom")
    other_row(rig, "between")
    assert rig.lives(rig.order("lower")) == [Life.ACCEPTED, Life.CONFIRMED]


def test_good_readings_of_a_loop_without_fault_contact_are_enough() -> None:
    rig = ready(replace(BOLLARD, presence=("plain",)))
    loop = new_device(replace(LOOP, id="plain", inputs={"detect": 1.0}), frozenset(), rig.now - 2.0)
    loop = step(loop, Sampled({"detect": good(False, rig.now - 1.5)}), {}, rig.now - 1.5).device
    rig.neighbours["plain"] = step(loop, Sampled({"detect": good(False, rig.now)}), {}, rig.now).device
    assert rig.lives(rig.order("raise")) == [Life.ACCEPTED]
