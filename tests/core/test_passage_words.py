"""What a passage orders and tells, to the word, and what of an order is left when the next one is given."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.command import Life, Refusal, Rule
from controller.core.device import Progress
from controller.core.passage import Form, Give, Leg, Looked, Passage, Reached
from controller.core.passing import refusals, step
from controller.core.spec import Action
from tests.core.passages import OCCUPIED, lane, opened, securing


def test_a_passage_that_begins_says_so_and_orders_under_its_own_name() -> None:
    found = lane()
    fresh = Passage(id="p", form=Form.SINGLE, legs=(Leg(mover="a"),))
    begun = step(fresh, Looked(), found.board, found.now)
    assert begun.effects == (Reached("a", "opening", ""), Give("p:a:1", "a", Action.LOWER, automatic=False))


def test_every_order_of_a_passage_has_a_name_of_its_own() -> None:
    found = securing()
    assert [give.order for give in found.given] == ["p:a:1", "p:a:2"]


def test_an_order_that_is_given_begins_anew() -> None:
    found = securing()
    leg = found.leg()
    assert (leg.life, leg.because, leg.refusals, leg.orders) == (Life.RECEIVED, "", (), 2)


def test_r12_what_refused_the_order_before_is_forgotten_when_the_next_one_is_given() -> None:
    found = securing()
    found.row("a", "lowered")
    found.ends(Life.REFUSED, "a", "so", OCCUPIED)
    assert found.state() == "cleared"
    found.take(after_s=1.0)
    assert found.state() == "securing"
    assert (found.leg().refusals, found.leg().because) == ((), "")


def test_a_point_that_is_cancelled_tells_since_when_and_why() -> None:
    found = opened()
    found.now += 3.0
    found.person()
    leg = found.leg()
    assert (leg.state, leg.since, leg.why) == ("cancelled", found.now, "order o1 to a took over")


def test_a_point_that_a_person_ends_tells_since_when_and_why() -> None:
    found = opened()
    found.now += 3.0
    found.end()
    assert (found.leg().since, found.leg().why) == (found.now, "by a person")


@pytest.mark.parametrize(
    ("state", "because"),
    [
        ("fault", "a-in is fault: it could not close by itself"),
        ("", "a-in is not supervised: it could not close by itself"),
    ],
)
def test_r12_a_passage_whose_loop_is_not_known_is_refused(state: str, because: str) -> None:
    found = lane()
    if state:
        found.loop("a-in", state)
    else:
        del found.board["a-in"]
    assert refusals(found.passage, found.board, found.now) == (Refusal(Rule.UNATTENDED, "a", because),)


def test_r12_a_passage_without_a_loop_is_refused() -> None:
    found = lane()
    found.row("a", "raised", presence=())
    because = "no loop tells when a vehicle has passed, so nothing may close it by itself; open and secure it"
    assert refusals(found.passage, found.board, found.now) == (Refusal(Rule.UNATTENDED, "a", because),)


def test_r12_a_loop_whose_reading_is_too_old_is_not_known() -> None:
    found = lane()
    found.loop("a-out", "clear", age_s=2000.0)
    because = "a-out is not known (clear): it could not close by itself"
    assert refusals(found.passage, found.board, found.now) == (Refusal(Rule.UNATTENDED, "a", because),)


def test_a_passage_whose_loops_are_known_is_not_refused() -> None:
    found = lane()
    found.loop("a-in", "occupied")
    assert refusals(found.passage, found.board, found.now) == ()
    assert refusals(replace(found.passage, form=Form.ROUTE), {}, found.now) == ()


def test_r12_what_closes_a_point_is_said() -> None:
    assert securing().leg().why == "the vehicle has passed"


def test_r12_an_opening_that_was_confirmed_and_is_undone_is_told() -> None:
    found = lane()
    found.row("a", "raised")
    found.ends(Life.CONFIRMED)
    assert found.leg().why == "it is raised again"


def test_an_opening_that_is_confirmed_has_no_cause_of_its_own() -> None:
    assert opened().leg().why == ""


def test_what_was_held_and_is_secured_at_the_panel_has_no_cause_any_more() -> None:
    found = opened()
    found.loop("a-in", "fault")
    found.take()
    assert found.leg().why == "a-in is fault"
    found.row("a", "raised")
    found.take()
    assert (found.state(), found.leg().why) == ("done", "")


def test_r10_steel_that_comes_back_is_told_with_what_was_in_its_way_and_the_clear_way_without_a_cause() -> None:
    found = securing()
    found.row("a", "lowered")
    after = step(found.passage, Progress("p:a:2", Life.FAILED, "R10 edge pressed"), found.board, found.now)
    assert after.effects == (Reached("a", "occupied", "R10 edge pressed"), Reached("a", "cleared", ""))


def test_the_next_point_of_a_route_begins_without_a_cause() -> None:
    found = lane(Form.ROUTE, "a", "b", hold_s=600.0)
    after = step(found.passage, Progress("p:a:1", Life.ACCEPTED), found.board, found.now)
    assert after.effects == (Reached("b", "opening", ""), Give("p:b:1", "b", Action.LOWER, automatic=False))


def test_a_point_that_is_not_opened_because_the_time_is_over_says_so() -> None:
    found = lane(Form.ROUTE, "a", "b", hold_s=10.0)
    found.take(after_s=10.0)
    assert (found.state("b"), found.leg("b").why) == ("cancelled", "the time of the route is over")


def test_r12_a_point_without_a_loop_says_why_it_stays_open_when_the_time_is_over() -> None:
    found = lane(Form.ROUTE, "a", hold_s=600.0)
    found.opens("a")
    found.row("a", "lowered", presence=())
    found.take(after_s=600.0)
    assert (found.state(), found.leg().why) == ("held", "it has no loop, so only a person may close it")
