"""The machines on paper are the machines that run."""

from __future__ import annotations

from pathlib import Path

import pytest

from controller.cli.diagram import MACHINES
from controller.core.diagram import mermaid, page
from controller.core.mover_table import TABLE as MOVER
from controller.core.table import Row, Silence, Table

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "machines.md"


def warm(_: object) -> bool:
    """It is warm."""
    raise NotImplementedError


def dry_weather(_: object) -> bool:
    """It does not rain."""
    raise NotImplementedError


SMALL = Table(
    name="door",
    states=("unknown", "open", "shut"),
    events=("push", "pull", "knock"),
    rows=(
        Row("push", ("unknown", "shut"), "open", (warm, dry_weather)),
        Row("pull", ("shut",), "open"),
    ),
    ignored=(Silence("knock", ("open",), "come in"),),
    refused=(Silence("push", ("open",), "it is open"),),
)


def test_a_diagram_has_one_arrow_a_pair_of_states_with_its_events_and_guards() -> None:
    assert mermaid(SMALL).splitlines() == [
        "stateDiagram-v2",
        "    [*] --> unknown",
        "    unknown --> open: push [warm and dry weather]",
        "    shut --> open: push [warm and dry weather], pull",
    ]


def test_a_state_with_a_hyphen_has_an_alias() -> None:
    table = Table("lift", ("unknown", "door-open"), ("open",), (Row("open", ("unknown",), "door-open"),))
    assert mermaid(table).splitlines() == [
        "stateDiagram-v2",
        '    state "door-open" as door_open',
        "    [*] --> unknown",
        "    unknown --> door_open: open",
    ]


def test_a_page_says_all_that_the_table_says() -> None:
    text = page([SMALL])
    for line in (
        "## Door",
        "| push | unknown, shut | open | warm and dry weather |",
        "| pull | shut | open |  |",
        "| knock | open | come in |",
        "| push | open | it is open |",
        "- **warm**: It is warm.",
        "- **dry weather**: It does not rain.",
    ):
        assert line in text.splitlines()


def test_a_page_has_no_empty_lists() -> None:
    text = page([Table("bare", ("unknown",), (), ())])
    assert "Refused" not in text
    assert "Guards" not in text


def test_kinds_that_share_a_table_share_its_section() -> None:
    assert page([SMALL, SMALL]).count("## Door") == 1


@pytest.mark.parametrize("row", MOVER.rows, ids=lambda row: f"{row.event} to {row.dest}")
def test_every_row_is_an_arrow(row: Row) -> None:
    arrows = mermaid(MOVER).splitlines()
    for source in row.sources:
        (arrow,) = [line for line in arrows if line.startswith(f"    {source} --> {row.dest}: ")]
        assert row.event in arrow


def test_the_reference_page_is_what_the_tables_say() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == page(MACHINES.values()), "the tables have changed: run `rempart diagram --write docs/reference`"
