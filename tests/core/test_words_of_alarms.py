"""Every alarm of every kind of device: its name, its priority, what it says and what it asks for, to the word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core import kinds
from controller.core.alarms import SHELVE_MAX_S, AlarmState, Standing, refusal, shelved, step
from controller.core.beacon import Beacon
from controller.core.device import Alarm, Device
from controller.core.modes import Holds, Latch
from controller.core.mover import Fault, Mover
from controller.core.readings import good
from controller.core.signal import Signal
from controller.core.spec import ContactSpec, CounterSpec, DirectionSpec, Kind, Meaning, RadarSpec, Spec
from tests.core.rig import BEACON, BOLLARD, LOOP, SIGNAL

CONTACT = ContactSpec(id="c1", kind=Kind.CONTACT, inputs={"contact": 1.0})
RADAR = RadarSpec(id="radar", kind=Kind.RADAR, zone="gate", inputs={"speed": 1.0})
COUNTER = CounterSpec(id="counter", kind=Kind.COUNTER, inputs={"count": 1.0})
LANE = DirectionSpec(id="lane", kind=Kind.DIRECTION, zone="gate", inputs={}, entry="entry", exit="exit")
CROSSING = Spec(id="crossing", kind=Kind.TRAFFIC_CONTROLLER, inputs={"flashing": 1.0, "dark": 1.0})
LIMITED = replace(LOOP, limits={"occupied": 600.0, "clear": 86400.0})
STEEL = Mover(spec=BOLLARD, state="stopped")
ALARMS: dict[str, tuple[Device, Alarm]] = {
    "offline": (
        Device(spec=LOOP, state="offline", why="mute"),
        Alarm("offline", 3, "cannot be reached: mute"),
    ),
    "offline in mid-travel": (
        replace(STEEL, state="offline", why="mute", unwatched=True),
        Alarm("offline", 1, "cannot be reached: mute"),
    ),
    "offline at rest": (
        replace(STEEL, state="offline", why="mute"),
        Alarm("offline", 3, "cannot be reached: mute"),
    ),
    "unknown": (
        Device(spec=LOOP, why="detect is stale"),
        Alarm("unknown", 3, "its state is not known: detect is stale"),
    ),
    "loop fault": (
        Device(spec=LOOP, state="fault"),
        Alarm("detector-fault", 2, "loop open or shorted: treated as occupied (R29)"),
    ),
    "occupied too long": (
        Device(spec=LIMITED, state="occupied", overdue=True),
        Alarm("presence-limit", 3, "occupied for more than 10 min: look at the detector (R29)"),
    ),
    "clear too long": (
        Device(spec=LIMITED, state="clear", overdue=True),
        Alarm("absence-limit", 3, "clear for more than 24 h: look at the detector (R29)"),
    ),
    "overspeed": (
        Device(spec=RADAR, state="overspeed", readings={"speed": good(62.0, 0.0)}),
        Alarm("overspeed", 1, "62 km/h, more than 40.3 km/h", sound="pulsing", proposes="secure gate"),
    ),
    "wrong way": (
        Device(spec=LANE, state="wrong-way"),
        Alarm(
            "wrong-way",
            1,
            "a vehicle comes the wrong way",
            sound="continuous",
            proposes="secure gate",
            over="a vehicle came the wrong way",
        ),
    ),
    "doubtful count": (
        Device(spec=COUNTER, state="doubtful"),
        Alarm("count-doubtful", 4, "the count is old or implausible", latching=False),
    ),
    "contact without a title": (
        Device(spec=CONTACT, state="active"),
        Alarm("contact-active", 3, "contact active"),
    ),
    "contact with a title": (
        Device(spec=replace(CONTACT, title="Door"), state="active"),
        Alarm("contact-active", 3, "Door"),
    ),
    "contact with a meaning": (
        Device(spec=replace(CONTACT, title="Cabinet", means=Meaning.DOOR), state="active"),
        Alarm("door-open", 3, "open: Cabinet", over="closed again: Cabinet"),
    ),
    "both lamps": (
        Signal(spec=SIGNAL, state="fault"),
        Alarm("both-lamps", 2, "both lamps burn"),
    ),
    "signal without proof": (
        Signal(spec=SIGNAL, state="dark", asked="halt", unproven=True),
        Alarm("lamp-proof", 2, "asked for halt, shows dark"),
    ),
    "beacon without proof": (
        Beacon(spec=BEACON, state="dark", asked="lit", unproven=True),
        Alarm("lamp-proof", 2, "asked to be lit, is dark"),
    ),
    **{
        f"traffic controller {state}": (
            Device(spec=CROSSING, state=state),
            Alarm("traffic-controller", 2, f"the traffic controller is {state}: only emergencies move (R31)"),
        )
        for state in ("flashing", "dark", "failure")
    },
    "duress": (
        replace(STEEL, holds=Holds(efo=Latch("guard", "operator", "e1"))),
        Alarm("duress", 1, "emergency fired by guard"),
    ),
    **{
        f"fault {fault.name}": (
            replace(STEEL, state="fault", fault=fault),
            Alarm(fault.name.lower().replace("_", "-"), priority, str(fault)),
        )
        for fault, priority in {
            Fault.BOTH_LIMITS: 1,
            Fault.LEFT_POSITION: 1,
            Fault.TOO_SOON: 2,
            Fault.RETURNED: 2,
            Fault.NO_LIMIT: 2,
            Fault.TRAVEL_TIME: 2,
        }.items()
    },
    "given up": (
        replace(STEEL, returns=3),
        Alarm("given-up", 2, "taken back 3 times: it stays open until ordered anew (R11)"),
    ),
    "outputs": (
        replace(STEEL, unwritten="exception 4"),
        Alarm("outputs", 2, "its outputs cannot be written: exception 4"),
    ),
}


@pytest.mark.parametrize(("device", "alarm"), ALARMS.values(), ids=ALARMS)
def test_r15_an_alarm_says_what_a_person_must_know(device: Device, alarm: Alarm) -> None:
    assert kinds.alarms(device) == (alarm,)


def test_outputs_of_a_unit_that_is_down_are_not_one_more_alarm() -> None:
    assert kinds.alarms(replace(STEEL, unwritten="exception 4", down=frozenset({"io"}))) == ()


def test_r02_an_emergency_that_is_late_is_an_alarm_of_the_highest_priority() -> None:
    late = Alarm("efo-late", 1, "it did not block the way within 2.5 s of the begin of its emergency drive (R02)")
    assert kinds.alarms(replace(STEEL, remark=late)) == (late,)


UNCOMMANDED = Standing(id="a1", source="steel", device="steel", alarm=Alarm("left-position", 1, "left"))
OTHER = replace(UNCOMMANDED, alarm=Alarm("outputs", 2, "so"), state=AlarmState.UNACKNOWLEDGED, active=True)


def test_r20_who_wants_to_hide_an_alarm_of_movement_without_a_command_is_told_why_not() -> None:
    because = "it tells of movement without a command, which nobody may hide (R20)"
    assert [refusal(UNCOMMANDED, event) for event in ("shelve", "remove")] == [because, because]


@pytest.mark.parametrize("for_s", [0.5, SHELVE_MAX_S])
def test_an_alarm_is_shelved_for_more_than_nothing_and_at_most_a_shift(for_s: float) -> None:
    assert shelved(OTHER, 100.0, for_s, "then", by="anna", reason="so").due == 100.0 + for_s


def test_what_nobody_did_has_no_name_and_no_reason() -> None:
    after = step(OTHER, "acknowledge")
    assert (after.state, after.by, after.reason) == (AlarmState.ACKNOWLEDGED, "", "")
