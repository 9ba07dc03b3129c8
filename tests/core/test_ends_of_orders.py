"""How orders to a mover end, to the word, and what is left of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core import kinds
from controller.core.beacon import Beacon
from controller.core.command import Life, Order
from controller.core.device import Alarm, Held, Progress
from controller.core.mover import Mover
from controller.core.mover_table import outcome_of
from controller.core.passage import Form, Leg, Passage, alarms
from controller.core.signal import Signal
from controller.core.spec import Action
from controller.core.travel import moved
from tests.core.rig import BEACON, BOLLARD, LOOP, SIGNAL, moving, ready
from tests.core.test_return import returning

NOW = 100.0
RAISE = Order(id="o1", device="steel", action=Action.RAISE, principal="op", expires=NOW)
STEEL = Mover(spec=BOLLARD)


@pytest.mark.parametrize(
    ("mover", "life", "because"),
    [
        (replace(STEEL, state="unknown"), Life.UNKNOWN, "lost sight of it during the motion"),
        (replace(STEEL, state="offline", why="mute"), Life.UNKNOWN, "mute"),
        (replace(STEEL, state="raised"), Life.CONFIRMED, "its limit switches show it"),
        (replace(STEEL, state="stopped"), Life.FAILED, "it is stopped"),
        (replace(STEEL, state="stopped", why="R18"), Life.FAILED, "R18"),
        (replace(STEEL, state="lowered", returning="R09"), Life.FAILED, "taken back: R09"),
        (
            replace(STEEL, state="stopped", why="R18", returning="R09"),
            Life.FAILED,
            "taken back: R09; but not to its end: R18",
        ),
    ],
)
def test_the_end_of_a_motion_says_what_the_steel_shows(mover: Mover, life: Life, because: str) -> None:
    assert outcome_of(RAISE, mover) == (life, because)


def test_a_stop_is_confirmed_by_its_released_outputs() -> None:
    rig, _ = moving()
    stop = rig.order("stop")
    rig.ack()
    assert rig.last(stop) == Progress(stop, Life.CONFIRMED, "its outputs are released")


def test_a_stop_whose_unit_is_lost_says_why() -> None:
    rig, _ = moving()
    stop = rig.order("stop")
    rig.lose("mute")
    assert rig.last(stop) == Progress(stop, Life.UNKNOWN, "mute")


def test_an_order_whose_steel_has_left_is_moving() -> None:
    rig, _ = moving()
    assert rig.device.order is not None
    assert rig.device.order.life is Life.MOVING


def test_steel_whose_start_failed_says_why_it_is_where_it_is() -> None:
    rig = ready()
    order = rig.order("raise")
    rig.fail(Life.FAILED, "exception 4")
    assert rig.last(order) == Progress(order, Life.FAILED, "exception 4")
    assert (rig.device.state, rig.device.why) == ("stopped", "exception 4")
    rig.ack()
    rig.run(0.5)
    assert (rig.device.state, rig.device.why) == ("lowered", "exception 4")


def test_a_failed_start_of_which_nothing_is_seen_says_why() -> None:
    rig = ready()
    rig.order("raise")
    rig.device = replace(rig.device, readings={})
    rig.fail(Life.FAILED, "exception 4")
    assert (rig.device.state, rig.device.why) == ("unknown", "exception 4")


@pytest.mark.parametrize(("fate", "life"), [(Life.UNKNOWN, Life.UNKNOWN), (Life.EXPIRED, Life.FAILED)])
def test_r10_a_return_that_could_not_be_written_says_so(fate: Life, life: Life) -> None:
    rig, order = returning()
    rig.fail(fate, "exception 4")
    because = "it could not be taken back (R09 entry: loop occupied): exception 4"
    assert rig.last(order) == Progress(order, life, because)


def test_a_change_of_state_without_a_reason_has_none() -> None:
    assert moved(replace(STEEL, state="lowered"), "stopped", NOW).why == ""


def test_a_reconnection_that_nobody_noticed_is_a_loss_at_that_instant() -> None:
    rig, order = moving()
    rig.restore()
    assert rig.last(order).life is Life.UNKNOWN
    assert rig.last(order).because == "nothing read yet"
    assert (rig.device.state, rig.device.since, rig.device.unwatched) == ("unknown", rig.now, False)


def test_r24_a_button_that_is_held_again_at_the_instant_of_its_end_is_too_late() -> None:
    rig = ready(replace(BOLLARD, inputs=dict.fromkeys(BOLLARD.inputs, 100.0)))
    order = rig.order("raise", hold=True)
    rig.ack()
    rig.now = rig.device.held_until
    rig.held(order)
    assert rig.last(order).because == "its button was let go (R24)"


@pytest.mark.parametrize("late_s", [0.0, 0.1])
def test_r02_an_emergency_is_late_at_the_instant_when_it_is_due(late_s: float) -> None:
    rig = ready(replace(BOLLARD, inputs=dict.fromkeys(BOLLARD.inputs, 100.0)))
    rig.fire()
    rig.ack()
    assert rig.device.efo_due is not None
    rig.now = rig.device.efo_due + late_s
    rig.tick()
    text = "it did not block the way within 2.5 s of the begin of its emergency drive (R02)"
    assert rig.device.remark == Alarm("efo-late", 1, text)


def test_a_release_is_tried_again_at_the_instant_that_it_is_due() -> None:
    rig, _ = moving()
    rig.order("stop")
    rig.fail(Life.FAILED)
    writes = len(rig.drives)
    rig.now = rig.device.retry_at
    rig.tick()
    assert len(rig.drives) == writes + 1


@pytest.mark.parametrize("spec", [SIGNAL, BEACON, LOOP, BOLLARD], ids=lambda spec: spec.id)
def test_a_new_device_is_unknown_from_now_on(spec: object) -> None:
    device = kinds.new_device(spec, frozenset({"io"}), NOW)  # type: ignore[arg-type]
    assert (device.state, device.since, device.down) == ("unknown", NOW, frozenset({"io"}))
    if isinstance(device, Signal | Beacon):
        assert device.asked_since == NOW


def test_a_beacon_for_which_nobody_thinks_is_dark() -> None:
    assert kinds.at_rest(BEACON) == {"light": False}


def test_a_point_that_is_held_open_is_an_alarm_that_says_why() -> None:
    passage = Passage(id="p", form=Form.SINGLE, legs=(Leg(mover="a", state="held", why="a-in is fault"),))
    text = "the passage cannot close it: a-in is fault; secure it when the way is clear"
    assert alarms(passage, "a") == (Alarm("passage", 2, text),)
    assert alarms(passage, "b") == ()


def test_r24_a_button_of_which_it_is_said_that_it_was_let_go_ends_its_motion_at_once() -> None:
    rig = ready()
    order = rig.order("raise", hold=True)
    rig.ack()
    rig.give(Held(order, let_go=True))
    assert rig.last(order).because == "its button was let go (R24)"
    assert not rig.device.moving
