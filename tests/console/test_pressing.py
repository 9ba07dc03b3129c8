"""How an order leaves a page: once, on purpose, on what was seen; and what became of it stays to be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.console.conftest import Desk
from tests.console.test_acting import given

Visit = Callable[..., Page]
BOLLARDS = "/devices/albert-bollards"
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def stop(page: Page) -> None:
    page.get_by_role("button", name="Stop", exact=True).click()


def test_what_is_not_known_of_an_order_stays_until_the_stream_tells_of_it(visit: Visit, desk: Desk) -> None:
    page = visit("olga", BOLLARDS)
    page.route("**/act", lambda route: route.abort())
    stop(page)
    note = page.locator("#unanswered article")
    expect(note).to_contain_text("it is not known whether this order arrived")
    page.unroute("**/act")
    other = visit("olga", "/devices/gambetta-outer")
    stop(other)
    expect(page.locator("#orders article", has_text="gambetta-outer").first).to_be_visible()
    expect(note).to_be_visible()
    name = note.get_attribute("data-order")
    proof = page.locator("body").get_attribute("data-proof") or ""
    sent: dict[str, Any] = {"target": "albert-bollards", "action": "stop", "id": str(name), "proof": proof}
    assert page.request.post("/act", form=sent).ok
    expect(page.locator(f"[id='order-{name}']")).to_be_visible()
    expect(note).to_have_count(0)


def test_what_the_console_refuses_stays_to_be_read(visit: Visit, desk: Desk) -> None:
    page = visit("olga", BOLLARDS)
    page.route("**/act", lambda route: route.fulfill(status=408, body="<main>It was not given.</main>"))
    stop(page)
    expect(page.locator("#unanswered article span")).to_have_text("It was not given.")


def test_a_key_that_is_held_on_confirms_nothing_that_it_has_opened(visit: Visit, desk: Desk) -> None:
    page = visit("olga", BOLLARDS)
    page.get_by_role("button", name="Lower…").focus()
    page.keyboard.down("Enter")
    dialog = page.get_by_role("dialog", name="Lower")
    expect(dialog).to_be_visible()
    hold = dialog.get_by_role("button", name="Hold to confirm")
    expect(hold).to_be_focused()
    for _ in range(3):
        page.keyboard.down("Enter")  # which repeats it
        page.evaluate(FRAMES)
    assert hold.evaluate("one => one.style.getPropertyValue('--held')") in ("", "0%")
    page.keyboard.up("Enter")
    page.keyboard.down("Enter")
    page.wait_for_function("() => parseFloat(document.activeElement.style.getPropertyValue('--held')) > 0")
    page.keyboard.up("Enter")
    expect(dialog).to_be_visible()


def test_a_double_click_is_one_order(visit: Visit, desk: Desk) -> None:
    page = visit("olga", BOLLARDS)
    before = len(given(desk))
    page.get_by_role("button", name="Stop", exact=True).dblclick()
    expect(page.locator("#orders article").first).to_have_attribute("data-life", "confirmed")
    assert len(given(desk)) == before + 1


def test_what_is_decided_in_a_dialog_is_decided_on_what_was_seen_as_it_opened(visit: Visit, desk: Desk) -> None:
    page = visit("olga", BOLLARDS)
    page.get_by_role("button", name="Lower…").click()
    seen = page.locator("dialog[open] input[name=seen]")
    before = seen.input_value()
    version = desk.controller.device("albert-bollards")["version"]
    desk.controller.order("test", "albert-bollards", by="Tom")
    try:
        expect(page.locator("#panel-albert-bollards")).to_contain_text("Tom")
        assert seen.input_value() == before == str(version)
        page.get_by_role("button", name="Cancel").click()
        page.get_by_role("button", name="Lower…").click()
        assert seen.input_value() == str(desk.controller.device("albert-bollards")["version"]) != before
    finally:
        desk.controller.order("end-test", "albert-bollards", by="Tom")
