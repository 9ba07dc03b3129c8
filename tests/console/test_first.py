"""The first administrator: a console in front of a controller that has no user yet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console.conftest import Desk
from tests.system.field import Promenade, wait_for

PASSWORD = "three grey bollards"


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Desk]:
    with Promenade(tmp_path) as promenade:
        desk = Desk(tmp_path, promenade)
        try:
            yield desk
        finally:
            desk.stop()


@pytest.fixture
def page(browser: Browser, bare: Desk) -> Iterator[Page]:
    context = browser.new_context(base_url=bare.url)
    yield context.new_page()
    context.close()


def told(bare: Desk) -> str:
    """The path of the console that the controller told when it started."""

    def look() -> str:
        found = re.search(r"/first\?code=[\w-]+", bare.controller.process.output)
        return found.group() if found else ""

    return str(wait_for("the link", look))


def make(page: Page, name: str = "ada", password: str = PASSWORD) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Make the first administrator").click()


def test_the_link_that_the_controller_tells_makes_the_first_administrator_once(bare: Desk, page: Page) -> None:
    link = told(bare)
    page.goto("/first?code=guessed")
    make(page)
    expect(page.get_by_label("Code")).to_have_accessible_description("This code is wrong.")
    page.goto(link)
    make(page, password="short")
    expect(page.get_by_label("Password")).to_have_accessible_description(re.compile("expected 12 to 256 characters"))
    make(page, name="a:b")
    expect(page.get_by_label("Name")).to_have_accessible_description(re.compile("expected 1 to 64 letters"))
    make(page)
    expect(page.get_by_role("link", name="Users")).to_be_visible()
    expect(page.get_by_role("link", name="ada", exact=True)).to_be_visible()
    page.goto(link)
    make(page, name="eve")
    expect(page.get_by_label("Code")).to_have_accessible_description(re.compile("There is a user already"))
