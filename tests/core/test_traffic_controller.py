"""A traffic controller that is not confirmed in normal operation lets nothing but emergencies begin (R31)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core import kinds
from controller.core.command import Life, Rule
from controller.core.device import Sampled
from controller.core.readings import bad, good
from controller.core.spec import Kind, Spec
from tests.core.rig import BOLLARD, MAX_AGE_S, Rig, ready

CONTROLLER = Spec(
    id="crossing",
    kind=Kind.TRAFFIC_CONTROLLER,
    inputs=dict.fromkeys(("flashing", "dark", "failure"), MAX_AGE_S),
)
CROSSED = replace(BOLLARD, traffic="crossing")
NORMAL = {"flashing": False, "dark": False, "failure": False}


def at(crossing: str, picture: str = "bottom") -> Rig:
    rig = ready(CROSSED, picture)
    rig.show(CONTROLLER, **{**NORMAL, **({} if crossing == "normal" else {crossing: True})})
    return rig


@pytest.mark.parametrize("state", ["normal", "flashing", "dark", "failure"])
def test_r31_its_state_is_what_its_contacts_show(state: str) -> None:
    assert at(state).neighbours["crossing"].state == state


def test_r31_the_worst_of_its_contacts_counts() -> None:
    rig = ready(CROSSED)
    rig.show(CONTROLLER, flashing=True, dark=True, failure=False)
    assert rig.neighbours["crossing"].state == "dark"
    rig.show(CONTROLLER, flashing=True, dark=True, failure=True)
    assert rig.neighbours["crossing"].state == "failure"


def test_r31_one_without_a_failure_contact_is_normal_by_the_others() -> None:
    rig = ready(CROSSED)
    rig.show(replace(CONTROLLER, inputs={"flashing": 1.0, "dark": 1.0}), flashing=False, dark=False)
    assert rig.neighbours["crossing"].state == "normal"


def test_r31_a_contact_that_cannot_be_read_makes_it_unknown() -> None:
    device = kinds.new_device(CONTROLLER, frozenset(), 0.0)
    readings = {"flashing": good(False, 0.0), "dark": good(False, 0.0), "failure": bad(0.0)}
    assert kinds.step(device, Sampled(readings), {}, 0.0).device.state == "unknown"


@pytest.mark.parametrize("state", ["flashing", "dark", "failure"])
def test_r31_one_that_is_out_of_order_is_an_alarm(state: str) -> None:
    assert [alarm.name for alarm in kinds.alarms(at(state).neighbours["crossing"])] == ["traffic-controller"]


def test_r31_a_normal_one_is_no_alarm() -> None:
    assert kinds.alarms(at("normal").neighbours["crossing"]) == ()


@pytest.mark.parametrize("action", ["raise", "lower"])
@pytest.mark.parametrize("state", ["flashing", "dark", "failure"])
def test_r31_one_that_is_out_of_order_refuses_every_motion(state: str, action: str) -> None:
    rig = at(state, "bottom" if action == "raise" else "top")
    order = rig.order(action)
    assert [(r.rule, r.device) for r in rig.last(order).refusals] == [(Rule.TRAFFIC, "crossing")]
    assert rig.last(order).because == f"the traffic controller is {state}, not confirmed in normal operation"


def test_r31_one_that_is_not_supervised_refuses_every_motion() -> None:
    rig = ready(CROSSED)
    assert [r.rule for r in rig.last(rig.order("raise")).refusals] == [Rule.TRAFFIC]


def test_r31_one_that_was_seen_too_long_ago_refuses_every_motion() -> None:
    rig = at("normal")
    rig.now += MAX_AGE_S
    rig.sample()
    assert [r.rule for r in rig.last(rig.order("raise")).refusals] == [Rule.TRAFFIC]


def test_r31_a_normal_one_refuses_nothing() -> None:
    rig = at("normal")
    assert rig.lives(rig.order("raise")) == [Life.ACCEPTED]


@pytest.mark.parametrize("state", ["flashing", "dark", "failure"])
def test_r31_an_emergency_does_not_ask_it(state: str) -> None:
    rig = at(state)
    rig.fire()
    assert rig.device.state == "raising"


def test_r31_a_motion_under_way_goes_on() -> None:
    rig = at("normal")
    rig.order("raise")
    rig.show(CONTROLLER, **{**NORMAL, "dark": True})
    assert rig.device.state == "raising"


def test_r31_an_order_that_waits_ends_when_it_is_out_of_order() -> None:
    rig = ready(replace(CROSSED, warning="beacon"))
    rig.show(CONTROLLER, **NORMAL)
    order = rig.order("raise")
    rig.show(CONTROLLER, **{**NORMAL, "flashing": True})
    assert rig.lives(order) == [Life.ACCEPTED, Life.FAILED]
    assert "R31 crossing" in rig.last(order).because
