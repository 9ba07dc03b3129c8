"""What the wire does to a motion: losses, stale and late readings, writes that fail, come late, or are never heard of; pulses."""

from __future__ import annotations

import pytest

from controller.core import kinds
from controller.core.command import Life
from controller.core.device import Restored, Sampled, Wrote
from controller.core.outputs import ANSWER_S, RELEASE_S, RETRY_S
from controller.core.readings import Quality, Reading, Value, bad, good
from controller.core.spec import MoverSpec
from tests.core.rig import ALL, BOLLARD, BOOM, BOOM_WITHOUT_STOP, GROUP, Rig, moving, ready, seen

each_machine = pytest.mark.parametrize("spec", ALL.values(), ids=ALL)
RELEASED: dict[str, dict[str, Value]] = {
    "held": {"raise": False, "lower": False},
    "pulsed": {"raise": False, "lower": False},
    "setpoint": {"command": 0},
}


def released(spec: MoverSpec) -> dict[str, Value]:
    stop: dict[str, Value] = {"stop": False} if "stop" in spec.outputs else {}
    return {**RELEASED[spec.drive.type], **stop}


def stopping(spec: MoverSpec) -> dict[str, Value]:
    """Return what is written for steel that was moving, and goes on by itself if its drive was started by a pulse."""
    return released(spec) | ({"stop": True} if "stop" in spec.outputs else {})


# Start.


@each_machine
def test_nothing_is_known_and_nothing_is_written_before_the_unit_answers(spec: MoverSpec) -> None:
    rig = Rig(spec)
    rig.sample("bottom")
    assert rig.device.state == "unknown"
    assert rig.drives == []
    assert rig.wake_at is None or rig.wake_at > rig.now


@each_machine
def test_the_first_thing_said_to_a_unit_is_the_release_of_every_output(spec: MoverSpec) -> None:
    rig = Rig(spec)
    rig.restore()
    assert rig.levels == released(spec)
    assert rig.drives[-1].order == ""
    assert rig.drives[-1].deadline == rig.now + RELEASE_S


# Losses (R17).


@each_machine
def test_r17_a_loss_in_mid_travel_ends_the_order_as_unknown_and_writes_nothing(spec: MoverSpec) -> None:
    rig, order = moving(spec)
    writes = len(rig.drives)
    rig.lose("mute for 0.5 s")
    assert rig.device.state == "offline"
    assert rig.device.why.startswith("mute for 0.5 s; it was raising and may still move")
    assert rig.last(order).life is Life.UNKNOWN
    assert rig.last(order).because == rig.device.why
    assert len(rig.drives) == writes
    assert [(a.name, a.priority) for a in kinds.alarms(rig.device)] == [("offline", 1)]


def test_a_unit_lost_at_rest_is_a_low_alarm_and_one_lost_in_motion_is_high_until_it_is_back() -> None:
    rig, _ = moving()
    rig.lose()
    rig.lose()
    assert [a.priority for a in kinds.alarms(rig.device)] == [1]
    rig.restore()
    rig.sample("between")
    rig.lose()
    assert [a.priority for a in kinds.alarms(rig.device)] == [3]


@each_machine
def test_r17_after_a_loss_every_output_is_released_and_nothing_moves(spec: MoverSpec) -> None:
    rig, _ = moving(spec)
    rig.lose()
    rig.now += 3.0
    rig.restore()
    assert rig.levels == stopping(spec)
    rig.ack()
    rig.sample("between")
    rig.run(20.0)
    rig.ack()
    assert rig.device.state == "stopped"
    assert rig.device.acked == released(spec)


@each_machine
def test_r17_an_order_of_before_the_loss_is_not_remembered(spec: MoverSpec) -> None:
    rig = ready(spec)
    rig.order("raise", expires_in_s=60.0)
    rig.lose()
    rig.restore()
    rig.sample("bottom")
    assert rig.device.order is None
    assert rig.levels == stopping(spec)


def test_r17_after_a_loss_no_reading_of_before_counts() -> None:
    rig = ready()
    rig.lose()
    rig.now += 0.2
    rig.restore()
    rig.sample("bottom", taken=rig.now - 0.3)
    assert rig.device.state == "unknown"
    rig.sample("bottom")
    assert rig.device.state == "lowered"


def test_a_unit_that_answers_but_has_given_nothing_is_not_offline() -> None:
    rig = ready()
    rig.lose()
    rig.restore()
    assert rig.device.state == "unknown"
    stop = rig.order("stop")
    assert rig.lives(stop) == [Life.ACCEPTED]


def test_one_of_two_lost_units_is_enough_to_stay_offline() -> None:
    rig = ready()
    rig.lose()
    rig.device = rig.device.lost("io2", rig.now)
    rig.restore()
    rig.sample("bottom")
    assert rig.device.state == "offline"
    writes = len(rig.drives)
    rig.give(Restored("io2"))
    assert len(rig.drives) == writes + 1
    rig.now += 0.1
    rig.sample("bottom")
    assert rig.device.state == "lowered"


def test_a_reconnect_that_nobody_announced_ends_the_motion_too() -> None:
    rig, order = moving()
    rig.restore()
    assert rig.last(order).life is Life.UNKNOWN
    assert rig.last(order).because == "nothing read yet"
    assert rig.levels == released(BOLLARD)
    assert rig.device.state == "unknown"


@pytest.mark.parametrize("announced", [True, False], ids=["lost and restored", "reconnected unnoticed"])
def test_r27_a_drive_that_goes_on_without_its_pulse_is_stopped_once_it_can_be_reached_again(announced: bool) -> None:
    rig, _ = moving(BOOM)
    if announced:
        rig.lose()
    rig.restore()
    assert rig.levels == {"raise": False, "lower": False, "stop": True}
    rig.ack()
    rig.run(BOOM.drive.pulse_s + 0.1)
    assert rig.levels == {"stop": False}


def test_r27_a_drive_at_rest_is_given_no_pulse_after_a_loss() -> None:
    rig = ready(BOOM)
    rig.lose()
    rig.restore()
    assert rig.levels == {"raise": False, "lower": False, "stop": False}


def test_the_fate_of_a_write_of_before_a_loss_says_nothing() -> None:
    rig = ready()
    rig.order("raise")
    number = rig.drives[-1].number
    rig.lose()
    rig.restore()
    pending = rig.drives[-1]
    rig.give(Wrote(number))
    assert rig.device.acked == {}
    assert rig.device.writing == pending


# Readings.


@each_machine
def test_a_reading_that_grows_too_old_in_mid_travel_loses_sight_of_the_steel_and_releases(spec: MoverSpec) -> None:
    rig, order = moving(spec)
    stale_at = rig.now + 1.0
    rig.now = stale_at
    rig.tick()
    assert rig.device.state == "unknown"
    assert rig.last(order).life is Life.UNKNOWN
    assert "no fresh reading of raised0" in rig.last(order).because
    wanted = {**rig.coils, **rig.levels}
    assert not wanted.get("raise")
    assert not wanted.get("command")


def test_a_bad_reading_in_mid_travel_loses_sight_of_the_steel_at_once() -> None:
    rig, order = moving()
    rig.now += 0.1
    rig.give(Sampled({"raised0": bad(rig.now)}))
    assert rig.device.state == "unknown"
    assert rig.last(order).life is Life.UNKNOWN


def test_an_uncertain_reading_is_not_trusted() -> None:
    rig = ready()
    rig.now += 0.1
    rig.give(Sampled({"raised0": Reading(False, Quality.UNCERTAIN, rig.now)}))
    assert rig.device.state == "unknown"


def test_a_reading_older_than_the_one_held_is_dropped() -> None:
    rig = ready()
    rig.sample("top", taken=rig.now - 0.05)
    assert rig.device.state == "lowered"
    assert rig.device.fault is None


def test_a_reading_keeps_the_time_the_wire_gave_it() -> None:
    rig = ready()
    rig.now += 0.5
    rig.sample("bottom", taken=rig.now - 0.4)
    assert rig.device.readings["lowered0"] == good(True, rig.now - 0.4)
    assert rig.wake_at == pytest.approx(rig.now + 0.6)


# Writes.

FAILURES = [Life.FAILED, Life.EXPIRED, Life.UNKNOWN]


@each_machine
@pytest.mark.parametrize("life", FAILURES)
def test_a_start_that_fails_ends_the_order_so_and_is_released_at_once(spec: MoverSpec, life: Life) -> None:
    rig = ready(spec)
    order = rig.order("raise")
    rig.fail(life, "exception 4")
    assert rig.lives(order) == [Life.ACCEPTED, life]
    assert rig.last(order).because == "exception 4"
    assert rig.device.state == "stopped"
    assert not rig.levels.get("raise")
    assert not rig.levels.get("command")
    assert rig.drives[-1].order == ""


def test_a_start_that_failed_is_never_written_again() -> None:
    rig = ready()
    rig.order("raise", expires_in_s=60.0)
    rig.fail(Life.UNKNOWN)
    for _ in range(20):
        rig.run(0.5)
        assert not rig.levels.get("raise")
        rig.fail(Life.FAILED)


def test_a_release_that_fails_is_tried_again_after_a_pause_until_it_is_acknowledged() -> None:
    rig, _ = moving()
    rig.sample("top")
    for _ in range(3):
        writes = len(rig.drives)
        rig.fail(Life.FAILED, "exception 4")
        rig.tick()
        assert len(rig.drives) == writes
        assert rig.wake_at is not None
        assert rig.wake_at <= rig.now + RETRY_S
        rig.run(RETRY_S + 0.1)
        assert len(rig.drives) == writes + 1
        assert rig.levels == {"raise": False, "lower": False}
    rig.ack()
    writes = len(rig.drives)
    rig.run(2.0)
    assert len(rig.drives) == writes


def test_outputs_that_cannot_be_released_are_alarmed_until_they_are() -> None:
    rig, _ = moving()
    rig.sample("top")
    version = rig.device.version
    rig.fail(Life.FAILED, "exception 4")
    assert rig.alarms == ["outputs"]
    assert rig.device.version == version + 1, "a watcher must see it"
    rig.run(RETRY_S + 0.1)
    rig.fail(Life.FAILED, "exception 4")
    assert rig.device.version == version + 1
    rig.run(RETRY_S + 0.1)
    rig.ack()
    assert rig.alarms == []
    assert rig.device.version == version + 2


def test_a_stop_whose_write_fails_ends_so_and_its_release_is_tried_again() -> None:
    rig, _ = moving()
    stop = rig.order("stop")
    rig.fail(Life.FAILED, "exception 4")
    assert rig.lives(stop) == [Life.ACCEPTED, Life.FAILED]
    rig.run(RETRY_S + 0.1)
    assert rig.levels == {"raise": False, "lower": False}


def test_a_new_order_waits_for_no_retry() -> None:
    rig, _ = moving()
    rig.sample("top")
    rig.fail(Life.FAILED)
    order = rig.order("lower")
    assert rig.drives[-1].levels == (("raise", False), ("lower", True))
    assert rig.drives[-1].order == order


def test_a_write_that_is_acknowledged_late_says_nothing_about_a_newer_one() -> None:
    rig = ready()
    rig.order("raise")
    older = rig.drives[-1].number
    rig.order("stop")
    rig.give(Wrote(older))
    assert "raise" not in rig.device.acked
    rig.give(Wrote(older, Life.FAILED, "withdrawn"))
    assert rig.alarms == []


def test_the_same_acknowledgement_twice_says_nothing_more() -> None:
    rig = ready()
    order = rig.order("raise")
    rig.ack()
    since = rig.device.moving_since
    rig.run(1.0)
    rig.ack()
    assert rig.lives(order) == [Life.ACCEPTED, Life.ISSUED]
    assert rig.device.moving_since == since


def test_a_start_that_is_never_heard_of_ends_unknown() -> None:
    rig = ready()
    order = rig.order("raise", expires_in_s=3.0)
    rig.run(3.0 + ANSWER_S - 0.2)
    assert rig.lives(order) == [Life.ACCEPTED]
    rig.run(0.4)
    assert rig.lives(order) == [Life.ACCEPTED, Life.UNKNOWN]
    assert rig.levels == {"raise": False, "lower": False}


def test_a_release_that_is_never_heard_of_is_written_again() -> None:
    rig, _ = moving()
    rig.sample("top")
    writes = len(rig.drives)
    rig.run(RELEASE_S + ANSWER_S + RETRY_S + 0.2)
    assert len(rig.drives) == writes + 1
    assert rig.levels == {"raise": False, "lower": False}


def test_two_opposite_outputs_are_never_on_together_not_even_in_doubt() -> None:
    rig = ready()
    for action in ("raise", "lower", "raise", "stop", "lower", "raise"):
        rig.order(action)
        levels = {**rig.device.acked, **rig.device.pending}
        assert not (levels["raise"] and levels["lower"])
        names = [name for name, _ in rig.drives[-1].levels]
        assert names == sorted(names, key=lambda name: bool(rig.levels[name]))


# Pulses (R27).


def pulsing(spec: MoverSpec = BOOM) -> Rig:
    rig = ready(spec)
    rig.order("raise")
    return rig


def test_r27_a_pulse_lasts_its_time_from_the_acknowledgement() -> None:
    rig = pulsing()
    rig.run(2.0)
    assert rig.levels["raise"] is True, "not acknowledged, not over"
    rig.ack()
    rig.run(0.4)
    assert rig.levels["raise"] is True
    rig.run(0.2)
    assert rig.levels == {"raise": False}


def test_r27_a_pulse_ends_without_a_further_reading() -> None:
    rig = pulsing()
    rig.ack()
    rig.run(0.2)
    rig.now += 0.2
    rig.tick()
    assert rig.wake_at is not None
    rig.now = rig.wake_at
    rig.tick()
    assert rig.levels == {"raise": False}
    assert rig.device.state == "raising"


def test_r27_a_pulse_is_released_although_its_order_has_expired() -> None:
    rig = ready(BOOM)
    rig.order("raise", expires_in_s=0.3)
    rig.ack()
    rig.run(0.6)
    assert rig.levels == {"raise": False}
    assert rig.drives[-1].deadline > rig.now
    assert rig.drives[-1].order == ""


def test_r27_a_pulse_is_released_after_a_loss() -> None:
    rig = pulsing()
    rig.ack()
    rig.lose()
    rig.restore()
    assert rig.levels == {"raise": False, "lower": False, "stop": True}


def test_r27_a_release_that_fails_is_tried_again_and_the_motion_goes_on() -> None:
    rig, order = moving(BOOM)
    rig.fail(Life.EXPIRED)
    assert rig.device.state == "raising"
    assert rig.lives(order) == [Life.ACCEPTED, Life.ISSUED, Life.MOVING]
    writes = len(rig.drives)
    rig.run(RETRY_S + 0.1)
    assert len(rig.drives) == writes + 1
    assert rig.levels == {"raise": False, "lower": False, "stop": False}
    rig.sample("top")
    assert rig.lives(order)[-1] is Life.CONFIRMED


def test_r27_a_stop_pulse_is_released_too() -> None:
    rig, _ = moving(BOOM)
    rig.order("stop")
    assert rig.levels == {"raise": False, "lower": False, "stop": True}
    rig.ack()
    rig.run(0.6)
    assert rig.levels == {"stop": False}


def test_r27_a_stop_pulse_ends_without_a_further_reading() -> None:
    rig, _ = moving(BOOM)
    rig.order("stop")
    rig.ack()
    rig.run(0.4)
    assert rig.wake_at == rig.device.pulse_until
    rig.now = rig.device.pulse_until
    rig.tick()
    assert rig.levels == {"stop": False}


def test_a_boom_that_arrives_is_not_told_to_stop() -> None:
    rig, _ = moving(BOOM)
    rig.ack()
    writes = len(rig.drives)
    rig.sample("top")
    assert len(rig.drives) == writes


@pytest.mark.parametrize("acknowledged", [True, False])
def test_a_boom_that_arrives_within_its_pulse_is_released_and_not_told_to_stop(acknowledged: bool) -> None:
    rig = pulsing()
    if acknowledged:
        rig.ack()
    rig.sample("between")
    rig.sample("top")
    assert rig.device.state == "raised"
    assert rig.levels == {"raise": False}


@pytest.mark.parametrize("reason", ["key", "stale"])
def test_a_boom_whose_motion_is_broken_off_is_told_to_stop(reason: str) -> None:
    rig, _ = moving(BOOM)
    rig.local = reason == "key"
    rig.now += 0.1 if reason == "key" else 2.0
    rig.sample(taken=rig.now if reason == "key" else rig.now - 1.5)
    assert rig.levels["stop"] is True


def test_a_stop_pulse_of_before_a_loss_is_not_given_after_it() -> None:
    rig, _ = moving(BOOM)
    rig.order("stop")
    rig.lose()
    rig.restore()
    assert rig.levels["stop"] is False


def test_a_new_motion_ends_the_stop_pulse_before_it_begins() -> None:
    rig, _ = moving(BOOM)
    rig.order("stop")
    rig.ack()
    rig.order("lower")
    assert rig.drives[-1].levels == (("stop", False), ("lower", True))


def test_a_boom_without_stop_is_released_when_its_motion_is_broken_off() -> None:
    rig = pulsing(BOOM_WITHOUT_STOP)
    rig.ack()
    rig.local = True
    rig.sample()
    assert rig.levels == {"raise": False}


# What must be seen.


def test_version_counts_changes_and_not_readings() -> None:
    rig = ready(GROUP)
    version = rig.device.version
    rig.run(5.0)
    assert rig.device.version == version
    rig.order("raise")
    assert rig.device.version == version + 1


def test_a_new_reading_alone_wakes_nobody_before_it_grows_old() -> None:
    rig = ready()
    assert rig.wake_at == pytest.approx(rig.now + 1.0)
    assert rig.device.next_stale(rig.now) == rig.wake_at


def test_readings_of_signals_that_it_does_not_have_are_kept_and_mean_nothing() -> None:
    rig = ready()
    rig.give(Sampled({**seen(BOLLARD, "bottom", rig.now), "temperature": good(21.5, rig.now)}))
    assert rig.device.state == "lowered"
