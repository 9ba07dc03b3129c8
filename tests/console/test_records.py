"""What a record of the journal says to a person."""

from __future__ import annotations

from typing import Any

import pytest

from controller.cli.journal import KINDS as OF_THE_COMMAND_LINE
from controller.console import vocabulary
from controller.console.records import KINDS, Meaning, meaning
from controller.core.passage_table import STATES as STAGES


def told(kind: str, **body: Any) -> Meaning:
    return meaning({"kind": kind, "device": "wedge", "body": body}, lambda message: message)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (
            told(
                "command", life="received", target="wedge", action="raise", by="olga", principal="olga", reason="drill"
            ),
            Meaning("Raise wedge: sent", "olga", "drill"),
        ),
        (
            told("command", life="received", target="wedge", action="new-one", by="marie", principal="local-token"),
            Meaning("new-one wedge: sent", "marie (local-token)", ""),
        ),
        (
            told(
                "command",
                life="refused",
                because="no",
                refusals=[{"rule": "R09", "device": "loop", "because": "occupied"}],
            ),
            Meaning("refused", "", "R09 loop: occupied"),
        ),
        (told("command", life="confirmed", because="raised"), Meaning("confirmed", "", "raised")),
        (
            told("turned-away", target="wedge", action="raise", principal="olga", why="busy"),
            Meaning("Raise wedge: turned away", "olga", "busy"),
        ),
        (told("device", was="lowered", state="raising", why="raise"), Meaning("lowered → raising", "", "raise")),
        (told("device", was="raised", state="raised", why=""), Meaning("raised", "", "")),
        (
            told(
                "mode",
                was="remote",
                mode="maintenance",
                holds={"tags": [{"owner": "tom", "why": "brake"}], "efo": {"by": "olga"}, "test": "sam"},
            ),
            Meaning("remote → maintenance", "tom, olga, sam", "tom: brake"),
        ),
        (
            told("mode", was="maintenance", mode="remote", holds={"tags": [], "efo": None, "test": ""}),
            Meaning("maintenance → remote", "", ""),
        ),
        (
            told(
                "passage", stage="requested", target="wedge", vehicle="AB-1", by="", principal="olga", reason="flowers"
            ),
            Meaning("wedge, AB-1: waits its turn", "olga", "flowers"),
        ),
        (
            told("passage", stage="held", because="loop faulty"),
            Meaning("STAYS OPEN until somebody secures it", "", "loop faulty"),
        ),
        (
            told("alarm", event="comes", name="offline", who="controller", why="mute", text="x"),
            Meaning("offline: comes", "controller", "mute"),
        ),
        (
            told("alarm", event="flood", who="controller", why="11 alarms in the last 10 min"),
            Meaning("alarm flood", "controller", "11 alarms in the last 10 min"),
        ),
        (told("unit", event="down", why="mute"), Meaning("does not answer", "", "mute")),
        (told("service", event="started", revision="r1", left_open=[]), Meaning("started", "", "revision: r1")),
        (told("people", what="login", user="olga", address="::1"), Meaning("logged in", "olga", "address: ::1")),
        (told("people", what="user-added", user="olga", by="ada"), Meaning("olga: user added", "ada", "")),
        (told("journal-recovered", since="12:00", why="disk full"), Meaning("", "", "disk full")),
        (told("of a later release", number=3, more={"a": [1]}), Meaning("", "", 'number: 3; more: {"a": [1]}')),
    ],
)
def test_what_who_and_why(record: Meaning, expected: Meaning) -> None:
    assert record == expected


@pytest.mark.parametrize("kind", [*KINDS, ""])
def test_a_body_that_says_nothing_is_no_error(kind: str) -> None:
    assert told(kind).who == ""
    assert told(kind, holds=None, refusals=None, was=3, state=None, mode=[1], by=None, why=None).who == ""


def test_every_kind_and_every_stage_has_its_word() -> None:
    assert set(KINDS) == {*OF_THE_COMMAND_LINE, "people"} == set(vocabulary.RECORDS)
    assert set(vocabulary.STAGES) == {*STAGES, "unknown"}
