"""The proof holds for what is right, and finds what is made wrong on purpose: in the logic, and in the wiring."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.core import driving, motion, mover, ordering, refusals, travel
from controller.core.command import Order, Refusal
from controller.core.mover_table import TABLE
from controller.core.table import Row
from controller.proof.study import Verdict
from tests.proof.bench import BOLLARD, INNER, LOOP, OUTER, SIGNAL, verdict

pytestmark = pytest.mark.timeout(600)
"""A mover with all that can happen to it takes half a minute to explore, on a machine that has nothing else to do."""


def refused(found: Verdict) -> tuple[str, str]:
    assert found.broken is not None, found
    return found.broken.invariant, found.broken.how


# What is right.


@pytest.mark.untraced
def test_c_k_a_bollard_with_its_loop_is_proved_and_the_count_is_the_same_each_time():
    first = verdict(BOLLARD, LOOP)
    assert first.broken is None
    assert first.invariants == ("c", "e", "k")
    assert first.states > 20
    assert verdict(BOLLARD, LOOP, tampered=True) == first


def test_r14_a_signal_with_its_bollard_is_proved():
    found = verdict(BOLLARD, LOOP, SIGNAL)
    assert found.broken is None
    assert "R14" in found.invariants


def test_d_an_airlock_is_proved():
    found = verdict(OUTER, INNER)
    assert found.broken is None
    assert "d" in found.invariants


ACCEPTED = replace(BOLLARD, efo_ignores_presence=True)


@pytest.mark.untraced
def test_c_an_emergency_that_ignores_presence_because_somebody_accepted_that_is_proved() -> None:
    found = verdict(ACCEPTED, LOOP)
    assert found.broken is None
    assert "c" in found.invariants


# What is wrong in the logic.


@pytest.mark.untraced
def test_c_what_somebody_accepted_of_an_emergency_excuses_no_other_motion(monkeypatch: pytest.MonkeyPatch) -> None:
    right = refusals.interlocks
    for module in (motion, refusals, ordering):
        monkeypatch.setattr(module, "interlocks", lambda *args, **_: right(*args, emergency=True))
    found = verdict(ACCEPTED, LOOP, tampered=True)
    assert refused(found)[0] == "c"
    assert not any("emergency" in line for line in found.trace)


@pytest.mark.untraced
def test_c_an_output_that_the_emergency_of_another_switches_is_not_excused() -> None:
    """Nobody accepted anything of the other one."""
    other = replace(BOLLARD, id="other", presence=("far",))
    found = verdict(ACCEPTED, LOOP, other, replace(LOOP, id="far"), other__raise="bollard__raise")
    assert refused(found)[0] == "c"


@pytest.mark.untraced
def test_c_interlocks_that_forbid_nothing_are_found(monkeypatch: pytest.MonkeyPatch):
    for module in (motion, refusals):
        monkeypatch.setattr(module, "interlocks", lambda *_, **__: [])
    found = verdict(BOLLARD, LOOP, tampered=True)
    assert refused(found)[0] == "c"
    assert found.trace[-2].startswith(f"{len(found.trace) - 1}. somebody orders bollard to raise")
    assert found.trace[-1] == f"=> {refused(found)[1]}"


@pytest.mark.untraced
def test_c_a_motion_that_is_not_stopped_by_a_vehicle_is_found(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(motion, "interlocks", lambda *_, **__: [])
    found = verdict(BOLLARD, LOOP, tampered=True)
    assert refused(found)[0] == "c"
    assert "loop" in found.trace[-3]
    assert found.trace[-2].endswith("it keeps raise on")


def test_d_a_row_that_trusts_a_row_whose_outputs_may_be_on_is_found(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mover.Mover, "settled", True)
    found = verdict(OUTER, INNER, tampered=True)
    assert refused(found)[0] == "d"
    assert "may still be on" in refused(found)[1]


@pytest.mark.untraced
def test_d_what_two_people_agreed_on_under_a_lockdown_excuses_no_interlock(monkeypatch: pytest.MonkeyPatch):
    right = refusals.forbidding

    def agreed(*args: Any) -> tuple[Refusal, ...]:
        return () if isinstance(args[-1], Order) and args[-1].together_with is not None else right(*args)

    monkeypatch.setattr(refusals, "forbidding", agreed)
    found = verdict(OUTER, INNER, tampered=True)
    assert refused(found)[0] == "d"
    assert any("two people order it" in line for line in found.trace)


@pytest.mark.untraced
def test_k_both_outputs_on_at_once_are_found(monkeypatch: pytest.MonkeyPatch):
    right = driving.levels
    monkeypatch.setattr(
        driving, "levels", lambda m, now: {**right(m, now), **({"raise": True, "lower": True} if m.moving else {})}
    )
    assert refused(verdict(BOLLARD, LOOP, tampered=True))[0] == "k"


@pytest.mark.untraced
def test_a_motion_that_no_order_starts_is_found(monkeypatch: pytest.MonkeyPatch):
    table = TABLE
    rows = tuple(row for row in table.rows if not (row.event == "bottom" and row.sources == ("unknown",)))
    wrong = replace(table, rows=(*rows, Row("bottom", ("unknown",), "raising")))
    monkeypatch.setattr(travel, "TABLE", wrong)
    assert refused(verdict(BOLLARD, LOOP, tampered=True))[0] == "starts"


@pytest.mark.untraced
def test_e_a_motion_that_goes_on_under_a_lock_out_is_found(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(motion, "mode_forbids", lambda *_: [])
    found = refused(verdict(BOLLARD, LOOP, tampered=True))
    assert found[0] == "e"
    assert "all the same" in found[1]


@pytest.mark.untraced
def test_e_a_motion_that_begins_under_a_lock_out_is_found(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(refusals, "mode_forbids", lambda *_: [])
    found = refused(verdict(BOLLARD, LOOP, tampered=True))
    assert found[0] == "e"
    assert "somebody orders it to" in found[1]


@pytest.mark.untraced
def test_r13_an_order_that_waits_with_its_output_on_is_found(monkeypatch: pytest.MonkeyPatch):
    right = driving.levels
    monkeypatch.setattr(
        driving, "levels", lambda m, now: {**right(m, now), "raise": bool(m.waiting) or m.state == "raising"}
    )
    warned = replace(BOLLARD, warning="beacon")
    assert refused(verdict(warned, LOOP, tampered=True))[0] == "waits"


@pytest.mark.untraced
def test_r14_a_signal_that_follows_an_open_mover_that_is_not_proven_open_is_found(monkeypatch: pytest.MonkeyPatch):
    from controller.core import signal

    monkeypatch.setattr(signal, "confirmed", lambda device, *_: device is not None)
    assert refused(verdict(BOLLARD, LOOP, SIGNAL, tampered=True))[0] == "R14"


# What is wrong in the wiring.


@pytest.mark.untraced
def test_c_two_loops_on_one_contact_prove_nothing():
    found = verdict(
        replace(BOLLARD, presence=("loop", "other")), LOOP, replace(LOOP, id="other"), other__detect="loop__detect"
    )
    assert refused(found)[0] == "c"
    assert "it can tell of one only" in refused(found)[1]


def test_d_two_rows_that_read_one_limit_switch_prove_nothing():
    found = verdict(OUTER, INNER, inner__raised0="outer__raised0")
    assert refused(found)[0] == "d"


def test_d_two_rows_at_one_loop_that_are_no_airlock_are_refused():
    found = verdict(
        replace(OUTER, airlock_with="", presence=("loop",)), replace(INNER, airlock_with="", presence=("loop",)), LOOP
    )
    assert refused(found)[0] == "d"
    assert any("somebody orders inner to lower" in line for line in found.trace) or any(
        "outer" in t for t in found.trace
    )


def test_k_raise_and_lower_on_one_output_are_refused():
    assert refused(verdict(BOLLARD, LOOP, bollard__lower="bollard__raise"))[0] == "k"


@pytest.mark.untraced
def test_c_an_output_that_raises_two_bollards_is_refused_for_the_one_whose_loop_nobody_asks():
    other = replace(BOLLARD, id="other", presence=("far",))
    found = verdict(BOLLARD, LOOP, other, replace(LOOP, id="far"), other__raise="bollard__raise")
    assert refused(found)[0] == "c"
    assert "the output of" in refused(found)[1]
