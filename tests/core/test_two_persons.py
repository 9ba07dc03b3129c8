"""The two-person rule: never carried out with fewer than two different people within the minute, and never by a claim."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.core.command import Life, Rule, Switch
from controller.core.device import Recalled
from controller.core.modes import Holds, Latch, Mode, Tag
from controller.core.mover import Mover
from controller.core.people import same
from controller.core.spec import Action, MoverSpec
from controller.core.two_persons import WITHIN_S
from tests.core.rig import BOLLARD, BOOM, Rig, mover_spec, ready

TAGS = (Tag("t1", "luc", "hose"), Tag("t2", "zoe", "lamp"))


def person(rig: Rig, name: str, action: Action | Switch | str, role: str = "operator", **more: Any) -> str:
    """Let an authenticated person order it."""
    return rig.order(action, principal=name, person=True, role=role, **more)


def locked_down(spec: MoverSpec = BOLLARD) -> Rig:
    """A mover that blocks its way under a lockdown that an operator fired."""
    rig = ready(spec, "top" if spec.secures is Action.RAISE else "bottom")
    rig.fire(by="guard", role="operator")
    rig.run(1.0)
    assert rig.device.mode is Mode.EFO
    return rig


def locked_out(*tags: Tag) -> Rig:
    rig = ready()
    rig.give(Recalled(Holds(tags=tags)))
    return rig


def why(rig: Rig, order: str) -> tuple[Life, list[Rule], str]:
    told = rig.last(order)
    return told.life, [refusal.rule for refusal in told.refusals], told.because


def asked(rig: Rig) -> list[tuple[str, str]]:
    return [(str(wish.action), wish.by) for wish in rig.device.wishes]


# To open under a lockdown.


@pytest.mark.parametrize("spec", [BOLLARD, BOOM])
def test_the_first_is_refused_and_told_what_is_missing_and_nothing_is_written(spec: MoverSpec) -> None:
    rig = locked_down(spec)
    drives, version = len(rig.drives), rig.device.version
    first = person(rig, "anna", spec.opens)
    because = (
        f"anna has asked for it: somebody else has to ask for the same within 60 s; then it is {spec.open_state}, "
        "and the lockdown stays"
    )
    assert why(rig, first) == (Life.REFUSED, [Rule.TWO_PERSONS], because)
    assert len(rig.drives) == drives
    assert rig.device.version == version + 1
    assert asked(rig) == [(spec.opens, "anna")]


@pytest.mark.parametrize("spec", [BOLLARD, BOOM])
def test_a_second_person_opens_it_and_the_lockdown_stays(spec: MoverSpec) -> None:
    rig = locked_down(spec)
    first = person(rig, "anna", spec.opens)
    rig.run(30.0)
    second = person(rig, "bruno", spec.opens)
    assert rig.lives(second) == [Life.ACCEPTED]
    wish = next(told for told in rig.progress if told.order == second).together_with
    assert wish is not None
    assert (wish.by, wish.order) == ("anna", first)
    rig.ack()
    rig.run(0.5)
    rig.sample("between")
    rig.run(1.0)
    rig.sample("bottom" if spec.secures is Action.RAISE else "top")
    rig.run(1.0)
    assert rig.lives(second)[-1] is Life.CONFIRMED
    assert (rig.device.state, rig.device.mode) == (spec.open_state, Mode.EFO)
    assert asked(rig) == []
    assert "not-secured" in rig.alarms
    assert rig.device.unsecured == f"by order {second}, of bruno together with anna"


@pytest.mark.parametrize("action", [Switch.RELEASE, Switch.LIFT])
def test_a_second_person_who_has_not_seen_what_was_asked_is_refused_and_the_wish_stays(action: Switch) -> None:
    rig = locked_down() if action is Switch.RELEASE else locked_out(*TAGS)
    before = rig.device.version
    person(rig, "anna", action, role="supervisor")
    unaware = person(rig, "bruno", action, role="technician", seen=before)
    assert why(rig, unaware)[:2] == (Life.REFUSED, [Rule.SEEN])
    assert asked(rig) == [(action, "anna")]
    aware = person(rig, "bruno", action, role="supervisor", seen=rig.device.version)
    assert rig.last(aware).life is Life.CONFIRMED


def test_a_wish_is_seconded_once() -> None:
    rig = locked_down()
    person(rig, "anna", "lower")
    person(rig, "bruno", "lower")
    third = person(rig, "carla", "lower")
    assert why(rig, third)[:2] == (Life.REFUSED, [Rule.TWO_PERSONS])
    assert asked(rig) == [("lower", "carla")]


@pytest.mark.parametrize("again", ["anna", "ANNA", " anna "])
def test_the_same_person_again_gains_no_time(again: str) -> None:
    rig = locked_down()
    person(rig, "anna", "lower")
    until = rig.device.wishes[0].until
    rig.run(20.0)
    order = person(rig, again, "lower")
    assert why(rig, order)[2].startswith(f"{again} has asked for it already: somebody else has to ask")
    assert "within 40 s" in why(rig, order)[2]
    assert [wish.until for wish in rig.device.wishes] == [until]


def test_a_wish_lives_a_minute_and_the_device_looks_again_when_it_is_over() -> None:
    rig = locked_down()
    person(rig, "anna", "lower")
    until = rig.now + WITHIN_S
    rig.run(WITHIN_S - 0.5)
    assert rig.wake_at is not None
    assert rig.wake_at <= until
    version = rig.device.version
    rig.now = until
    rig.sample()
    assert (asked(rig), rig.device.version) == ([], version + 1)
    late = person(rig, "bruno", "lower")
    assert why(rig, late)[:2] == (Life.REFUSED, [Rule.TWO_PERSONS])


def test_what_else_forbids_is_told_and_no_wish_is_kept_of_what_would_be_refused_anyway() -> None:
    rig = locked_down(mover_spec(airlock_with="other"))
    first = person(rig, "anna", "lower")
    life, rules, _ = why(rig, first)
    assert (life, rules) == (Life.REFUSED, [Rule.TWO_PERSONS, Rule.AIRLOCK])
    assert str(rig.last(first).refusals[0]) == (
        "two-persons steel: emergency latched by guard: it opens when two different people ask for it within 60 s"
    )
    assert asked(rig) == []


def test_every_other_interlock_counts_for_the_second_too_and_the_wish_goes_on() -> None:
    rig = locked_down(mover_spec(inputs=dict.fromkeys(("raised0", "lowered0", "estop"), 1.0)))
    person(rig, "anna", "lower")
    rig.press("estop")
    second = person(rig, "bruno", "lower")
    assert why(rig, second)[:2] == (Life.REFUSED, [Rule.MODE])
    rig.press()
    assert rig.lives(person(rig, "bruno", "lower")) == [Life.ACCEPTED]


def test_a_lock_out_that_is_hung_during_the_motion_ends_it() -> None:
    rig = locked_down()
    person(rig, "anna", "lower")
    second = person(rig, "bruno", "lower")
    rig.ack()
    rig.order("lock-out", by="luc", reason="oil")
    assert rig.lives(second)[-1].ended
    assert not rig.device.moving


def test_another_lockdown_takes_the_motion_back_and_ends_every_wish() -> None:
    rig = locked_down()
    person(rig, "anna", "lower")
    second = person(rig, "bruno", "lower")
    rig.ack()
    rig.run(0.5)
    rig.sample("between")
    person(rig, "anna", Switch.RELEASE)
    rig.fire(by="guard")
    assert rig.lives(second)[-1] is Life.SUPERSEDED
    assert (rig.device.motion, asked(rig)) == (BOLLARD.secures, [])


@pytest.mark.parametrize("by", ["anna", "bruno"])
def test_a_stop_takes_back_what_was_asked_for(by: str) -> None:
    rig = locked_down()
    person(rig, "anna", "lower")
    person(rig, "anna", Switch.RELEASE)
    person(rig, by, "stop")
    assert asked(rig) == []
    assert why(rig, person(rig, "bruno", "lower"))[1] == [Rule.TWO_PERSONS]


def test_r06_what_blocks_the_way_is_not_asked_of_two() -> None:
    rig = locked_down()
    assert why(rig, person(rig, "anna", "raise"))[1] == [Rule.EFO]


def test_r06_a_passage_and_a_zone_open_nothing_under_a_lockdown() -> None:
    rig = locked_down()
    for more in ({"passage": "p"}, {"of_zone": True}):
        person(rig, "anna", "lower", **more)
        second = person(rig, "bruno", "lower", **more)
        assert why(rig, second)[1] == [Rule.EFO]
    assert "it has to be reset first, or two people open one device at a time" in why(rig, second)[2]


def test_r06_who_comes_with_a_token_of_the_machine_neither_asks_nor_seconds() -> None:
    rig = locked_down()
    assert why(rig, rig.order("lower", by="anna"))[1] == [Rule.EFO]
    assert asked(rig) == []
    person(rig, "anna", "lower")
    assert why(rig, rig.order("lower", by="bruno"))[1] == [Rule.EFO]


def test_without_a_lockdown_one_person_opens() -> None:
    rig = ready(BOLLARD, "top")
    assert rig.lives(person(rig, "anna", "lower")) == [Life.ACCEPTED]


def test_a_name_that_a_person_claims_beside_his_own_counts_for_nothing() -> None:
    rig = locked_down()
    person(rig, "anna", "lower")
    claimed = person(rig, "anna", "lower", by="bruno")
    assert why(rig, claimed)[1] == [Rule.TWO_PERSONS]


# To end a lockdown.


def test_a_lockdown_is_ended_by_two_of_whom_the_second_has_another_role() -> None:
    rig = locked_down()
    first = person(rig, "anna", Switch.RELEASE)
    because = (
        "anna has asked for it: somebody else, in another role than operator (R06), has to ask for the same within 60 s; "
        "then the emergency fired by guard is reset, and nothing moves by that"
    )
    assert why(rig, first) == (Life.REFUSED, [Rule.TWO_PERSONS], because)
    assert rig.device.mode is Mode.EFO
    second = person(rig, "dora", Switch.RELEASE, "supervisor")
    assert why(rig, second)[::2] == (Life.CONFIRMED, "reset by dora as supervisor together with anna")
    assert (rig.device.mode, asked(rig)) == (Mode.REMOTE, [])


def test_r06_a_second_of_the_role_that_fired_is_refused_and_counts_as_the_first() -> None:
    rig = locked_down()
    person(rig, "dora", Switch.RELEASE, "supervisor")
    second = person(rig, "anna", Switch.RELEASE)
    because = (
        "fired by guard as operator: a person of another role resets it, and is the second to ask: anna counts as the first "
        "from now on"
    )
    assert why(rig, second) == (Life.REFUSED, [Rule.EFO], because)
    assert asked(rig) == [("release", "anna")]
    assert rig.lives(person(rig, "dora", Switch.RELEASE, "supervisor"))[-1] is Life.CONFIRMED


def test_one_wish_does_not_stand_for_another() -> None:
    rig = locked_down()
    person(rig, "anna", Switch.RELEASE)
    assert why(rig, person(rig, "bruno", "lower"))[1] == [Rule.TWO_PERSONS]
    assert asked(rig) == [("release", "anna"), ("lower", "bruno")]


def test_a_wish_dies_with_the_lockdown_that_it_is_about() -> None:
    rig = locked_down()
    person(rig, "anna", "lower")
    person(rig, "anna", Switch.RELEASE)
    rig.order("release", role="supervisor")
    assert asked(rig) == []
    rig.fire(by="guard", role="operator")
    assert why(rig, person(rig, "dora", Switch.RELEASE, "supervisor"))[1] == [Rule.TWO_PERSONS]


def test_a_wish_about_a_lockdown_that_turns_out_to_be_an_earlier_one_dies() -> None:
    rig = locked_down()
    person(rig, "anna", "lower")
    rig.give(Recalled(Holds(efo=Latch("guard", "operator", "yesterday"))))
    assert asked(rig) == []


def test_an_order_that_comes_too_late_is_no_wish() -> None:
    rig = locked_down()
    assert why(rig, person(rig, "anna", Switch.RELEASE, expires_in_s=0.0))[1] == [Rule.EXPIRED]
    assert why(rig, person(rig, "anna", "lower", expires_in_s=0.0))[1] == [Rule.EXPIRED, Rule.TWO_PERSONS]
    assert asked(rig) == []


def test_before_it_is_known_what_is_held_nobody_is_asked() -> None:
    rig = ready(BOLLARD, "top")
    rig.device = Mover(spec=BOLLARD, holds=Holds(known=False))
    assert why(rig, person(rig, "anna", Switch.RELEASE))[1] == [Rule.HOLDS]


def test_where_nothing_is_latched_or_locked_out_one_person_is_told_so() -> None:
    rig = ready()
    assert why(rig, person(rig, "anna", Switch.RELEASE))[::2] == (
        Life.CONFIRMED,
        "nothing to do: no emergency is latched",
    )
    assert why(rig, person(rig, "anna", Switch.LIFT))[::2] == (Life.CONFIRMED, "nothing to do: nothing is locked out")


# To lift another's lock-out.


def test_anothers_lock_out_is_lifted_by_two_within_a_minute() -> None:
    rig = locked_out(TAGS[0])
    first = person(rig, "anna", Switch.LIFT)
    assert why(rig, first) == (
        Life.REFUSED,
        [Rule.TWO_PERSONS],
        "anna has asked for it: somebody else has to ask for the same within 60 s; then luc's lock-out is lifted",
    )
    assert len(rig.device.holds.tags) == 1
    second = person(rig, "bruno", Switch.LIFT)
    assert why(rig, second)[::2] == (Life.CONFIRMED, "luc's lock-out is lifted by bruno together with anna")
    assert not rig.device.holds.tags


def test_the_owner_lifts_his_own_alone_and_what_was_asked_about_it_dies() -> None:
    rig = locked_out(*TAGS)
    person(rig, "anna", Switch.LIFT)
    assert rig.lives(person(rig, "luc", Switch.LIFT))[-1] is Life.CONFIRMED
    assert (rig.device.holds.tags, asked(rig)) == (TAGS[1:], [])


def test_a_lock_out_that_is_hung_meanwhile_is_not_lifted_with_the_rest() -> None:
    rig = locked_out(TAGS[0])
    person(rig, "anna", Switch.LIFT)
    rig.order("lock-out", by="zoe", reason="lamp")
    assert why(rig, person(rig, "bruno", Switch.LIFT))[1] == [Rule.TWO_PERSONS]
    assert len(rig.device.holds.tags) == 2


def test_what_somebody_asked_in_another_way_is_no_wish_of_a_person() -> None:
    rig = locked_out(TAGS[0])
    rig.order("lift", by="zoe")
    assert why(rig, person(rig, "anna", Switch.LIFT))[1] == [Rule.TWO_PERSONS]
    assert rig.device.holds.tags[0].asked_by == "zoe"


# Whatever people do.

NAMES = ("anna", "ANNA", "bruno", "dora")
ROLES = {"dora": "supervisor"}
steps = st.lists(
    st.tuples(
        st.sampled_from(["lower", "release", "lift", "stop", "lockdown", "lock-out", "raise"]),
        st.sampled_from(NAMES),
        st.sampled_from([True, True, True, False]),
        st.sampled_from([0.0, 0.1, 20.0, 59.9, 60.0, 61.0]),
    ),
    max_size=25,
)


@settings(max_examples=150)
@given(steps)
def test_never_is_it_carried_out_for_fewer_than_two_different_people_within_the_minute(
    acts: list[tuple[str, str, bool, float]],
) -> None:
    rig = locked_down()
    given_by: dict[str, tuple[str, str, float]] = {}
    for action, name, is_person, later_s in acts:
        rig.now += later_s
        rig.sample()
        before, open_before = rig.device.holds, rig.device.motion is rig.spec.opens
        more: dict[str, Any] = {
            "principal": name if is_person else "token",
            "by": "" if is_person else name,
            "person": is_person,
        }
        role = ROLES.get(name, "operator")
        fires = action == "lockdown"
        order = rig.fire(role=role, **more) if fires else rig.order(action, role=role, reason="oil", **more)
        given_by[order] = (name, action, rig.now)
        after = rig.device.holds
        freed = {
            "release": before.efo is not None and after.efo is None,
            "lift": any(tag not in after.tags for tag in before.tags if not same(tag.owner, name)),
            "lower": before.efo is not None and not open_before and rig.device.motion is rig.spec.opens,
        }
        assert is_person or not freed["lower"]
        assert len(rig.device.wishes) <= 3
        if is_person and freed.get(action):
            _two(rig, order, given_by)
        else:
            assert all(told.together_with is None for told in rig.progress if told.order == order)


def _two(rig: Rig, order: str, given_by: dict[str, tuple[str, str, float]]) -> None:
    wish = next(told.together_with for told in rig.progress if told.order == order and told.together_with)
    (first, asked_for, at), (second, action, now) = given_by[wish.order], given_by[order]
    assert not same(first, second)
    assert asked_for == action
    assert 0.0 <= now - at < WITHIN_S
    assert rig.last(wish.order).life is Life.REFUSED
