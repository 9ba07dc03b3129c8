"""Emergency fast operation: it latches whatever becomes of it, waits only for a vehicle, and is timed (R02, R05, R06, R07)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.command import Authority, Life, Rule
from controller.core.modes import Latch, Mode
from tests.core.rig import BLOCKER, BOLLARD, BOOM, MAX_AGE_S, Rig, moving, ready

GUARDED = replace(BOLLARD, presence=("entry",), inputs={**BOLLARD.inputs, "obstruction": MAX_AGE_S, "estop": MAX_AGE_S})


def blocked() -> tuple[Rig, str]:
    """A mover over whose loop a vehicle stands, and the emergency that waits for it to leave."""
    rig = ready(GUARDED)
    rig.loop("entry", detect=True)
    emergency = rig.fire(by="guard", expires_in_s=20.0)
    assert rig.lives(emergency) == [Life.ACCEPTED]
    return rig, emergency


@pytest.mark.parametrize(("spec", "picture"), [(BOLLARD, "bottom"), (BOOM, "top"), (BLOCKER, "bottom")])
def test_r05_an_emergency_secures_and_goes_before_everything(spec: object, picture: str) -> None:
    rig = ready(spec, picture)  # type: ignore[arg-type]
    order = rig.fire()
    assert rig.device.motion is rig.spec.secures
    assert (rig.drives[-1].order, rig.drives[-1].urgent) == (order, True)


def test_r06_an_emergency_latches_and_names_who_fired_it() -> None:
    rig = ready()
    order = rig.fire(by="guard")
    assert rig.device.holds.efo == Latch("guard", "operator", order)
    assert rig.device.mode is Mode.EFO


def test_r06_while_it_is_latched_every_other_motion_is_refused() -> None:
    rig = ready()
    rig.fire(by="guard")
    refusals = rig.last(rig.order("lower", authority=Authority.LOCAL)).refusals
    assert Rule.EFO in [r.rule for r in refusals]


def test_r06_it_is_latched_after_it_has_secured() -> None:
    rig = ready()
    order = rig.fire()
    rig.ack()
    rig.run(0.6)
    rig.sample("top")
    assert rig.last(order).life is Life.CONFIRMED
    assert [r.rule for r in rig.last(rig.order("lower")).refusals] == [Rule.EFO]


def test_r06_a_reset_by_another_role_lets_it_be_opened_again() -> None:
    rig = ready(BOLLARD, "top")
    rig.fire()
    rig.order("release", role="supervisor", by="boss")
    assert rig.lives(rig.order("lower")) == [Life.ACCEPTED]


def test_r06_the_motion_of_an_emergency_that_is_reset_goes_on() -> None:
    rig = ready()
    rig.fire()
    rig.order("release", role="supervisor")
    assert rig.device.state == "raising"


def test_r07_an_emergency_is_a_duress_alarm() -> None:
    rig = ready()
    rig.fire()
    assert "duress" in rig.alarms


def test_r19_an_emergency_ends_a_test() -> None:
    rig = ready()
    rig.order("test", by="anna")
    rig.fire(by="guard")
    assert (rig.device.holds.test, rig.device.state) == ("", "raising")


# What it waits for.


def test_r13_r14_an_emergency_waits_for_no_lamp() -> None:
    rig = ready(replace(BOLLARD, warning="beacon", signals=("signal",)))
    rig.fire()
    assert rig.device.state == "raising"


def test_r09_an_emergency_waits_for_the_vehicle_to_leave_and_one_second_more() -> None:
    rig, order = blocked()
    assert rig.device.waiting == "R09 entry: loop occupied"
    rig.loop("entry")
    rig.run(0.9)
    assert rig.device.state == "lowered"
    rig.run(0.2)
    assert rig.device.state == "raising"
    assert rig.drives[-1].order == order


def test_r10_an_emergency_waits_for_an_obstruction_to_go() -> None:
    rig = ready(GUARDED)
    rig.press("obstruction")
    rig.fire()
    assert rig.device.waiting == "R10 steel: it met an obstruction"
    rig.press()
    assert rig.device.state == "raising"


def test_r09_an_emergency_that_ignores_presence_waits_for_no_vehicle() -> None:
    rig = ready(replace(GUARDED, efo_ignores_presence=True))
    rig.loop("entry", detect=True)
    rig.fire()
    assert rig.device.state == "raising"


def test_r09_presence_vetoes_any_other_order_of_a_mover_whose_emergency_ignores_it() -> None:
    rig = ready(replace(GUARDED, efo_ignores_presence=True))
    rig.loop("entry", detect=True)
    assert [r.rule for r in rig.last(rig.order("raise")).refusals] == [Rule.PRESENCE]


def test_an_emergency_that_waited_too_long_expires_and_stays_latched() -> None:
    rig = ready(GUARDED)
    rig.loop("entry", detect=True)
    order = rig.fire(expires_in_s=1.0)
    rig.run(1.1)
    assert rig.lives(order) == [Life.ACCEPTED, Life.EXPIRED]
    assert rig.device.mode is Mode.EFO


def test_r09_an_emergency_stops_the_opening_motion_while_a_vehicle_is_there() -> None:
    rig, opening = moving(GUARDED, "lower")
    rig.loop("entry", detect=True)
    rig.fire()
    assert rig.last(opening).life is Life.SUPERSEDED
    assert rig.device.state == "stopped"
    assert (rig.levels["lower"], rig.drives[-1].urgent) == (False, True)


def test_an_emergency_turns_the_opening_motion_round() -> None:
    rig, _ = moving(BOLLARD, "lower")
    rig.fire()
    assert rig.device.state == "raising"


def test_an_emergency_takes_over_the_securing_motion_under_way() -> None:
    rig, order = moving(BOLLARD)
    emergency = rig.fire()
    assert rig.last(order).life is Life.SUPERSEDED
    assert rig.lives(emergency) == [Life.ACCEPTED, Life.ISSUED, Life.MOVING]


def test_an_emergency_that_cannot_be_obeyed_leaves_no_order_behind() -> None:
    rig = ready(replace(BOLLARD, warning="beacon"))
    order = rig.order("raise", expires_in_s=20.0)
    assert rig.device.waiting
    rig.now += MAX_AGE_S
    emergency = rig.fire()
    assert rig.lives(emergency) == [Life.ACCEPTED, Life.FAILED]
    assert rig.last(order).life is Life.SUPERSEDED
    assert (rig.device.order, rig.device.waiting, rig.device.state) == (None, "", "unknown")


def test_r06_a_reset_ends_the_emergency_that_still_waits() -> None:
    rig, order = blocked()
    rig.order("release", role="supervisor")
    assert rig.last(order).because == "nothing was sent: R06 steel: its emergency was reset"
    rig.loop("entry")
    rig.run(2.0)
    assert rig.device.state == "lowered"


def test_r05_a_second_station_that_fires_takes_the_wait_over() -> None:
    rig, first = blocked()
    second = rig.fire(by="somebody", expires_in_s=20.0)
    assert rig.last(first).life is Life.SUPERSEDED
    rig.loop("entry")
    rig.run(1.1)
    assert rig.drives[-1].order == second


def test_an_emergency_begins_after_its_lead_time() -> None:
    rig = ready(replace(BOLLARD, efo_lead_s=2.0))
    rig.fire()
    assert rig.device.waiting == "its lead time"
    rig.run(1.9)
    assert not rig.device.moving
    rig.run(0.2)
    assert rig.device.moving


def test_firing_again_does_not_make_the_lead_time_begin_again() -> None:
    rig = ready(replace(BOLLARD, efo_lead_s=2.0))
    rig.fire()
    rig.run(1.5)
    rig.fire()
    rig.run(0.6)
    assert rig.device.moving


def test_the_lead_time_is_that_of_the_emergency_and_not_of_the_order_before_it() -> None:
    rig = ready(replace(BOLLARD, efo_lead_s=2.0, warning="beacon"), "between")
    rig.order("raise", expires_in_s=20.0)
    rig.run(5.0)
    rig.fire()
    assert rig.device.waiting == "its lead time"


# What ends it at once.


@pytest.mark.parametrize(
    ("what", "rule"), [("estop", Rule.MODE), ("lock-out", Rule.LOCKED_OUT), ("lost", Rule.UNREACHABLE)]
)
def test_r06_an_emergency_that_cannot_move_latches_and_says_why(what: str, rule: Rule) -> None:
    rig = ready(GUARDED)
    if what == "estop":
        rig.press("estop")
    elif what == "lock-out":
        rig.order("lock-out", reason="oil")
    else:
        rig.lose()
    order = rig.fire(by="guard")
    assert rig.lives(order) == [Life.ACCEPTED, Life.FAILED]
    assert rig.last(order).refusals[0].rule is rule
    assert rig.last(order).because.startswith("latched, but not moved: ")
    assert rig.device.holds.efo is not None


def test_r18_an_emergency_in_local_mode_does_not_move_the_steel() -> None:
    rig = ready(GUARDED)
    rig.local = True
    rig.sample()
    order = rig.fire()
    assert rig.last(order).because == "latched, but not moved: R18 steel: the key switch is in local"


def test_an_emergency_that_cannot_move_ends_the_order_that_waits() -> None:
    rig = ready(replace(GUARDED, warning="beacon"))
    order = rig.order("raise", expires_in_s=20.0)
    rig.now += MAX_AGE_S
    emergency = rig.fire()
    assert rig.lives(order) == [Life.ACCEPTED, Life.SUPERSEDED]
    assert rig.last(emergency).life is Life.FAILED


def test_an_emergency_dies_on_time_like_any_order_and_latches_nothing() -> None:
    rig = ready()
    order = rig.fire(expires_in_s=0.0)
    assert [r.rule for r in rig.last(order).refusals] == [Rule.EXPIRED]
    assert rig.device.holds.efo is None


def test_an_emergency_never_opens() -> None:
    rig = ready(BOLLARD, "top")
    order = rig.order("lower", authority=Authority.EMERGENCY)
    assert [r.rule for r in rig.last(order).refusals] == [Rule.EFO]
    assert rig.device.holds.efo is None


def test_a_stop_ends_the_motion_of_an_emergency_too() -> None:
    rig = ready()
    order = rig.fire()
    rig.ack()
    rig.order("stop")
    assert rig.last(order).life is Life.SUPERSEDED
    assert rig.device.mode is Mode.EFO


# R02.


def test_r02_an_emergency_that_does_not_block_in_time_is_an_alarm_without_a_further_reading() -> None:
    rig = ready()
    rig.fire()
    rig.ack()
    began = rig.now
    rig.run(2.4)
    assert rig.wake_at == pytest.approx(began + 2.5)
    assert "efo-late" not in rig.alarms
    before = rig.device.version
    rig.run(0.2)
    assert "efo-late" in rig.alarms
    assert rig.device.version > before


def test_r02_an_emergency_is_timed_from_when_its_drive_began() -> None:
    rig = ready()
    rig.fire()
    rig.run(2.0)
    rig.ack()
    rig.run(2.0)
    assert "efo-late" not in rig.alarms


def test_r02_an_ordinary_motion_may_take_longer() -> None:
    rig, _ = moving(BOLLARD)
    rig.run(3.0)
    assert "efo-late" not in rig.alarms


def test_r02_the_alarm_ends_when_the_way_is_blocked_and_its_text_is_true_of_the_past() -> None:
    rig = ready()
    rig.fire()
    rig.ack()
    rig.sample("between")
    rig.run(3.0)
    assert rig.device.remark is not None
    assert rig.device.remark.text == "it did not block the way within 2.5 s of the begin of its emergency drive (R02)"
    rig.sample("top")
    assert (rig.device.state, "efo-late" in rig.alarms) == ("raised", False)


def test_r02_the_alarm_ends_however_the_steel_comes_to_its_limit() -> None:
    rig = ready()
    rig.fire()
    rig.ack()
    rig.sample("between")
    rig.run(3.0)
    rig.order("stop")
    assert "efo-late" in rig.alarms
    rig.ack()
    rig.sample("top")
    rig.run(0.5)
    assert (rig.device.state, "efo-late" in rig.alarms) == ("raised", False)


def test_r02_the_alarm_stands_where_the_way_is_open() -> None:
    rig = ready()
    rig.fire()
    rig.ack()
    rig.sample("between")
    rig.run(3.0)
    rig.order("stop")
    rig.ack()
    rig.sample("bottom")
    rig.run(0.5)
    assert (rig.device.state, "efo-late" in rig.alarms) == ("lowered", True)


def test_r02_the_alarm_ends_with_the_next_motion() -> None:
    rig = ready()
    rig.fire()
    rig.ack()
    rig.run(3.0)
    rig.order("stop")
    rig.ack()
    rig.fire()
    assert "efo-late" not in rig.alarms
