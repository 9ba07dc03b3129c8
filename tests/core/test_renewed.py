"""Readings from which nothing follows but that they are younger, and all others (R28)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core import kinds
from controller.core.device import Device, Neighbours, Restored, Sampled, Ticked
from controller.core.readings import Quality, Reading, Readings, Value, good
from controller.core.spec import ContactSpec, CounterSpec, Kind, RadarSpec, Spec
from tests.core.rig import ALL, BEACON, BOLLARD, LOOP, MAX_AGE_S, SIGNAL, UNITS, answered, ready

NOW = 100.0
COUNTED = CounterSpec(id="counted", kind=Kind.COUNTER, inputs={"count": MAX_AGE_S})
RADAR = RadarSpec(id="radar", kind=Kind.RADAR, inputs={"speed": MAX_AGE_S, "self_test": MAX_AGE_S})
CONTACT = ContactSpec(id="contact", kind=Kind.CONTACT, inputs={"contact": MAX_AGE_S})
SHOWN: dict[str, tuple[Spec, dict[str, Value]]] = {
    "loop": (LOOP, {"detect": True, "fault": False}),
    "counter": (COUNTED, {"count": 17}),
    "radar": (RADAR, {"speed": 31.5, "self_test": True}),
    "contact": (CONTACT, {"contact": False}),
    "signal": (SIGNAL, {"halt_lamp": True, "go_lamp": False}),
    "beacon": (BEACON, {"lamp": False}),
}


def showing(name: str) -> tuple[Device, Neighbours]:
    """A sensor, or lamps, that were read some times and acknowledged what they were asked for."""
    spec, values = SHOWN[name]
    device = answered(kinds.new_device(spec, UNITS, NOW - 3.0), Restored("io"), {}, NOW - 3.0)
    for at in (NOW - 2.0, NOW - 1.0, NOW):
        device = answered(device, Sampled({signal: good(value, at) for signal, value in values.items()}), {}, at)
    return device, {}


def resting(name: str) -> tuple[Device, Neighbours, float]:
    """Any device that nothing is under way with, what is around it, and when it was last read."""
    if name in SHOWN:
        return *showing(name), NOW
    rig = ready(ALL[name])
    return rig.device, rig.around, rig.now


def again(device: Device, at: float) -> dict[str, Reading]:
    return {name: replace(reading, taken=at) for name, reading in device.readings.items()}


EVERY = (*SHOWN, *ALL)


@pytest.mark.parametrize("name", EVERY)
def test_younger_readings_that_say_the_same_make_it_what_a_step_would(name: str):
    device, around, now = resting(name)
    readings = again(device, now + 0.4)
    after = kinds.renewed(device, readings, now + 0.4)
    step = kinds.step(device, Sampled(readings), around, now + 0.4)
    assert (after, step.effects) == (step.device, ())
    assert after is not None
    assert after.readings == readings


@pytest.mark.parametrize("name", EVERY)
def test_a_reading_that_says_something_else_is_not_taken_in(name: str):
    device, _, now = resting(name)
    for signal, held in device.readings.items():
        other = replace(held, value=not held.value, taken=now + 0.4)
        assert kinds.renewed(device, {**again(device, now + 0.4), signal: other}, now + 0.4) is None


@pytest.mark.parametrize("name", EVERY)
def test_a_reading_that_is_no_good_is_not_taken_in(name: str):
    device, _, now = resting(name)
    for signal, held in device.readings.items():
        doubted = replace(held, quality=Quality.UNCERTAIN, taken=now + 0.4)
        assert kinds.renewed(device, {signal: doubted}, now + 0.4) is None


@pytest.mark.parametrize("name", EVERY)
def test_the_first_reading_after_one_that_has_grown_too_old_is_not_taken_in(name: str):
    """The device does not count on the old one any more, whether or not it has been woken to say so."""
    device, _, now = resting(name)
    late = now + MAX_AGE_S
    assert kinds.renewed(device, again(device, late), late) is None
    assert kinds.renewed(device, again(device, late - 0.01), late - 0.01) is not None


@pytest.mark.parametrize("name", EVERY)
def test_a_reading_of_what_was_never_read_or_was_lost_is_not_taken_in(name: str):
    device, _, now = resting(name)
    readings = again(device, now)
    assert kinds.renewed(replace(device, readings={}), readings, now) is None
    assert kinds.renewed(device.lost("io", now), readings, now) is None


@pytest.mark.parametrize("state", ["raising", "lowering", "stopped", "unknown", "fault", "offline"])
def test_steel_that_is_not_at_a_limit_takes_every_look_for_news(state: str):
    rig = ready(BOLLARD)
    assert kinds.renewed(replace(rig.device, state=state), again(rig.device, rig.now), rig.now) is None


QUALITIES = st.sampled_from(list(Quality))
AGES = st.floats(0.0, 1.5 * MAX_AGE_S)


@st.composite
def met(draw: st.DrawFn) -> tuple[Device, Neighbours, Readings, float]:
    """A device whose readings are of any value, quality and age, as it is once it has looked; and others that come."""
    device, around, now = resting(draw(st.sampled_from(EVERY)))
    held: dict[str, Reading] = {}
    coming: dict[str, Reading] = {}
    for name, reading in device.readings.items():
        change = draw(st.integers(0, 9))
        value = not reading.value if change == 1 else reading.value
        held[name] = Reading(value, draw(QUALITIES) if change == 2 else Quality.GOOD, now - draw(AGES) * (change == 3))
        coming[name] = Reading(reading.value, draw(QUALITIES) if change == 4 else Quality.GOOD, now)
    device = replace(device, readings=held)
    for _ in range(3):
        device = kinds.step(device, Ticked(), around, now).device
    return device, around, coming, now


@given(met())
def test_what_a_device_takes_in_without_a_step_is_what_a_step_would_make_of_it(case: tuple):
    device, around, coming, now = case
    after = kinds.renewed(device, coming, now)
    step = kinds.step(device, Sampled(coming), around, now)
    assert after is None or (after, step.effects) == (step.device, ())
