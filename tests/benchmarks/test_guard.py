"""The guard lets noise pass and stops what costs a quarter more."""

from __future__ import annotations

import pytest

from benchmarks import __main__ as command
from benchmarks import guard
from benchmarks.campaign import Failure, Round
from benchmarks.contenders import CONTENDERS, REFERENCE
from benchmarks.trouble import NotPossible

WELL, SLOW = guard.KEPT, guard.KEPT * guard.BEYOND * 1.01


def _round(ratio: float | None) -> Round:
    cost = {guard.FIGURE: None if ratio is None else 300 * ratio}
    return {guard.GUARDED: {guard.WORK: cost}, REFERENCE: {guard.WORK: {guard.FIGURE: 300.0}}}


@pytest.fixture
def rounds(monkeypatch: pytest.MonkeyPatch) -> list[float | None]:
    """Take the place of what is measured: the ratio of each round to come."""
    ratios: list[float | None] = []

    class Canned:
        def __init__(self, *_: object) -> None: ...

        def round(self, failures: list[Failure]) -> Round:
            return _round(ratios.pop(0))

    monkeypatch.setattr(guard, "Campaign", Canned)
    for name in (guard.GUARDED, REFERENCE):
        monkeypatch.setattr(type(CONTENDERS[name]), "missing", lambda _: "")
    return ratios


def test_a_bad_round_or_two_are_noise(rounds: list[float | None], capsys: pytest.CaptureFixture[str]):
    rounds += [WELL, 2.0, WELL, 3.0, WELL]
    assert command.main(["--guard"]) == 0
    assert "within" in capsys.readouterr().out


def test_bad_minutes_are_looked_at_again(rounds: list[float | None]):
    rounds += [SLOW, SLOW, SLOW, WELL, WELL, WELL, WELL, WELL, SLOW, WELL]
    assert guard.guard(print).well
    assert not rounds


def test_what_costs_a_quarter_more_fails(rounds: list[float | None], capsys: pytest.CaptureFixture[str]):
    rounds += [SLOW] * 10
    assert command.main(["--guard"]) == 1
    assert f"BEYOND {guard.KEPT * guard.BEYOND:.2f}" in capsys.readouterr().out


def test_a_round_without_figures_is_no_verdict(rounds: list[float | None], capsys: pytest.CaptureFixture[str]):
    rounds += [WELL, None, WELL, WELL, WELL]
    assert command.main(["--guard"]) == 2
    assert "nothing was measured in 1 rounds" in capsys.readouterr().err


def test_a_contender_that_cannot_run_is_no_verdict(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(type(CONTENDERS[guard.GUARDED]), "missing", lambda _: "uvloop is not installed")
    with pytest.raises(NotPossible, match="uvloop"):
        guard.guard(print)
