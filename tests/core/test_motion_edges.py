"""The edges of a motion: what is released, timed, woken and told at the instants that longer stories run past."""

from __future__ import annotations

from controller.core.command import Life
from controller.core.outputs import RETRY_S
from tests.core.rig import BOOM, MAX_AGE_S, moving, ready

# What is released.


def test_rule_6_a_boom_that_goes_blind_in_mid_travel_is_given_a_stop_pulse() -> None:
    rig, _ = moving(BOOM, "lower")
    rig.now += MAX_AGE_S
    rig.tick()
    assert rig.device.state == "unknown"
    assert rig.levels["stop"] is True


def test_a_boom_whose_start_failed_is_given_a_stop_pulse() -> None:
    rig = ready(BOOM, "top")
    rig.order("lower")
    rig.fail(Life.FAILED)
    rig.run(RETRY_S + 0.1)
    assert rig.levels == {"raise": False, "lower": False, "stop": True}


# What is told.


def test_an_order_that_ends_at_the_instant_when_another_is_given_is_told_to_have_ended() -> None:
    rig, first = moving()
    rig.now += MAX_AGE_S
    second = rig.order("lower")
    assert rig.last(first).life is Life.UNKNOWN
    assert rig.last(second).life is Life.REFUSED


def test_steel_that_is_found_at_its_limit_is_told_there_without_a_cause() -> None:
    rig = ready()
    assert (rig.device.state, rig.device.why) == ("lowered", "")
