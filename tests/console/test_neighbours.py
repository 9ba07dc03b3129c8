"""Two consoles on one machine, in one browser: it separates cookies by host and not by port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import Desk, log_in
from tests.system.field import Process, wait_for

Visit = Callable[..., Page]
READY = "ready: console "


@pytest.fixture
def neighbour(desk: Desk, tmp_path: Path) -> Iterator[str]:
    """Where another console is, at another port of the same host."""
    log = tmp_path / "neighbour.log"
    console = Process("controller.cli", "console", "--runtime", desk.controller.runtime, "--port", "0", log=log)
    wait_for("the other console", lambda: console.alive() and READY in console.output)
    yield console.output.partition(READY)[2].splitlines()[0].rstrip("/")
    console.stop()


def test_to_log_in_at_one_console_or_out_of_it_ends_nothing_at_the_other(
    visit: Visit, desk: Desk, neighbour: str
) -> None:
    here = visit("olga")
    there = here.context.new_page()
    there.goto(f"{neighbour}/login")
    log_in(there, "ada")
    here.goto(desk.url)
    expect(here.locator("nav a[href='/me']")).to_have_text("olga")
    there.locator("form[action='/logout'] button").click()
    there.wait_for_url("**/login")
    here.goto(desk.url)
    expect(here.locator("nav a[href='/me']")).to_have_text("olga")
