"""Who may move a device: lock-out/tag-out, test, emergency latch, and the modes that follow from them (R18, R19)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.core import kinds
from controller.core.command import Life, Order, Refusal, Rule, Switch
from controller.core.device import Ordered, Progress, Recalled
from controller.core.modes import Holds, Latch, Mode, Tag, switched
from tests.core.rig import BOLLARD, BOOM_WITHOUT_STOP, LOOP, MAX_AGE_S, Rig, moving, ready

TAG = Tag("t1", "anna", "hydraulics")
OTHER = Tag("t2", "ben", "loops")
TESTED = Holds(test="anna")
FIRED = Holds(efo=Latch("guard", "operator", "e1"))


def order(action: Switch, by: str = "anna", **more: Any) -> Order:
    return Order(id="o1", device="steel", action=action, principal="desk", expires=1.0, by=by, **more)


def after(holds: Holds, action: Switch, by: str = "anna", mode: Mode = Mode.REMOTE, **more: Any) -> Holds:
    outcome = switched(holds, mode, order(action, by, **more), "steel")
    assert not isinstance(outcome, Refusal)
    return outcome[0]


def refusal(holds: Holds, action: Switch, by: str = "anna", mode: Mode = Mode.REMOTE, **more: Any) -> Refusal:
    outcome = switched(holds, mode, order(action, by, **more), "steel")
    assert isinstance(outcome, Refusal)
    return outcome


def said(holds: Holds, action: Switch, by: str = "anna", **more: Any) -> str:
    outcome = switched(holds, Mode.REMOTE, order(action, by, **more), "steel")
    assert not isinstance(outcome, Refusal)
    return outcome[1]


# The mode.


@pytest.mark.parametrize(
    ("holds", "local", "mode"),
    [
        (Holds(), False, Mode.REMOTE),
        (TESTED, False, Mode.TEST),
        (replace(FIRED, test="anna"), False, Mode.EFO),
        (FIRED, True, Mode.LOCAL),
        (FIRED, None, Mode.UNKNOWN),
        (Holds(known=False), False, Mode.UNKNOWN),
        (replace(FIRED, known=False), False, Mode.EFO),
        (Holds(tags=(TAG,), known=False), False, Mode.MAINTENANCE),
        (replace(FIRED, tags=(TAG,)), True, Mode.MAINTENANCE),
        (Holds(tags=(TAG,)), None, Mode.MAINTENANCE),
    ],
)
def test_r19_the_first_that_applies_is_the_mode(holds: Holds, local: bool | None, mode: Mode) -> None:
    assert holds.mode(local=local) is mode


@pytest.mark.parametrize(
    "holds", [Holds(), Holds(known=False), TESTED, FIRED, Holds(tags=(TAG, replace(TAG, asked_by="ben")))]
)
def test_what_people_hold_can_be_recorded_and_read_again(holds: Holds) -> None:
    assert Holds.recorded({**holds.record(), "tags": [dict(tag) for tag in holds.record()["tags"]]}) == holds


# What an earlier run of the controller left held, and is not known yet.


@pytest.mark.parametrize("action", [Switch.LIFT, Switch.RELEASE, Switch.TEST, Switch.END_TEST])
def test_nothing_that_gives_permission_is_done_before_it_is_known_what_is_held(action: Switch) -> None:
    assert refusal(Holds(known=False), action, reason="oil").rule is Rule.HOLDS


def test_a_lock_out_is_hung_before_it_is_known_what_is_held() -> None:
    hung = after(Holds(known=False), Switch.LOCK_OUT, reason="oil")
    assert (len(hung.tags), hung.known) == (1, False)


@pytest.mark.parametrize(
    ("meanwhile", "earlier", "together"),
    [
        (Holds(), Holds(tags=(TAG,)), Holds(tags=(TAG,))),
        (Holds(tags=(OTHER,)), Holds(tags=(TAG,)), Holds(tags=(TAG, OTHER))),
        (Holds(tags=(TAG,)), Holds(tags=(TAG,)), Holds(tags=(TAG,))),
        (FIRED, TESTED, FIRED),
        (replace(FIRED, efo=Latch("zoe", "supervisor", "e2")), FIRED, FIRED),
        (Holds(), TESTED, TESTED),
    ],
)
def test_what_is_hung_meanwhile_joins_what_was_held(meanwhile: Holds, earlier: Holds, together: Holds) -> None:
    assert replace(meanwhile, known=False).joined(earlier) == together


def not_known() -> Rig:
    rig = ready(BOLLARD)
    rig.device = replace(rig.device, holds=Holds(known=False))
    rig.tick()
    return rig


def test_unknown_holds_forbid_motion_and_say_what_to_do() -> None:
    rig = not_known()
    refused = rig.last(rig.order("raise")).refusals
    assert [(r.rule, "lockdown" in r.because) for r in refused] == [(Rule.HOLDS, True)]


def test_what_was_held_comes_back_in_the_middle_of_an_emergency() -> None:
    rig = not_known()
    fired = rig.fire()
    assert rig.device.mode is Mode.EFO
    rig.give(Recalled(Holds(tags=(TAG,))))
    assert (rig.last(fired).life, rig.device.mode) == (Life.FAILED, Mode.MAINTENANCE)


# Lock-out.


def test_a_lock_out_hangs_a_tag_with_its_owner_and_reason() -> None:
    assert after(Holds(), Switch.LOCK_OUT, reason="oil").tags == (Tag("o1", "anna", "oil"),)


def test_a_lock_out_needs_a_reason() -> None:
    assert refusal(Holds(), Switch.LOCK_OUT).rule is Rule.LOCKED_OUT


def test_a_person_without_a_name_is_the_credential() -> None:
    assert after(Holds(), Switch.LOCK_OUT, by="", reason="oil").tags[0].owner == "desk"


def test_its_owner_lifts_a_lock_out() -> None:
    assert after(Holds(tags=(TAG,)), Switch.LIFT) == Holds()


def test_its_owner_lifts_no_other_lock_out() -> None:
    others = replace(TAG, tag="t2", owner="ben")
    assert after(Holds(tags=(TAG, others)), Switch.LIFT).tags == (others,)
    assert said(Holds(tags=(TAG, others)), Switch.LIFT) == "still locked out by ben"


def test_one_other_person_lifts_nothing_but_is_noted() -> None:
    assert after(Holds(tags=(TAG,)), Switch.LIFT, "ben").tags == (replace(TAG, asked_by="ben"),)


def test_two_other_people_lift_a_lock_out() -> None:
    noted = Holds(tags=(replace(TAG, asked_by="ben"),))
    assert after(noted, Switch.LIFT, "cleo") == Holds()


def test_the_same_other_person_twice_lifts_nothing() -> None:
    noted = Holds(tags=(replace(TAG, asked_by="ben"),))
    assert refusal(noted, Switch.LIFT, "ben").because.startswith("ben has asked already")


def test_a_newer_lock_out_needs_two_others_of_its_own() -> None:
    newer = Tag("t2", "dora", "loops")
    noted = Holds(tags=(replace(TAG, asked_by="ben"), newer))
    assert after(noted, Switch.LIFT, "cleo").tags == (replace(newer, asked_by="cleo"),)
    assert said(noted, Switch.LIFT, "cleo") == (
        "anna's lock-out is lifted; noted, NOT lifted yet: a second person besides cleo lifts dora's lock-out"
    )


def test_a_lift_of_nothing_says_so() -> None:
    assert said(Holds(), Switch.LIFT) == "nothing to do: nothing is locked out"


# Test.


def test_r19_test_is_held_by_one_person() -> None:
    assert after(Holds(), Switch.TEST).test == "anna"
    assert refusal(TESTED, Switch.TEST, "ben", Mode.TEST).rule is Rule.TEST


def test_who_holds_it_in_test_may_say_so_again() -> None:
    assert after(TESTED, Switch.TEST, mode=Mode.TEST) == TESTED


@pytest.mark.parametrize("mode", [Mode.LOCAL, Mode.MAINTENANCE, Mode.EFO, Mode.UNKNOWN])
def test_r19_test_begins_in_no_mode_but_remote(mode: Mode) -> None:
    assert refusal(Holds(), Switch.TEST, mode=mode).rule is Rule.EXCLUSIVE


@pytest.mark.parametrize(("by", "role"), [("anna", "operator"), ("ben", "supervisor"), ("eve", "administrator")])
def test_who_holds_it_in_test_or_a_supervisor_ends_the_test(by: str, role: str) -> None:
    assert after(TESTED, Switch.END_TEST, by, role=role) == Holds()


@pytest.mark.parametrize("role", ["operator", "technician"])
def test_no_other_operator_or_technician_ends_a_test(role: str) -> None:
    assert refusal(TESTED, Switch.END_TEST, "ben", role=role).rule is Rule.TEST


def test_the_end_of_no_test_says_so() -> None:
    assert said(Holds(), Switch.END_TEST) == "nothing to do: it was not in test"


# Emergency.


def test_r06_another_role_resets_an_emergency() -> None:
    assert after(FIRED, Switch.RELEASE, "boss", role="supervisor") == Holds()


RESETS = {
    "operator": {"supervisor", "administrator"},
    "technician": {"supervisor", "administrator"},
    "supervisor": {"operator", "technician", "administrator"},
    "administrator": {"operator", "technician", "supervisor"},
}


@pytest.mark.parametrize("fired", RESETS)
def test_r06_who_resets_what_which_role_has_fired(fired: str) -> None:
    latched = Holds().latched(order(Switch.RELEASE, "anna", role=fired))
    outcomes = {role: said_or_refused(latched, role) for role in RESETS}
    assert {role for role, rule in outcomes.items() if rule is None} == RESETS[fired]
    assert {outcomes[role] for role in set(RESETS) - RESETS[fired]} == {Rule.EFO}


def said_or_refused(holds: Holds, role: str) -> Rule | None:
    outcome = switched(holds, Mode.EFO, order(Switch.RELEASE, "ben", role=role), "steel")
    return outcome.rule if isinstance(outcome, Refusal) else None


def test_r06_no_other_person_of_the_same_role_resets_an_emergency() -> None:
    assert refusal(FIRED, Switch.RELEASE, "ben").rule is Rule.EFO


def test_r06_the_first_to_fire_stays_named() -> None:
    fired = FIRED.latched(order(Switch.RELEASE, "somebody", role="supervisor"))
    assert fired.efo == FIRED.efo


def test_a_reset_of_nothing_says_so() -> None:
    assert said(Holds(), Switch.RELEASE) == "nothing to do: no emergency is latched"


# What it means for the steel.


def test_a_lock_out_stops_the_motion_at_once() -> None:
    rig, name = moving(BOLLARD)
    tag = rig.order("lock-out", by="anna", reason="oil")
    assert rig.lives(tag) == [Life.ACCEPTED, Life.CONFIRMED]
    assert (rig.device.state, rig.device.mode) == ("stopped", Mode.MAINTENANCE)
    assert rig.last(name).because == f"lock-out steel: locked out by anna: oil (tag {tag})"
    assert rig.levels["raise"] is False


def test_a_lock_out_refuses_a_motion_and_names_every_tag() -> None:
    rig = ready()
    rig.order("lock-out", by="anna", reason="oil")
    rig.order("lock-out", by="ben", reason="loops")
    assert [r.rule for r in rig.last(rig.order("raise")).refusals] == [Rule.LOCKED_OUT] * 2


def test_a_lock_out_refuses_no_stop() -> None:
    rig = ready()
    rig.order("lock-out", by="anna", reason="oil")
    assert rig.lives(rig.order("stop")) == [Life.ACCEPTED]


def test_a_switch_that_is_refused_changes_nothing() -> None:
    rig = ready()
    before = rig.device
    name = rig.order("lock-out")
    assert rig.lives(name) == [Life.REFUSED]
    assert rig.device == before


@pytest.mark.parametrize("action", list(Switch))
def test_a_switch_dies_on_time_like_any_order(action: Switch) -> None:
    rig = ready()
    name = rig.order(action, expires_in_s=0.0, reason="oil")
    assert [r.rule for r in rig.last(name).refusals] == [Rule.EXPIRED]
    assert rig.device.holds == Holds()


@pytest.mark.parametrize("action", ["lock-out", "test"])
def test_what_people_hold_is_a_change_that_everybody_sees(action: str) -> None:
    rig = ready()
    before = rig.device.version
    rig.order(action, reason="oil")
    assert rig.device.version == before + 1


def test_r19_in_test_only_its_holder_moves_it() -> None:
    rig = ready()
    rig.order("test", by="anna")
    assert [r.rule for r in rig.last(rig.order("raise", by="ben")).refusals] == [Rule.TEST]
    assert rig.lives(rig.order("raise", by="anna")) == [Life.ACCEPTED]


def test_r19_a_test_stops_the_motion_of_anybody_else() -> None:
    rig, name = moving(BOLLARD, by="ben")
    rig.order("test", by="anna")
    assert rig.device.state == "stopped"
    assert rig.last(name).because == "test steel: anna holds it in test"


def test_the_end_of_a_test_lets_the_motion_of_its_holder_go_on() -> None:
    rig = ready()
    rig.order("test", by="anna")
    rig.order("raise", by="anna")
    rig.order("end-test", by="anna")
    assert rig.device.state == "raising"


def test_a_sensor_has_no_switches() -> None:
    loop = kinds.new_device(LOOP, frozenset(), 0.0)
    told = kinds.step(loop, Ordered(order(Switch.LOCK_OUT, reason="oil")), {}, 0.0).effects
    assert [(effect.life, effect.because) for effect in told if isinstance(effect, Progress)] == [
        (Life.REFUSED, "a loop cannot be moved")
    ]


# The key switch and the emergency stop.

WITH_STOP = replace(BOLLARD, inputs={**BOLLARD.inputs, "estop": MAX_AGE_S})


def test_r18_a_pressed_emergency_stop_refuses_a_motion() -> None:
    rig = ready(WITH_STOP)
    rig.press("estop")
    refusals = rig.last(rig.order("raise")).refusals
    assert [(r.rule, r.because) for r in refusals] == [(Rule.MODE, "the emergency stop is pressed")]


def test_r18_an_emergency_stop_that_cannot_be_read_refuses_a_motion() -> None:
    rig = ready(WITH_STOP)
    rig.device = replace(rig.device, readings={k: v for k, v in rig.device.readings.items() if k != "estop"})
    refusals = rig.last(rig.order("raise")).refusals
    assert [r.because for r in refusals] == ["the emergency stop cannot be read"]


def test_r18_a_pressed_emergency_stop_ends_a_motion() -> None:
    rig, name = moving(WITH_STOP)
    rig.press("estop")
    assert rig.device.state == "stopped"
    assert rig.last(name).because == "R18 steel: the emergency stop is pressed"


def test_r18_an_emergency_stop_that_is_let_go_starts_nothing() -> None:
    rig, _ = moving(WITH_STOP)
    rig.press("estop")
    rig.ack()
    rig.press()
    writes = len(rig.drives)
    rig.run(2.0)
    assert (rig.device.state, len(rig.drives)) == ("stopped", writes)


# What outlives a failure of its logic.


@pytest.mark.parametrize("spec", [BOLLARD, replace(BOOM_WITHOUT_STOP, inputs={"raised0": 1.0, "lowered0": 1.0})])
def test_a_mover_whose_logic_failed_is_still_locked_out(spec: Any) -> None:
    rig = Rig(spec)
    rig.order("lock-out", by="anna", reason="oil")
    crashed = kinds.crashed(rig.device, "bug", rig.now)
    assert crashed.mode is Mode.MAINTENANCE
