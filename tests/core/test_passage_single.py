"""A passage over one mover: opened by order, closed by itself on evidence, and by nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.command import Life, Rule
from controller.core.device import Progress
from controller.core.passage import Ended, Form, Leg, Passage, alarms
from controller.core.passage_table import ENDS, LIVE, STANDING, TABLE
from controller.core.passing import refusals
from controller.core.spec import Action
from tests.core.passages import Lane, lane, opened, returned, securing


def test_every_state_and_event_has_a_row_or_a_reason_and_nothing_is_said_twice() -> None:
    assert (TABLE.holes(), TABLE.doubles()) == ([], [])


def test_no_end_is_ever_left() -> None:
    assert {TABLE.next(state, event) for state in ENDS for event in TABLE.events} == set(ENDS)


def test_r08_only_what_stands_open_is_secured() -> None:
    assert {source for row in TABLE.rows if row.dest == "securing" for source in row.sources} <= set(STANDING)


def test_a_person_can_end_it_in_every_state() -> None:
    assert {TABLE.next(state, "cancel") for state in LIVE} == {"cancelled"}


def test_it_opens_first_and_for_that_alone_a_person_has_asked() -> None:
    found = lane()
    assert [(g.mover, g.action, g.automatic) for g in found.given] == [("a", Action.LOWER, False)]
    assert found.state() == "opening"


def test_r12_after_the_vehicle_it_is_secured_once_and_done_when_that_is_confirmed() -> None:
    found = opened()
    found.vehicle()
    assert (found.state(), found.leg().seen) == ("cleared", True)
    found.take(after_s=0.99)
    assert len(found.given) == 1
    found.take(after_s=0.01)
    assert [(g.action, g.automatic) for g in found.given[1:]] == [(Action.RAISE, True)]
    found.secures()
    assert (found.passage.stage, found.passage.ended, found.passage.why) == ("done", True, "")
    assert [state for _, state in found.reached] == [
        "opening", "open", "occupied", "cleared", "occupied", "cleared", "securing", "done"
    ]  # fmt: skip


def test_a_vehicle_that_waits_on_the_loop_is_seen_as_soon_as_it_is_open() -> None:
    found = lane()
    found.loop("a-in", "occupied")
    found.take()
    assert found.state() == "opening"
    found.opens()
    assert found.state() == "occupied"


def test_r09_it_looks_again_when_the_loops_have_been_clear_for_a_second() -> None:
    found = opened()
    found.vehicle()
    assert found.wake_at == found.now + 1.0


def test_r09_a_vehicle_that_comes_back_within_that_second_keeps_it_open() -> None:
    found = opened()
    found.vehicle()
    found.loop("a-out", "occupied")
    found.take(after_s=0.9)
    found.take(after_s=5.0)
    assert (found.state(), len(found.given)) == ("occupied", 1)


def test_r12_without_a_vehicle_it_is_secured_after_the_no_show_time() -> None:
    found = opened()
    assert found.wake_at == found.now + 30.0
    found.take(after_s=29.9)
    assert found.state() == "open"
    found.take(after_s=0.1)
    assert (found.state(), found.leg().why) == ("securing", "no vehicle within 30 s")


def test_r12_without_a_loop_it_is_refused() -> None:
    found = lane()
    found.row("a", "raised", presence=())
    assert [(r.rule, r.device) for r in refusals(found.passage, found.board, found.now)] == [(Rule.UNATTENDED, "a")]


def test_r12_with_a_loop_that_does_not_work_it_is_refused() -> None:
    found = lane()
    assert refusals(found.passage, found.board, found.now) == ()
    found.loop("a-out", "fault")
    (refusal,) = refusals(found.passage, found.board, found.now)
    assert (refusal.rule, refusal.because) == (Rule.UNATTENDED, "a-out is fault: it could not close by itself")


@pytest.mark.parametrize("before", ["open", "occupied", "cleared"])
@pytest.mark.parametrize("state", ["fault", "unknown", "offline"])
def test_r29_a_loop_that_is_not_known_holds_it_open_with_an_alarm(before: str, state: str) -> None:
    found = opened()
    if before != "open":
        found.loop("a-in", "occupied")
        found.take()
    if before == "cleared":
        found.loop("a-in", "clear")
        found.take()
    assert found.state() == before
    found.loop("a-out", state)
    found.take()
    assert (found.state(), found.leg().why) == ("held", f"a-out is {state}")
    assert [alarm.priority for alarm in alarms(found.passage, "a")] == [2]
    assert alarms(found.passage, "b") == ()


def test_r29_a_loop_whose_reading_is_too_old_or_that_nobody_supervises_is_not_known() -> None:
    for spoil in (lambda f: f.loop("a-in", "clear", 0.0, age_s=1001.0), lambda f: f.board.pop("a-in")):
        found = opened()
        spoil(found)
        found.take()
        assert found.state() == "held"


def test_r29_a_loop_that_works_again_closes_nothing() -> None:
    found = opened()
    found.loop("a-in", "fault")
    found.take()
    found.loop("a-in", "clear")
    found.take(after_s=1000.0)
    assert (found.state(), len(found.given), found.passage.ended) == ("held", 1, False)


def test_what_was_held_is_done_when_somebody_has_secured_it_at_the_panel() -> None:
    found = opened()
    found.loop("a-in", "fault")
    found.take()
    found.row("a", "raised")
    found.take()
    assert (found.state(), alarms(found.passage, "a")) == ("done", ())


@pytest.mark.parametrize("lost", ["unknown", "offline", "fault"])
@pytest.mark.parametrize("where", ["open", "securing", "held"])
def test_r17_steel_that_is_lost_ends_it_and_nothing_follows(lost: str, where: str) -> None:
    found = securing() if where == "securing" else opened()
    if where == "held":
        found.loop("a-in", "fault")
        found.take()
    given = len(found.given)
    found.row("a", lost)
    found.ends(Life.UNKNOWN) if where == "securing" else found.take()
    assert (found.state(), found.leg().why) == ("failed", f"it is {lost}: so")
    found.row("a", "lowered")
    found.take(after_s=1000.0)
    assert (len(found.given), found.wake_at) == (given, None)


def test_steel_that_moves_without_an_order_ends_it() -> None:
    found = opened()
    found.row("a", "stopped")
    found.take()
    assert (found.state(), found.leg().why) == ("failed", "it is stopped, which nobody ordered")


@pytest.mark.parametrize("where", [lane, opened, securing, returned])
def test_rule_9_any_order_of_a_person_takes_over_at_once(where) -> None:
    found = where()
    given = len(found.given)
    found.person()
    assert (found.passage.stage, found.leg().why) == ("cancelled", "order o1 to a took over")
    found.take(after_s=1000.0)
    assert len(found.given) == given


def test_a_person_ends_it_and_the_way_stays_as_it_is() -> None:
    found = opened()
    found.end()
    found.vehicle()
    found.take(after_s=100.0)
    assert (found.passage.stage, found.passage.why, len(found.given)) == ("cancelled", "a cancelled: by a person", 1)


@pytest.mark.parametrize(
    ("life", "steel", "end"),
    [
        (Life.CONFIRMED, "raised", "failed"),
        (Life.REFUSED, "raised", "refused"),
        (Life.EXPIRED, "raised", "expired"),
        (Life.FAILED, "fault", "failed"),
        (Life.UNKNOWN, "offline", "failed"),
        (Life.SUPERSEDED, "raising", "cancelled"),
    ],
)
def test_what_becomes_of_the_order_to_open_becomes_of_it(life: Life, steel: str, end: str) -> None:
    found = lane()
    found.row("a", steel)
    found.ends(life)
    assert (found.state(), found.passage.ended) == (end, True)


def test_a_securing_order_that_was_superseded_ends_it() -> None:
    found = securing()
    found.ends(Life.SUPERSEDED)
    assert found.state() == "cancelled"


def test_it_is_decided_when_its_first_order_is() -> None:
    found = lane()
    assert not found.passage.decided
    found.take(Progress(found.given[0].order, Life.ACCEPTED))
    assert (found.passage.decided, found.state()) == (True, "opening")


def test_progress_of_other_orders_and_after_the_end_of_its_own_is_none_of_its_business() -> None:
    found = lane()
    found.take(Progress("other", Life.CONFIRMED))
    assert found.state() == "opening"
    found.ends(Life.EXPIRED)
    before = found.passage
    found.ends(Life.CONFIRMED)
    assert found.passage == before


def test_its_end_is_kept_whatever_comes() -> None:
    ended = Passage(id="p", form=Form.SINGLE, legs=(Leg(mover="a", state="done"),))
    found = Lane(ended)
    found.take(Ended("late"))
    assert found.passage == replace(ended, release=found.passage.release)
