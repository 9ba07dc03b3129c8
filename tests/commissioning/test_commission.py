"""The acceptance test on a gate that is wired as drawn, and on some that are not: each mistake is found by the step for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from controller.commissioning.desk import CLEAR_S
from tests.commissioning.gate import Gate

UNATTENDED = ("commission", "wedge", "--unattended", "--by", "Ada", "--cycles", "2", "--report", "report")


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Callable[..., Gate]]:
    """`gate(raise_="io.do2")`: a gate that is wired so."""
    opened: list[Gate] = []

    def one(**wired: str) -> Gate:
        made = Gate(tmp_path, {name.rstrip("_"): place for name, place in wired.items()})
        opened.append(made.__enter__())
        return opened[-1]

    yield one
    for made in opened:
        made.__exit__()


def record_of(gate: Gate) -> dict[str, Any]:
    return dict(json.loads((gate.folder / "report" / "report.json").read_text("utf-8"))["record"])


def steps_of(record: dict[str, Any]) -> dict[str, str]:
    return {step["id"]: step["outcome"] for step in record["steps"]}


def _lasted(record: dict[str, Any], step: str) -> float:
    found = next(one for one in record["steps"] if one["id"] == step)
    return (datetime.fromisoformat(found["ended"]) - datetime.fromisoformat(found["began"])).total_seconds()


def test_r40_a_gate_that_is_wired_as_drawn_passes_and_its_report_verifies(gate: Callable[..., Gate]) -> None:
    bench = gate()
    code, out, err = bench.rempart(*UNATTENDED)
    assert code == 0, out + err
    record = record_of(bench)
    # Nobody was there to see the drive's own overrides, and some rows of the matrix no act at the equipment drives.
    assert set(steps_of(record).values()) == {"passed", "skipped"}, out
    assert record["outcome"] == "skipped"
    assert len(record["travels"]) == 4
    # Nothing is waited for that does not pass: the test holds the device all the time, and forbids only others.
    assert _lasted(record, "performance") < len(record["travels"]) * CLEAR_S, out
    assert {row["rule"] for row in record["interlocks"]} >= {"R09", "R18"}
    driven = [row for row in record["interlocks"] if row["forbade"] is not None]
    assert {(row["rule"], row["action"]) for row in driven} == {("R09", "raise"), ("R18", "raise"), ("R18", "lower")}
    assert all(row["forbade"] and row["allowed_again"] for row in driven)
    assert {stage["name"] for stage in record["emergency"]} == {"initiation", "actuator", "motion"}
    assert [one["restored"] for one in record["overrides"]] == [True] * 4
    assert record["simulated"]
    assert bench.rempart("report", "verify", "report")[0] == 0
    shown = bench.shown("wedge")
    assert (shown["mode"], shown["forced"], shown["order"]) == ("remote", None, None)


@pytest.mark.parametrize(
    ("wired", "says"),
    [
        ({"raised": "io.di1", "lowered": "io.di0"}, "found.backwards"),
        ({"raise_": "io.do3"}, "found.nothing_moved"),
    ],
    ids=["limits swapped", "relay on the wrong channel"],
)
def test_a_mistake_of_the_wiring_is_found_point_by_point(
    gate: Callable[..., Gate], wired: dict[str, str], says: str
) -> None:
    bench = gate(**wired)
    code, out, err = bench.rempart(*UNATTENDED)
    assert code == 1, out + err
    record = record_of(bench)
    assert steps_of(record)["wiring"] == "failed"
    found = {defect["text"]["key"]: defect["text"] for defect in record["defects"] if defect["step"] == "wiring"}
    assert says in found, found
    assert bench.rempart("report", "verify", "report")[0] == 0


def test_r40_an_override_that_was_left_is_found_at_the_end(gate: Callable[..., Gate]) -> None:
    bench = gate()
    assert bench.rempart("trouble", "stick", "loop.detect", "value=false")[0] == 0
    code, out, err = bench.rempart(*UNATTENDED)
    assert code == 1, out + err
    record = record_of(bench)
    assert steps_of(record)["interlocks"] == "failed"
    assert steps_of(record)["closing"] == "failed"
    left = [one for one in record["overrides"] if not one["restored"]]
    assert [one["name"] for one in left] == ["bridged-inputs"]
    assert left[0]["found"]["gaps"]["left"] == ["loop.detect"]
