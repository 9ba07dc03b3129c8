"""A page that nobody keeps up says so in its full width, calls nothing by its last known name, and gives no orders."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from controller.connections import REQUEST_S
from controller.console.live import PULSE_S
from tests.console.conftest import PASSWORD, Desk, log_in
from tests.console.test_accessibility import violations
from tests.system.field import PATIENCE_S, wait_for

Visit = Callable[..., Page]


@pytest.fixture
def stopped(desk: Desk) -> Iterator[Callable[[], None]]:
    """Have the console hang; it goes on after the test."""
    yield lambda: desk.console.child.send_signal(signal.SIGSTOP)
    desk.console.child.send_signal(signal.SIGCONT)


def lost(page: Page, what: str) -> None:
    """See the page say that it is lost, in its full width, with nothing that can be pressed."""
    bar = page.locator("#lost")
    expect(bar).to_be_visible()
    expect(bar.locator("strong:visible")).to_have_text(what)
    expect(page.locator("#lost-since")).to_have_text(re.compile(r"Last known: \d\d:\d\d:\d\d$"))
    assert bar.evaluate("one => one.getBoundingClientRect().width") == page.viewport_size["width"]  # type: ignore[index]
    expect(page.locator("#lockdown-open"), "an emergency is tried").to_be_enabled()
    expect(page.locator("form.act button:not(#lockdown *):enabled, [data-opens]:enabled")).to_have_count(0)
    hatched = "one => getComputedStyle(one).backgroundImage"
    for one in (".answer", ".state"):
        assert "repeating-linear-gradient" in page.locator(one).first.evaluate(hatched)


def found(page: Page) -> None:
    """See the page come back by itself."""
    expect(page.locator("#lost")).to_be_hidden()
    expect(page.locator("#lockdown-open")).to_be_enabled()
    # A console that goes on finds its own look old, for as long as it takes to get another one.
    expect(page.locator(".answer")).not_to_have_css("background-image", re.compile("repeating"))


def open_page(visit: Visit, user: str, path: str = "/") -> Page:
    """Open a page, and wait until its stream has begun."""
    page = visit(user, path)
    wait_for("a pulse", lambda: page.evaluate("import('/static/live.js').then(live => live.now() ?? '')"))
    return page


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").is_success
    except httpx.TransportError:
        return False


def given(desk: Desk) -> int:
    return len(desk.controller.get("/api/v1/journal", kind="command", newest="true", limit=1000)["records"])


def test_a_console_that_hangs_is_told_and_nothing_is_sent(
    visit: Visit, desk: Desk, stopped: Callable[[], None]
) -> None:
    page = open_page(visit, "olga", "/devices/ruhl-wedge")
    before, sent = given(desk), []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    stopped()
    lost(page, "The connection is lost.")
    page.evaluate("document.querySelectorAll('form.act:not(#lockdown *)').forEach(form => form.requestSubmit())")
    page.get_by_role("button", name="Raise", exact=True).dispatch_event("click")
    desk.console.child.send_signal(signal.SIGCONT)
    found(page)
    assert sent == []
    assert given(desk) == before


def test_the_page_goes_two_seconds_without_a_word_and_no_more(visit: Visit, desk: Desk) -> None:
    """Its own clock says so, whatever the machine that tests it does meanwhile."""
    page = visit("olga")
    page.clock.install()
    page.route("**/events?*", lambda route: route.abort())
    page.reload()
    page.clock.run_for(1000)
    expect(page.locator("#lost")).to_be_hidden()
    page.clock.run_for(1400)
    expect(page.locator("#lost")).to_be_visible()


def test_a_clock_that_is_set_back_hides_no_loss(visit: Visit, desk: Desk) -> None:
    page = visit("olga")
    page.add_init_script("const at = Date.now(); Date.now = () => at;")
    page.route("**/events?*", lambda route: route.abort())
    page.reload()
    expect(page.locator("#lost")).to_be_visible()


KEPT = """
const Real = EventSource;
window.keptFor = window.came = 0;
window.EventSource = class extends Real {
  addEventListener(kind, heard) {
    const take = (event, kept) => { heard(event); window.came += kept > 0; };
    super.addEventListener(kind, (event) => setTimeout(take, window.keptFor, event, window.keptFor));
  }
};
"""


def test_what_was_kept_on_its_way_is_not_taken_for_the_present(visit: Visit, desk: Desk) -> None:
    """A proxy that gathers the stream, or a line that is too slow for it: pulses come as often as ever, and late."""
    page = visit("olga")
    page.add_init_script(KEPT)
    page.reload()
    wait_for("a pulse", lambda: page.evaluate("import('/static/live.js').then(live => live.now() ?? '')"))
    expect(page.locator("#lost")).to_be_hidden()
    page.evaluate("window.keptFor = 2500")
    wait_for("pulses that were kept", lambda: page.evaluate("window.came > 3"))
    lost(page, "The connection is lost.")
    page.evaluate("window.keptFor = 0")
    found(page)


def test_a_console_that_comes_back_is_found_again(visit: Visit, desk: Desk) -> None:
    page = open_page(visit, "olga")
    port = int(desk.url.rpartition(":")[2])
    desk.console.stop(signal.SIGKILL)
    try:
        lost(page, "The connection is lost.")
    finally:
        desk.start(port)
        wait_for("the console", lambda: answers(desk.url))
    found(page)


def test_a_controller_that_is_gone_is_told_apart_and_asks_for_a_new_session_when_it_is_back(
    visit: Visit, desk: Desk
) -> None:
    page, other = open_page(visit, "olga"), visit("tom", "/alarms")
    desk.controller.kill()
    try:
        lost(page, "The controller does not answer.")
        assert violations(page) == []
        other.goto("/alarms")
        expect(other.locator("h1")).to_have_text("The controller does not answer")
        assert violations(other) == []
    finally:
        desk.controller.start()
    expect(page).to_have_url(f"{desk.url}/login?why=ended&next=%2F")
    log_in(page, "olga")  # no session outlives a controller
    found(page)
    other.get_by_role("link", name="Try again").click()
    expect(other.locator("#password")).to_be_visible()


def test_a_controller_that_hangs_is_told_too(visit: Visit, desk: Desk) -> None:
    page = open_page(visit, "olga")
    desk.controller.process.child.send_signal(signal.SIGSTOP)
    try:
        lost(page, "The controller does not answer.")
    finally:
        desk.controller.process.child.send_signal(signal.SIGCONT)
    found(page)


def test_an_old_value_is_hatched_with_the_time_when_it_was_last_known(visit: Visit, desk: Desk) -> None:
    page = visit("olga")
    row = page.locator("#row-albert-bollards")
    expect(row.locator(".since")).to_have_count(0)
    desk.field.trouble("drop", "albert")
    desk.controller.shows("albert-bollards", "offline")
    expect(row.locator(".state.old")).to_have_count(1)
    expect(row.locator(".since")).to_have_text(re.compile(r"last known \d\d:\d\d:\d\d"))
    hatched = "() => getComputedStyle(document.querySelector('#row-albert-bollards .state')).backgroundImage"
    wait_for("it hatched", lambda: "repeating-linear-gradient" in page.evaluate(hatched))
    expect(page.locator(".plan [data-device=albert-bollards].old .badge")).to_have_text("?")
    page.goto("/devices/albert-bollards")
    points = page.locator("table.points tr.old")
    expect(points.first).to_contain_text(re.compile(r"last known \d\d:\d\d:\d\d"))
    desk.promenade.restore()
    expect(points).to_have_count(0)


@pytest.mark.parametrize(("late_s", "status"), [(0.0, 200), (5.5, 408)])
def test_an_order_that_a_dead_connection_kept_is_not_given(
    visit: Visit, desk: Desk, late_s: float, status: int
) -> None:
    with httpx.Client(base_url=desk.url) as client:
        client.post("/login", data={"user": "olga", "password": PASSWORD})
        head = client.get("/devices/ruhl-wedge").text
        proof = re.search(r'data-proof="(\w+)"', head)
        assert proof
        with client.stream("GET", "/events?view=site") as stream:
            line = next(line for line in stream.iter_lines() if line.startswith('data: {"at"'))
        form = {"target": "ruhl-wedge", "action": "stop", "seen": "", "sent": str(float(line[12:-1]) - late_s)}
        before = given(desk)
        answer = client.post(
            "/act", data={**form, "proof": proof[1]}, headers={"Accept": "application/vnd.rempart.part"}
        )
    assert answer.status_code == status, answer.text
    assert (given(desk) > before) == (status == 200)


def test_a_page_sends_with_an_order_when_it_was_given(visit: Visit, desk: Desk) -> None:
    page = open_page(visit, "olga", "/devices/ruhl-wedge")
    with page.expect_request("**/act") as sent:
        page.get_by_role("button", name="Stop", exact=True).click()
    assert re.search(r"(^|&)sent=\d+\.\d+(&|$)", sent.value.post_data or "")


STOOD = """
const Real = EventSource;
window.stoodFor = 0;
window.EventSource = class extends Real {
  addEventListener(kind, heard) {
    super.addEventListener(kind, (event) => heard(kind === "pulse" && window.stoodFor
      ? { data: JSON.stringify({ at: JSON.parse(event.data).at - window.stoodFor }) } : event));
  }
};
"""


def test_a_console_whose_clock_stood_still_is_found_again(visit: Visit, desk: Desk) -> None:
    """A virtual machine that was halted for a minute: all its pulses would seem to be a minute late, for ever."""

    def answer(route: Route) -> None:
        if route.request.method != "HEAD" or not stood:
            route.continue_()
            return
        told = route.fetch()
        at = float(told.headers["x-rempart-at"]) - 60.0
        route.fulfill(response=told, headers={**told.headers, "x-rempart-at": str(at)})

    stood: list[bool] = []
    page = visit("olga")
    page.add_init_script(STOOD)
    page.route("**/", answer)
    page.reload()
    expect(page.locator("#lost")).to_be_hidden()
    page.evaluate("window.stoodFor = 60")
    # Not before: a page that this machine kept waiting would take that clock for the console's, and miss nothing.
    stood.append(True)
    lost(page, "The connection is lost.")
    found(page)


def test_a_lockdown_is_sent_where_nothing_comes_of_the_stream(visit: Visit, desk: Desk) -> None:
    """It asks for no view of the site, and its way may be open: nothing is gained by not trying."""
    page = visit("olga", "/devices/ruhl-wedge")
    page.route("**/events?*", lambda route: route.abort())
    page.reload()
    lost(page, "The connection is lost.")
    page.keyboard.press("F9")
    page.get_by_role("button", name="The whole site").click()
    expect(page.locator("#orders article").first).to_contain_text("Lockdown")
    assert desk.controller.device("ruhl-wedge")["held"]["efo"]["by"] == "olga"


def test_the_stream_of_an_open_page_lasts_longer_than_a_request_may_take(desk: Desk) -> None:
    with httpx.Client(base_url=desk.url, timeout=PATIENCE_S) as browser:
        assert browser.post("/login", data={"user": "olga", "password": PASSWORD}).status_code == 303
        with browser.stream("GET", "/events?view=site") as answer:
            lines, begun = answer.iter_lines(), time.monotonic()
            while time.monotonic() < begun + REQUEST_S + PULSE_S:
                assert next(lines) is not None
