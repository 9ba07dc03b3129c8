"""When a passage is looked at again, and that it is not where time alone changes nothing."""

from __future__ import annotations

import pytest

from controller.core.passage import Form
from tests.core.passages import lane


def test_a_route_that_is_held_without_a_time_is_looked_at_by_no_timer() -> None:
    found = lane(Form.ROUTE, "a")
    found.opens("a")
    assert (found.state(), found.wake_at) == ("open", None)


def test_a_route_that_was_ended_is_not_looked_at_when_its_time_would_be_over() -> None:
    found = lane(Form.ROUTE, "a", hold_s=600.0)
    found.end()
    assert (found.state(), found.passage.holding, found.wake_at) == ("opening", False, None)


@pytest.mark.parametrize("clear_s", [1.0, 5.0], ids=["clear just now", "clear for long"])
def test_r09_a_point_that_may_be_secured_and_waits_for_another_one_is_looked_at_when_that_one_is_secured(
    clear_s: float,
) -> None:
    found = lane(Form.ROUTE, "a", "b", hold_s=600.0)
    found.opens("a")
    found.opens("b")
    found.loop("b-in", "clear", since=found.now - clear_s)
    found.end()
    assert (found.state("a"), found.state("b"), found.wake_at) == ("securing", "open", None)
    found.secures("a")
    assert found.state("b") == "securing"
