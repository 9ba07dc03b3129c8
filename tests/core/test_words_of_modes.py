"""Every refusal of a switch names the rule, the device and what is held, and every answer says what is held now (rule 10)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.core.command import Order, Refusal, Rule, Switch
from controller.core.modes import NOT_KNOWN, Holds, Latch, Mode, Tag, switched

TAG = Tag("t1", "anna", "hydraulics")
THEIRS = (TAG, Tag("t2", "ben", "loops"), Tag("t3", "cleo", "oil"))
TESTED = Holds(test="anna")
FIRED = Holds(efo=Latch("guard", "operator", "e1"))


def outcome(
    holds: Holds, action: Switch, by: str, mode: Mode = Mode.REMOTE, **more: Any
) -> tuple[Holds, str] | Refusal:
    order = Order(id="o1", device="steel", action=action, principal="desk", expires=1.0, by=by, **more)
    return switched(holds, mode, order, "steel")


@pytest.mark.parametrize(
    ("holds", "mode", "action", "rule", "because"),
    [
        (Holds(known=False), Mode.UNKNOWN, Switch.LIFT, Rule.HOLDS, NOT_KNOWN),
        (
            Holds(),
            Mode.REMOTE,
            Switch.LOCK_OUT,
            Rule.LOCKED_OUT,
            "a lock-out needs its reason: say what is being worked on",
        ),
        (
            Holds(tags=(replace(TAG, asked_by="dora"),)),
            Mode.MAINTENANCE,
            Switch.LIFT,
            Rule.LOCKED_OUT,
            "dora has asked already: a second person lifts another's lock-out",
        ),
        (TESTED, Mode.TEST, Switch.TEST, Rule.TEST, "anna holds it in test: one person at a time"),
        (Holds(), Mode.LOCAL, Switch.TEST, Rule.EXCLUSIVE, "it is in local: the modes exclude one another"),
        (
            TESTED,
            Mode.TEST,
            Switch.END_TEST,
            Rule.TEST,
            "anna holds it in test: that person, or a supervisor, ends it",
        ),
        (FIRED, Mode.EFO, Switch.RELEASE, Rule.EFO, "fired by guard as operator: a person of another role resets it"),
    ],
)
def test_rule_10_a_refused_switch_names_the_rule_the_device_and_the_reason(
    holds: Holds, mode: Mode, action: Switch, rule: Rule, because: str
) -> None:
    assert outcome(holds, action, "dora", mode) == Refusal(rule, "steel", because)


def test_r06_a_technician_is_told_why_the_operators_emergency_is_not_his_to_reset() -> None:
    refused = outcome(FIRED, Switch.RELEASE, "tom", Mode.EFO, role="technician")
    because = "fired by guard as operator, whose controls a technician has too: a person of another role resets it"
    assert refused == Refusal(Rule.EFO, "steel", because)


@pytest.mark.parametrize(
    ("holds", "action", "by", "said"),
    [
        (Holds(), Switch.LOCK_OUT, "anna", "locked out by anna: oil"),
        (Holds(tags=(TAG,)), Switch.LIFT, "anna", "lifted"),
        (Holds(tags=THEIRS), Switch.LIFT, "anna", "still locked out by ben, cleo"),
        (
            Holds(tags=(TAG,)),
            Switch.LIFT,
            "dora",
            "noted, NOT lifted yet: a second person besides dora lifts anna's lock-out",
        ),
        (Holds(tags=(replace(TAG, asked_by="ben"),)), Switch.LIFT, "dora", "anna's lock-out is lifted"),
        (Holds(), Switch.TEST, "anna", "in test, held by anna"),
        (TESTED, Switch.TEST, "anna", "it is in test already"),
        (TESTED, Switch.END_TEST, "anna", "test ended"),
    ],
)
def test_what_was_done_is_said(holds: Holds, action: Switch, by: str, said: str) -> None:
    done = outcome(holds, action, by, reason="oil")
    assert not isinstance(done, Refusal)
    assert done[1] == said


def test_who_reset_an_emergency_is_said_with_the_role() -> None:
    assert outcome(FIRED, Switch.RELEASE, "boss", role="supervisor") == (Holds(), "reset by boss as supervisor")
