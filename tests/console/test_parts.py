"""Each open page is told what it has not had, all of it and nothing else, whatever was made for the others."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from controller.console import parts
from controller.console.look import Look
from controller.console.parts import Open, Parts
from controller.console.visitor import Visitor
from controller.console.words import tongue


def device(name: str, state: str = "lit", age_s: float = 0.0) -> Any:
    return {
        "id": name, "kind": "beacon", "title": "", "state": state, "mode": "remote", "version": 1,
        "points": {"lit": {"value": True, "quality": "good", "age_s": age_s, "taken": f"2026-11-30T11:00:{age_s:06.3f}Z"}},
        "max_age_s": {"lit": 60.0}, "secures_by": None, "secured": None, "interlocks": [], "wishes": [], "zone": "z", "why": "",
        "held": {"efo": None},
    }  # fmt: skip


SITE: Any = {
    "zones": [{"id": "z", "title": "Z", "devices": ["a", "b"], "secured": None}], "secured": None, "simulated": False,
    "links": [], "timezone": "Europe/Paris",
}  # fmt: skip
ALARMS: Any = {"alarms": [], "hidden": [], "flood": False}
FIRST = Look(1, SITE, {"a": device("a"), "b": device("b")}, ALARMS, {}, datetime(2026, 11, 30, tzinfo=UTC))


def after(look: Look, **states: str) -> Look:
    """The look after `look`, in which these devices show something else."""
    devices = {**look.devices, **{name: device(name, state) for name, state in states.items()}}
    return replace(look, number=look.number + 1, devices=devices)


def order(name: str, user: str) -> Any:
    """An order of somebody, under way."""
    return {
        "id": name, "principal": user, "target": "a", "action": "raise", "life": "accepted", "ended": False, "because": "",
        "received": "2026-11-30T11:00:00.000Z", "refusals": [], "members": [], "history": [{"life": "accepted"}], "heard": 0,
    }  # fmt: skip


def texts(told: bytes) -> dict[str, str]:
    """Return what a stream was told, by part."""
    events = [
        json.loads(line.removeprefix("data: ")) for line in told.decode().splitlines() if line.startswith("data: ")
    ]
    return {one["id"]: one["text"] for one in events}


def ids(told: bytes) -> set[str]:
    return set(texts(told))


def test_a_page_that_had_the_last_look_is_told_what_changed_and_one_that_is_new_everything() -> None:
    made = Parts()
    first = made.sheet(FIRST, "en", "site", "")
    assert ids(first.since(0)) == {"perimeter", "strip", "wishes", "line-z", "row-a", "mark-a", "row-b", "mark-b"}
    assert first.since(first.number) == b""
    second = made.sheet(after(FIRST, a="dark"), "en", "site", "")
    assert ids(second.since(first.number)) == {"row-a", "mark-a"}
    assert ids(second.since(0)) == ids(first.since(0))


def test_a_page_that_has_missed_looks_is_told_what_changed_in_any_of_them() -> None:
    made, look = Parts(), FIRST
    first = made.sheet(look, "en", "site", "")
    for change in ({"a": "dark"}, {"b": "dark"}, {"b": "lit"}):
        look = after(look, **change)
        last = made.sheet(look, "en", "site", "")
    assert ids(last.since(first.number)) == {"row-a", "mark-a", "row-b", "mark-b"}
    assert "lit" in texts(last.since(first.number))["row-b"]


def test_what_is_made_in_one_language_or_for_one_page_is_not_told_in_another() -> None:
    made = Parts()
    english, german = (made.sheet(FIRST, language, "site", "") for language in ("en", "de"))
    assert english.since(0) != german.since(0)
    later = after(FIRST, a="dark")
    made.sheet(later, "en", "site", "")
    assert ids(made.sheet(later, "de", "site", "").since(german.number)) == {"row-a", "mark-a"}
    panel = ids(made.sheet(later, "en", "alarms", "1").since(0))
    assert "alarm-list-1" in panel
    assert "row-a" not in panel


def test_what_has_not_changed_is_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    rendered = list[str]()
    make = parts.text

    def counted(look: Look, language: str, one: parts.Part) -> str:
        rendered.append(one.id)
        return make(look, language, one)

    monkeypatch.setattr(parts, "text", counted)
    made = Parts()
    made.sheet(FIRST, "en", "site", "")
    rendered.clear()
    for _ in range(3):
        made.sheet(FIRST, "en", "site", "")
    assert rendered == []
    made.sheet(after(FIRST, b="dark"), "en", "site", "")
    assert rendered == ["row-b", "mark-b"]


def test_what_is_only_younger_is_neither_made_nor_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Parts()
    first = made.sheet(FIRST, "en", "site", "")
    monkeypatch.setattr(parts, "text", lambda *_: pytest.fail("made again"))
    younger = {name: device(name, age_s=0.7) for name in FIRST.devices}
    assert made.sheet(replace(FIRST, number=2, devices=younger), "en", "site", "").since(first.number) == b""


def test_a_site_that_is_told_differently_is_shown_anew() -> None:
    made = Parts()
    first = made.sheet(FIRST, "en", "site", "")
    moved = replace(FIRST, number=2, site={**SITE, "simulated": True})
    assert ids(made.sheet(moved, "en", "site", "").since(first.number)) == {"perimeter"}


def test_where_nothing_is_known_nothing_is_told_and_what_changed_meanwhile_is_told_after_it() -> None:
    made = Parts()
    page, olga = Open(made, "site", ""), Visitor("t", "olga", "operator", tongue("en"))
    assert "row-a" in ids(page.news(FIRST, olga))
    assert page.news(Look(FIRST.number), olga) == b""
    assert ids(page.news(after(FIRST, a="dark"), olga)) == {"row-a", "mark-a"}


def test_as_many_pages_as_may_be_open_are_each_told_what_is_new_only() -> None:
    made, pages = Parts(), [("alarms", str(number)) for number in range(1, parts.STREAMS + 1)]
    had = {page: made.sheet(FIRST, "en", *page).number for page in pages}
    assert all(made.sheet(FIRST, "en", *page).since(had[page]) == b"" for page in pages)
    for number in range(parts.STREAMS):
        made.sheet(FIRST, "de", "alarms", str(number))
    assert len(made._sheets) == parts.STREAMS


@pytest.mark.parametrize("view", ["maintenance", "passages", "site"])
def test_ones_own_parts_are_told_again_only_where_they_say_something_else(view: str) -> None:
    page, olga = Open(Parts(), view, ""), Visitor("t", "olga", "operator", tongue("en"))
    look = replace(FIRST, commands={"1": order("1", "olga")})
    assert {"orders", "session"} < ids(page.news(look, olga))
    younger = {name: device(name, age_s=0.7) for name in FIRST.devices}
    others = replace(look, number=2, devices=younger, commands={**look.commands, "2": order("2", "sam")})
    assert page.news(others, olga) == b""
    mine = replace(others, number=3, commands={**others.commands, "3": order("3", "olga")})
    assert ids(page.news(mine, olga)) == {"orders"}


def test_at_midnight_of_the_site_what_is_of_yesterday_gets_its_date() -> None:
    page, olga = Open(Parts(), "site", ""), Visitor("t", "olga", "operator", tongue("de"))
    late = replace(FIRST, at=datetime(2026, 11, 30, 22, 59, 59, tzinfo=UTC), commands={"1": order("1", "olga")})
    page.news(late, olga)
    assert "orders" in ids(page.news(replace(late, number=2, at=datetime(2026, 11, 30, 23, 0, tzinfo=UTC)), olga))


def test_whatever_is_asked_for_is_one_of_the_pages_that_there_are() -> None:
    viewer = Visitor("t", "vic", "viewer", tongue("en"))
    operator = replace(viewer, role="operator", permissions=frozenset({"pass"}))
    asked = [("site", "x"), ("device", "a"), ("device", "x"), ("alarms", "9999999"), ("passages", "x"), ("x", "y")]
    assert [parts.subject(*one, FIRST, viewer) for one in asked] == [
        ("site", ""), ("device", "a"), ("", ""), ("alarms", "1"), ("passages", ""), ("", ""),
    ]  # fmt: skip
    assert parts.subject("passages", "", FIRST, operator) == ("passages", "may")
