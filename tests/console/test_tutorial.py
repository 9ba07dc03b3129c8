"""What docs/tutorials/operate.md tells an operator to do in the browser is done here, and its pictures are taken.

`REMPART_PICTURES=docs/images pytest tests/console/test_tutorial.py` takes them anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import Desk, held
from tests.console.test_acting import lowered
from tests.docs.pages import ROOT
from tests.system.field import wait_for

WINDOW = {"width": 1100, "height": 760}


@pytest.fixture
def picture(tmp_path: Path) -> Callable[[Page, str], None]:
    """`picture(page, "console-site")`: take the picture of this name, which the tutorial shows."""
    folder = Path(os.environ.get("REMPART_PICTURES", "") or tmp_path)

    def taken(page: Page, name: str) -> None:
        assert f"../images/{name}.png" in (ROOT / "docs" / "tutorials" / "operate.md").read_text("utf-8")
        assert (ROOT / "docs" / "images" / f"{name}.png").exists()
        page.screenshot(path=folder / f"{name}.png")

    return taken


def test_an_operator_does_what_the_tutorial_says(
    visit: Callable[..., Page], desk: Desk, picture: Callable[[Page, str], None]
) -> None:
    lowered(desk)
    page = visit("olga", viewport=WINDOW)
    expect(page.locator(".demo")).to_be_visible()
    expect(page.locator(".simulated")).to_contain_text("SIMULATED FIELD")
    picture(page, "console-site")

    bollards = page.locator("li", has=page.get_by_role("link", name="Rising bollards, Albert 1er"))
    bollards.get_by_role("button", name="Raise").click()
    expect(page.locator("#orders article").first).to_have_attribute("data-life", "confirmed")
    desk.controller.moves("lower", "albert-bollards")

    desk.field.ask("occupy", loop="albert-loop-entry")
    wait_for("the loop", lambda: desk.controller.device("albert-loop-entry")["state"] == "occupied")
    page.get_by_role("link", name="Rising bollards, Albert 1er", exact=True).click()
    expect(page.locator("#panel-albert-bollards")).to_contain_text("R09")
    page.get_by_role("button", name="Raise", exact=True).click()
    expect(page.locator("#orders article").first.locator(".rule")).to_contain_text("R09")
    picture(page, "console-refused")
    desk.field.ask("vacate")

    page.keyboard.press("F9")
    picture(page, "console-lockdown")
    page.keyboard.press("Enter")
    wait_for("locked down", lambda: desk.controller.device("albert-bollards")["held"]["efo"])
    expect(page.locator("#perimeter")).to_contain_text("The perimeter is closed")

    page.get_by_role("button", name="End lockdown…").click()
    hold(page)
    expect(page.locator("#orders article").first).to_contain_text("two-persons")
    sam = visit("sam", "/devices/albert-bollards")
    expect(sam.locator("#panel-albert-bollards")).to_contain_text("olga")
    sam.get_by_role("button", name="Confirm: End lockdown…").click()
    hold(sam)
    expect(sam.locator("#orders article").first).to_have_attribute("data-life", "confirmed")
    assert desk.controller.device("albert-bollards")["held"]["efo"] is None


def hold(page: Page) -> None:
    """Hold the button of the dialog that is open until it closes."""
    held(page.locator("dialog[open]").get_by_role("button", name="Hold to confirm"))
    expect(page.locator("dialog[open]")).to_have_count(0)
