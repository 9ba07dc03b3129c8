"""Every refusal of a motion names the rule, the device and the reading behind it, to the word (rule 10)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from controller.core.command import Authority, Refusal, Rule
from controller.core.device import Lost
from controller.core.modes import NOT_KNOWN, Holds, Latch, Tag
from controller.core.refusals import struck
from tests.core.rig import (
    BOLLARD,
    BOOM_WITHOUT_STOP,
    MAX_AGE_S,
    Rig,
    moving,
    ready,
)

if TYPE_CHECKING:
    from controller.core.spec import MoverSpec

GUARDED = replace(BOLLARD, presence=("entry",))
EDGED = replace(BOLLARD, inputs={**BOLLARD.inputs, "obstruction": MAX_AGE_S})
STOPPABLE_BY_HAND = replace(BOLLARD, inputs={**BOLLARD.inputs, "estop": MAX_AGE_S})
FED = replace(BOLLARD, mains="mains")


def refused(rig: Rig, action: str = "raise", **more: Any) -> tuple[Refusal, ...]:
    return rig.last(rig.order(action, **more)).refusals


# The order itself.


def test_rule_3_an_order_after_its_time() -> None:
    because = "the time of the order to raise was over before it was given"
    assert refused(ready(), expires_in_s=0.0) == (Refusal(Rule.EXPIRED, "steel", because),)


def test_rule_3_an_order_on_another_version() -> None:
    rig = ready()
    because = f"it is lowered now (version {rig.device.version}); you acted on version 0"
    assert refused(rig, seen=0) == (Refusal(Rule.SEEN, "steel", because),)


def test_an_order_of_less_authority() -> None:
    rig, order = moving(by="anna")
    because = f"order {order} to raise, of anna, is under way and has more authority"
    assert refused(rig, "lower", authority=Authority.SCHEDULE) == (Refusal(Rule.AUTHORITY, "steel", because),)


def test_r24_a_held_order_of_a_drive_that_cannot_be_stopped() -> None:
    because = "its drive has no input to stop it when the button is let go (R24)"
    assert refused(ready(BOOM_WITHOUT_STOP, "top"), "lower", hold=True) == (Refusal(Rule.KIND, "steel", because),)


def test_an_emergency_that_would_open() -> None:
    because = "an emergency blocks the way, and lower does not"
    rig = ready(picture="top")
    assert refused(rig, "lower", authority=Authority.EMERGENCY) == (Refusal(Rule.EFO, "steel", because),)


# What is known of the steel.


@pytest.mark.parametrize(("why", "because"), [("mute", "io does not answer: mute"), ("", "io does not answer")])
def test_a_unit_that_is_down(why: str, because: str) -> None:
    rig = ready()
    rig.give(Lost("io", why))
    assert refused(rig)[0] == Refusal(Rule.UNREACHABLE, "steel", because)


def test_every_unit_that_is_down() -> None:
    rig = ready()
    rig.device = replace(rig.device, state="offline", down=frozenset({"b", "a"}), why="mute")
    assert refused(rig) == (Refusal(Rule.UNREACHABLE, "steel", "a, b do not answer: mute"),)


def test_a_stop_of_a_drive_without_a_stop_input() -> None:
    rig, _ = moving(BOOM_WITHOUT_STOP, "lower")
    assert refused(rig, "stop") == (Refusal(Rule.KIND, "steel", "its drive has no input to stop it"),)


def test_r20_both_limits() -> None:
    rig = ready()
    rig.sample("both")
    assert refused(rig) == (Refusal(Rule.FAULT, "steel", f"fault: {rig.device.fault}"),)


def test_rule_6_limits_without_a_fresh_reading() -> None:
    rig = ready()
    rig.now += 2 * MAX_AGE_S
    because = "its position is not known: no fresh reading of raised0, lowered0"
    assert Refusal(Rule.FRESH, "steel", because) in refused(rig)


# Whose turn it is.


@pytest.mark.parametrize(
    ("holds", "rule", "because"),
    [
        (Holds(known=False), Rule.HOLDS, NOT_KNOWN),
        (Holds(tags=(Tag("t1", "anna", "oil"),)), Rule.LOCKED_OUT, "locked out by anna: oil (tag t1)"),
        (
            Holds(efo=Latch("guard", "operator", "e1")),
            Rule.EFO,
            "emergency latched by guard: the way is not blocked, and only another lockdown blocks it now",
        ),
        (Holds(test="anna"), Rule.TEST, "anna holds it in test"),
    ],
)
def test_what_people_hold(holds: Holds, rule: Rule, because: str) -> None:
    rig = ready()
    rig.device = replace(rig.device, holds=holds)
    assert refused(rig) == (Refusal(rule, "steel", because),)


def test_r18_the_key_in_local() -> None:
    rig = ready()
    rig.local = True
    rig.sample()
    assert refused(rig) == (Refusal(Rule.MODE, "steel", "the key switch is in local"),)


def test_r18_a_key_that_cannot_be_read() -> None:
    rig = ready()
    del rig.device.readings["local"]  # type: ignore[attr-defined]
    assert refused(rig) == (Refusal(Rule.MODE, "steel", "the key switch cannot be read"),)


def test_r18_a_pressed_emergency_stop() -> None:
    rig = ready(STOPPABLE_BY_HAND)
    rig.press("estop")
    assert refused(rig) == (Refusal(Rule.MODE, "steel", "the emergency stop is pressed"),)


def test_r18_an_emergency_stop_that_cannot_be_read() -> None:
    rig = ready(STOPPABLE_BY_HAND)
    del rig.device.readings["estop"]  # type: ignore[attr-defined]
    assert refused(rig) == (Refusal(Rule.MODE, "steel", "the emergency stop cannot be read"),)


# What is in the way.


def test_r10_a_pressed_edge() -> None:
    rig = ready(EDGED)
    rig.press("obstruction")
    assert refused(rig) == (Refusal(Rule.OBSTRUCTION, "steel", "it met an obstruction"),)
    assert struck(rig.device, {}, rig.now) == "R10 steel: it met an obstruction"


def test_r10_an_edge_that_cannot_be_read() -> None:
    rig = ready(EDGED)
    del rig.device.readings["obstruction"]  # type: ignore[attr-defined]
    assert refused(rig) == (Refusal(Rule.OBSTRUCTION, "steel", "its obstruction sensor cannot be read"),)


def test_r09_an_occupied_loop() -> None:
    rig = ready(GUARDED)
    rig.loop("entry", detect=True)
    assert refused(rig) == (Refusal(Rule.PRESENCE, "entry", "loop occupied"),)
    assert struck(rig.device, rig.neighbours, rig.now) == "R09 entry: loop occupied"


def test_r29_a_faulty_loop() -> None:
    rig = ready(GUARDED)
    rig.loop("entry", fault=True)
    assert refused(rig) == (Refusal(Rule.DETECTOR, "entry", "loop fault, which counts as occupied (R09)"),)


def test_r29_a_loop_whose_reading_is_too_old() -> None:
    rig = ready(GUARDED)
    rig.now += 2 * MAX_AGE_S
    rig.sample()
    because = "loop reading too old, which counts as occupied (R09)"
    assert refused(rig) == (Refusal(Rule.DETECTOR, "entry", because),)


def test_r29_a_loop_that_nobody_supervises() -> None:
    rig = ready(GUARDED)
    del rig.neighbours["entry"]
    assert refused(rig) == (Refusal(Rule.DETECTOR, "entry", "this loop is not supervised"),)


def test_r09_a_loop_that_has_just_cleared() -> None:
    rig = ready(GUARDED)
    rig.loop("entry", detect=True)
    rig.run(0.5)
    rig.loop("entry")
    rig.run(0.5)
    assert refused(rig) == (Refusal(Rule.PRESENCE, "entry", "loop clear for 0.5 s only; 1.0 s is required"),)


# Its neighbours.


def airlock(picture: str) -> Rig:
    rig = ready(replace(BOLLARD, airlock_with="other"), "top")
    other = ready(replace(BOLLARD, id="other"), picture)
    rig.neighbours["other"] = other.device
    return rig


def test_the_other_row_that_is_open() -> None:
    because = "the other row is lowered, not confirmed secured"
    rig = airlock("bottom")
    assert refused(rig, "lower") == (Refusal(Rule.AIRLOCK, "other", because),)


def test_the_other_row_whose_outputs_may_be_on() -> None:
    rig = airlock("top")
    other: Any = rig.neighbours["other"]
    rig.neighbours["other"] = other.doubted()
    because = "the other row is raised, but its outputs may still be on"
    assert refused(rig, "lower") == (Refusal(Rule.AIRLOCK, "other", because),)


def test_the_other_row_that_is_not_supervised() -> None:
    rig = airlock("top")
    del rig.neighbours["other"]
    assert refused(rig, "lower") == (Refusal(Rule.AIRLOCK, "other", "the other row is not supervised"),)


def beside(spec: MoverSpec, name: str, state: str) -> Rig:
    """A mover one of whose neighbours, without inputs that could age, is in `state`."""
    rig = ready(spec)
    if state:
        rig.loop(name)
        old = rig.neighbours[name]
        rig.neighbours[name] = replace(old, state=state, spec=replace(old.spec, inputs={}))
    return rig


@pytest.mark.parametrize(
    ("state", "shown"), [("flashing", "flashing"), ("", "not supervised")], ids=["flashing", "not supervised"]
)
def test_r31_a_traffic_controller_that_is_not_normal(state: str, shown: str) -> None:
    rig = beside(replace(BOLLARD, traffic="crossing"), "crossing", state)
    because = f"the traffic controller is {shown}, not confirmed in normal operation"
    assert refused(rig) == (Refusal(Rule.TRAFFIC, "crossing", because),)


@pytest.mark.parametrize(
    ("state", "because"),
    [
        ("active", "contact active: the mains of its drive are lost"),
        ("unknown", "contact unknown: the mains of its drive are not confirmed to be there"),
        ("", "contact not supervised: the mains of its drive are not confirmed to be there"),
    ],
    ids=["lost", "unknown", "not supervised"],
)
def test_r13_mains_that_are_not_there(state: str, because: str) -> None:
    assert refused(beside(FED, "mains", state)) == (Refusal(Rule.MAINS, "mains", because),)


# Its drive.


def test_r04_a_drive_that_has_done_enough() -> None:
    rig = ready(replace(BOLLARD, cycles_per_hour=2), "top")
    rig.device = replace(rig.device, cycles=(rig.now - 3600.0, rig.now - 2.0, rig.now - 1.0))
    because = "2 cycles in the last hour; 2 are its limit"
    assert refused(rig, "lower") == (Refusal(Rule.CYCLES, "steel", because),)


def test_r04_a_cycle_of_exactly_an_hour_ago_does_not_count() -> None:
    rig = ready(replace(BOLLARD, cycles_per_hour=2), "top")
    rig.device = replace(rig.device, cycles=(rig.now - 3600.0, rig.now - 1.0))
    assert refused(rig, "lower") == ()
    assert rig.device.cycles == (rig.now - 1.0,)


def test_r11_a_drive_that_was_sent_back_too_often() -> None:
    rig = ready(replace(BOLLARD, give_up=3))
    rig.device = replace(rig.device, returns=3)
    because = "it was taken back 3 times: a person has to order it anew"
    assert refused(rig, automatic=True) == (Refusal(Rule.GIVEN_UP, "steel", because),)
