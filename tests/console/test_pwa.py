"""The console on a phone: it can be installed, keeps its shell and nothing else, and locks down in two taps."""

from __future__ import annotations

import struct
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from controller.console.app import STATIC
from tests.console.conftest import Desk
from tests.console.test_accessibility import violations
from tests.system.field import wait_for

Visit = Callable[..., Page]

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
KEPT = """async () => (await Promise.all((await caches.keys()).map(async name =>
    (await (await caches.open(name)).keys()).map(request => request.method + " " + new URL(request.url).pathname)))).flat()"""


def controlled(page: Page) -> None:
    """Wait until the service worker stands between the page and the network."""
    wait_for("the worker", lambda: page.evaluate("navigator.serviceWorker.controller !== null"))


def test_chromium_would_install_it(visit: Visit) -> None:
    page = visit("olga")
    controlled(page)
    devtools = page.context.new_cdp_session(page)
    manifest = devtools.send("Page.getAppManifest")
    assert (urlsplit(manifest["url"]).path, manifest["errors"]) == ("/manifest.webmanifest", [])
    found = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [one for one in found if one["errorId"] != "in-incognito"] == [], (
        "a test's browser keeps nothing, as incognito"
    )


def test_an_icon_is_as_large_as_the_manifest_says() -> None:
    for name, size in (("icon-192", 192), ("icon-512", 512), ("icon-maskable-512", 512)):
        head = (STATIC / f"{name}.png").read_bytes()[:24]
        assert struct.unpack(">II", head[16:24]) == (size, size)


def test_what_is_kept_is_the_shell_and_never_a_state_or_an_order(visit: Visit, desk: Desk) -> None:
    page = visit("olga", "/devices/ruhl-wedge")
    controlled(page)
    page.goto("/")
    page.goto("/alarms")
    page.goto("/devices/ruhl-wedge")
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator("#orders article").first).to_contain_text("Stop")
    kept = page.evaluate(KEPT)
    assert "GET /static/console.css" in kept
    assert [one for one in kept if not one.startswith("GET /static/")] == []
    assert page.evaluate("fetch('/').then(answer => answer.headers.get('Cache-Control'))") == "no-store"


def test_without_a_connection_a_page_says_that_nothing_is_known(visit: Visit, desk: Desk) -> None:
    page = visit("olga")
    controlled(page)
    page.context.set_offline(True)
    page.goto("/devices/ruhl-wedge")
    expect(page.get_by_role("heading")).to_have_text(["No connection: nothing is known"])
    expect(page).to_have_title("No connection: nothing is known – rempart")
    expect(page.locator("main")).not_to_contain_text("raised")
    assert violations(page) == []
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#panel-ruhl-wedge")).to_be_visible()


def test_without_a_connection_a_page_speaks_as_the_console_did(visit: Visit, desk: Desk) -> None:
    page = visit(locale="de-DE")
    controlled(page)
    page.context.set_offline(True)
    page.goto("/")
    expect(page.get_by_role("heading")).to_have_text(["Keine Verbindung: nichts ist bekannt"])
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_role("button")).to_have_text(["Noch einmal versuchen"])


def test_without_a_connection_a_page_speaks_all_languages_where_it_knows_of_none(visit: Visit, desk: Desk) -> None:
    page = visit("olga", locale="pl-PL")
    controlled(page)
    page.evaluate("localStorage.removeItem('language')")
    page.context.set_offline(True)
    page.goto("/")
    expect(page.get_by_role("heading")).to_have_count(5)
    assert violations(page) == []


def test_an_order_without_a_connection_fails_where_it_is_seen(visit: Visit, desk: Desk) -> None:
    page = visit("olga", "/devices/ruhl-wedge")
    controlled(page)
    before = given(desk)
    page.route("**/act", lambda route: route.abort("internetdisconnected"))
    page.get_by_role("button", name="Stop", exact=True).click()
    order = page.locator("#unanswered article").first
    expect(order.locator("span")).to_have_text(
        "No answer came: it is not known whether this order arrived. Look at the equipment."
    )
    expect(order).to_have_class("order unknown")
    order.get_by_role("button", name="Seen").click()
    expect(order).to_have_count(0)
    assert given(desk) == before


def given(desk: Desk) -> int:
    return len(desk.controller.get("/api/v1/journal", kind="command", newest="true", limit=1000)["records"])


def test_a_phone_locks_down_in_two_taps(visit: Visit, desk: Desk) -> None:
    page = visit("olga", "/alarms", **PHONE)
    page.locator("#lockdown-open").tap()
    whole = page.get_by_role("dialog").get_by_role("button", name="The whole site")
    expect(whole).to_be_in_viewport(ratio=1)
    whole.tap()
    expect(page.locator("#orders article").first).to_contain_text("Lockdown")
    wait_for("steel up", lambda: desk.field.heights("ruhl-wedge") == [1.0])
    assert desk.controller.device("ruhl-wedge")["held"]["efo"]["by"] == "olga"
    page.goto("/devices/ruhl-wedge")
    expect(page.locator("#panel-ruhl-wedge")).to_contain_text("by olga")
