"""The pages, one module each: what it answers, and where."""

from __future__ import annotations

from starlette.routing import Route

from controller.console.pages import (
    acting,
    alarms,
    device,
    first,
    journal,
    login,
    maintenance,
    me,
    passages,
    site,
    tokens,
    users,
)

PAGES: list[Route] = [
    *site.ROUTES, *device.ROUTES, *alarms.ROUTES, *acting.ROUTES, *login.ROUTES, *first.ROUTES,
    *me.ROUTES, *users.ROUTES, *tokens.ROUTES, *journal.ROUTES, *passages.ROUTES, *maintenance.ROUTES,
]  # fmt: skip
