"""Every machine is total, says each thing once, and can always come back."""

from __future__ import annotations

import pytest

from controller.core.direction import TABLE as DIRECTION
from controller.core.kinds import BEHAVIOURS
from controller.core.mover_table import TABLE as MOVER
from controller.core.table import Row, Silence, Table

TABLES = list({behaviour.table.name: behaviour.table for behaviour in BEHAVIOURS.values()}.values())
BLIND = {"unknown", "offline"}

WIRED = [table for table in TABLES if table is not DIRECTION]
"""A direction has no wires that could be lost: it is unknown where its loops are."""

each_table = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
each_wired_table = pytest.mark.parametrize("table", WIRED, ids=lambda table: table.name)


def reachable(table: Table, start: str) -> set[str]:
    found, todo = {start}, [start]
    while todo:
        state = todo.pop()
        new = {row.dest for row in table.rows if state in row.sources} - found
        found |= new
        todo.extend(new)
    return found


@each_table
def test_every_state_and_event_has_a_row_or_a_reason(table: Table) -> None:
    assert table.holes() == []


@each_table
def test_nothing_is_said_twice(table: Table) -> None:
    assert table.doubles() == []


@each_table
def test_start_is_unknown(table: Table) -> None:
    assert table.initial == "unknown"


@each_table
def test_every_state_is_reachable_from_unknown(table: Table) -> None:
    assert reachable(table, "unknown") == set(table.states)


@each_wired_table
def test_every_state_leads_to_offline_at_once_and_back_to_every_other(table: Table) -> None:
    for state in table.states:
        assert table.next(state, "lost") == "offline"
        assert reachable(table, state) == set(table.states)


@each_table
def test_stale_data_are_believed_in_no_state(table: Table) -> None:
    for state in table.states:
        assert table.next(state, "unseen") in BLIND


@each_wired_table
def test_offline_is_left_only_by_an_answer_and_then_nothing_is_known(table: Table) -> None:
    assert [row for row in table.rows if "offline" in row.sources] == [Row("restored", ("offline",), "unknown")]


@each_table
def test_what_is_answered_without_a_fact_is_what_the_machine_answers(table: Table) -> None:
    for (state, event), dest in table.certain.items():
        rows = [row for row in table.rows if row.event == event and state in row.sources]
        assert all(not row.guards for row in rows)
        assert dest == (rows[0].dest if rows else state)
    guarded = {(state, row.event) for row in table.rows if row.guards for state in row.sources}
    assert set(table.certain) | guarded == {(state, event) for state in table.states for event in table.events}
    assert not set(table.certain) & guarded


def test_from_every_state_a_mover_can_be_brought_to_one_in_which_it_obeys() -> None:
    refused = {(state, silence.event) for silence in MOVER.refused for state in silence.sources}
    commandable = {s for s in MOVER.states if (s, "raise") not in refused and (s, "lower") not in refused}
    assert commandable == set(MOVER.states) - BLIND
    assert all(reachable(MOVER, state) & commandable for state in MOVER.states)


def test_only_an_order_leads_to_a_motion_and_a_return_to_the_opposite_of_one() -> None:
    for motion, opposite, event in (("raising", "lowering", "raise"), ("lowering", "raising", "lower")):
        assert {row.event for row in MOVER.rows if row.dest == motion} == {event, "return"}
        assert [row.sources for row in MOVER.rows if row.dest == motion and row.event == "return"] == [(opposite,)]


def test_no_motion_ends_at_rest_but_by_its_own_limit() -> None:
    ends = {(row.event, row.dest) for row in MOVER.rows if "raising" in row.sources}
    assert {event for event, dest in ends if dest == "raised"} == {"top"}
    assert not {event for event, dest in ends if dest == "lowered"}


# The table's own machinery.


def small(*rows: Row, ignored: tuple[Silence, ...] = (), refused: tuple[Silence, ...] = ()) -> Table:
    return Table("small", ("unknown", "b"), ("go", "stay"), rows, ignored, refused)


def holds(_: object) -> bool:
    return True


def fails(_: object) -> bool:
    return False


def test_a_hole_is_found() -> None:
    assert small(Row("go", ("unknown", "b"), "b")).holes() == [("unknown", "stay"), ("b", "stay")]


@pytest.mark.parametrize(
    "table",
    [
        small(Row("go", ("unknown",), "b"), ignored=(Silence("go", ("unknown",), "twice"),)),
        small(Row("go", ("unknown",), "b", (holds,)), ignored=(Silence("go", ("unknown",), "beside a guarded row"),)),
        small(ignored=(Silence("go", ("unknown",), ""),), refused=(Silence("go", ("unknown",), ""),)),
        small(Row("go", ("unknown",), "b"), Row("go", ("unknown",), "unknown", (holds,))),
    ],
    ids=["row and silence", "guarded row and silence", "two silences", "row never reached"],
)
def test_a_double_is_found(table: Table) -> None:
    assert table.doubles() == [("unknown", "go")]


def test_a_guarded_row_before_an_unguarded_one_is_no_double() -> None:
    table = small(Row("go", ("unknown",), "b", (fails,)), Row("go", ("unknown",), "unknown"))
    assert table.doubles() == []


def test_the_first_row_whose_guards_all_hold_is_taken() -> None:
    table = small(Row("go", ("unknown",), "unknown", (holds, fails)), Row("go", ("unknown",), "b", (holds,)))
    assert table.next("unknown", "go") == "b"


def test_a_state_stays_where_no_guard_holds_and_where_the_event_has_no_row() -> None:
    table = small(Row("go", ("unknown",), "b", (fails,)), ignored=(Silence("stay", ("b",), ""),))
    assert table.next("unknown", "go") == "unknown"
    assert table.next("b", "go") == "b"
    assert table.next("b", "stay") == "b"


@pytest.mark.parametrize(
    "row", [Row("went", ("unknown",), "b"), Row("go", ("a",), "b"), Row("go", ("unknown",), "c")], ids=str
)
def test_a_row_of_an_unknown_state_or_event_is_refused_when_the_table_is_made(row: Row) -> None:
    with pytest.raises(ValueError, match="small: not a state or event"):
        small(row)


@pytest.mark.parametrize(("state", "event"), [("unknown", "went"), ("c", "go")])
def test_a_mistyped_event_or_state_is_an_error_and_never_silence(state: str, event: str) -> None:
    with pytest.raises(ValueError, match="small: no event"):
        small(Row("go", ("unknown",), "b")).next(state, event)
