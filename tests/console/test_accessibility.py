"""Every page for everybody: axe finds nothing, all can be done by keyboard, and a thumb in a glove hits what it aims at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect

from controller.console.pages import PAGES
from tests.console.conftest import Desk
from tests.console.still import still
from tests.system.field import wait_for

Visit = Callable[..., Page]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
KEY = """one => [one.closest("[id]")?.id, one.getAttribute("href"), one.getAttribute("formaction"),
    one.dataset.opens, one.dataset.unfolds,
    one.form?.getAttribute("action"), one.form?.elements.target?.value, one.form?.elements.action?.value].join("|")"""
"""What an element is, also after its part of the page was made anew."""
SEEN = "one => one.checkVisibility() && one.getClientRects().length > 0"


@pytest.fixture(scope="module")
def paths(served: Desk) -> list[str]:
    """Every page that there is, with an alarm and an order to look at; what is not there is a page too."""
    served.field.trouble("drop", "albert")
    alarm = wait_for("an alarm", lambda: served.controller.get("/api/v1/alarms")["alarms"])[0]["id"]
    given = served.controller.order("stop", "ruhl-wedge").json()["id"]
    refused = served.controller.order("raise", "albert-bollards").json()["id"]
    plain = sorted({route.path for route in PAGES if "GET" in (route.methods or ()) and "{" not in route.path})
    return [
        *plain, "/devices/albert-bollards", "/devices/ruhl-wedge", "/devices/massena-counter", f"/orders/{given}",
        f"/orders/{refused}", f"/alarms/{alarm}/shelve", "/nowhere",
        "/passages?target=gambetta-outer", "/passages?target=fire-brigade", "/journal/1", "/journal?text=nothing",
    ]  # fmt: skip


def violations(page: Page) -> list[str]:
    """Return what axe has to say about a page."""
    told = Axe().run(page, options={"resultTypes": ["violations"], "runOnly": RULES}).response["violations"]
    return [f"{page.url}: {one['id']}: {node['html'][:200]}" for one in told for node in one["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing_on_any_page(visit: Visit, paths: list[str], scheme: str, viewport: Any) -> None:
    page = visit("ada", color_scheme=scheme, viewport=viewport)
    found = []
    for path in paths:
        page.goto(path)
        found += violations(page)
    page.goto("/devices/ruhl-wedge")
    page.get_by_role("button", name="Lower…").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    found += violations(page)
    page.keyboard.press("Escape")
    page.keyboard.press("F9")
    expect(page.get_by_role("dialog")).to_be_visible()
    found += violations(page)
    assert found == []


def focused(page: Page) -> Any:
    """Return the element with the focus: how it is seen, and whether head or orders hide it; None when it has left the page."""
    return page.evaluate(
        """() => {
        const key = KEY, one = document.activeElement;
        if (!one || one === document.body) return null;
        const visited = window.visited ??= [], again = visited.includes(key(one));
        visited.push(key(one));
        const box = one.getBoundingClientRect(), style = getComputedStyle(one), head = document.querySelector(".head");
        const under = head && !head.contains(one) && !one.matches(".skip") && getComputedStyle(head).position === "sticky"
            && box.top < head.getBoundingClientRect().bottom - 1;
        const bar = document.querySelector(".orders"), lies = bar?.getBoundingClientRect();
        const over = bar && !bar.contains(one) && !head.contains(one) && !one.matches(".skip")
            && box.bottom > lies.top + 1 && box.top < lies.bottom;
        return { again, what: one.outerHTML.slice(0, 120), hidden: under || over || box.bottom > innerHeight + 1 || !box.width,
                 ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 };
    }""".replace("KEY", KEY)
    )


def walk(page: Page, key: str) -> Iterator[Any]:
    """Press `key` from element to element until the page has been gone through."""
    while True:
        page.keyboard.press(key)
        at = focused(page)
        if at is None or at["again"]:
            return
        yield at


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("path", ["/", "/devices/ruhl-wedge", "/alarms"])
def test_the_keyboard_reaches_everything_and_its_place_is_always_seen(
    visit: Visit, paths: list[str], path: str, viewport: Any
) -> None:
    page = visit("olga", viewport=viewport)
    proof = page.locator("body").get_attribute("data-proof") or ""
    for _ in range(3):
        page.request.post("/act", form={"target": "ruhl-wedge", "action": "raise", "proof": proof})
    expect(page.locator("#orders article").nth(2)).to_be_attached()
    still(page, path)
    expect(page.locator("#orders article").nth(2)).to_be_attached()
    forth = list(walk(page, "Tab"))
    assert forth[0]["what"].startswith('<a class="skip"')
    assert [one["what"] for one in forth if not one["ring"] or one["hidden"]] == []
    missed = page.evaluate(f"""() => [...document.querySelectorAll("a, button:enabled, select, input, summary, [tabindex='0']")]
        .filter(one => !one.matches("[type=hidden]") && ({SEEN})(one) && !window.visited.includes(({KEY})(one)))
        .map(one => one.outerHTML.slice(0, 120))""")
    assert missed == []
    page.evaluate(
        "window.visited = []; document.querySelector('.foot').tabIndex = 0; document.querySelector('.foot').focus()"
    )
    back = list(walk(page, "Shift+Tab"))
    assert len(back) >= len(forth) - 1
    assert [one["what"] for one in back if one["hidden"]] == []


def test_a_device_of_the_plan_is_opened_by_keyboard(visit: Visit, desk: Desk) -> None:
    page = visit("olga")
    page.locator(".plan [data-device=ruhl-wedge]").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{desk.url}/devices/ruhl-wedge")


def test_every_target_of_a_phone_has_48_pixels(visit: Visit, paths: list[str]) -> None:
    page = visit("olga", viewport=PHONE, has_touch=True, is_mobile=True)
    small = []
    for path in paths:
        page.goto(path)
        if page.locator(".account").count():
            page.locator(".account").click()
        small += page.evaluate(f"""() => [...document.querySelectorAll("a:not(.skip), button, select, input, textarea, summary")]
            .filter(one => !one.matches("[type=hidden]") && ({SEEN})(one)).map(one => [one.getBoundingClientRect(), one])
            .filter(([box]) => box.width < 47.5 || box.height < 47.5)
            .map(([box, one]) => `${{location.pathname}} ${{box.width}}x${{box.height}} ${{one.outerHTML.slice(0, 120)}}`)""")
    assert small == []


@pytest.mark.parametrize("width", [1280, 640, 360, 320], ids=["plain", "zoomed-200", "phone", "zoomed-400"])
def test_nothing_has_to_be_scrolled_sideways(visit: Visit, paths: list[str], width: int) -> None:
    page = visit("olga", viewport={"width": width, "height": 400 if width == 640 else 740})
    for path in paths:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_nothing_blinks_for_those_who_asked_for_stillness(visit: Visit) -> None:
    shown = """() => { document.querySelector(".movers .state").className = "state moving";
        return getComputedStyle(document.querySelector(".state.moving > .sign")).animationName }"""
    assert visit("olga", reduced_motion="reduce").evaluate(shown) == "none"
    assert visit("olga", reduced_motion="no-preference").evaluate(shown) == "blink"


def test_what_has_the_focus_keeps_it_when_its_part_changes(visit: Visit, desk: Desk) -> None:
    page = visit("olga")
    link = page.locator("#row-albert-bollards a")
    link.focus()
    link.evaluate("one => { window.before = one }")
    desk.field.trouble("drop", "albert")
    expect(page.locator("#row-albert-bollards .state")).to_contain_text("offline")
    assert link.evaluate("one => one === document.activeElement && one !== window.before")


def test_colours_of_ones_own_take_away_no_sign(visit: Visit, desk: Desk) -> None:
    desk.field.trouble("drop", "albert")
    page = visit("olga", forced_colors="active")
    expect(page.locator("#row-albert-bollards .state")).to_contain_text("offline")
    state = """() => { const one = document.querySelector("#row-albert-bollards .state");
        const sign = getComputedStyle(one.querySelector(".sign"), "::before").content;
        return [sign, getComputedStyle(one).borderTopStyle].join() }"""
    wait_for("a sign in a frame", lambda: page.evaluate(state) == '"?",dashed')
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_what_is_abnormal_has_a_shape_beside_its_colour(visit: Visit, desk: Desk) -> None:
    desk.field.trouble("drop", "albert")
    page = visit("olga")
    device = page.locator(".plan [data-device=albert-bollards]")
    expect(device).to_have_attribute("data-look", "unknown")
    expect(device.locator(".badge")).to_have_text("?")
    body = device.locator(".body").first  # the plan's own style does not have the last word
    assert "hatch-unknown" in body.evaluate("one => getComputedStyle(one).fill"), (
        "the plan's own style has the last word"
    )
    expect(page.locator(".legend li")).to_have_text(["closed", "open", "moving", "not known", "fault"])
    assert page.locator(".legend").evaluate("one => one.offsetHeight") < 60
    page.locator("#night").click()
    expect(page.locator("html")).to_have_attribute("data-night", "")
    assert "invert" in page.locator(".plan svg:not(.unseen)").first.evaluate("one => getComputedStyle(one).filter")
