"""The parts of an open page: which there are, each made once however many pages show it, and told to those that lack it."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from controller.console import alarm_list, custody, shown
from controller.console.look import Look
from controller.console.rendering import part
from controller.console.visitor import Visitor

ORDERS = 4
"""How many of somebody's last orders are on their pages."""
STREAMS = 256
"""How many pages may be open at once; of so many that differ, in their language or in what they show, the parts are kept."""


MAY = "may"
"""What the list of passages is of for those that may end one."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a page: the element `id`, the template that makes it, and what fills that. A `mark` is JSON, for the plan."""

    id: str
    template: str
    values: dict[str, Any]


def subject(view: str, of: str, latest: Look, who: Visitor) -> tuple[str, str]:
    """Return which of the pages that there are is open, whatever was asked for: its view, and what it is of."""
    known = {
        "site": "", "device": of if of in latest.devices else None, "alarms": str(alarm_list.number(of)),
        "passages": MAY if who.may("pass") else "",
    }  # fmt: skip
    found = known.get(view)
    return ("", "") if found is None else (view, found)


def shared(view: str, of: str, latest: Look) -> Iterator[Part]:
    """Yield the parts of a page that are the same for everybody who reads its language."""
    if not latest.known:
        return
    yield Part("perimeter", "perimeter", {"answer": _brief(shown.perimeter(latest.site, latest.devices))})
    yield Part("strip", "strip", {"alarms": latest.alarms})
    yield Part("wishes", "wishes", {"asked": shown.wishes(latest.devices)})
    if view == "site":
        for zone in latest.site["zones"]:
            yield Part(f"line-{zone['id']}", "line", {"line": _brief(shown.line(zone, latest.devices))})
        for device in map(shown.brief, latest.devices.values()):
            yield Part(f"row-{device['id']}", "row", {"device": device})
            yield Part(f"mark-{device['id']}", "mark", {"device": device})
    elif view == "device" and of in latest.devices:
        yield Part(f"panel-{of}", "panel", {"device": latest.devices[of]})
    elif view == "alarms":
        yield Part(f"alarm-list-{of}", "alarms", {"list": alarm_list.of(latest, alarm_list.number(of))})
    elif view == "passages":
        values = {"passages": shown.passages(latest.passages), "devices": latest.devices, "may": of == MAY}
        yield Part("passage-list", "passages", values)


def own(view: str, of: str, latest: Look, who: Visitor) -> Iterator[Part]:
    """Yield the parts of a page that are somebody's own."""
    if not latest.known:
        return
    yield Part("session", "session", {"ends": who.ends})
    mine = orders_of(latest, who.user)
    yield Part("orders", "orders", {"orders": mine, "commands": latest.commands, "user": who.user})
    if view == "maintenance":
        rows = custody.held(latest.devices, latest.since, who.user, who.role, who.permissions)
        yield Part(f"custody-{of}", "custody", {"rows": custody.within(rows, of)})


def orders_of(latest: Look, user: str) -> list[Any]:
    """Return the last orders of somebody, the latest first, without the parts of an order to a zone, and what is long past."""
    mine = [one for one in latest.commands.values() if one["principal"] == user and ":" not in one["id"]]
    news = (
        one
        for one in mine[::-1]
        if not one["ended"] or not shown.past(one, latest.commands, latest.taken - one["heard"])
    )
    return list(islice(news, ORDERS))


def _brief(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said of a line, or of all of them, without the devices themselves, which are never the same twice."""
    if "movers" in told:
        return {**told, "movers": len(told["movers"])}
    return {name: list(map(_brief, one)) if isinstance(one, list) else one for name, one in told.items()}


@dataclass(frozen=True, slots=True)
class Sheet:
    """The shared parts of a page as of one look. `changed` says by part in which sheet it was last other than before.

    `fresh` is what has changed since the sheet `after`, the one before this one.
    """

    look: int = 0
    number: int = 0
    after: int = 0
    events: Mapping[str, bytes] = field(default_factory=dict)
    changed: Mapping[str, int] = field(default_factory=dict)
    fresh: bytes = b""

    def since(self, number: int) -> bytes:
        """Return what a page has to be told that has had the sheet `number`; 0 for one that has had none."""
        if number == self.number:
            return b""
        if number == self.after and number:
            return self.fresh
        return b"".join(self.events[name] for name, at in self.changed.items() if at > number)


class Parts:
    """The parts of the latest look: those that many pages show are made once, and only where what they show has changed."""

    def __init__(self) -> None:
        self._stands: tuple[Mapping[str, Any], date] = ({}, date.min)
        self._made: dict[tuple[str, str], tuple[Part, str]] = {}
        self._sheets: OrderedDict[tuple[str, str, str], Sheet] = OrderedDict()
        self._number = 0

    def sheet(self, latest: Look, language: str, view: str, of: str) -> Sheet:
        """Return the shared parts of a page as they are in this look."""
        if not latest.known:
            return Sheet()
        key = (language, view, of)
        last = self._sheets.pop(key, Sheet())
        self._sheets[key] = last if last.look == latest.number else self._next(last, latest, *key)
        while len(self._sheets) > STREAMS:
            self._sheets.popitem(last=False)
        return self._sheets[key]

    def _next(self, last: Sheet, latest: Look, language: str, view: str, of: str) -> Sheet:
        self._number += 1
        events = {one.id: event(one, self._text(latest, language, one)) for one in shared(view, of, latest)}
        fresh = [name for name, data in events.items() if last.events.get(name) != data]
        return Sheet(
            latest.number, self._number, last.number, events,
            {**{name: at for name, at in last.changed.items() if name in events}, **dict.fromkeys(fresh, self._number)},
            b"".join(events[name] for name in fresh),
        )  # fmt: skip

    def _text(self, latest: Look, language: str, one: Part) -> str:
        if self._stands != (stands := (latest.site, day(latest))):
            self._made.clear()
        self._stands = stands
        made = self._made.get((language, one.id))
        if made is None or made[0] != one:
            made = self._made[(language, one.id)] = one, text(latest, language, one)
        return made[1]


class Open:
    """An open page: what it was told, and what it has to be told now."""

    def __init__(self, made: Parts, view: str, of: str) -> None:
        self._made, self._view, self._of = made, view, of
        self._shows, self._had = ("", ""), 0
        self._own: dict[str, tuple[Part, bytes]] = {}
        self._day = date.min

    def news(self, latest: Look, who: Visitor) -> bytes:
        """Return the events that tell the page what has changed since it was last told; `who` is who looks at it."""
        if not latest.known:
            return b""
        shows = subject(self._view, self._of, latest, who)
        sheet = self._made.sheet(latest, who.tongue.language, *shows)
        told = sheet.since(self._had if shows == self._shows else 0)
        self._shows, self._had = shows, sheet.number
        return told + b"".join(self._changed(latest, who))

    def _changed(self, latest: Look, who: Visitor) -> Iterator[bytes]:
        if (today := day(latest)) != self._day:
            self._day = today
            self._own.clear()
        for one in own(self._view, self._of, latest, who):
            made, data = self._own.get(one.id, (None, b""))
            if made == one:
                continue
            told = event(one, text(latest, who.tongue.language, one))
            self._own[one.id] = one, told
            if told != data:
                yield told


def day(latest: Look) -> date:
    """Return which day it is at the site: of an instant that is not of today a text has the date as well."""
    return (latest.at or datetime.now(UTC)).astimezone(ZoneInfo(latest.site["timezone"])).date()


def text(latest: Look, language: str, one: Part) -> str:
    """Make a part as it is in this language."""
    return part(language, one.template, **{"site": latest.site, **one.values})


def event(one: Part, made: str) -> bytes:
    """Return what a page is told of a part."""
    return encoded("mark" if one.template == "mark" else "part", {"id": one.id, "text": made})


def encoded(kind: str, data: Mapping[str, Any]) -> bytes:
    """Return an event of a stream."""
    return f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
