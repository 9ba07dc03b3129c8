"""The table that every sensor has, row by row, and what a sensor says of itself."""

from __future__ import annotations

import pytest

from controller.core import direction, loop
from controller.core.command import Life, Order, Refusal, Rule
from controller.core.device import Device, Ordered, Progress, Ticked
from controller.core.readings import good
from controller.core.sensing import no_orders, sensor_table, shown
from controller.core.spec import Action, DirectionSpec, Kind
from controller.core.table import Row, Silence, Table
from tests.core.rig import LOOP

NOW = 100.0
CLEAR = {"detect": good(False, NOW), "fault": good(False, NOW)}


def test_the_table_of_a_sensor_row_by_row() -> None:
    assert sensor_table("door", "open", "shut") == Table(
        name="door",
        states=("unknown", "open", "shut", "offline"),
        events=("open", "shut", "unseen", "lost", "restored"),
        rows=(
            Row("open", ("unknown", "shut"), "open"),
            Row("shut", ("unknown", "open"), "shut"),
            Row("unseen", ("open", "shut"), "unknown"),
            Row("lost", ("unknown", "open", "shut"), "offline"),
            Row("restored", ("offline",), "unknown"),
        ),
        ignored=(
            Silence("open", ("open",), "it shows that already"),
            Silence("shut", ("shut",), "it shows that already"),
            Silence("open", ("offline",), "a unit that does not answer shows nothing"),
            Silence("shut", ("offline",), "a unit that does not answer shows nothing"),
            Silence("unseen", ("unknown", "offline"), "nothing is known already"),
            Silence("lost", ("offline",), "it is offline already"),
            Silence("restored", ("unknown", "open", "shut"), "it is not offline"),
        ),
    )


@pytest.mark.parametrize(
    ("now", "state", "why"), [(NOW, "clear", ""), (NOW + 1.0, "unknown", "a reading is not fresh")]
)
def test_rule_6_a_sensor_says_why_it_is_not_known(now: float, state: str, why: str) -> None:
    before = Device(spec=LOOP, state="occupied", readings=CLEAR)
    after = shown(before, now, loop.TABLE, loop.classify)
    assert (after.state, after.why, after.since) == (state, why, now)


def test_an_order_to_a_sensor_is_refused_by_its_name() -> None:
    order = Order(id="o1", device="loop", action=Action.RAISE, principal="op", expires=NOW)
    because = "a loop cannot be moved"
    refused = Progress("o1", Life.REFUSED, because, (Refusal(Rule.KIND, "loop", because),))
    assert no_orders(Ordered(order), Device(spec=LOOP)) == (refused,)


def test_a_lane_is_unknown_from_when_its_loops_are() -> None:
    spec = DirectionSpec(id="lane", kind=Kind.DIRECTION, inputs={}, entry="entry", exit="exit")
    after = direction.step(Device(spec=spec, state="free"), Ticked(), {}, NOW).device
    assert (after.state, after.since) == ("unknown", NOW)


def test_what_has_no_outputs_is_known_to_show_its_state_since_it_entered_it() -> None:
    assert Device(spec=LOOP, state="clear", since=12.0).shown_since == 12.0
