"""Two at once: who looked at what is no more is told so, and what takes two people is shown to the second."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.console.conftest import Desk, held
from tests.console.still import still

Visit = Callable[..., Page]
MOVERS = ("albert-bollards", "gambetta-outer", "gambetta-inner", "ruhl-wedge", "massena-boom")


def test_of_two_who_act_at_once_one_is_told_that_it_changed(visit: Visit, desk: Desk) -> None:
    if desk.controller.device("ruhl-wedge")["state"] != "lowered":
        desk.controller.moves("lower", "ruhl-wedge")
    desk.controller.free("raise", "ruhl-wedge")
    first, second = visit("olga", "/devices/ruhl-wedge"), visit("sam")
    still(second, "/devices/ruhl-wedge")
    first.get_by_role("button", name="Raise", exact=True).click()
    expect(first.locator("#orders article").first).to_have_attribute("data-life", "confirmed")
    expect(second.locator("#panel-ruhl-wedge .state")).to_contain_text("lowered")
    with second.expect_request("**/act"):
        second.get_by_role("button", name="Raise", exact=True).click()
    refused = second.locator("#orders article").first
    expect(refused).to_have_attribute("data-life", "refused")
    expect(refused).to_contain_text("it changed while you looked: look again, then decide")
    records = desk.controller.get("/api/v1/journal", kind="command", device="ruhl-wedge", newest="true", limit=50)
    accepted = [one for one in records["records"] if one["body"].get("life") == "accepted"]
    by = {
        one["command"]: one["body"]["principal"] for one in records["records"] if one["body"].get("life") == "received"
    }
    assert by[accepted[-1]["command"]] == "olga"


def test_r06_the_second_person_is_shown_what_the_first_asked_for(visit: Visit, desk: Desk) -> None:
    assert desk.controller.order("lockdown", "ruhl-wedge").status_code == 202
    desk.controller.shows("ruhl-wedge", "raised")
    first, second = visit("olga", "/devices/ruhl-wedge"), visit("sam", "/devices/ruhl-wedge")
    first.get_by_role("button", name="End lockdown…").click()
    hold(first, "do-release")
    for page in (first, second):
        expect(page.locator(".wish")).to_contain_text(
            re.compile(r"olga asked for: End lockdown\. Somebody else has to ask for the same before \d\d:\d\d:\d\d\.")
        )
    expect(first.locator(".wish button")).to_be_hidden()
    expect(first.locator("#orders article").first).to_contain_text("noted: a second person has to ask too")
    elsewhere = visit("sam", "/alarms")
    expect(elsewhere.locator("#wishes")).to_contain_text(re.compile("ruhl|Ruhl"))
    expect(elsewhere.locator("#wishes")).to_contain_text("olga asked for: End lockdown.")
    expect(first.locator("#wishes p")).to_be_hidden()
    second.locator(".wish").get_by_role("button", name="Confirm: End lockdown…").click()
    expect(second.locator("#do-release [data-wish]")).to_contain_text("olga asked for: End lockdown.")
    hold(second, "do-release")
    expect(second.locator("#orders article").first).to_have_attribute("data-life", "confirmed")
    expect(second.locator(".wish")).to_have_count(0)
    assert desk.controller.device("ruhl-wedge")["held"]["efo"] is None


def test_r06_a_lockdown_of_the_whole_site_is_ended_by_two_people_once_each(visit: Visit, desk: Desk) -> None:
    assert desk.controller.order("lockdown", "nice-promenade").status_code == 202
    for mover in MOVERS:
        desk.controller.shows(mover, "raised" if mover != "massena-boom" else "lowered")
    first, second = visit("olga"), visit("sam")
    expect(first.locator("#perimeter")).to_contain_text("LOCKDOWN of the whole site")
    first.get_by_role("link", name="End lockdown of the whole site…").click()
    held(first.get_by_role("button", name="Hold to confirm"))
    expect(first.locator("#orders article").first).to_contain_text("noted: a second person has to ask too")
    wish = second.locator("#wishes p")
    expect(wish).to_have_count(1)
    expect(wish.get_by_role("link")).to_have_count(len(MOVERS))
    second.get_by_role("link", name="End lockdown of the whole site…").click()
    expect(second.locator("#custody-nice-promenade .wish")).to_have_count(len(MOVERS))
    held(second.get_by_role("button", name="Hold to confirm"))
    expect(second.locator("#orders article").first).to_have_attribute("data-life", "confirmed")
    expect(second.locator("#perimeter")).not_to_contain_text("LOCKDOWN")
    assert all(desk.controller.device(mover)["held"]["efo"] is None for mover in MOVERS)
    second.goto("/")
    expect(second.get_by_role("link", name="End lockdown", exact=False)).to_have_count(0)


def test_r06_where_one_line_of_the_site_is_locked_down_the_first_to_end_it_is_noted_all_the_same(
    visit: Visit, desk: Desk
) -> None:
    assert desk.controller.order("lockdown", "ruhl-wedge").status_code == 202
    desk.controller.shows("ruhl-wedge", "raised")
    first, second = visit("olga"), visit("sam")
    expect(first.locator("#perimeter")).to_contain_text("LOCKDOWN: Ruhl")
    first.get_by_role("link", name="End lockdown of the whole site…").click()
    held(first.get_by_role("button", name="Hold to confirm"))
    expect(first.locator("#orders article").first).to_contain_text("noted: a second person has to ask too")
    second.get_by_role("link", name="Maintenance", exact=True).click()
    second.get_by_role("region", name="End lockdowns").get_by_role("link", name="Ruhl…").click()
    held(second.get_by_role("button", name="Hold to confirm"))
    expect(second.locator("#orders article").first).to_have_attribute("data-life", "confirmed")
    assert desk.controller.device("ruhl-wedge")["held"]["efo"] is None


def hold(page: Page, dialog: str) -> None:
    """Hold the button of a dialog until it has taken it."""
    held(page.locator(f"#{dialog}").get_by_role("button", name="Hold to confirm"))
    expect(page.locator(f"#{dialog}")).to_be_hidden()
