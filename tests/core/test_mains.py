"""A drive that is not known to have its mains moves nothing, and what follows their return is warned of for longer (R13)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.command import Life, Rule
from controller.core.spec import ContactSpec, Kind, Meaning, MoverSpec
from tests.core.rig import BEACON, BLOCKER, BOLLARD, BOOM, LOOP, MAX_AGE_S, Rig, ready

CONTACT = ContactSpec(
    id="mains", kind=Kind.CONTACT, inputs={"contact": MAX_AGE_S}, active_when=False, means=Meaning.MAINS
)
FED = replace(BOLLARD, mains="mains")
WARNED = replace(FED, warning="beacon")
LOST = (Rule.MAINS, "mains", "contact active: the mains of its drive are lost")
each_action = pytest.mark.parametrize("action", ["raise", "lower"])


def fed(spec: MoverSpec = FED, picture: str = "bottom", *, mains: bool = True) -> Rig:
    rig = ready(spec, picture)
    rig.show(CONTACT, contact=mains)
    return rig


def moves(spec: MoverSpec = FED, action: str = "raise") -> tuple[Rig, str]:
    """A mover in mid-travel, its mains there; and its order."""
    rig = fed(spec, "bottom" if action == "raise" else "top")
    order = rig.order(action)
    rig.ack()
    rig.run(0.5)
    rig.sample("between")
    return rig, order


def passed(rig: Rig) -> float:
    """Let a passage secure behind a vehicle; return how long the way is warned."""
    since = rig.now
    rig.order("raise", automatic=True, expires_in_s=20)
    rig.show(BEACON, lamp=True)
    while rig.device.state == "lowered":
        rig.run(0.1)
    return rig.now - since


# Nothing moves without them.


@each_action
def test_r13_without_its_mains_every_motion_is_refused_with_the_reading(action: str) -> None:
    rig = fed(picture="bottom" if action == "raise" else "top", mains=False)
    (refusal,) = rig.last(rig.order(action)).refusals
    assert (refusal.rule, refusal.device, refusal.because) == LOST


@each_action
def test_r13_mains_that_nobody_supervises_are_not_there(action: str) -> None:
    rig = ready(FED, "bottom" if action == "raise" else "top")
    (refusal,) = rig.last(rig.order(action)).refusals
    assert refusal.because == "contact not supervised: the mains of its drive are not confirmed to be there"


def test_r13_mains_that_were_seen_too_long_ago_are_not_there() -> None:
    rig = fed()
    rig.now += MAX_AGE_S
    rig.sample()
    (refusal,) = rig.last(rig.order("raise")).refusals
    assert (refusal.rule, refusal.device) == (Rule.MAINS, "mains")


def test_r13_with_its_mains_it_moves() -> None:
    rig = fed()
    assert rig.lives(rig.order("raise")) == [Life.ACCEPTED]


def test_r13_where_no_contact_is_named_nothing_is_asked() -> None:
    rig = ready()
    rig.show(CONTACT, contact=False)
    assert rig.lives(rig.order("raise")) == [Life.ACCEPTED]


def test_r13_what_is_there_already_needs_no_mains() -> None:
    rig = fed(picture="top", mains=False)
    assert rig.last(rig.order("raise")).life is Life.CONFIRMED


def test_r13_a_stop_needs_no_mains() -> None:
    rig = fed(mains=False)
    assert rig.last(rig.order("stop")).life is not Life.REFUSED


def test_an_emergency_does_not_ask_for_the_mains() -> None:
    rig = fed(mains=False)
    rig.fire()
    assert rig.device.state == "raising"


def test_an_order_that_waits_ends_when_they_are_lost() -> None:
    rig = fed(WARNED)
    order = rig.order("raise")
    rig.show(CONTACT, contact=False)
    assert rig.last(order).life is Life.FAILED
    assert rig.last(order).because == "nothing was sent: mains mains: contact active: the mains of its drive are lost"


# A motion under way.


@pytest.mark.parametrize("spec", [BOLLARD, BOOM, BLOCKER], ids=["held", "pulsed", "setpoint"])
@each_action
def test_r13_r21_a_motion_under_way_ends_with_the_cause_and_nothing_is_lowered(spec: MoverSpec, action: str) -> None:
    rig, order = moves(replace(spec, mains="mains"), action)
    rig.show(CONTACT, contact=False)
    assert rig.device.state == "stopped"
    assert (rig.last(order).life, rig.last(order).because) == (Life.FAILED, f"mains mains: {LOST[2]}")
    assert not rig.levels.get("raise")
    assert not rig.levels.get("lower")
    assert not rig.levels.get("command")


def test_r13_mains_that_are_seen_no_more_end_it_at_the_age_of_their_reading() -> None:
    rig, order = moves()
    seen = rig.neighbours["mains"].readings["contact"].taken
    rig.sample()
    assert rig.wake_at is not None
    assert rig.wake_at <= seen + MAX_AGE_S
    rig.now = seen + MAX_AGE_S
    rig.sample()
    assert rig.last(order).life is Life.FAILED
    assert rig.device.state == "stopped"


def test_r13_it_does_not_go_on_by_itself_once_they_are_back() -> None:
    rig, _ = moves()
    rig.show(CONTACT, contact=False)
    rig.ack()
    rig.show(CONTACT, contact=True)
    rig.run(30)
    assert rig.device.state == "stopped"
    assert rig.coils == {"raise": False, "lower": False}


def test_an_emergency_under_way_goes_on() -> None:
    rig = fed()
    rig.fire()
    rig.ack()
    rig.show(CONTACT, contact=False)
    assert rig.device.state == "raising"


def test_r10_what_takes_steel_off_a_vehicle_goes_on() -> None:
    rig, _ = moves(replace(FED, presence=("loop",)))
    rig.show(LOOP, detect=True, fault=False)
    rig.show(CONTACT, contact=False)
    assert rig.device.state == "lowering"


# Their return.


def secured_once(spec: MoverSpec = WARNED) -> Rig:
    """A mover that has moved since its unit came, and stands open."""
    rig = fed(spec, "top")
    rig.order("lower")
    rig.ack()
    rig.run(0.5)
    rig.sample("between")
    rig.run(3)
    rig.sample("bottom")
    rig.run(2)
    return rig


def test_r13_an_automatic_motion_is_warned_of_for_a_second() -> None:
    assert passed(secured_once()) == pytest.approx(1.0, abs=0.15)


def test_r13_after_the_mains_came_back_an_automatic_motion_is_warned_of_for_five_seconds() -> None:
    rig = secured_once()
    rig.show(CONTACT, contact=False)
    rig.show(CONTACT, contact=True)
    rig.run(2)
    assert passed(rig) == pytest.approx(5.0, abs=0.15)


def test_r13_mains_that_were_not_seen_for_a_while_may_have_been_gone() -> None:
    rig = secured_once()
    rig.now += MAX_AGE_S
    rig.sample()
    rig.show(CONTACT, contact=True)
    rig.run(2)
    assert passed(rig) == pytest.approx(5.0, abs=0.15)


def test_r13_the_one_after_it_is_warned_of_for_a_second_again() -> None:
    rig = secured_once()
    rig.show(CONTACT, contact=False)
    rig.show(CONTACT, contact=True)
    passed(rig)
    rig.ack()
    for picture, action in (("top", "lower"), ("bottom", "")):
        rig.run(0.5)
        rig.sample("between")
        rig.run(4)
        rig.sample(picture)
        rig.show(BEACON, lamp=False)
        rig.run(2)
        if action:
            rig.order(action)
            rig.ack()
    assert passed(rig) == pytest.approx(1.0, abs=0.15)
