"""What an operator does in a browser, all the way to the steel: nothing is shown as done before feedback shows it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from playwright.sync_api import APIResponse, Page, Route, expect

from controller.console.pages.acting import SCRIPT
from tests.console.conftest import Desk, held, log_in
from tests.console.test_lost import answers
from tests.system.field import wait_for

Visit = Callable[..., Page]


def lowered(desk: Desk, device: str = "albert-bollards") -> None:
    """Have the bollards down, with nothing that forbids raising them."""
    if desk.controller.device(device)["state"] != "lowered":
        desk.controller.moves("lower", device)
    desk.controller.free("raise", device)


def test_r40_raising_goes_from_the_key_to_the_steel_and_back_to_the_page(visit: Visit, desk: Desk) -> None:
    lowered(desk)
    page = visit("olga", "/devices/albert-bollards")
    page.get_by_role("button", name="Raise", exact=True).press("Enter")
    order = page.locator("#orders article").first
    expect(order.locator("li.reached")).to_contain_text(["sent", "accepted"])
    assert desk.field.heights("albert-bollards") != [1.0, 1.0, 1.0], (
        "the page tells of an order, and not yet of its end"
    )
    expect(order).to_have_attribute("data-life", "confirmed")
    assert desk.field.heights("albert-bollards") == [1.0, 1.0, 1.0]
    expect(page.locator("#panel-albert-bollards .state").first).to_contain_text("raised")
    told = desk.controller.get("/api/v1/journal", kind="command", newest="true", limit=50)["records"]
    assert any(record["body"].get("principal") == "olga" for record in told)


def test_an_answer_tells_the_time_of_the_site_before_anybody_has_followed_it(visit: Visit, desk: Desk) -> None:
    port = urlsplit(desk.url).port
    desk.stop()
    desk.start(port or 0)
    wait_for("the console", lambda: answers(desk.url))
    page = visit()
    page.route("**/events?*", lambda route: route.abort())
    log_in(page, "olga")
    page.goto("/devices/ruhl-wedge")
    proof = page.locator("body").get_attribute("data-proof") or ""
    form: dict[str, str | float | bool] = {"target": "ruhl-wedge", "action": "stop", "proof": proof}
    answer = page.request.post("/act", form=form, headers={"Accept": SCRIPT})
    received = desk.controller.get("/api/v1/journal", kind="command", newest="true", limit=1)["records"][-1]["at"]
    there = datetime.fromisoformat(received).astimezone(ZoneInfo("Europe/Paris"))
    assert re.findall(r"(\d\d):\d\d:\d\d", answer.text()) == [f"{there:%H}"]


def test_r09_a_refusal_names_the_rule_and_the_reading(visit: Visit, desk: Desk) -> None:
    lowered(desk)
    desk.field.ask("occupy", loop="albert-loop-entry")
    wait_for("the loop", lambda: desk.controller.device("albert-loop-entry")["state"] == "occupied")
    page = visit("olga", "/devices/albert-bollards")
    page.get_by_role("button", name="Raise", exact=True).click()
    refusal = page.locator("#orders article").first
    expect(refusal).to_contain_text("refused")
    expect(refusal.locator(".refusals li").first).to_contain_text("R09")
    expect(refusal.locator(".refusals li").first).to_contain_text("albert-loop-entry: loop occupied")
    assert desk.field.heights("albert-bollards") == [0.0, 0.0, 0.0]


def test_what_lets_vehicles_pass_is_held_for_a_second_and_not_pressed(visit: Visit, desk: Desk) -> None:
    if desk.controller.device("albert-bollards")["state"] != "raised":
        desk.controller.moves("raise", "albert-bollards")
    page = visit("olga", "/devices/albert-bollards")
    page.get_by_role("button", name="Lower…").click()
    dialog = page.get_by_role("dialog", name="Lower")
    expect(dialog).to_contain_text("Vehicles will be able to pass at Rising bollards, Albert 1er.")
    button = dialog.get_by_role("button", name="Hold to confirm")
    before = given(desk)
    button.click()
    expect(dialog).to_be_visible()
    assert given(desk) == before
    held(button)
    expect(dialog).to_be_hidden()
    expect(page.locator("#orders article").first).to_have_attribute("data-life", "confirmed")
    assert desk.field.heights("albert-bollards") == [0.0, 0.0, 0.0]


def test_nothing_moves_on_reload_or_back(visit: Visit, desk: Desk) -> None:
    lowered(desk)
    page = visit("olga", "/devices/albert-bollards")
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator("#orders article").first).to_contain_text("Stop")
    before = len(given(desk))
    page.reload()
    page.goto("/")
    page.go_back()
    page.go_forward()
    expect(page.locator("#perimeter")).to_be_visible()
    assert len(given(desk)) == before


def test_an_answer_that_comes_after_the_stream_has_told_of_the_order_takes_nothing_away(
    visit: Visit, desk: Desk
) -> None:
    lowered(desk)
    page = visit("olga", "/devices/albert-bollards")
    held: list[tuple[Route, APIResponse]] = []
    page.route("**/act", lambda route: held.append((route, route.fetch())))
    with page.expect_request("**/act") as asked:
        page.get_by_role("button", name="Stop", exact=True).click()
    name = f"order-{parse_qs(asked.value.post_data or '')['id'][0]}"
    expect(page.locator(f"[id='{name}']")).to_have_attribute("data-life", "confirmed")
    route, answer = held[0]
    with page.expect_response("**/act"):
        route.fulfill(response=answer)
    page.evaluate("() => new Promise((done) => setTimeout(done))")
    expect(page.locator(f"[id='{name}']")).to_have_count(1)
    expect(page.locator("#orders article").first).to_have_id(name)


def given(desk: Desk) -> list[str]:
    records = desk.controller.get("/api/v1/journal", kind="command", newest="true", limit=200)["records"]
    return [record["command"] for record in records if record["body"].get("life") == "received"]


def test_lockdown_takes_two_keys_from_every_page(visit: Visit, desk: Desk) -> None:
    lowered(desk)
    page = visit("olga", "/alarms")
    page.keyboard.press("F9")
    page.keyboard.press("Enter")
    expect(page.locator("#orders article").first).to_contain_text("Lockdown")
    wait_for("steel up", lambda: desk.field.heights("albert-bollards") == [1.0, 1.0, 1.0])
    for device in ("albert-bollards", "ruhl-wedge"):
        assert desk.controller.device(device)["held"]["efo"]["by"] == "olga"
