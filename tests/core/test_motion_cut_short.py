"""Steel whose motion is cut short in its first instants: what its limit switches showed before tells where it was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.command import Life, Rule
from controller.core.mover import confirmed
from controller.core.spec import MoverSpec
from tests.core.rig import BLOCKER, BOLLARD, BOOM, BOOM_WITHOUT_STOP, SIGNAL, Rig, ready

STOPPABLE = {"bollard": BOLLARD, "boom": BOOM, "blocker": BLOCKER}
ROW = replace(BOLLARD, airlock_with="other")
OTHER = replace(BOLLARD, id="other")
SETTLED_S = 0.4
"""Past the 0.3 s for which steel may coast once its outputs are released."""

each_stoppable = pytest.mark.parametrize("spec", STOPPABLE.values(), ids=STOPPABLE)


def cut_short(spec: MoverSpec = BOLLARD) -> Rig:
    """Steel that stood at its upper limit and is stopped 0.05 s after its drive began, its outputs released; not read since."""
    rig = ready(spec, "top")
    rig.order("lower")
    rig.ack()
    rig.now += 0.05
    rig.order("stop")
    rig.ack()
    if "stop" in spec.outputs:
        rig.now = rig.device.pulse_until
        rig.tick()
        rig.ack()
    assert rig.device.settled
    return rig


@each_stoppable
def test_r25_a_limit_that_was_read_before_the_stop_confirms_nothing(spec: MoverSpec) -> None:
    rig = cut_short(spec)
    assert rig.device.state == "stopped"
    assert not confirmed(rig.device, "raised", rig.now)


@each_stoppable
def test_r25_a_limit_that_is_read_once_it_has_stopped_is_where_it_is(spec: MoverSpec) -> None:
    rig = cut_short(spec)
    version = rig.device.version
    rig.now += SETTLED_S
    rig.sample("top")
    assert confirmed(rig.device, "raised", rig.now)
    assert rig.device.fault is None
    assert rig.device.version > version


def test_r25_a_limit_that_is_read_while_it_may_coast_is_not_believed_yet() -> None:
    rig = cut_short()
    rig.now += 0.2
    rig.sample("top")
    assert rig.device.state == "stopped"


def test_r25_nor_one_that_was_read_before_the_outputs_were_released_and_comes_late() -> None:
    rig = cut_short()
    read = rig.now - 0.01
    rig.now += SETTLED_S
    rig.sample("between", taken=read)
    rig.sample("top", taken=read)
    rig.tick()
    assert rig.device.state == "stopped"


def test_r25_nor_one_that_is_read_while_its_release_is_on_the_wire() -> None:
    rig = ready(BOLLARD, "top")
    rig.order("lower")
    rig.ack()
    rig.now += 0.05
    rig.order("stop")
    rig.run(1.0)
    assert rig.device.state == "stopped"
    rig.ack()
    rig.run(SETTLED_S)
    assert (rig.device.state, rig.device.fault) == ("raised", None)


def test_r20_steel_that_did_leave_its_limit_stands_between_and_has_not_moved_by_itself() -> None:
    rig = cut_short()
    rig.picture = "between"
    rig.run(2.0)
    assert (rig.device.state, rig.device.fault, rig.alarms) == ("stopped", None, [])


def test_r20_once_it_was_seen_there_it_may_coast_to_a_limit_but_not_start_again() -> None:
    rig = cut_short()
    rig.now += 0.1
    rig.sample("between")
    rig.now += 0.2
    rig.sample("top")
    assert (rig.device.state, rig.device.fault) == ("raised", None)
    rig = cut_short()
    rig.now += 0.1
    rig.sample("between")
    rig.run(1.0)
    rig.sample("top")
    assert rig.device.state == "fault"


def test_r20_a_slow_wire_makes_no_fault_of_steel_that_never_left() -> None:
    rig = cut_short()
    rig.now += 0.9
    rig.sample("top")
    assert (rig.device.state, rig.device.fault) == ("raised", None)


def test_pas_69_the_other_row_does_not_open_before_the_limit_was_read_again() -> None:
    other = cut_short(OTHER)
    rig = ready(ROW, "top")
    rig.now = other.now
    rig.sample()
    rig.neighbours["other"] = other.device
    refused = rig.order("lower")
    assert [refusal.rule for refusal in rig.last(refused).refusals] == [Rule.AIRLOCK]
    other.run(SETTLED_S)
    rig.now = other.now
    rig.sample()
    rig.neighbours["other"] = other.device
    assert rig.lives(rig.order("lower")) == [Life.ACCEPTED]


def test_r14_a_signal_does_not_show_go_before_the_open_limit_was_read_again() -> None:
    steel = cut_short()
    signal = Rig(replace(SIGNAL, go_state="raised"), now=steel.now)  # type: ignore[arg-type]
    signal.neighbours["steel"] = steel.device
    signal.restore()
    assert signal.levels["go"] is False
    signal.ack()
    steel.run(SETTLED_S)
    signal.now = steel.now
    signal.neighbours["steel"] = steel.device
    signal.tick()
    assert signal.levels["go"] is True


def test_r06_an_emergency_drives_steel_that_may_have_left_its_limit() -> None:
    """It must not be told that the steel is there already."""
    rig = cut_short()
    order = rig.fire()
    assert rig.device.state == "raising"
    assert rig.levels == {"raise": True}
    rig.ack()
    rig.run(1.0)
    assert rig.device.state == "raised"
    assert rig.last(order).life is Life.CONFIRMED


def test_r25_steel_that_is_turned_round_at_once_is_where_it_is_read_to_be_once_it_was_driven_back() -> None:
    rig = ready(BOLLARD, "top")
    rig.order("lower")
    rig.ack()
    rig.now += 0.05
    order = rig.order("raise")
    rig.ack()
    rig.now = rig.device.given_due
    rig.tick()
    assert rig.device.state == "raising"
    rig.sample("top")
    assert rig.device.state == "raised"
    assert rig.last(order).life is Life.CONFIRMED


def test_rule_4_a_start_whose_fate_is_not_known_leaves_no_confirmed_limit() -> None:
    rig = ready(BOLLARD, "top")
    rig.order("lower")
    rig.fail(Life.UNKNOWN)
    assert rig.device.state == "stopped"
    assert rig.lives(rig.fire())[:1] == [Life.ACCEPTED]
    assert rig.device.state == "raising"


def test_r25_steel_whose_outputs_cannot_be_released_is_at_its_limit_once_it_would_have_left_it() -> None:
    rig = ready(BOLLARD, "top")
    rig.order("lower")
    for _ in range(20):
        rig.fail(Life.FAILED, "exception 4")
        rig.run(0.6)
        assert rig.device.state == ("stopped" if rig.now < 102.0 + 8.0 else "raised")
    assert not rig.device.settled


def test_r17_after_a_loss_in_mid_motion_a_limit_that_is_read_before_the_release_confirms_nothing() -> None:
    rig = ready(BOLLARD, "top")
    rig.order("lower")
    rig.ack()
    rig.now += 0.05
    rig.lose()
    rig.restore()
    rig.sample("top")
    rig.ack()
    assert not confirmed(rig.device, "raised", rig.now)
    rig.run(SETTLED_S)
    assert confirmed(rig.device, "raised", rig.now)


def local(rig: Rig) -> None:
    """Let somebody turn the key switch and back, which ends the motion."""
    rig.local = True
    rig.sample()
    rig.local = False
    rig.sample()


def test_r25_a_drive_that_cannot_be_stopped_is_at_its_limit_only_once_its_travel_time_is_over() -> None:
    rig = ready(BOOM_WITHOUT_STOP, "top")
    rig.order("lower")
    rig.ack()
    local(rig)
    rig.ack()
    rig.run(7.8)
    assert rig.device.state == "stopped"
    rig.run(0.4)
    assert (rig.device.state, rig.device.fault) == ("raised", None)


def test_r25_a_drive_that_cannot_be_stopped_and_whose_start_is_in_doubt_too() -> None:
    rig = ready(BOOM_WITHOUT_STOP, "top")
    rig.order("lower")
    rig.fail(Life.UNKNOWN)
    rig.ack()
    rig.run(7.8)
    assert rig.device.state == "stopped"
    rig.run(0.4)
    assert rig.device.state == "raised"


def test_r25_a_drive_that_cannot_be_stopped_arrives_once_it_was_seen_between() -> None:
    rig = ready(BOOM_WITHOUT_STOP, "top")
    rig.order("lower")
    rig.ack()
    local(rig)
    rig.ack()
    rig.sample("between")
    rig.run(2.0)
    rig.sample("bottom")
    assert (rig.device.state, rig.device.fault) == ("lowered", None)
