"""A page that believes itself connected and is shown nothing new: it stays as it was when it was opened."""

from __future__ import annotations

from playwright.sync_api import Page

STILL = """
window.EventSource = class extends EventSource {
  addEventListener(kind, heard) { if (kind === "pulse") super.addEventListener(kind, heard); }
};
"""


def still(page: Page, path: str) -> None:
    """Open `path` and let nothing of what happens reach it from then on."""
    page.add_init_script(STILL)
    page.goto(path)
