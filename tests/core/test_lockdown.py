"""A lockdown that does not block its way is an alarm of the highest priority, until the way is blocked or it is reset."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core import kinds, lockdown
from controller.core.command import Authority, Life
from controller.core.device import Alarm, Recalled
from controller.core.modes import Holds, Latch
from tests.core.rig import BOLLARD, BOOM_WITHOUT_STOP, MAX_AGE_S, Rig, moving, ready

GUARDED = replace(BOLLARD, zone="gate", presence=("entry",), inputs={**BOLLARD.inputs, "estop": MAX_AGE_S})


def occupied() -> Rig:
    """A mover over whose loop a vehicle stands."""
    rig = ready(GUARDED)
    rig.loop("entry", detect=True)
    return rig


def secured(rig: Rig) -> None:
    """Let the steel rise to its limit."""
    rig.ack()
    rig.run(0.6)
    rig.sample("top")


def told(rig: Rig) -> str:
    """What the alarm says; nothing where there is none."""
    return next((alarm.text for alarm in lockdown.alarms(rig.device)), "")


def test_a_lockdown_that_expired_is_an_alarm_that_names_the_unit_its_zone_and_the_reason() -> None:
    rig = occupied()
    rig.fire(expires_in_s=1.0)
    assert "not-secured" not in rig.alarms
    before = rig.device.version
    rig.run(1.1)
    assert Alarm(
        "not-secured",
        1,
        "lockdown: steel (zone gate) does not block the way: nothing was sent: it waited for R09 entry: loop occupied",
        proposes="lockdown steel",
        over="it has blocked the way since, or its emergency was reset",
    ) in kinds.alarms(rig.device)
    assert rig.device.version > before


def test_it_stands_while_it_is_fired_again_and_ends_when_the_way_is_blocked() -> None:
    rig = occupied()
    rig.fire(expires_in_s=1.0)
    rig.run(1.1)
    rig.loop("entry")
    rig.run(1.1)
    rig.fire()
    assert rig.device.state == "raising"
    assert "not-secured" in rig.alarms
    secured(rig)
    assert rig.device.state == "raised"
    assert "not-secured" not in rig.alarms


def test_a_reset_ends_it() -> None:
    rig = occupied()
    rig.fire(expires_in_s=1.0)
    rig.run(1.1)
    rig.order("release", role="supervisor")
    assert "not-secured" not in rig.alarms


def test_a_reset_that_is_refused_does_not_end_it() -> None:
    rig = occupied()
    rig.fire(expires_in_s=1.0)
    rig.run(1.1)
    rig.order("release")
    assert "not-secured" in rig.alarms


def test_a_reset_of_an_emergency_that_waits_leaves_no_alarm() -> None:
    rig = occupied()
    rig.fire()
    rig.order("release", role="supervisor")
    rig.run(0.2)
    assert "not-secured" not in rig.alarms


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("estop", "does not block the way: latched, but not moved: R18 steel: the emergency stop is pressed"),
        ("lock-out", "does not block the way: latched, but not moved: lock-out steel: locked out by"),
        ("lost", "is not known to block the way: latched, but not moved: unreachable steel: io does not answer"),
    ],
)
def test_a_lockdown_that_cannot_move_the_steel_is_an_alarm(what: str, says: str) -> None:
    rig = ready(GUARDED)
    if what == "estop":
        rig.press("estop")
    elif what == "lock-out":
        rig.order("lock-out", reason="oil")
    else:
        rig.lose()
    rig.fire()
    assert says in told(rig)


def test_one_that_is_refused_latches_nothing_and_is_an_alarm_until_the_way_is_blocked() -> None:
    rig = ready()
    rig.fire(expires_in_s=0.0)
    assert (
        told(rig)
        == "lockdown: steel does not block the way: the time of the order to raise was over before it was given"
    )
    rig.order("raise")
    secured(rig)
    assert told(rig) == ""


def test_a_reset_ends_the_alarm_of_one_that_was_refused() -> None:
    rig = ready()
    rig.fire(expires_in_s=0.0)
    rig.order("release", role="supervisor")
    assert told(rig) == ""


def test_one_whose_write_failed_is_an_alarm() -> None:
    rig = ready()
    rig.fire()
    rig.fail(Life.FAILED, "exception 4")
    assert told(rig) == "lockdown: steel does not block the way: exception 4"


def test_one_whose_write_failed_without_a_reason_says_where_the_steel_is() -> None:
    rig = ready()
    rig.fire()
    rig.fail(Life.FAILED, "")
    assert told(rig) == "lockdown: steel does not block the way: it is stopped"


def test_one_that_is_stopped_is_an_alarm() -> None:
    rig = ready()
    rig.fire()
    rig.ack()
    rig.order("stop")
    assert told(rig) == "lockdown: steel does not block the way: by a newer order of op to stop"


def test_one_that_came_with_a_held_button_in_the_middle_of_a_motion_is_obeyed_without_an_alarm() -> None:
    rig, _ = moving(BOOM_WITHOUT_STOP, "lower")
    rig.fire(hold=True)
    assert told(rig) == ""


def test_a_second_station_that_fires_takes_over_without_an_alarm() -> None:
    rig = occupied()
    rig.fire()
    rig.fire()
    assert told(rig) == ""


def test_r06_whoever_wants_to_block_the_way_after_one_that_expired_is_told_to_fire_again() -> None:
    rig = occupied()
    rig.fire(expires_in_s=1.0, by="guard")
    rig.run(1.1)
    because = "emergency latched by guard: the way is not blocked, and only another lockdown blocks it now"
    assert rig.last(rig.order("raise")).refusals[0].because == because
    opening = rig.last(rig.order("lower")).refusals[0].because
    assert opening == "emergency latched by guard: it has to be reset first"


def test_r06_whoever_wants_to_block_a_way_that_is_blocked_is_told_of_the_reset() -> None:
    rig = ready(BOLLARD, "top")
    rig.fire(by="guard")
    assert rig.last(rig.order("raise")).refusals[0].because == "emergency latched by guard: it has to be reset first"


def test_any_other_order_that_fails_is_none() -> None:
    rig = occupied()
    rig.order("raise")
    assert told(rig) == ""
    rig.order("lower", authority=Authority.LOCAL)
    assert told(rig) == ""


def test_steel_that_leaves_its_limit_under_the_latch_is_one() -> None:
    rig = ready(GUARDED, "top")
    rig.fire()
    rig.local = True
    rig.sample("top")
    assert told(rig) == ""
    rig.sample("between")
    assert told(rig) == "lockdown: steel (zone gate) does not block the way: it is stopped"


def test_steel_that_is_found_open_under_the_latch_after_a_restart_is_one() -> None:
    rig = Rig(BOLLARD)
    rig.give(Recalled(Holds(efo=Latch("guard", "operator", "e1"))))
    assert told(rig) == ""
    rig.restore()
    rig.sample("bottom")
    assert told(rig) == "lockdown: steel does not block the way: it is lowered"


def test_steel_that_is_found_closed_under_the_latch_after_a_restart_is_none() -> None:
    rig = Rig(BOLLARD)
    rig.give(Recalled(Holds(efo=Latch("guard", "operator", "e1"))))
    rig.restore()
    rig.sample("top")
    assert told(rig) == ""


def test_steel_whose_logic_fails_under_the_latch_is_one() -> None:
    rig = ready()
    rig.fire()
    crashed = kinds.crashed(rig.device, "bug", rig.now)
    assert [alarm.name for alarm in lockdown.alarms(crashed)] == ["not-secured"]  # type: ignore[arg-type]
