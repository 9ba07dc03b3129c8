"""Vehicles let through in a browser: consequences first, a held key, what becomes of it as it happens, and the end of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from controller.console import shown
from tests.console.conftest import PASSWORD, Desk, held
from tests.system.field import wait_for

Visit = Callable[..., Page]
BOLLARDS = "albert-bollards"


def raised(desk: Desk, device: str = BOLLARDS) -> None:
    """Have the bollards up, in no passage, with nothing that forbids lowering them."""
    for passage in passages(desk):
        if not passage["ended"]:
            desk.controller.http.post(f"/api/v1/passages/{passage['id']}/end").raise_for_status()
    wait_for("no passage", lambda: all(passage["ended"] for passage in passages(desk)))
    if desk.controller.device(device)["state"] != "raised":
        desk.controller.moves("raise", device)
    desk.controller.free("lower", device)


def passages(desk: Desk) -> Any:
    return desk.controller.get("/api/v1/passages")


def hold(page: Page, name: str) -> None:
    held(page.get_by_role("button", name=name))


def latest(page: Page) -> Locator:
    return page.locator("#passage-list article").first


def test_r12_a_vehicle_is_let_through_and_the_way_is_secured_behind_it(visit: Visit, desk: Desk) -> None:
    raised(desk)
    page = visit("olga", "/passages")
    page.get_by_label("Where").select_option("Rising bollards, Albert 1er")
    page.get_by_role("button", name="Choose").press("Enter")
    expect(page.locator("#consequence")).to_contain_text("opens for one vehicle, and is secured behind it")
    page.get_by_label("Vehicle", exact=True).fill("AB-123-CD")
    page.get_by_label("Why").fill("flowers")
    page.get_by_role("button", name="Hold to open the way").click()
    before = len(passages(desk))
    hold(page, "Hold to open the way")
    expect(latest(page)).to_have_attribute("data-stage", "open")
    expect(latest(page)).to_contain_text("AB-123-CD")
    expect(latest(page)).to_contain_text("olga: flowers")
    assert len(passages(desk)) == before + 1, "a press is no hold"
    assert desk.field.heights(BOLLARDS) == [0.0, 0.0, 0.0]
    desk.field.ask("occupy", loop="albert-loop-entry")
    expect(latest(page)).to_have_attribute("data-stage", "occupied")
    desk.field.ask("vacate")
    expect(latest(page)).to_have_attribute("data-stage", "done")
    expect(page.locator("#asked article")).to_have_attribute("data-stage", "done")
    expect(page.locator("#asked article .life")).to_have_text("done")
    assert desk.field.heights(BOLLARDS) == [1.0, 1.0, 1.0]


def test_a_refusal_names_the_rule_and_the_reading_before_and_after(visit: Visit, desk: Desk) -> None:
    raised(desk)
    desk.controller.order("lock-out", BOLLARDS, by="marie", reason="brake").raise_for_status()
    try:
        page = visit("olga", f"/passages?target={BOLLARDS}")
        expect(page.locator("#ask .refusals")).to_contain_text(f"lock-out {BOLLARDS}: locked out by marie: brake")
        hold(page, "Hold to open the way")
        refusal = page.locator("#asked article .refusals li").first
        expect(refusal).to_contain_text(f"lock-out {BOLLARDS}: locked out by marie: brake")
        expect(latest(page)).to_have_attribute("data-stage", "refused")
        assert desk.field.heights(BOLLARDS) == [1.0, 1.0, 1.0]
    finally:
        desk.controller.order("lift", BOLLARDS, by="marie").raise_for_status()


def test_ending_a_passage_says_that_the_way_stays_open(visit: Visit, desk: Desk) -> None:
    raised(desk)
    page = visit("olga", f"/passages?target={BOLLARDS}")
    hold(page, "Hold to open the way")
    expect(latest(page)).to_have_attribute("data-stage", "open")
    latest(page).get_by_role("link", name="End…").press("Enter")
    expect(page.locator("#consequence")).to_contain_text("STAYS OPEN until somebody secures it")
    page.get_by_label("Why").fill("went the other way")
    page.get_by_role("button", name="End the passage").press("Enter")
    expect(page.locator("#asked article")).to_contain_text("ended by olga: went the other way")
    page.get_by_role("link", name="Back to the passages").click()
    expect(latest(page)).to_have_attribute("data-stage", "cancelled")
    assert desk.field.heights(BOLLARDS) == [0.0, 0.0, 0.0]


def test_a_route_tells_its_points_and_is_secured_when_it_is_ended(visit: Visit, desk: Desk) -> None:
    raised(desk)
    desk.controller.free("raise", "massena-boom")
    page = visit("olga", "/passages?target=fire-brigade")
    expect(page.locator("#consequence li")).to_have_text(["Rising bollards, Albert 1er", "Boom barrier, Masséna"])
    expect(page.locator("#consequence")).to_contain_text("STAY OPEN until somebody ends the route, at most 10 minutes")
    hold(page, "Hold to open the way")
    expect(latest(page).locator(".points li").nth(1)).to_contain_text(re.compile("open|vehicle in the way"))
    expect(latest(page)).to_have_attribute("data-stage", "open")
    latest(page).get_by_role("link", name="End…").click()
    expect(page.locator("#consequence")).to_contain_text("is secured as soon as nothing is on its loops")
    page.get_by_role("button", name="End the route").click()
    page.get_by_role("link", name="Back to the passages").click()
    expect(latest(page)).to_have_attribute("data-stage", "done")
    assert desk.field.heights(BOLLARDS) == [1.0, 1.0, 1.0]


def test_an_airlock_has_a_direction_and_a_bare_mover_none(visit: Visit, desk: Desk) -> None:
    page = visit("olga", "/passages?target=gambetta-outer")
    expect(page.get_by_label("Direction").locator("option")).to_have_text([
        "first Outer bollard row, Gambetta, then Inner bollard row, Gambetta",
        "first Inner bollard row, Gambetta, then Outer bollard row, Gambetta",
        "Outer bollard row, Gambetta alone",
    ])  # fmt: skip
    page.goto("/passages?target=massena-boom")
    expect(page.get_by_label("Direction")).to_have_count(0)
    for nowhere in ("albert-loop-entry", "nowhere"):
        answer = page.goto(f"/passages?target={nowhere}")
        assert answer is not None
        assert answer.status == 404


def test_a_form_that_was_long_under_way_opens_nothing(visit: Visit, desk: Desk) -> None:
    raised(desk)
    page = visit("olga", f"/passages?target={BOLLARDS}")
    proof = page.locator("body").get_attribute("data-proof") or ""
    before = len(passages(desk))
    answer = page.request.post("/passages", form={"target": BOLLARDS, "proof": proof, "sent": "0.5"})
    assert answer.status == 408
    assert len(passages(desk)) == before


def test_nothing_is_asked_for_by_reload_or_back(visit: Visit, desk: Desk) -> None:
    raised(desk)
    page = visit("olga", f"/passages?target={BOLLARDS}")
    hold(page, "Hold to open the way")
    expect(latest(page)).to_have_attribute("data-stage", "open")
    before = len(passages(desk))
    page.reload()
    page.goto("/")
    page.go_back()
    page.go_forward()
    expect(page.locator("#perimeter")).to_be_visible()
    assert len(passages(desk)) == before


def test_without_a_script_nothing_is_opened_by_one_press_and_the_same_form_twice_is_one_passage(
    visit: Visit, desk: Desk
) -> None:
    raised(desk)
    page = visit(path=f"/passages?target={BOLLARDS}", java_script_enabled=False)
    page.locator("#user").fill("olga")
    page.locator("#password").fill(PASSWORD)
    page.locator("form[action='/login'] button").click()
    form = {field.get_attribute("name"): field.input_value() for field in page.locator("#ask input").all()}
    expect(page.get_by_role("button", name="Hold to open the way")).to_be_disabled()
    assert page.request.post("/passages", form={str(name): value for name, value in form.items()}).ok
    page.goto("/passages")
    expect(page.locator(f"#passage-{form['id']}")).to_be_visible()
    before = len(passages(desk))
    again = page.request.post("/passages", form={str(name): value for name, value in form.items()})
    assert again.ok
    assert len(passages(desk)) == before


def test_who_may_not_sees_no_button_and_a_forged_form_is_refused_by_the_controller(visit: Visit, desk: Desk) -> None:
    raised(desk)
    asked = desk.controller.http.post("/api/v1/passages", json={"target": BOLLARDS, "by": "marie"})
    assert asked.status_code == 202
    page = visit("vic", f"/passages?target={BOLLARDS}")
    expect(latest(page)).to_contain_text("marie")
    expect(page.locator("#ask")).to_have_count(0)
    expect(page.get_by_role("link", name="End…")).to_have_count(0)
    proof = page.locator("body").get_attribute("data-proof") or ""
    forged: dict[str, dict[str, Any]] = {
        "/passages": {"target": BOLLARDS},
        f"/passages/{asked.json()['id']}/end": {"reason": "x"},
    }
    for path, form in forged.items():
        answer = page.request.post(path, form={**form, "proof": proof})
        assert answer.status == 403
        assert "this needs the permission `pass`" in answer.text()
        assert page.request.post(path, form=form).status == 403, "without the proof of the page"
    assert [one["id"] for one in passages(desk) if not one["ended"]] == [asked.json()["id"]]


def passage(stage: str, *, ended: bool = False) -> dict[str, Any]:
    return {"id": stage, "ended": ended, "points": [{"device": "wedge", "stage": stage, "because": ""}]}


def test_what_is_under_way_comes_first_and_the_latest_before_the_others() -> None:
    told = [passage("done", ended=True), passage("open"), passage("refused", ended=True), passage("requested")]
    assert [one["id"] for one in shown.passages(told)] == ["requested", "open", "refused", "done"]


@pytest.mark.parametrize(("stage", "open_"), [("requested", False), ("opening", True), ("held", True), ("done", False)])
def test_a_way_that_is_or_may_be_open_stays_so(stage: str, open_: bool) -> None:
    assert shown.stays_open(passage(stage)) is open_
    assert not shown.stays_open(passage(stage, ended=True))
