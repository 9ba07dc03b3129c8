"""Coming in, one's own account, and where a login leads."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import PASSWORD, Desk, log_in

Visit = Callable[..., Page]
FIRST, SECOND = "three grey bollards", "four yellow wedges"


@pytest.fixture
def nora(desk: Desk) -> Iterator[str]:
    """A user who is there for one test."""
    with httpx.Client(base_url=desk.controller.card["url"]) as api:
        token = api.post("/api/v1/sessions", json={"user": "ada", "password": PASSWORD}).json()["token"]
        api.headers["Authorization"] = f"Bearer {token}"
        made = api.post("/api/v1/users", json={"name": "nora", "role": "operator", "password": FIRST})
        assert made.status_code == 201, made.text
        yield "nora"
        api.delete("/api/v1/users/nora")


def change(page: Page, old: str, new: str, again: str | None = None) -> None:
    page.get_by_label("Present password").fill(old)
    page.get_by_label("New password", exact=True).fill(new)
    page.get_by_label("New password, once more").fill(new if again is None else again)
    page.get_by_role("button", name="Change the password").click()


def test_another_password_ends_the_other_sessions_and_not_this_one(visit: Visit, nora: str) -> None:
    here, there = visit("", "/login"), visit("", "/login")
    log_in(here, nora, FIRST)
    log_in(there, nora, FIRST)
    here.get_by_role("link", name=nora, exact=True).click()
    expect(here.get_by_role("link", name=nora, exact=True)).to_have_attribute("aria-current", "page")
    expect(here.locator("main")).to_contain_text("operator")
    change(here, FIRST, SECOND)
    expect(here.locator("main").get_by_role("status").first).to_contain_text("your other sessions have ended")
    there.goto("/me")
    expect(there.get_by_role("alert")).to_contain_text("Your session has ended")
    log_in(there, nora, SECOND)


@pytest.mark.parametrize(
    ("old", "new", "again", "field", "said"),
    [
        ("not the old one at all", SECOND, None, "#old", "not your present password"),
        (FIRST, "short", None, "#new", "expected 12 to 256 characters"),
        (FIRST, SECOND, "five something else", "#again", "not the same"),
    ],
)
def test_what_is_wrong_with_a_password_stands_beside_it(
    visit: Visit, nora: str, old: str, new: str, again: str | None, field: str, said: str
) -> None:
    page = visit("", "/me")
    log_in(page, nora, FIRST)
    change(page, old, new, again)
    expect(page.locator(field)).to_have_accessible_description(re.compile(said))
    expect(page.locator(field)).to_be_focused()
    page.goto("/login")
    log_in(page, nora, FIRST)


def test_the_own_language_is_changed_and_kept(visit: Visit, nora: str) -> None:
    page = visit("", "/me")
    log_in(page, nora, FIRST)
    page.locator("#own-language").select_option("de")
    page.locator("form.stack[action='/language'] button").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page).to_have_url(re.compile(r"/me$"))
    other = visit("", "/login")
    log_in(other, nora, FIRST)
    expect(other.locator("html")).to_have_attribute("lang", "de")


def test_a_login_leads_back_to_where_one_was(visit: Visit) -> None:
    page = visit("", "/devices/albert-bollards?x=1&y=2")
    expect(page.get_by_role("alert")).to_have_count(0)
    log_in(page, "olga")
    expect(page).to_have_url(re.compile(r"/devices/albert-bollards\?x=1&y=2$"))


@pytest.mark.parametrize(
    "onward",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "/\\elsewhere.example/",
        "\\\\elsewhere.example",
        "/\t/elsewhere.example/",
        "/\n/elsewhere.example/",
        " //elsewhere.example/",
        "javascript:alert(1)",
        "elsewhere.example",
    ],
)
def test_a_login_leads_nowhere_else(desk: Desk, onward: str) -> None:
    fields = {"user": "olga", "password": PASSWORD, "next": onward}
    answer = httpx.post(f"{desk.url}/login", data=fields, headers={"Origin": desk.url})
    assert answer.status_code == 303
    at = httpx.URL(desk.url).join(answer.headers["location"])
    assert (at.host, at.port, at.path) == (httpx.URL(desk.url).host, httpx.URL(desk.url).port, "/")


def test_who_fails_too_often_is_told_how_long_to_wait(visit: Visit) -> None:
    page = visit("", "/login")
    for _ in range(12):
        page.locator("#user").fill("nobody-at-all")
        page.locator("#password").fill("a wrong password")
        page.locator("form[action='/login'] button").click()
        said = page.locator("#why")
        expect(said).to_contain_text(re.compile("do not belong together|try again in"))
        if "try again in" in said.inner_text():
            break
    expect(page.locator("#why")).to_contain_text(
        re.compile(r"Too many attempts have failed: try again in \d+ seconds?\.")
    )
    expect(page.locator("#user")).to_have_value("nobody-at-all")
