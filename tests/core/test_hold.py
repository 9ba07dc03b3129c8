"""Hold-to-run: a motion that lasts only while its button is held (R24)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.command import Life, Rule
from tests.core.rig import BEACON, BOLLARD, BOOM, BOOM_WITHOUT_STOP, Rig, ready


def held() -> tuple[Rig, str]:
    rig = ready()
    order = rig.order("raise", hold=True)
    rig.ack()
    rig.run(0.5)
    rig.sample("between")
    return rig, order


def test_r24_a_motion_ends_when_its_button_is_let_go_without_a_further_event() -> None:
    rig = ready()
    order = rig.order("raise", hold=True)
    began = rig.now
    rig.ack()
    assert rig.wake_at == pytest.approx(began + rig.spec.settle_s)
    rig.run(0.9)
    assert rig.device.moving
    assert rig.wake_at == pytest.approx(began + 1.0)
    rig.now = began + 1.01
    rig.tick()
    assert not rig.device.moving
    assert (rig.last(order).life, rig.last(order).because) == (Life.FAILED, "its button was let go (R24)")


def test_r24_a_motion_goes_on_while_its_button_is_held() -> None:
    rig, order = held()
    for _ in range(5):
        rig.held(order)
        rig.run(0.9)
    assert rig.device.state == "raising"
    rig.sample("top")
    assert rig.last(order).life is Life.CONFIRMED


def test_r24_the_button_of_another_order_holds_nothing() -> None:
    rig, _ = held()
    rig.run(0.4)
    rig.held("somebody else's")
    rig.run(0.2)
    assert rig.device.state == "stopped"


def test_r24_a_button_that_was_let_go_for_too_long_cannot_be_held_again() -> None:
    rig, order = held()
    rig.now += 0.6
    rig.held(order)
    assert rig.device.state == "stopped"


def test_r24_a_renewal_after_the_end_moves_nothing() -> None:
    rig, order = held()
    rig.run(1.0)
    rig.ack()
    writes = len(rig.drives)
    rig.held(order)
    rig.run(1.0)
    assert (rig.device.state, len(rig.drives)) == ("stopped", writes)


def test_r24_an_order_without_a_button_goes_on_by_itself() -> None:
    rig = ready()
    rig.order("raise")
    rig.ack()
    rig.run(3.0)
    assert rig.device.state == "raising"


def test_r24_a_boom_whose_button_is_let_go_is_told_to_stop() -> None:
    rig = ready(BOOM, "top")
    rig.order("lower", hold=True)
    rig.ack()
    rig.run(0.3)
    rig.sample("between")
    rig.run(0.8)
    assert rig.levels["stop"] is True


def test_r24_a_drive_that_cannot_be_stopped_is_not_moved_by_holding_a_button() -> None:
    rig = ready(BOOM_WITHOUT_STOP, "top")
    order = rig.order("lower", hold=True)
    assert [r.rule for r in rig.last(order).refusals] == [Rule.KIND]


def test_r24_a_button_that_is_let_go_ends_an_order_that_waits() -> None:
    rig = ready(replace(BOLLARD, warning="beacon"))
    order = rig.order("raise", hold=True)
    rig.run(1.1)
    assert rig.lives(order) == [Life.ACCEPTED, Life.FAILED]
    assert rig.last(order).because == "nothing was sent: the button was let go (R24)"


def test_r24_a_button_that_is_held_while_it_waits_lets_it_begin() -> None:
    rig = ready(replace(BOLLARD, warning="beacon"))
    order = rig.order("raise", hold=True)
    rig.show(BEACON, lamp=True)
    rig.run(0.6)
    rig.held(order)
    rig.run(0.6)
    assert rig.device.state == "raising"


def test_r24_a_button_that_is_let_go_does_not_end_the_return() -> None:
    rig = ready(replace(BOLLARD, presence=("entry",)))
    rig.order("raise", hold=True)
    rig.ack()
    rig.run(0.5)
    rig.sample("between")
    rig.loop("entry", detect=True)
    rig.ack()
    rig.run(2.0)
    assert rig.device.state == "lowering"


def test_r17_a_held_motion_ends_with_its_unit() -> None:
    rig, order = held()
    rig.lose()
    rig.restore()
    rig.sample("between")
    rig.held(order)
    assert rig.device.state == "stopped"


def test_r24_an_emergency_hangs_on_no_button_and_moves_a_drive_that_cannot_be_stopped() -> None:
    """To latch and then to do nothing, or to stop when a hand slips, is what nobody who fires it expects."""
    rig = ready(BOOM_WITHOUT_STOP, "top")
    order = rig.fire(hold=True)
    assert rig.device.state == "lowering"
    rig.ack()
    rig.sample("between")
    rig.run(2.0)
    assert rig.device.state == "lowering"
    rig.sample("bottom")
    assert rig.last(order).life is Life.CONFIRMED
