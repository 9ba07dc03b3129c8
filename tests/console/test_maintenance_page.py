"""What people hold over devices, in a browser: who, since when and why; taking, and giving back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.console.conftest import Desk, held
from tests.system.field import wait_for

Visit = Callable[..., Page]
WEDGE, BOOM = "ruhl-wedge", "massena-boom"


@pytest.fixture(autouse=True)
def free(desk: Desk) -> Iterator[None]:
    """Nothing is held over the wedge and the boom, before and after."""
    let_go(desk)
    yield
    let_go(desk)


def let_go(desk: Desk) -> None:
    for device in (WEDGE, BOOM):
        held = desk.controller.device(device)["held"]
        for name in {tag["owner"] for tag in held["tags"]}:
            desk.controller.order("lift", device, by=name).raise_for_status()
        if held["test"]:
            desk.controller.order("end-test", device, by=held["test"]).raise_for_status()


def row(page: Page, device: str = WEDGE) -> Locator:
    return page.locator(f"#custody-of-{device}")


def act(page: Page, device: str, name: str) -> None:
    """Follow the way to an act from the list."""
    row(page, device).get_by_role("link", name=name).press("Enter")


def done(page: Page) -> None:
    """The act is not offered once more, and who used the keyboard reads so."""
    expect(page.locator("#custody-act")).to_be_hidden()
    expect(page.locator("#custody-over")).to_be_focused()


def hold(page: Page) -> None:
    held(page.get_by_role("button", name="Hold to confirm"))


def test_a_technician_locks_out_says_why_and_lifts_it_again(visit: Visit, desk: Desk) -> None:
    page = visit("tom", "/maintenance")
    act(page, WEDGE, "Lock out…")
    expect(page.locator("#consequence")).to_contain_text("not even with a lockdown")
    page.get_by_label("Why").press("Enter")
    assert desk.controller.device(WEDGE)["held"]["tags"] == [], "a lock-out says why"
    page.get_by_label("Why").fill("brake is worn")
    page.get_by_label("Why").press("Enter")
    expect(page.locator("#orders article").first).to_have_attribute("data-life", "confirmed")
    done(page)
    expect(row(page)).to_contain_text(re.compile(r"Locked out by tom, since 3?\d .*: brake is worn"))
    told = wait_for("the record", lambda: desk.controller.get("/api/v1/journal", device=WEDGE, kind="mode")["records"])
    expect(row(page).locator("time")).to_have_attribute("datetime", told[-1]["at"])
    refused = desk.controller.order("raise", WEDGE).json()
    assert refused["refusals"][0]["rule"] == "lock-out"
    page.get_by_role("link", name="Back to maintenance").click()
    act(page, WEDGE, "Lift lock-out…")
    expect(page.locator("#consequence")).to_contain_text("can be moved from here at once")
    page.get_by_role("button", name="Hold to confirm").click()
    assert desk.controller.device(WEDGE)["held"]["tags"], "a press is no hold"
    hold(page)
    expect(row(page).locator(".hold-of")).to_have_count(0)
    assert desk.controller.device(WEDGE)["held"]["tags"] == []
    done(page)


def test_what_is_not_possible_is_not_offered_until_it_is(visit: Visit, desk: Desk) -> None:
    page = visit("tom", f"/maintenance/{WEDGE}/lift")
    expect(page.locator("#custody-over")).to_be_visible()
    expect(page.locator("#custody-act")).to_be_hidden()
    desk.controller.order("lock-out", WEDGE, by="marie", reason="hose leaks").raise_for_status()
    expect(page.locator("#custody-over")).to_be_hidden()
    expect(page.locator("#custody-act")).to_be_hidden()
    page.get_by_role("link", name="look again, then decide").click()
    expect(page.locator("#consequence")).to_contain_text("It takes two people other than that person")
    expect(row(page).get_by_role("link", name="Lock out…")).to_be_visible()
    expect(row(page).get_by_role("link", name="Ask to lift…")).to_have_count(0)
    hold(page)
    expect(row(page)).to_contain_text(re.compile("tom wants it lifted|tom has asked"))


def test_what_was_asked_for_something_else_is_asked_for_anew(visit: Visit, desk: Desk) -> None:
    desk.controller.order("lock-out", WEDGE, by="tom", reason="brake").raise_for_status()
    page = visit("tom", f"/maintenance/{WEDGE}/lift")
    expect(page.locator("#consequence")).to_contain_text("can be moved from here at once")
    desk.controller.order("lock-out", WEDGE, by="marie", reason="hose leaks").raise_for_status()
    expect(page.get_by_role("link", name="look again, then decide")).to_be_visible()
    expect(page.locator("#custody-act")).to_be_hidden()
    assert len(desk.controller.device(WEDGE)["held"]["tags"]) == 2


def test_another_persons_lock_out_is_not_lifted_by_one(visit: Visit, desk: Desk) -> None:
    page = visit("tom", "/maintenance")
    desk.controller.order("lock-out", WEDGE, by="marie", reason="hose leaks").raise_for_status()
    expect(row(page)).to_contain_text("Locked out by marie")
    expect(row(page).locator(".hold-of")).to_contain_text(": hose leaks")
    act(page, WEDGE, "Ask to lift…")
    expect(page.locator("#consequence")).to_contain_text("It takes two people other than that person")
    hold(page)
    expect(page.locator("#orders article").first).to_contain_text(re.compile("a second person|somebody else"))
    expect(row(page)).to_contain_text(re.compile("tom wants it lifted|tom has asked"))
    assert [tag["owner"] for tag in desk.controller.device(WEDGE)["held"]["tags"]] == ["marie"]


def test_a_test_is_of_one_person_and_a_supervisor_ends_it(visit: Visit, desk: Desk) -> None:
    page = visit("tom", "/maintenance")
    act(page, BOOM, "Take for test…")
    page.get_by_role("button", name="Take for test").press("Enter")
    expect(row(page, BOOM)).to_contain_text(re.compile("In test by tom, since"))
    assert desk.controller.device(BOOM)["held"]["test"] == "tom"
    other = visit("olga", "/maintenance")
    expect(row(other, BOOM)).to_contain_text("In test by tom")
    expect(row(other, BOOM).get_by_role("link", name="End test")).to_have_count(0)
    supervisor = visit("sam", "/maintenance")
    expect(row(supervisor, BOOM).get_by_role("link", name="Lock out…")).to_have_count(0)
    act(supervisor, BOOM, "End test…")
    supervisor.get_by_role("button", name="End test").press("Enter")
    expect(row(supervisor, BOOM).locator(".hold-of")).to_have_count(0)
    expect(row(page, BOOM).locator(".hold-of")).to_have_count(0)


def test_r06_who_fired_a_lockdown_does_not_end_it_alone(visit: Visit, desk: Desk) -> None:
    olga = visit("olga", "/maintenance")
    fired = desk.controller.order("lockdown", "massena", by="marie").json()
    desk.controller.ended(fired["id"])
    expect(row(olga, BOOM)).to_contain_text(re.compile("Locked down by marie as operator, since"))
    act(olga, BOOM, "End lockdown…")
    expect(olga.locator("#consequence")).to_contain_text("Nothing moves by that.")
    hold(olga)
    refusal = olga.locator("#orders article .refusals li").first
    expect(refusal.locator(".rule")).to_have_text(re.compile("R06|two-persons"))
    expect(refusal).to_contain_text("marie")
    assert desk.controller.device(BOOM)["held"]["efo"]
    sam = visit("sam", "/maintenance")
    sam.get_by_role("region", name="End lockdowns").get_by_role("link", name="Masséna…").press("Enter")
    expect(row(sam, BOOM)).to_be_visible()
    expect(row(sam)).to_have_count(0)
    hold(sam)
    expect(row(sam, BOOM).locator(".hold-of")).to_have_count(0)
    assert desk.controller.device(BOOM)["held"]["efo"] is None


def test_who_may_not_sees_no_button_and_a_forged_form_is_refused_by_the_controller(visit: Visit, desk: Desk) -> None:
    desk.controller.order("lock-out", WEDGE, by="marie", reason="hose leaks").raise_for_status()
    for user, actions in (("vic", ("lock-out", "lift", "test", "end-test", "release")), ("olga", ("lock-out", "lift"))):
        page = visit(user, "/maintenance")
        expect(row(page)).to_contain_text("Locked out by marie")
        expect(page.locator("main").get_by_role("link").filter(has_text="…")).to_have_count(0)
        proof = page.locator("body").get_attribute("data-proof") or ""
        for action in actions:
            answer = page.goto(f"/maintenance/{WEDGE}/{action}")
            assert answer is not None
            assert answer.status == 404
            form: dict[str, Any] = {"target": WEDGE, "action": action, "reason": "x", "proof": proof}
            refused = page.request.post("/act", form=form)
            assert refused.status == 403
            assert f"this needs the permission `{action}`" in refused.text()
    assert [tag["owner"] for tag in desk.controller.device(WEDGE)["held"]["tags"]] == ["marie"]


def test_there_is_no_act_at_what_is_no_mover_and_no_act_that_is_none(visit: Visit, desk: Desk) -> None:
    page = visit("tom", "/maintenance")
    for path in ("/maintenance/albert-loop-entry/lock-out", "/maintenance/nothing/test", f"/maintenance/{WEDGE}/raise",
                 "/maintenance/massena/lock-out"):  # fmt: skip
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 404
