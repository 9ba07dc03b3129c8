"""What is held over devices, since when, and what somebody is offered to do about it."""

from __future__ import annotations

from typing import Any

import pytest

from controller.console import custody
from controller.console.since import Since
from controller.console.upstream import Answered, Upstream, Where
from controller.people.roles import GRANTED, Role

FREE: dict[str, Any] = {"tags": [], "efo": None, "test": ""}
TAG = {"tag": "t1", "owner": "Tom", "why": "brake", "asked_by": "", "extra": 1}
EFO = {"by": "olga", "role": "operator", "order": "o1"}


def device(name: str = "wedge", mode: str = "remote", **held: Any) -> dict[str, Any]:
    return {"id": name, "zone": "gate", "mode": mode, "secures_by": "raise", "held": {**FREE, **held}}


def acts(of: dict[str, Any], user: str, role: Role) -> list[str]:
    (row,) = custody.held({"wedge": of}, {}, user, str(role), frozenset(str(p) for p in GRANTED[role]))
    return row.acts


@pytest.mark.parametrize(
    ("of", "user", "role", "offered"),
    [
        (device(), "tom", Role.TECHNICIAN, ["lock-out", "test"]),
        (device(), "olga", Role.OPERATOR, []),
        (device(), "vic", Role.VIEWER, []),
        (device(mode="maintenance", tags=[TAG]), "tom", Role.TECHNICIAN, ["lift"]),
        (device(mode="maintenance", tags=[TAG]), "tina", Role.TECHNICIAN, ["lock-out", "lift"]),
        (device(mode="maintenance", tags=[TAG]), "sam", Role.SUPERVISOR, ["lift"]),
        (device(mode="test", test="tom"), "TOM", Role.TECHNICIAN, ["lock-out", "end-test"]),
        (device(mode="test", test="tom"), "tina", Role.TECHNICIAN, ["lock-out"]),
        (device(mode="test", test="tom"), "sam", Role.SUPERVISOR, ["end-test"]),
        (device(mode="efo", efo=EFO), "olga", Role.OPERATOR, ["release"]),
        (device(mode="efo", efo=EFO), "vic", Role.VIEWER, []),
    ],
)
def test_nobody_is_offered_what_the_controller_would_not_let_them(
    of: dict[str, Any], user: str, role: Role, offered: list[str]
) -> None:
    assert acts(of, user, role) == offered


def test_what_is_held_comes_first_and_only_movers_are_there() -> None:
    devices = {
        "a": device("a"),
        "loop": {**device("loop"), "secures_by": None},
        "b": device("b", "local"),
        "c": device("c", "maintenance", tags=[TAG], efo=EFO, test="sam"),
    }
    rows = custody.held(devices, {"c": {"tag t1": "10:00"}}, "tom", "technician", frozenset())
    assert [row.device["id"] for row in rows] == ["b", "c", "a"]
    assert rows[1].mine
    assert [(hold.kind, hold.who, hold.since) for hold in rows[1].holds] == [
        ("tag", "Tom", "10:00"), ("efo", "olga", ""), ("test", "sam", ""),
    ]  # fmt: skip


def test_the_rows_of_a_device_of_a_zone_and_of_the_site() -> None:
    rows = custody.held({"a": device("a"), "b": {**device("b"), "zone": "yard"}}, {}, "", "", frozenset())
    shown = {of: [row.device["id"] for row in custody.within(rows, of)] for of in ("a", "yard", "", "site")}
    assert shown == {"a": ["a"], "yard": ["b"], "": ["a", "b"], "site": ["a", "b"]}


def record(at: str, known: bool = True, **held: Any) -> dict[str, Any]:
    holds = {**FREE, **held}
    return {"at": at, "body": {"holds": holds if known else {**holds, "known": False}}}


def test_what_is_held_began_with_the_first_record_of_those_in_a_row_that_hold_it() -> None:
    records = [record("1", test="sam"), record("2"), record("3", tags=[TAG]), record("4", tags=[TAG], test="sam")]
    held = device(tags=[TAG], test="sam", efo=EFO)["held"]
    assert custody.began(records, held) == {"tag t1": "3", "test sam": "4"}
    assert custody.began([], held) == {}
    assert custody.began([record("1", tags=[TAG])], held) == {"tag t1": "1"}


def test_a_record_made_while_the_rest_was_not_known_ends_nothing() -> None:
    records = [record("1", tags=[TAG]), record("2", known=False, efo=EFO)]
    assert custody.began(records, device(tags=[TAG], efo=EFO)["held"]) == {"tag t1": "1", "efo o1": "2"}


def test_what_is_older_than_what_was_looked_at_is_not_guessed() -> None:
    records = [record(str(number), tags=[TAG]) for number in range(custody.RECORDS)]
    assert custody.began(records, device(tags=[TAG])["held"]) == {}


class Journal(Upstream):
    """Answers with `records`, or does not."""

    def __init__(self, records: list[dict[str, Any]]) -> None:
        super().__init__(Where("http://localhost"))
        self.records, self.asked, self.broken = records, 0, False

    async def ask(self, method: str, path: str, token: str = "", json: Any = None, **_: Any) -> Any:
        self.asked += 1
        if self.broken:
            raise Answered(503, "journal-unavailable", "disk full", {}, {})
        return {"records": self.records}


async def test_the_journal_is_asked_once_for_each_change() -> None:
    journal, since = Journal([record("1", tags=[TAG])]), Since()
    devices = {"wedge": device(tags=[TAG]), "boom": device("boom")}
    for _ in range(3):
        assert await since.of(journal, "", devices) == {"wedge": {"tag t1": "1"}}
    assert journal.asked == 1
    journal.records.append(record("2", tags=[TAG], test="sam"))
    devices["wedge"] = device(tags=[TAG], test="sam")
    assert await since.of(journal, "", devices) == {"wedge": {"tag t1": "1", "test sam": "2"}}
    assert await since.of(journal, "", {"wedge": device()}) == {}
    assert journal.asked == 2


async def test_what_is_not_written_yet_is_asked_for_again_and_a_journal_that_fails_hides_nothing() -> None:
    journal, since = Journal([]), Since()
    devices = {"wedge": device(tags=[TAG])}
    assert await since.of(journal, "", devices) == {"wedge": {}}
    journal.broken = True
    assert await since.of(journal, "", devices) == {}
    journal.broken, journal.records = False, [record("5", tags=[TAG])]
    assert await since.of(journal, "", devices) == {"wedge": {"tag t1": "5"}}
