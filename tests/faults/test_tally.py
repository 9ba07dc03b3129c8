"""Tallies of ranges of seeds are kept as lines and add up to the tally of all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.__main__ import main as try_seeds
from tests.faults.campaign import Plan, campaign
from tests.faults.tally import Tally, kept
from tests.faults.tally import main as add_up
from tests.faults.trial import Result


def test_what_ranges_came_to_adds_up_to_what_the_whole_comes_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    kept_in = tmp_path / "tallies"
    for seeds in ("3-4", "1-2"):
        assert try_seeds([f"SEEDS={seeds}", "MINUTES=0.3", "JOBS=1", f"TALLY={kept_in}"]) == 0
    capsys.readouterr()
    assert add_up([str(kept_in)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[-2:] == ["seeds 1-2, 3-4", str(campaign(Plan(range(1, 5), longest_s=18.0)))]


def test_a_seed_that_is_counted_twice_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "tallies"
    file.write_text("\n".join(Tally().line(seeds, 36.0) for seeds in (range(1, 6), range(5, 9))))
    assert add_up([str(file)]) == 2
    assert "seed 5 is counted twice" in capsys.readouterr().err


def test_a_violation_is_not_lost_in_the_sum():
    tally = Tally()
    tally.add(Result("gate", 7, broken=["(c)"]))  # type: ignore[list-item]
    _, total = kept([tally.line(range(1, 8), 36.0), Tally().line(range(8, 9), 36.0)])
    assert total.broken == ["gate/7"]
    assert str(total).endswith("1 seeds with a violation")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("SEED=1", "SEED is not known"),
        ("MINUTES=0.1", "MINUTES=0.1: expected 0.2 or more"),
        ("HOURS=1 TALLY=x", "TALLY goes with a range of seeds"),
        ("KEEP=1", "KEEP goes with one seed"),
    ],
)
def test_bad_input_is_told(wrong: str, told: str, capsys: pytest.CaptureFixture[str]):
    assert try_seeds(wrong.split()) == 2
    assert told in capsys.readouterr().err
