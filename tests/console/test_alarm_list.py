"""R34, R35: what one page shows of the alarms, in which order, and what a press on it acknowledges."""

from __future__ import annotations

import re
from typing import Any

import pytest

from controller.console import alarm_kpi, alarm_list
from controller.console.rendering import part


def alarm(device: str, name: str = "fault", *, at: int = 0, priority: int = 3, **more: Any) -> dict[str, Any]:
    since = f"2026-11-30T02:{at:02}:00.000Z"
    return {
        "id": f"{device}.{name}", "device": device, "zone": "z", "priority": priority, "since": since,
        "state": "unacknowledged", "text": name, "sound": None, "sounding": False, "active": True, "hideable": True, **more,
    }  # fmt: skip


def told(*alarms: dict[str, Any], flood: bool = False, hidden: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {"alarms": list(alarms), "hidden": list(hidden), "flood": flood}


def ids(alarms: Any) -> list[str]:
    return [one["id"] for one in alarms]


def test_r34_the_most_urgent_are_first_and_of_those_the_youngest() -> None:
    shown = alarm_list.listed(told(alarm("a", at=1), alarm("b", at=9), alarm("c", at=5, priority=1)), 1)
    assert ids(shown["alarms"]) == ["c.fault", "b.fault", "a.fault"]


def test_one_press_is_about_what_the_page_shows_and_nobody_has_seen() -> None:
    many = [alarm(f"d{n:02}", at=59 - n) for n in range(25)]
    many[0]["state"] = "acknowledged"
    first, second = alarm_list.listed(told(*many), 1), alarm_list.listed(told(*many), 2)
    assert (first["pages"], second["pages"]) == (2, 2)
    named = [name for name, _ in alarm_list.named(first["to_see"])]
    assert named == [f"d{n:02}.fault" for n in range(1, 20)]
    assert [name for name, _ in alarm_list.named(second["to_see"])] == [f"d{n:02}.fault" for n in range(20, 25)]
    assert alarm_list.named(second["to_see"])[0] == ("d20.fault", many[20]["since"])


def test_a_page_behind_the_last_one_is_the_last_one() -> None:
    shown = alarm_list.listed(told(*(alarm(f"d{n:02}") for n in range(21))), 7)
    assert shown["page"] == 2
    assert len(shown["alarms"]) == 1
    assert alarm_list.listed(told(), 7)["page"] == 1


@pytest.mark.parametrize(("text", "number"), [("", 1), ("0", 1), ("3", 3), ("-1", 1), ("9" * 9, 1), ("999", 50)])
def test_the_number_of_a_page_is_one_that_there_can_be(text: str, number: int) -> None:
    assert alarm_list.number(text) == number


def test_the_button_of_a_page_carries_what_the_page_shows_and_in_a_flood_that_of_a_group_does() -> None:
    alarms = [
        alarm("a", proposes="secure z", stale=False, chattering=True, by="", reason="", until=None, active=True),
        alarm(
            "a", "other", at=2, proposes=None, stale=True, chattering=False, by="", reason="", until=None, active=True
        ),
    ]
    carried = 'value="a.other|2026-11-30T02:02:00.000Z a.fault|2026-11-30T02:00:00.000Z"'
    page = part("en", "alarms", list=alarm_list.listed(told(*alarms), 1))
    assert re.search(f'id="ack-shown"[^>]* {re.escape(carried)}>Acknowledge the 2 that are shown here<', page)
    assert "Consider: Secure z" in page
    flood = part("en", "alarms", list=alarm_list.listed(told(*alarms, flood=True), 1))
    assert "ack-shown" not in flood
    assert re.search(f'<details [^>]*id="group-a">.*id="ack-group-a"[^>]* {re.escape(carried)}>', flood, re.DOTALL)


def test_r35_in_a_flood_the_alarms_are_grouped_and_the_first_of_each_and_of_all_are_named() -> None:
    shown = alarm_list.listed(
        told(
            alarm("loop", "faulty", at=4),
            alarm("loop", "stuck", at=3),
            alarm("unit", "no-answer", at=2, priority=2),
            alarm("bollard", "old", at=1, priority=2, state="acknowledged"),
            flood=True,
        ),
        1,
    )
    assert [(one["id"], one["count"], one["unseen"], one["first"]) for one in shown["groups"]] == [
        ("unit", 1, 1, True), ("bollard", 1, 0, False), ("loop", 2, 2, False),
    ]  # fmt: skip
    assert shown["groups"][2]["first_up"]["id"] == "loop.stuck"
    assert shown["alarms"] == []
    assert shown["to_see"] == "", "no press is about groups, which are closed until somebody opens them"
    assert [name for name, _ in alarm_list.named(shown["groups"][2]["to_see"])] == ["loop.faulty", "loop.stuck"]


def test_r35_a_group_shows_so_many_and_counts_the_rest() -> None:
    shown = alarm_list.listed(told(*(alarm("unit", f"n{n:02}", at=n) for n in range(23)), flood=True), 1)
    (group,) = shown["groups"]
    assert (group["count"], len(group["alarms"]), group["left"]) == (23, 20, 3)
    assert len(alarm_list.named(group["to_see"])) == 20


def test_r23_what_sounds_without_a_break_outdoes_what_pulses() -> None:
    pulsing = alarm("radar", "overspeed", sound="pulsing", sounding=True)
    seen = alarm("direction", "wrong-way", sound="continuous", sounding=False)
    assert alarm_list.sound([pulsing, seen]) == "pulsing"
    assert alarm_list.sound([pulsing, {**seen, "sounding": True}]) == "continuous"
    assert alarm_list.sound([seen]) == ""


def test_figures_are_held_against_what_is_aimed_at() -> None:
    kpi = {
        "last_10_min": 2, "last_hour": 13, "stale": ["a"] * 5, "chattering": [], "shelved": ["b"], "suppressed": [],
        "out_of_service": [],
    }  # fmt: skip
    assert [one["verdict"] for one in alarm_kpi.rates(kpi)] == ["much", "too-much"]
    assert [one["verdict"] for one in alarm_kpi.rates({**kpi, "last_10_min": 1, "last_hour": 6})] == ["good", "good"]
    assert [one["verdict"] for one in alarm_kpi.lists(kpi)] == ["too-much", "good", "", "", ""]
    assert [one["verdict"] for one in alarm_kpi.lists({**kpi, "stale": [], "chattering": ["a"]})][:2] == [
        "good",
        "too-much",
    ]


def test_the_split_by_priority_is_told_in_per_cent() -> None:
    shown = alarm_kpi.shares({"1": 0, "2": 1, "3": 1, "4": 2})
    assert [(one["count"], one["share"], one["aim"]) for one in shown] == [
        (0, 0, 1),
        (1, 25, 5),
        (1, 25, 15),
        (2, 50, 80),
    ]
    assert alarm_kpi.shares({"1": 0, "2": 0, "3": 0, "4": 0})[0]["share"] is None
