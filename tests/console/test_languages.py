"""Each person reads their own language, wherever they log in; and nothing on any page is English only."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from controller.console.pages import PAGES
from controller.console.words import LANGUAGES, tongue
from tests.console.conftest import PASSWORD, Desk, log_in
from tests.system.field import wait_for

Visit = Callable[..., Page]
NAMED = ("/", "/devices/albert-bollards", "/devices/albert-loop-entry", "/users/olga")
"""Pages whose title is a name."""
WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.outerHTML.slice(0, 120)).slice(0, 5)"""
"""What makes a page wider than its window."""
PLAIN = (Path(__file__).parent / "plain_text.js").read_text(encoding="utf-8")


@pytest.fixture
def refusal(desk: Desk) -> Iterator[dict[str, Any]]:
    """A vehicle on a loop, an order that was refused for it, and a unit that does not answer, with its alarms."""
    if desk.controller.device("albert-bollards")["state"] != "lowered":
        desk.controller.moves("lower", "albert-bollards")
    desk.field.ask("occupy", loop="albert-loop-entry")
    desk.controller.shows("albert-loop-entry", "occupied")
    desk.field.trouble("drop", "massena-relays")
    wait_for("an alarm", lambda: desk.controller.get("/api/v1/alarms")["alarms"])
    yield desk.controller.order("raise", "albert-bollards").json()
    desk.field.clear()
    desk.field.ask("vacate")


def unfold(page: Page) -> None:
    """Show what a telephone has no room for: the language, the night, the way out."""
    expect(page.locator("#who")).to_be_hidden()
    page.locator(".account").click()
    expect(page.locator("#who")).to_be_visible()
    expect(page.locator(".account")).to_have_attribute("aria-expanded", "true")


def choose(page: Page, language: str) -> None:
    if page.locator(".account").is_visible():
        unfold(page)
    page.locator("#language").select_option(language)
    page.locator("#language").locator("xpath=..").locator("button").press("Enter")


def test_a_language_is_the_persons_own_and_stays_over_a_log_out(visit: Visit, desk: Desk) -> None:
    page = visit("olga")
    expect(page.locator("html")).to_have_attribute("lang", "en-GB")
    choose(page, "fr")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.locator("nav")).to_contain_text("Alarmes")
    page.locator("form[action='/logout'] button").click()
    expect(page.locator("form[action='/login'] button")).to_have_text("Se connecter")
    log_in(page, "olga")
    expect(page.locator("nav")).to_contain_text("Alarmes")
    elsewhere = visit("olga", locale="nl-NL")
    elsewhere.goto("/nowhere")
    expect(elsewhere.locator("h1")).to_have_text("Cela n’a pas fonctionné")
    elsewhere.goto("/")
    expect(elsewhere.locator("html")).to_have_attribute("lang", "fr")
    expect(elsewhere.locator("#language")).to_have_value("fr")
    choose(elsewhere, "en")
    expect(elsewhere.locator("nav")).to_contain_text("Alarms")


def test_what_changes_on_a_page_comes_in_the_language_of_whoever_reads_it(
    visit: Visit, desk: Desk, refusal: dict[str, Any]
) -> None:
    assert refusal["life"] == "refused"
    german, french = visit("sam", "/devices/albert-bollards"), visit("olga", "/devices/albert-bollards")
    choose(german, "de")
    choose(french, "fr")
    for page, lowered, occupied in ((german, "unten", "Schleife belegt"), (french, "abaissé", "boucle occupée")):
        expect(page.locator("#panel-albert-bollards .state").first).to_contain_text(lowered)
        expect(page.locator("#panel-albert-bollards")).to_contain_text(occupied)
    french.get_by_role("button", name="Lever", exact=True).click()
    expect(french.locator("#orders article").first).to_contain_text("boucle occupée")
    desk.field.ask("vacate")
    wait_for("the loop", lambda: desk.controller.device("albert-loop-entry")["state"] == "clear")
    desk.controller.moves("raise", "albert-bollards")
    expect(german.locator("#panel-albert-bollards .state").first).to_contain_text("oben")
    expect(french.locator("#panel-albert-bollards .state").first).to_contain_text("levé")
    for page in (german, french):
        choose(page, "en")
        expect(page.locator("html")).to_have_attribute("lang", "en-GB")


@pytest.mark.parametrize(("locale", "log_in"), [("de-DE", "Anmelden"), ("it-IT", "Accedi"), ("es-ES", "Log in")])
def test_before_anybody_logs_in_the_page_is_in_the_browsers_language(visit: Visit, locale: str, log_in: str) -> None:
    page = visit(locale=locale)
    expect(page.locator("form[action='/login'] button")).to_have_text(log_in)


def test_times_are_those_of_the_site_in_whatever_zone_the_browser_is(visit: Visit, desk: Desk) -> None:
    page = visit("olga", "/devices/albert-bollards", timezone_id="Asia/Tokyo")
    since = desk.controller.device("albert-bollards")["since"]
    hour = page.evaluate(
        "(at) => new Date(at).toLocaleTimeString('en-GB', { timeZone: 'Europe/Paris', hour: '2-digit' })", since
    )
    expect(page.locator("#panel-albert-bollards .facts")).to_contain_text(f"since {hour}:")
    assert page.locator("html").get_attribute("data-zone") == "Europe/Paris"


def addresses(desk: Desk, order: str) -> list[str]:
    """Return the address of every page; one with a part that nothing here fills fails, and is to be added."""
    alarms = desk.controller.get("/api/v1/alarms")["alarms"]
    filled = {
        "/devices/{id}": [f"/devices/{one}" for one in ("albert-bollards", "albert-loop-entry")],
        "/orders/{id}": [f"/orders/{order}"],
        "/alarms/{id}/{what}": [f"/alarms/{one['id']}/{what}" for one in alarms[:1] for what in ("shelve", "remove")],
        "/users/{name}": ["/users/olga"],
        "/journal/{seq}": ["/journal/1"],
        "/journal/export.{form}": [],
        "/passages/{id}/end": [f"/passages/{one['id']}/end" for one in desk.controller.get("/api/v1/passages")[:1]],
        "/maintenance/{target}/{act}": ["/maintenance/massena/release", "/maintenance/ruhl-wedge/release"],
    }
    paths = [route.path for route in PAGES if "GET" in (route.methods or ())]
    plans = [f"/passages?target={one}" for one in ("gambetta-outer", "fire-brigade")]
    return [*plans, *(one for path in paths for one in (filled[path] if "{" in path else [path]))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_fits_a_telephone_in_every_language(
    visit: Visit, desk: Desk, refusal: dict[str, Any], language: str
) -> None:
    page = visit("olga", viewport={"width": 360, "height": 740})
    choose(page, language)
    expect(page.locator("html")).to_have_attribute("lang", tongue(language).tag)
    wide: dict[str, list[str]] = {}
    for address in addresses(desk, refusal["id"]):
        if "text/html" in page.request.get(address, max_redirects=0).headers.get("content-type", ""):
            page.goto(address)
            if found := page.evaluate(WIDE):
                wide[address] = found
    page.goto("/")
    unfold(page)
    assert page.evaluate(WIDE) == []
    page.goto("/")
    choose(page, "en")
    expect(page.locator("html")).to_have_attribute("lang", "en-GB")
    assert wide == {}


def pseudo(context: BrowserContext, url: str) -> None:
    context.add_cookies([{"name": "rempart-language", "value": "qps", "url": url}])


def test_nothing_on_any_page_is_english_only(visit: Visit, desk: Desk, refusal: dict[str, Any]) -> None:
    page = visit()
    pseudo(page.context, desk.url)
    page.goto("/login")
    assert page.evaluate(PLAIN) == []
    page.locator("#user").fill("ada")
    page.locator("#password").fill("wrong")
    page.locator("form[action='/login'] button").click()
    expect(page.locator("#why")).to_contain_text("⟦")
    assert page.evaluate(PLAIN) == []
    page.locator("#user").fill("ada")
    page.locator("#password").fill(PASSWORD)
    page.locator("form[action='/login'] button").click()
    expect(page.locator("#perimeter")).to_contain_text("⟦")
    wrong: dict[str, list[str]] = {}
    for address in [*addresses(desk, refusal["id"]), "/nowhere", "/devices/nothing"]:
        if "text/html" in page.request.get(address, max_redirects=0).headers.get("content-type", ""):
            page.goto(address)
            title = [] if "⟦" in page.title() or address in NAMED else [page.title()]
            if found := [*title, *page.evaluate(PLAIN)]:
                wrong[address] = found
    assert wrong == {}


def test_what_scripts_put_on_a_page_is_translated_too(visit: Visit, desk: Desk, refusal: dict[str, Any]) -> None:
    page = visit("olga")
    pseudo(page.context, desk.url)
    page.goto("/")
    for one in page.locator(".plan [data-device]").all():
        assert "⟦" in (one.get_attribute("aria-label") or "")
    page.goto("/devices/albert-bollards")
    page.get_by_role("button", name="⟦Raise⟧", exact=True).click()
    expect(page.locator("#orders article").first).to_contain_text("⟦loop occupied⟧")
    assert page.evaluate(PLAIN) == []
    desk.console.child.send_signal(signal.SIGSTOP)
    try:
        expect(page.locator("#lost")).to_be_visible()
        assert page.evaluate(PLAIN) == []
        expect(page.locator("#lost-since")).to_contain_text("⟦")
    finally:
        desk.console.child.send_signal(signal.SIGCONT)


BROKEN = r"""() => {
    const found = [], walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const text = walker.currentNode, range = document.createRange();
        if (!text.parentElement.matches(".points :is(th, td), .kpi :is(th, td, .verdict)")) continue;
        for (const word of text.data.matchAll(/\p{L}+/gu)) {
            range.setStart(text, word.index);
            range.setEnd(text, word.index + word[0].length);
            if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) found.push(word[0]);
        }
    }
    return found;
}"""
"""The words of tables that go over from one line to the next."""


def test_no_word_of_a_table_is_broken_on_a_phone(visit: Visit, desk: Desk) -> None:
    """In German, whose words are the longest; with values that are lost, which say so in more words."""
    desk.field.trouble("drop", "massena-relays")
    desk.controller.shows("massena-boom", "offline", "unknown")
    page = visit("olga", viewport={"width": 360, "height": 740})
    choose(page, "de")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    broken = {}
    for path in ("/devices/massena-boom", "/devices/albert-bollards", "/alarms/kpi"):
        page.goto(path)
        expect(page.locator("main table").first).to_be_visible()
        broken[path] = [*page.evaluate(BROKEN), *page.evaluate(WIDE)]
    choose(page, "en")
    expect(page.locator("html")).to_have_attribute("lang", "en-GB")
    assert not any(broken.values()), broken
