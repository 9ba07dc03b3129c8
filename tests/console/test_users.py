"""Users and tokens of programs, as an administrator sees and changes them in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import PASSWORD, Desk, log_in

Visit = Callable[..., Page]
FIRST = "three grey bollards"


@pytest.fixture
def ada(visit: Visit) -> Page:
    return visit("ada", "/users")


@pytest.fixture
def api(desk: Desk) -> Iterator[httpx.Client]:
    """The API as Ada has it, to arrange and to look behind the pages."""
    with httpx.Client(base_url=desk.controller.card["url"]) as client:
        client.headers["Authorization"] = f"Bearer {session(desk, 'ada')}"
        yield client


@pytest.fixture
def nora(api: httpx.Client) -> Iterator[str]:
    """A user who is there for one test, whatever becomes of her."""
    made = api.post("/api/v1/users", json={"name": "nora", "role": "viewer", "password": FIRST})
    assert made.status_code == 201, made.text
    yield "nora"
    api.delete("/api/v1/users/nora")


def session(desk: Desk, user: str, password: str = PASSWORD) -> str:
    answer = httpx.post(f"{desk.controller.card['url']}/api/v1/sessions", json={"user": user, "password": password})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


def known(api: httpx.Client) -> dict[str, dict[str, object]]:
    return {one["name"]: one for one in api.get("/api/v1/users").json()}


def test_a_user_is_added_by_keyboard_and_logs_in(ada: Page, visit: Visit, api: httpx.Client) -> None:
    ada.get_by_role("textbox", name="Name").focus()
    ada.keyboard.type("nora")
    ada.keyboard.press("Tab")
    ada.keyboard.type("sup")
    ada.keyboard.press("Tab")
    ada.keyboard.type("Fra")
    ada.keyboard.press("Tab")
    ada.keyboard.type(FIRST)
    ada.keyboard.press("Enter")
    expect(ada.locator("main").get_by_role("status").first).to_contain_text("The user was added.")
    try:
        assert (known(api)["nora"]["role"], known(api)["nora"]["language"]) == ("supervisor", "fr")
        page = visit("", "/login")
        log_in(page, "nora", FIRST)
        expect(page.locator("html")).to_have_attribute("lang", "fr")
    finally:
        api.delete("/api/v1/users/nora")


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(ada: Page) -> None:
    ada.get_by_role("textbox", name="Name").fill("nora")
    ada.get_by_label("First password").fill("short")
    ada.get_by_role("button", name="Add", exact=True).click()
    field = ada.get_by_label("First password")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(re.compile("expected 12 to 256 characters"))
    expect(ada.get_by_role("textbox", name="Name")).to_have_value("nora")
    expect(ada.get_by_role("alert").filter(has_text="Nothing was changed")).to_be_visible()


def test_a_name_that_is_taken_is_told_at_the_name(ada: Page) -> None:
    ada.get_by_role("textbox", name="Name").fill("OLGA")
    ada.get_by_label("First password").fill(FIRST)
    ada.get_by_role("button", name="Add", exact=True).click()
    expect(ada.get_by_role("textbox", name="Name")).to_have_accessible_description(re.compile("taken"))


def test_a_role_a_language_and_a_password_are_changed(ada: Page, api: httpx.Client, nora: str, desk: Desk) -> None:
    ada.goto(f"/users/{nora}")
    ada.locator("#role").select_option("technician")
    ada.get_by_role("button", name="Change the role").click()
    expect(ada.locator("main").get_by_role("status").first).to_contain_text("The role was changed.")
    ada.locator("#user-language").select_option("it")
    ada.get_by_role("button", name="Change the language").click()
    expect(ada.locator("main").get_by_role("status").first).to_contain_text("The language was changed.")
    ada.get_by_label("New password").fill("four yellow wedges")
    ada.get_by_role("button", name="Reset the password").click()
    expect(ada.locator("main").get_by_role("status").first).to_contain_text("The password was changed.")
    assert (known(api)[nora]["role"], known(api)[nora]["language"]) == ("technician", "it")
    assert session(desk, nora, "four yellow wedges")


def test_who_is_disabled_is_led_to_the_login_and_told_why(visit: Visit, ada: Page, nora: str) -> None:
    page = visit("", "/alarms?page=2")
    log_in(page, nora, FIRST)
    ada.goto(f"/users/{nora}")
    ada.get_by_role("button", name="Disable").click()
    expect(ada.get_by_role("heading", level=1)).to_contain_text("disabled")
    expect(page).to_have_url(re.compile(r"/login\?why=ended&next=%2Falarms%3Fpage%3D2$"))
    expect(page.get_by_role("alert")).to_contain_text("Your session has ended")
    page.locator("#user").fill(nora)
    page.locator("#password").fill(FIRST)
    page.locator("form[action='/login'] button").click()
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    ada.get_by_role("button", name="Enable").click()
    expect(ada.get_by_role("button", name="Disable")).to_be_visible()
    log_in(page, nora, FIRST)
    expect(page).to_have_url(re.compile(r"/alarms\?page=2$"))


def test_a_form_of_a_session_that_has_ended_leads_to_the_login(visit: Visit, api: httpx.Client, nora: str) -> None:
    page = visit("", "/me")
    log_in(page, nora, FIRST)
    api.patch(f"/api/v1/users/{nora}", json={"role": "operator"})
    page.locator("#own-language").select_option("nl")
    page.locator("main").get_by_role("button", name="Change the language").click()
    expect(page).to_have_url(re.compile(r"/login\?(next=/me&why=ended|why=ended&next=%2Fme)$"))
    expect(page.get_by_role("alert")).to_contain_text("Your session has ended")


def test_a_user_is_removed_in_two_steps(ada: Page, api: httpx.Client, nora: str) -> None:
    ada.goto(f"/users/{nora}")
    expect(ada.get_by_role("button", name="Remove nora")).to_be_hidden()
    ada.get_by_text("Remove…").click()
    ada.get_by_role("button", name="Remove nora").click()
    expect(ada.locator("main").get_by_role("status").first).to_contain_text("The user was removed.")
    assert nora not in known(api)


@pytest.mark.parametrize("act", ["role", "disable", "remove"])
def test_the_last_administrator_stays_and_the_page_says_why(ada: Page, api: httpx.Client, act: str) -> None:
    ada.goto("/users/ada")
    if act == "role":
        ada.locator("#role").select_option("operator")
        ada.get_by_role("button", name="Change the role").click()
        expect(ada.locator("#role")).to_have_accessible_description(re.compile("last administrator"))
    elif act == "disable":
        ada.get_by_role("button", name="Disable").click()
    else:
        ada.get_by_text("Remove…").click()
        ada.get_by_role("button", name="Remove ada").click()
    expect(ada.locator(".wrong")).to_contain_text("make another administrator first")
    assert known(api)["ada"]["role"] == "administrator"
    assert known(api)["ada"]["disabled"] is False


def test_a_token_is_shown_once_can_be_copied_and_lets_in_until_removed(ada: Page, desk: Desk) -> None:
    ada.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ada.get_by_role("link", name="Tokens of programs").click()
    ada.get_by_label("Name of the program").fill("gate camera")
    ada.locator("#role").select_option("operator")
    ada.locator("#days").fill("30")
    ada.get_by_role("button", name="Make", exact=True).click()
    secret = ada.get_by_label("Token", exact=True).input_value()
    ada.get_by_role("button", name="Copy").click()
    expect(ada.locator("#copied")).to_have_text("Copied")
    assert ada.evaluate("navigator.clipboard.readText()") == secret
    told = httpx.get(f"{desk.controller.card['url']}/api/v1/sessions/current", headers=bearer(secret)).json()
    assert told["role"] == "operator"
    ada.goto("/tokens")
    assert secret not in ada.content()
    expect(ada.locator(".cards")).to_contain_text("gate camera")
    ada.get_by_role("button", name="Remove the token of gate camera").click()
    expect(ada.locator("main").get_by_role("status").first).to_contain_text("The token was removed")
    assert httpx.get(f"{desk.controller.card['url']}/api/v1/devices", headers=bearer(secret)).status_code == 401


def test_a_token_for_too_long_is_told_at_its_days(ada: Page) -> None:
    ada.goto("/tokens")
    ada.locator("form[action='/tokens']").evaluate("form => form.noValidate = true")
    ada.get_by_label("Name of the program").fill("for ever")
    ada.locator("#days").fill("9999")
    ada.get_by_role("button", name="Make", exact=True).click()
    expect(ada.locator("#days")).to_have_attribute("aria-invalid", "true")
    expect(ada.locator("#days")).to_have_value("9999")
    expect(ada.locator("#days-wrong")).not_to_be_empty()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


FORGED = [
    ("/users", {"name": "eve", "role": "administrator", "language": "en", "password": FIRST}),
    ("/users/olga/role", {"role": "viewer"}),
    ("/users/olga/password", {"password": FIRST}),
    ("/users/olga/disabled", {"disabled": "yes"}),
    ("/users/olga/remove", {}),
    ("/tokens", {"name": "eve", "role": "supervisor", "days": "9"}),
    ("/tokens/eve/remove", {}),
]


@pytest.mark.parametrize("user", ["vic", "sam"])
def test_a_form_that_the_role_may_not_send_is_refused_by_the_controller(
    visit: Visit, api: httpx.Client, user: str
) -> None:
    page = visit(user, "/")
    before = known(api), api.get("/api/v1/tokens").json()
    proof = page.locator("body").get_attribute("data-proof")
    answers = {path: page.context.request.post(path, form={**fields, "proof": str(proof)}) for path, fields in FORGED}
    assert {path: answer.status for path, answer in answers.items()} == dict.fromkeys(answers, 403)
    assert (known(api), api.get("/api/v1/tokens").json()) == before


def test_who_may_not_manage_users_sees_none(visit: Visit) -> None:
    page = visit("sam", "/")
    expect(page.get_by_role("link", name="Users")).to_have_count(0)
    for path in ("/users", "/users/olga", "/tokens"):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 403
        expect(page.locator("main")).not_to_contain_text("olga")
