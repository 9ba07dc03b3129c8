"""What the journal has of a device, as its page shows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import Page, expect

from controller.console import travel
from tests.console.conftest import Desk

Visit = Callable[..., Page]

DAY = "2026-11-30T"


def told(clock: str, state: str, mode: str = "remote") -> dict[str, Any]:
    return {"at": f"{DAY}{clock}Z", "command": "", "body": {"state": state, "mode": mode, "why": ""}}


RECORDS = [
    told("08:00:00", "unknown"), told("08:00:01", "lowered"), told("08:00:02", "raising"),
    told("08:00:02.500", "raising", "efo"), told("08:00:07", "raised", "efo"), told("10:30:00", "lowering"),
    told("10:30:02", "stopped"), told("10:31:00", "raising"), told("10:31:09", "raised"), told("10:32:00", "lowering"),
]  # fmt: skip


def test_a_motion_lasts_from_its_beginning_to_whatever_ended_it() -> None:
    made = travel.motions(RECORDS)
    assert [(one.action, one.took_s, one.end, one.whole) for one in made] == [
        ("raise", 5.0, "raised", True), ("lower", 2.0, "stopped", False), ("raise", 9.0, "raised", True),
    ], "the last one has not ended"  # fmt: skip


def test_r04_a_cycle_is_a_motion_that_blocked_the_way() -> None:
    made = travel.motions(RECORDS)
    now = datetime(2026, 11, 30, 11, tzinfo=UTC)
    assert travel.cycles(made, "raise", now) == (1, 2)
    assert travel.cycles(made, "lower", now) == (0, 0)
    assert travel.cycles([], "raise", now) == (0, 0)


def test_bars_are_told_apart_by_more_than_their_height() -> None:
    bars = list(travel.bars(travel.motions(RECORDS), "raise", 8.0))
    assert [bar.look for bar in bars] == ["securing", "cut", "late"]
    assert [bar.x for bar in bars] == sorted(bar.x for bar in bars)
    assert all(bar.y >= 0 and bar.y + bar.height == travel.HEIGHT - travel.FOOT for bar in bars)
    limit = travel.height(8.0, travel.top_s(travel.motions(RECORDS), 8.0))
    assert bars[0].height < limit < bars[2].height
    assert [bar.look for bar in travel.bars(travel.motions(RECORDS), "lower", 20.0)] == ["opening", "cut", "opening"]


def test_more_motions_than_fit_leave_the_latest() -> None:
    many = [travel.Motion(f"{DAY}08:00:00Z", "raise", float(took), "raised") for took in range(40)]
    bars = list(travel.bars(many, "raise", 100.0))
    assert len(bars) == travel.BARS
    assert bars[-1].x + bars[0].x - travel.LEFT < travel.WIDTH
    assert bars[-1].height == travel.height(39.0, 125.0)


def test_changes_leave_out_what_changed_nothing_that_is_shown() -> None:
    shown = travel.changes([RECORDS[1], RECORDS[1], *RECORDS[2:4]])
    assert [(one["body"]["state"], one["body"]["mode"]) for one in shown] == [
        ("raising", "efo"), ("raising", "remote"), ("lowered", "remote"),
    ]  # fmt: skip


def test_an_order_is_one_line_with_what_became_of_it() -> None:
    given = {"life": "received", "action": "raise", "by": "", "principal": "olga", "reason": "late"}
    refusal = {"rule": "R09", "device": "loop", "because": "occupied"}
    found = travel.orders([
        {"at": f"{DAY}07:00:00Z", "command": "before", "body": {"life": "confirmed", "because": ""}},
        {"at": f"{DAY}08:00:00Z", "command": "a", "body": given},
        {"at": f"{DAY}08:00:01Z", "command": "b", "body": {**given, "by": "luc"}},
        {"at": f"{DAY}08:00:02Z", "command": "a", "body": {"life": "refused", "because": "", "refusals": [refusal]}},
    ])  # fmt: skip
    assert [(one["id"], one["by"], one["life"], one["refusals"]) for one in found] == [
        ("b", "luc", "received", []), ("a", "olga", "refused", [refusal]),
    ]  # fmt: skip


def test_the_page_of_a_device_shows_its_motions_against_what_is_allowed(visit: Visit, desk: Desk) -> None:
    if desk.controller.device("ruhl-wedge")["state"] != "lowered":
        desk.controller.moves("lower", "ruhl-wedge")
    desk.controller.moves("raise", "ruhl-wedge")
    desk.controller.moves("lower", "ruhl-wedge")
    allowed = desk.controller.get("/api/v1/devices/ruhl-wedge/spec")["travel_s"]
    page = visit("olga", "/devices/ruhl-wedge")
    chart = page.get_by_role("img", name=f"of {allowed:g} s allowed")
    expect(chart.locator("rect.securing")).not_to_have_count(0)
    expect(chart.locator("rect.opening")).not_to_have_count(0)
    page.get_by_text("The same as a table").click()
    expect(page.locator("#motions-table tbody tr").first).to_contain_text("Lower")
    expect(page.locator("#motions-table tbody tr").nth(1)).to_contain_text("raised")
    expect(page.locator("dd", has_text="that it is built for")).to_contain_text("1 of ")
    orders = page.get_by_role("region", name="Last orders").locator("tbody tr")
    expect(orders.first).to_contain_text("confirmed")
    expect(orders.first).to_contain_text("Lower")
    desk.controller.order("lower", "ruhl-wedge", seen=0)
    page.reload()
    expect(orders.first).to_contain_text("changed-since-seen")
