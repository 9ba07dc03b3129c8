"""Loop, radar, counter and contact: what their readings show, while they can be trusted."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from controller.core import kinds
from controller.core.command import Life, Order, Rule
from controller.core.device import Device, Event, Lost, Ordered, Progress, Restored, Sampled, Step, Ticked, Wrote
from controller.core.readings import Quality, Reading, Value, bad, good
from controller.core.spec import Action, ContactSpec, CounterSpec, Kind, Meaning, RadarSpec, Spec

LOOP = Spec(id="loop", kind=Kind.LOOP, inputs={"detect": 1.0, "fault": 1.0})
RADAR = RadarSpec(id="radar", kind=Kind.RADAR, zone="gate", inputs={"speed": 1.0, "standby": 1.0, "self_test": 1.0})
COUNTER = CounterSpec(id="counter", kind=Kind.COUNTER, inputs={"count": 90.0}, plausible_max=500)
CONTACT = ContactSpec(id="door", kind=Kind.CONTACT, title="Cabinet door", inputs={"contact": 1.0})

NORMAL: dict[Kind, dict[str, Value]] = {
    Kind.LOOP: {"detect": False, "fault": False},
    Kind.RADAR: {"speed": 0, "standby": False, "self_test": False},
    Kind.COUNTER: {"count": 10},
    Kind.CONTACT: {"contact": False},
}
EVERY = {str(spec.kind): spec for spec in (LOOP, RADAR, COUNTER, CONTACT)}
each_sensor = pytest.mark.parametrize("spec", EVERY.values(), ids=EVERY)

NOW = 100.0


def give(device: Device, event: Event, now: float = NOW) -> Step:
    return kinds.step(device, event, {}, now)


def up(spec: Spec) -> Device:
    return give(kinds.new_device(spec, frozenset({"io"}), NOW), Restored("io")).device


def shows(spec: Spec, **values: Value) -> Device:
    """The sensor after one full reading."""
    full = {**NORMAL[spec.kind], **values}
    return give(up(spec), Sampled({name: good(full[name], NOW) for name in spec.inputs})).device


def alarms(device: Device) -> list[str]:
    return [alarm.name for alarm in kinds.alarms(device)]


# All of them.


@each_sensor
def test_start_is_unknown_until_one_full_fresh_read(spec: Spec) -> None:
    device = kinds.new_device(spec, frozenset({"io"}), NOW)
    assert device.state == "unknown"
    early = give(device, Sampled({name: good(NORMAL[spec.kind][name], NOW) for name in spec.inputs}))
    assert early.device.state == "unknown", "its unit has not answered yet"
    assert shows(spec).state not in ("unknown", "offline")


@each_sensor
def test_a_reading_that_grows_too_old_is_unknown_at_that_instant(spec: Spec) -> None:
    device = shows(spec)
    wake = give(device, Ticked()).wake_at
    assert wake == NOW + min(spec.inputs.values())
    assert give(device, Ticked(), wake - 0.01).device.state == device.state
    stale = give(device, Ticked(), wake)
    while stale.wake_at is not None:
        assert stale.wake_at > wake
        wake = stale.wake_at
        stale = give(stale.device, Ticked(), wake)
    assert stale.device.state == "unknown"
    assert stale.device.why == "a reading is not fresh"


@each_sensor
def test_a_bad_reading_is_unknown_at_once(spec: Spec) -> None:
    device = shows(spec)
    for name in spec.inputs:
        assert give(device, Sampled({name: bad(NOW)})).device.state == "unknown"


@each_sensor
def test_a_lost_unit_is_offline_until_it_answers_and_then_unknown(spec: Spec) -> None:
    lost = give(shows(spec), Lost("io", "mute for 0.5 s")).device
    assert lost.state == "offline"
    assert alarms(lost) == ["offline"]
    assert kinds.alarms(lost)[0].text == "cannot be reached: mute for 0.5 s"
    back = give(lost, Restored("io"), NOW + 1.0).device
    assert back.state == "unknown"
    assert back.why == "nothing read yet"
    old = give(back, Sampled({name: good(NORMAL[spec.kind][name], NOW - 0.1) for name in spec.inputs}), NOW + 1.0)
    assert old.device.state == "unknown"


@each_sensor
def test_one_unit_of_two_that_answers_is_not_enough(spec: Spec) -> None:
    lost = give(give(shows(spec), Lost("io", "mute")).device, Lost("io2", "mute")).device
    assert give(lost, Restored("io")).device.state == "offline"


@each_sensor
def test_a_reconnect_that_nobody_announced_forgets_the_readings(spec: Spec) -> None:
    assert give(shows(spec), Restored("io"), NOW + 0.1).device.state == "unknown"


@each_sensor
def test_an_order_to_a_sensor_is_refused_by_its_kind(spec: Spec) -> None:
    device = shows(spec)
    order = Order(id="o", device=spec.id, action=Action.RAISE, principal="op", expires=NOW + 5.0)
    step = give(device, Ordered(order))
    assert step.device == device
    assert isinstance(step.effects[0], Progress)
    assert step.effects[0].life is Life.REFUSED
    assert [(r.rule, r.device) for r in step.effects[0].refusals] == [(Rule.KIND, spec.id)]
    assert step.effects[0].because == f"a {spec.kind} cannot be moved"


@each_sensor
def test_the_fate_of_a_write_means_nothing_to_a_sensor(spec: Spec) -> None:
    device = shows(spec)
    assert give(device, Wrote(1)) == Step(device, (), give(device, Ticked()).wake_at)


@each_sensor
def test_no_sensor_alarms_in_its_normal_state(spec: Spec) -> None:
    assert alarms(shows(spec)) == []


# Loop.


@pytest.mark.parametrize(
    ("detect", "fault", "state"),
    [
        (False, False, "clear"),
        (True, False, "occupied"),
        (False, True, "fault"),
        (True, True, "fault"),
    ],
)
def test_r29_a_loop_that_reports_a_fault_is_faulty_whatever_its_relay_says(
    detect: bool, fault: bool, state: str
) -> None:
    loop = shows(LOOP, detect=detect, fault=fault)
    assert loop.state == state
    assert alarms(loop) == (["detector-fault"] if fault else [])


@pytest.mark.parametrize(("detect", "state"), [(False, "clear"), (True, "occupied")])
def test_a_loop_without_a_fault_contact_shows_its_relay(detect: bool, state: str) -> None:
    assert shows(replace(LOOP, inputs={"detect": 1.0}), detect=detect).state == state


def test_r09_a_loop_knows_since_when_it_is_clear() -> None:
    loop = shows(LOOP, detect=True)
    clear = give(loop, Sampled({"detect": good(False, NOW + 0.5)}), NOW + 0.5).device
    assert clear.since == NOW + 0.5
    assert give(clear, Sampled({"detect": good(False, NOW + 0.9)}), NOW + 0.9).device.since == NOW + 0.5


LIMITED = replace(LOOP, inputs={"detect": 1000.0}, limits={"occupied": 120.0, "clear": 600.0})


@pytest.mark.parametrize(
    ("detect", "limit_s", "name", "text"),
    [
        (True, 120.0, "presence-limit", "occupied for more than 2 min: look at the detector (R29)"),
        (False, 600.0, "absence-limit", "clear for more than 0.166667 h: look at the detector (R29)"),
    ],
)
def test_r29_a_loop_that_shows_the_same_for_too_long_is_an_alarm_of_its_detector(
    detect: bool, limit_s: float, name: str, text: str
) -> None:
    loop = shows(LIMITED, detect=detect)
    assert give(loop, Ticked()).wake_at == NOW + limit_s
    early = give(loop, Ticked(), NOW + limit_s - 0.1).device
    assert (alarms(early), early.version) == ([], loop.version)
    late = give(loop, Ticked(), NOW + limit_s)
    assert [(alarm.name, alarm.text) for alarm in kinds.alarms(late.device)] == [(name, text)]
    assert (late.device.state, late.device.version) == (loop.state, loop.version + 1)
    assert late.wake_at == NOW + 1000.0, "it is not looked at again before its reading grows old"


def test_r29_the_alarm_of_a_limit_is_over_when_the_loop_shows_something_else() -> None:
    late = give(shows(LIMITED, detect=True), Ticked(), NOW + 120.0).device
    free = give(late, Sampled({"detect": good(False, NOW + 130.0)}), NOW + 130.0).device
    assert (alarms(free), free.overdue) == ([], False)


def test_r29_a_loop_without_limits_may_show_the_same_for_ever() -> None:
    loop = shows(replace(LOOP, inputs={"detect": 1e9}), detect=True)
    assert alarms(give(loop, Ticked(), NOW + 1e6).device) == []


# Radar.


@pytest.mark.parametrize(("speed", "state"), [(0, "quiet"), (3.9, "quiet"), (4, "target"), (40.3, "target")])
def test_a_radar_shows_a_target_from_the_slowest_speed_that_it_reports(speed: float, state: str) -> None:
    assert shows(RADAR, speed=speed).state == state


@pytest.mark.parametrize("why", ["standby", "self_test"])
def test_the_speed_of_a_radar_in_standby_or_self_test_means_nothing(why: str) -> None:
    assert shows(RADAR, speed=80, **{why: True}).state == "standby"


def test_r28_a_radar_is_unknown_one_second_after_its_last_packet_and_never_quiet() -> None:
    radar = shows(RADAR, speed=30)
    assert give(radar, Ticked(), NOW + 0.99).device.state == "target"
    assert give(radar, Ticked(), NOW + 1.0).device.state == "unknown"


def test_r28_a_radar_in_self_test_may_be_silent_for_eight_seconds() -> None:
    radar = shows(RADAR, self_test=True)
    silent = give(radar, Ticked(), NOW + 1.0)
    assert silent.device.state == "standby"
    assert silent.wake_at == NOW + 8.0
    assert give(radar, Ticked(), NOW + 8.0).device.state == "unknown"


def test_r28_a_radar_that_is_lost_in_its_self_test_is_offline() -> None:
    assert give(shows(RADAR, self_test=True), Lost("io", "mute")).device.state == "offline"


def test_r28_a_self_test_is_not_believed_of_a_radar_that_has_not_proven_who_it_is() -> None:
    radar = kinds.new_device(RADAR, frozenset({"io"}), NOW)
    assert give(radar, Sampled({"self_test": good(True, NOW)})).device.state == "unknown"


def test_a_radar_without_status_contacts_shows_its_speed() -> None:
    assert shows(replace(RADAR, inputs={"speed": 1.0}), speed=30).state == "target"


def test_a_speed_that_is_no_number_is_unknown_and_not_quiet() -> None:
    assert shows(RADAR, speed="fast").state == "unknown"


def test_r23_faster_than_11_2_metres_a_second_is_overspeed_unless_the_site_says_otherwise() -> None:
    assert [shows(RADAR, speed=speed).state for speed in (40, 41)] == ["target", "overspeed"]
    assert [shows(replace(RADAR, overspeed_kmh=60), speed=speed).state for speed in (60, 61)] == ["target", "overspeed"]


def test_r23_overspeed_pulses_and_proposes_to_secure_its_zone() -> None:
    (alarm,) = kinds.alarms(shows(RADAR, speed=62))
    assert (alarm.name, alarm.sound, alarm.latching) == ("overspeed", "pulsing", True)
    assert (alarm.proposes, alarm.text) == ("secure gate", "62 km/h, more than 40.3 km/h")


def test_r08_nothing_that_a_radar_sees_is_an_effect() -> None:
    assert give(up(RADAR), Sampled({name: good(200, NOW) for name in RADAR.inputs})).effects == ()


# Counter.


@pytest.mark.parametrize("count", [0, 10, 500])
def test_a_counter_counts_what_the_place_can_hold(count: int) -> None:
    assert shows(COUNTER, count=count).state == "counting"


@pytest.mark.parametrize("count", [-1, 501, 180_000, math.nan, "many"])
def test_r32_an_implausible_count_is_doubtful(count: Value) -> None:
    counter = shows(COUNTER, count=count)
    assert counter.state == "doubtful"
    assert alarms(counter) == ["count-doubtful"]


def test_r32_a_count_that_the_broker_had_kept_is_shown_as_doubtful() -> None:
    kept = Reading(10, Quality.UNCERTAIN, NOW)
    assert give(up(COUNTER), Sampled({"count": kept})).device.state == "doubtful"


def test_r32_a_count_of_bad_quality_is_not_shown() -> None:
    assert give(up(COUNTER), Sampled({"count": Reading(10, Quality.BAD, NOW)})).device.state == "unknown"


def test_a_counter_without_a_bound_believes_any_number() -> None:
    assert shows(replace(COUNTER, plausible_max=None), count=10**6).state == "counting"


# Contact.


@pytest.mark.parametrize(
    ("active_when", "level", "state"),
    [(True, True, "active"), (True, False, "normal"), (False, False, "active"), (False, True, "normal")],
)
def test_which_level_of_a_contact_is_active_is_wiring(active_when: bool, level: bool, state: str) -> None:
    contact = shows(replace(CONTACT, active_when=active_when), contact=level)
    assert contact.state == state


def test_r39_an_active_contact_is_an_alarm_by_its_title() -> None:
    assert [alarm.text for alarm in kinds.alarms(shows(CONTACT, contact=True))] == ["Cabinet door"]
    assert [alarm.text for alarm in kinds.alarms(shows(replace(CONTACT, title=""), contact=True))] == ["contact active"]


@pytest.mark.parametrize(
    ("means", "name", "priority", "text"),
    [
        (Meaning.TAMPER, "tamper", 2, "tampered with: Cabinet door"),
        (Meaning.MAINS, "mains-lost", 2, "primary power has failed, on standby power: Cabinet door"),
        (Meaning.BATTERY, "battery", 2, "standby power in trouble: Cabinet door"),
        (Meaning.HYDRAULIC, "hydraulic", 2, "hydraulic unit in trouble: Cabinet door"),
        (Meaning.DOOR, "door-open", 3, "open: Cabinet door"),
        (Meaning.FORCED, "forced", 1, "position forced: Cabinet door"),
    ],
)
def test_r39_a_contact_alarms_about_what_it_means(means: Meaning, name: str, priority: int, text: str) -> None:
    spec = replace(CONTACT, means=means)
    (alarm,) = kinds.alarms(shows(spec, contact=True))
    assert (alarm.name, alarm.priority, alarm.text) == (name, priority, text)
    assert alarms(shows(spec)) == []


def test_r21_a_power_source_that_changed_back_is_said_with_its_place() -> None:
    (alarm,) = kinds.alarms(shows(replace(CONTACT, means=Meaning.MAINS, title=""), contact=True))
    assert alarm.over == "primary power is back, off standby power: door"
