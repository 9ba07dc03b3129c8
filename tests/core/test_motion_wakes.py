"""When a mover is looked at again: at the first instant at which something about it can change by time alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.outputs import ANSWER_S, RELEASE_S
from tests.core.rig import BOLLARD, BOOM, LOOP, MAX_AGE_S, Rig, moving, ready

OLD_S = 100.0
"""Readings that grow old so late that they wake nothing."""
PATIENT = replace(BOLLARD, inputs=dict.fromkeys(BOLLARD.inputs, OLD_S))


def test_steel_at_rest_is_looked_at_when_its_reading_grows_too_old() -> None:
    rig = ready()
    rig.tick()
    assert rig.wake_at == rig.now + MAX_AGE_S


def test_steel_of_which_nothing_was_ever_read_is_looked_at_by_no_timer() -> None:
    rig = Rig(PATIENT)
    rig.now += 1.0
    rig.tick()
    assert rig.wake_at is None


def test_a_motion_is_looked_at_when_its_travel_is_due() -> None:
    rig, _ = moving(PATIENT)
    rig.tick()
    assert rig.wake_at == pytest.approx(rig.device.moving_since + PATIENT.travel_s)  # type: ignore[operator]


def test_a_motion_is_looked_at_when_its_outputs_have_been_given_in_full() -> None:
    rig = ready(PATIENT)
    rig.order("raise")
    rig.now += 0.1
    rig.ack()
    rig.now += 0.25
    rig.tick()
    assert rig.wake_at == rig.device.given_due


def test_steel_that_came_to_rest_is_looked_at_when_its_switch_has_bounced() -> None:
    rig, _ = moving(PATIENT)
    rig.sample("top")
    assert rig.wake_at == rig.now + PATIENT.settle_s


def test_a_write_is_looked_at_when_it_has_gone_unanswered_for_too_long() -> None:
    rig, _ = moving(PATIENT)
    rig.order("stop")
    at = rig.now
    rig.now += 1.0
    rig.tick()
    assert rig.wake_at == at + RELEASE_S + ANSWER_S


def test_a_pulse_is_looked_at_when_it_ends() -> None:
    rig = ready(replace(BOOM, inputs=PATIENT.inputs), "top")
    rig.order("lower")
    rig.ack()
    rig.now += 0.4
    rig.tick()
    assert rig.wake_at == pytest.approx(rig.now + 0.1)


def test_an_order_that_waits_looks_again_soon_and_not_after_its_time() -> None:
    rig = ready(replace(PATIENT, warning="beacon"))
    rig.order("raise", expires_in_s=0.25)
    assert rig.wake_at == rig.now + 0.1
    rig.now += 0.2
    rig.tick()
    assert rig.wake_at == pytest.approx(rig.now + 0.05)


def test_a_held_motion_is_looked_at_when_its_button_must_be_held_again() -> None:
    rig = ready(PATIENT)
    rig.order("raise", hold=True)
    rig.ack()
    rig.now += 0.5
    rig.tick()
    assert rig.wake_at == pytest.approx(rig.now + 0.5)


@pytest.mark.parametrize("role", ["presence", "airlock", "mains"])
def test_a_motion_is_looked_at_when_a_reading_of_what_it_heeds_grows_too_old(role: str) -> None:
    rig, _ = moving(PATIENT)
    rig.loop("near")
    near = rig.neighbours["near"]
    rig.neighbours["near"] = replace(near, spec=replace(LOOP, id="near"), since=0.0)
    heeding = {"presence": {"presence": ("near",)}, "airlock": {"airlock_with": "near"}, "mains": {"mains": "near"}}
    rig.device = replace(rig.device, spec=replace(PATIENT, **heeding[role]))  # type: ignore[arg-type]
    if role == "mains":
        rig.neighbours["near"] = replace(rig.neighbours["near"], state="normal")
    rig.tick()
    assert rig.wake_at == rig.now + MAX_AGE_S
