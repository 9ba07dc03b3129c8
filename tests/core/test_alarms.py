"""The alarm machine: seven states, what people and conditions do to them, and what nobody may hide (ISA-18.2, R34, R36)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.alarms import (
    COMMAND_CODES,
    HIDDEN,
    SHELVE_MAX_S,
    STALE_S,
    STATE_CODES,
    SUPPRESSIONS,
    TABLE,
    UNCOMMANDED,
    AlarmState,
    Standing,
    refusal,
    shelved,
    step,
)
from controller.core.device import Alarm

DOOR = Alarm("door-open", 3, "the door is open")


def alarm(state: str = "normal", of: Alarm = DOOR, *, active: bool | None = None) -> Standing:
    known = AlarmState(state)
    stands = known in ("unacknowledged", "acknowledged") if active is None else active
    return Standing(id="cabinet.door-open", source="cabinet", device="cabinet", alarm=of, state=known, active=stands)


def test_r34_every_state_and_event_has_a_row_or_a_reason_and_one_only() -> None:
    assert (TABLE.holes(), TABLE.doubles()) == ([], [])


def test_r34_the_seven_states_have_the_numbers_of_the_mtp_block() -> None:
    assert {str(state): code for state, code in STATE_CODES.items()} == {
        "normal": 1,
        "unacknowledged": 2,
        "acknowledged": 3,
        "returned-unacknowledged": 4,
        "shelved": 5,
        "suppressed": 6,
        "out-of-service": 7,
    }
    assert COMMAND_CODES == {"acknowledge": 2, "shelve": 4, "unshelve": 8, "remove": 16, "return": 32}
    assert set(COMMAND_CODES) <= set(TABLE.events)


@pytest.mark.parametrize(
    ("before", "event", "after"),
    [
        ("normal", "comes", "unacknowledged"),
        ("unacknowledged", "acknowledge", "acknowledged"),
        ("acknowledged", "goes", "normal"),
        ("unacknowledged", "goes", "returned-unacknowledged"),
        ("returned-unacknowledged", "acknowledge", "normal"),
        ("returned-unacknowledged", "comes", "unacknowledged"),
        ("unacknowledged", "shelve", "shelved"),
        ("acknowledged", "shelve", "shelved"),
        ("returned-unacknowledged", "shelve", "shelved"),
        ("shelved", "comes", "shelved"),
        ("shelved", "unshelve", "normal"),
        ("normal", "suppress", "suppressed"),
        ("suppressed", "unsuppress", "normal"),
        ("unacknowledged", "remove", "out-of-service"),
        ("shelved", "remove", "out-of-service"),
        ("out-of-service", "comes", "out-of-service"),
        ("out-of-service", "return", "normal"),
    ],
)
def test_r34_from_state_to_state(before: str, event: str, after: str) -> None:
    assert step(alarm(before), event).state == after


def test_r34_one_that_does_not_latch_leaves_with_its_condition() -> None:
    fleeting = replace(DOOR, latching=False)
    assert step(alarm("unacknowledged", fleeting), "goes").state is AlarmState.NORMAL


@pytest.mark.parametrize(
    ("state", "event"), [("shelved", "unshelve"), ("suppressed", "unsuppress"), ("out-of-service", "return")]
)
def test_what_is_brought_back_while_its_condition_stands_is_annunciated_anew(state: str, event: str) -> None:
    came = step(alarm(state), "comes")
    assert (came.state, came.active) == (state, True)
    assert step(came, event).state is AlarmState.UNACKNOWLEDGED
    assert step(step(came, "goes"), event).state is AlarmState.NORMAL


@pytest.mark.parametrize("event", ["shelve", "remove"])
@pytest.mark.parametrize("name", sorted(UNCOMMANDED))
def test_r20_movement_without_a_command_cannot_be_hidden(name: str, event: str) -> None:
    moved = alarm("unacknowledged", Alarm(name, 1, "moved"))
    assert "R20" in refusal(moved, event)
    assert step(moved, event, by="op", reason="annoying") == moved
    assert step(moved, "suppress").state is AlarmState.UNACKNOWLEDGED


def test_every_other_alarm_can_be_hidden() -> None:
    assert refusal(alarm("unacknowledged"), "shelve") == ""


@pytest.mark.parametrize(
    ("state", "event", "why"),
    [
        ("shelved", "acknowledge", "unshelve it first"),
        ("suppressed", "acknowledge", "suppressed by design"),
        ("out-of-service", "acknowledge", "return it first"),
        ("acknowledged", "unshelve", "not shelved"),
        ("suppressed", "shelve", "suppressed by design"),
        ("out-of-service", "remove", "out of service already"),
        ("shelved", "return", "not out of service"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_reason_and_changes_nothing(state: str, event: str, why: str) -> None:
    before = alarm(state)
    assert why in refusal(before, event)
    assert step(before, event, by="op") == before


def test_who_and_why_are_kept_when_it_is_over_and_forgotten_when_it_comes_anew() -> None:
    seen = step(alarm("unacknowledged"), "acknowledge", by="op", reason="on my way")
    assert (seen.by, seen.reason) == ("op", "on my way")
    assert step(seen, "goes").by == "op"
    assert step(step(seen, "goes"), "comes").by == ""


@pytest.mark.parametrize("for_s", [0.0, -1.0, SHELVE_MAX_S + 1, float("nan")])
def test_r36_a_shelving_is_limited(for_s: float) -> None:
    with pytest.raises(ValueError, match="at most 28800 s"):
        shelved(alarm("unacknowledged"), 0.0, for_s, "", by="op", reason="works")


def test_r36_a_shelving_has_an_end_and_can_be_renewed() -> None:
    once = shelved(alarm("unacknowledged"), 100.0, 60.0, "14:01", by="op", reason="works")
    assert (once.state, once.due, once.until, once.by, once.reason) == ("shelved", 160.0, "14:01", "op", "works")
    again = shelved(once, 150.0, 60.0, "14:02", by="other", reason="more works")
    assert (again.due, again.until, again.by, again.reason) == (210.0, "14:02", "other", "more works")
    back = step(again, "unshelve", by="op")
    assert (back.due, back.until) == (None, "")


def test_r36_stale_is_active_for_more_than_a_day() -> None:
    old = replace(alarm("acknowledged"), came_at=10.0)
    assert [old.stale(10.0 + STALE_S), old.stale(11.0 + STALE_S)] == [False, True]
    assert not step(old, "goes").stale(11.0 + STALE_S)


@pytest.mark.parametrize("state", AlarmState)
def test_r23_it_sounds_until_somebody_acknowledges_it_over_or_not(state: AlarmState) -> None:
    loud = alarm(state, Alarm("overspeed", 1, "fast", sound="pulsing"))
    assert loud.sounding == (state in ("unacknowledged", "returned-unacknowledged"))
    assert not alarm(state).sounding


def test_once_over_it_says_what_has_taken_its_place() -> None:
    mains = Alarm("mains-lost", 2, "on battery", over="mains is back")
    assert alarm("unacknowledged", mains).text == "on battery"
    assert alarm("returned-unacknowledged", mains).text == "mains is back"
    assert alarm("returned-unacknowledged").text == DOOR.text


def test_what_the_design_suppresses_is_hidden_by_no_person() -> None:
    assert [(rule.effect, rule.cause) for rule in SUPPRESSIONS] == [("offline", "no-answer"), ("unknown", "no-answer")]
    assert {"shelved", "suppressed", "out-of-service"} == HIDDEN
