"""The promenade, its controller and its console as real processes, and Debian's Chromium in front of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Response, TimeoutError, expect, sync_playwright

from tests.conftest import find_tool
from tests.system.field import PATIENCE_S, Process, Promenade, wait_for

PASSWORD = "rempart-demo"
HOLDS_S = 5.0
"""How long a button is held that takes a second."""
expect.set_options(timeout=PATIENCE_S * 1000)


class Desk:
    """The promenade with demo users and a console; `url` is where the console is."""

    def __init__(self, folder: Path, promenade: Promenade) -> None:
        self.promenade, self.controller, self.field = promenade, promenade.controller, promenade.field
        self.folder = folder
        self.start()

    def start(self, port: int = 0) -> None:
        """Start the console."""
        self.console = Process(
            "controller.cli", "console", "--runtime", self.controller.runtime, "--port", str(port),
            log=self.folder / "console.log",
        )  # fmt: skip
        told = wait_for("the console", lambda: self.console.alive() and [
            line for line in self.console.output.splitlines() if line.startswith("ready: console ")
        ])  # fmt: skip
        self.url = told[-1].removeprefix("ready: console ").rstrip("/")

    def stop(self) -> None:
        self.console.stop()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    with Promenade(folder) as promenade:
        made = subprocess.run(
            [sys.executable, "-m", "tests.console.demo_users", str(promenade.controller.folder / "state")],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        desk = Desk(folder, promenade)
        try:
            yield desk
        finally:
            desk.stop()


@pytest.fixture
def desk(served: Desk) -> Desk:
    """The desk with every trouble over and nothing locked down."""
    # The watchdog of a coupler has expired where a test has stopped the controller: that takes a person.
    served.controller.order("re-arm", "nice-promenade")
    served.promenade.restore()
    return served


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for one module: as long as it is there, no asynchronous test of another module can run in this process."""
    chromium = find_tool("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, desk: Desk) -> Iterator[Callable[..., Page]]:
    """`visit("olga")` is a page of the console that Olga has logged in to; a test fails where a script of it failed."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def opened(user: str = "", path: str = "/", **options: Any) -> Page:
        context = browser.new_context(base_url=desk.url, **{"viewport": {"width": 1280, "height": 800}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(path)
        if user:
            log_in(page, user)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def log_in(page: Page, user: str, password: str = PASSWORD) -> None:
    page.locator("#user").fill(user)
    page.locator("#password").fill(password)
    page.locator("form[action='/login'] button").click()
    expect(page.locator("html[data-ready] #perimeter")).to_be_visible()


def held(button: Locator) -> None:
    """Hold Space on a button until its order has been answered; anew where a page that was lost for a moment let go of it."""
    page, answered = button.page, list[Response]()
    page.on("response", lambda answer: answered.append(answer) if answer.request.method == "POST" else None)
    for _ in range(int(PATIENCE_S / HOLDS_S)):
        expect(button).to_be_enabled()
        button.focus()
        page.keyboard.down(" ")
        with suppress(TimeoutError):
            page.wait_for_event("response", lambda answer: answer.request.method == "POST", timeout=HOLDS_S * 1000)
        page.keyboard.up(" ")
        if answered:
            return
    raise AssertionError(f"nothing was answered to a button that was held {PATIENCE_S:g} s")
