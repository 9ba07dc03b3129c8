"""Airlocks and routes: the same point, composed."""

from __future__ import annotations

import pytest

from controller.core.command import Life, Refusal, Rule
from controller.core.device import Progress
from controller.core.passage import Form, alarms
from controller.core.passing import refusals
from controller.core.spec import Action
from tests.core.passages import Lane, lane


def airlock() -> Lane:
    return lane(Form.AIRLOCK, "a", "b")


def inside() -> Lane:
    """The vehicle is in: the first row is being secured behind it."""
    found = airlock()
    found.opens("a")
    found.vehicle("a")
    found.take(after_s=1.0)
    return found


def route(*rows: str) -> Lane:
    """A route of which every point stands open."""
    found = lane(Form.ROUTE, *(rows or ("a", "b", "c")), hold_s=600.0)
    for leg in found.passage.legs:
        found.take(_accepted(found, leg.mover))
    for leg in found.passage.legs:
        found.opens(leg.mover)
    return found


def _accepted(found: Lane, mover: str) -> Progress:
    return Progress(found.leg(mover).order, Life.ACCEPTED)


def given(found: Lane) -> list[tuple[str, Action]]:
    return [(give.mover, give.action) for give in found.given]


def test_pas_69_the_second_row_opens_only_when_the_first_is_confirmed_secured() -> None:
    found = inside()
    found.row("a", "raising")
    found.take(after_s=3.0)
    assert (found.state("a"), found.state("b")) == ("securing", "requested")
    found.secures("a")
    assert (found.state("b"), found.passage.stage) == ("opening", "opening")


def unsettled() -> Lane:
    """The first row is confirmed secured, but its outputs are not known to be released."""
    found = inside()
    found.row("a", "raised", settled=False)
    found.ends(Life.CONFIRMED, "a")
    assert (found.state("a"), found.state("b")) == ("done", "requested")
    return found


def test_pas_69_the_second_row_waits_until_the_outputs_of_the_first_are_released() -> None:
    found = unsettled()
    assert found.wake_at == found.now + 0.1
    found.row("a", "raised")
    found.take(after_s=0.1)
    assert found.state("b") == "opening"


def test_outputs_that_are_never_known_to_be_released_are_told_by_the_refusal_of_the_second_row() -> None:
    found = unsettled()
    found.take(after_s=4.9)
    assert found.state("b") == "requested"
    found.take(after_s=0.1)
    assert found.state("b") == "opening"
    found.ends(Life.REFUSED, "b", "its outputs may still be on")
    assert found.passage.stage == "failed"


def test_an_airlock_is_done_when_the_vehicle_has_left_and_the_second_row_is_secured() -> None:
    found = inside()
    found.secures("a")
    found.opens("b")
    assert found.passage.stage == "open"
    found.vehicle("b")
    found.take(after_s=1.0)
    found.secures("b")
    assert given(found) == [("a", Action.LOWER), ("a", Action.RAISE), ("b", Action.LOWER), ("b", Action.RAISE)]
    assert found.passage.stage == "done"


def test_the_second_row_stays_shut_when_nobody_came_in() -> None:
    found = airlock()
    found.opens("a")
    found.take(after_s=30.0)
    found.secures("a")
    assert (found.state("b"), found.passage.stage) == ("cancelled", "cancelled")
    assert found.passage.why == "b cancelled: no vehicle came in"


def test_the_second_row_stays_shut_when_the_first_did_not_open() -> None:
    found = airlock()
    found.ends(Life.EXPIRED, "a", "too late")
    assert (found.passage.stage, len(found.given)) == ("expired", 1)
    assert found.passage.why == "a expired: too late; b cancelled: a expired"


def test_the_second_row_stays_shut_when_the_first_was_lost_behind_the_vehicle() -> None:
    found = inside()
    found.row("a", "offline")
    found.ends(Life.UNKNOWN, "a")
    assert [leg.state for leg in found.passage.legs] == ["failed", "cancelled"]


def test_an_airlock_whose_second_row_refuses_has_failed_and_was_not_refused() -> None:
    found = inside()
    found.secures("a")
    found.ends(Life.REFUSED, "b")
    assert found.passage.stage == "failed"


@pytest.mark.parametrize("row", ["a", "b"])
def test_an_order_to_either_row_of_an_airlock_takes_over_both(row: str) -> None:
    found = inside()
    found.person(row)
    found.row("a", "raised")
    found.take(after_s=100.0)
    assert {leg.state for leg in found.passage.legs} == {"cancelled"}
    assert len(found.given) == 2


def test_an_airlock_is_decided_with_its_first_row() -> None:
    found = airlock()
    found.take(_accepted(found, "a"))
    assert found.passage.decided


def test_the_points_of_a_route_open_in_their_sequence_and_wait_for_no_vehicle() -> None:
    found = lane(Form.ROUTE, "a", "b", "c", hold_s=600.0)
    assert given(found) == [("a", Action.LOWER)]
    found.take(_accepted(found, "a"))
    assert given(found) == [("a", Action.LOWER), ("b", Action.LOWER)]
    assert not found.passage.decided
    found.take(_accepted(found, "b"))
    found.take(_accepted(found, "c"))
    assert [mover for mover, _ in given(found)] == ["a", "b", "c"]
    assert found.passage.decided


def test_a_point_that_refuses_is_told_and_the_others_open() -> None:
    found = lane(Form.ROUTE, "a", "b", hold_s=600.0)
    found.ends(Life.REFUSED, "a", "local", Refusal(Rule.MODE, "a", "local"))
    found.opens("b")
    assert (found.state("a"), found.passage.stage) == ("refused", "open")
    found.end()
    found.secures("b")
    assert (found.passage.stage, found.passage.why) == ("failed", "a refused: R18 a: local")


def test_a_route_all_of_whose_points_refuse_is_refused() -> None:
    found = lane(Form.ROUTE, "a", "b", hold_s=600.0)
    for row in "ab":
        found.ends(Life.REFUSED, row)
    assert (found.passage.stage, found.passage.ended) == ("refused", True)


def test_a_route_is_held_open_whatever_passes_and_whatever_the_loops_say() -> None:
    found = route()
    found.vehicle("a")
    found.loop("b-in", "fault")
    found.take(after_s=500.0)
    assert {give.action for give in found.given} == {Action.LOWER}
    assert (found.state("a"), found.state("b"), found.wake_at) == ("cleared", "open", 700.0)
    assert alarms(found.passage, "b") == ()


def test_a_route_that_is_ended_is_secured_one_point_at_a_time_in_its_sequence() -> None:
    found = route()
    found.end()
    for row in "abc":
        assert found.given[-1].mover == row
        assert found.given[-1].action is Action.RAISE
        assert [leg.state for leg in found.passage.legs].count("securing") == 1
        found.secures(row)
    assert found.passage.stage == "done"


def test_r09_a_point_with_a_vehicle_on_it_is_passed_over_and_secured_when_it_is_clear() -> None:
    found = route("a", "b")
    found.loop("a-in", "occupied")
    found.end()
    assert found.given[-1].mover == "b"
    found.secures("b")
    assert (found.state("a"), found.passage.ended) == ("occupied", False)
    found.loop("a-in", "clear")
    found.take(after_s=0.5)
    assert found.wake_at == found.now + 0.5
    found.take(after_s=0.5)
    assert found.given[-1].mover == "a"


def test_a_route_whose_time_is_over_is_secured() -> None:
    found = route("a")
    assert found.wake_at == 700.0
    found.now = 699.9
    found.take()
    assert found.state() == "open"
    found.take(after_s=0.1)
    assert (found.state(), found.leg().why) == ("securing", "the time of the route is over")


def test_r29_a_point_whose_loop_is_not_known_stays_open_with_an_alarm_when_the_route_ends() -> None:
    found = route("a", "b")
    found.loop("a-in", "unknown")
    found.end()
    assert (found.state("a"), found.state("b")) == ("held", "securing")
    found.secures("b")
    assert found.passage.stage == "held"
    found.end()
    assert found.passage.stage == "cancelled"


def test_a_point_without_a_loop_is_closed_when_a_person_ends_the_route_and_not_when_its_time_is_over() -> None:
    for by_person, state in ((True, "securing"), (False, "held")):
        found = route("a")
        found.row("a", "lowered", presence=())
        assert refusals(found.passage, found.board, found.now) == ()
        found.end() if by_person else found.take(after_s=600.0)
        assert found.state() == state


def test_an_order_to_one_point_takes_over_that_point_and_what_has_not_begun() -> None:
    found = lane(Form.ROUTE, "a", "b", "c", hold_s=600.0)
    found.take(_accepted(found, "a"))
    found.person("a")
    assert [leg.state for leg in found.passage.legs] == ["cancelled", "opening", "cancelled"]
    found.opens("b")
    found.end()
    found.secures("b")
    assert found.passage.stage == "cancelled"


def test_a_route_that_is_ended_while_it_opens_opens_nothing_more() -> None:
    found = lane(Form.ROUTE, "a", "b", hold_s=600.0)
    found.end()
    found.row("a", "lowered")
    found.ends(Life.CONFIRMED, "a")
    assert (found.state("a"), found.state("b")) == ("securing", "cancelled")


def test_a_point_whose_turn_comes_after_the_time_is_over_is_not_opened() -> None:
    found = lane(Form.ROUTE, "a", "b", hold_s=10.0)
    found.take(after_s=10.0)
    found.ends(Life.EXPIRED, "a")
    assert (found.state("b"), len(found.given)) == ("cancelled", 1)
