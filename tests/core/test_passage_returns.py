"""What becomes of a passage whose securing order does not end with the row secured."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from controller.core.command import Life, Refusal, Rule
from controller.core.mover import Mover
from tests.core.passages import OCCUPIED, returned, securing


def test_r10_steel_that_comes_back_is_secured_again_after_the_loops_were_clear_for_a_second() -> None:
    found = returned()
    assert (found.state(), found.leg().returns) == ("cleared", 1)
    found.take(after_s=0.99)
    assert len(found.given) == 2
    found.take(after_s=0.01)
    assert (found.state(), len({g.order for g in found.given})) == ("securing", 3)


def test_r10_it_waits_while_the_steel_is_still_on_its_way_back() -> None:
    found = securing()
    found.row("a", "lowering")
    found.ends(Life.FAILED)
    assert found.state() == "securing"
    found.row("a", "lowered")
    found.take()
    assert found.state() == "cleared"


def test_r25_it_waits_until_steel_that_was_stopped_at_once_has_been_read_again() -> None:
    found = securing()
    found.row("a", "stopped")
    found.board["a"] = replace(cast(Mover, found.board["a"]), read_at=None)
    found.ends(Life.FAILED, "a", "R09 a-in: loop occupied")
    assert found.state() == "securing"
    found.row("a", "lowered")
    found.take()
    assert (found.state(), found.leg().returns) == ("cleared", 1)


def test_r11_after_the_third_return_it_stays_open_with_an_alarm() -> None:
    found = returned()
    for _ in range(2):
        found.take(after_s=1.0)
        found.row("a", "lowered")
        found.ends(Life.FAILED, "a", "R10 edge pressed")
    assert (found.state(), found.leg().why) == ("held", "R10 edge pressed; it came back 3 times")
    found.take(after_s=1000.0)
    assert len(found.given) == 4


def test_an_order_that_expired_before_it_moved_counts_as_a_return() -> None:
    found = securing()
    found.row("a", "lowered")
    found.ends(Life.EXPIRED)
    assert (found.state(), found.leg().returns) == ("cleared", 1)


def test_r09_a_vehicle_that_comes_just_before_the_order_only_delays_it() -> None:
    found = securing()
    found.loop("a-in", "occupied")
    found.row("a", "lowered")
    found.ends(Life.REFUSED, "a", "loop occupied", OCCUPIED)
    assert (found.state(), found.leg().returns) == ("occupied", 0)


def test_r09_a_vehicle_that_comes_during_the_warning_only_delays_it() -> None:
    found = securing()
    found.loop("a-in", "occupied")
    found.row("a", "lowered")
    found.ends(Life.FAILED, "a", "nothing was sent: R09 a-in: loop occupied", OCCUPIED)
    assert (found.state(), found.leg().returns) == ("occupied", 0)


@pytest.mark.parametrize("refused", [(), (OCCUPIED, Refusal(Rule.MODE, "a", "local"))], ids=["no reason", "key switch"])
def test_any_other_refusal_holds_it_open(refused: tuple[Refusal, ...]) -> None:
    found = securing()
    found.row("a", "lowered")
    found.ends(Life.REFUSED, "a", "so", *refused)
    assert (found.state(), found.leg().why) == ("held", "; ".join(map(str, refused)) or "so")


def test_steel_that_stopped_half_way_is_left_to_a_person() -> None:
    found = securing()
    found.row("a", "stopped")
    found.ends(Life.FAILED, "a", "R29 loop fault")
    assert (found.state(), found.leg().why) == ("held", "it is stopped: R29 loop fault")
