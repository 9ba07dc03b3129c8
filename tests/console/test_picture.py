"""The picture that all pages share is fresh, or it is none."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from controller.console import parts, shown, standing
from controller.console.look import FEW, Look
from controller.console.picture import BREATH_S, LOOK_S, Picture
from controller.console.rendering import part
from controller.console.standing import Standing
from controller.console.upstream import Answered, Unreachable, Upstream, Where
from controller.console.visitor import Visitor
from controller.console.words import tongue

SEEN = Look(
    7, {"name": "site"}, {"wedge": {}}, {"alarms": []}, {"c1": {"id": "c1"}}, datetime(2026, 11, 30, tzinfo=UTC)
)


def test_who_comes_first_is_not_shown_what_was_when_somebody_last_followed() -> None:
    picture = Picture(Upstream(Where("http://127.0.0.1:1")))
    picture.latest = SEEN
    with picture.followed("one"):
        assert not picture.latest.known
        assert picture.latest.commands == SEEN.commands
        picture.latest = SEEN
        with picture.followed("another"):
            assert picture.latest is SEEN, "it is kept fresh already"


def test_what_has_times_in_it_comes_with_the_site_whose_clocks_show_them() -> None:
    site: dict[str, Any] = {"zones": [], "secured": None, "timezone": "Europe/Paris"}
    alarm = {
        "id": "ruhl-wedge.fault", "device": "ruhl-wedge", "zone": "ruhl", "priority": 2, "state": "unacknowledged",
        "since": "2026-11-30T02:00:00.000Z", "text": "fault", "by": "", "reason": "", "until": None, "proposes": None,
        "sound": None, "sounding": False, "stale": False, "chattering": False, "active": True, "hideable": True,
    }  # fmt: skip
    alarms = {"alarms": [alarm], "hidden": [], "flood": False}
    seen = Look(1, site, {}, alarms, {}, datetime(2026, 11, 30, tzinfo=UTC))
    shown_there = next(one for one in parts.shared("alarms", "1", seen) if one.id == "alarm-list-1")
    assert "03:00:00" in parts.text(seen, "en", shown_there)


class Ended(Upstream):
    """A controller at which some sessions have ended."""

    def __init__(self, ended: set[str]) -> None:
        super().__init__(Where("http://127.0.0.1:1"))
        self.ended, self.asked = ended, list[str]()

    @asynccontextmanager
    async def events(self, token: str) -> AsyncIterator[AsyncIterator[str]]:
        self.asked.append(token)
        if token in self.ended:
            raise Answered(401, "unauthorised", "this session has ended", {}, {})
        yield self._silence()

    async def ask(self, method: str, path: str, token: str = "", *_: Any, **__: Any) -> Any:
        return {"/devices": [], "/passages": []}.get(path, {"zones": []})

    async def _silence(self) -> AsyncIterator[str]:
        await asyncio.Event().wait()
        yield ""


async def test_a_session_that_ends_darkens_no_page_of_another_one() -> None:
    controller = Ended({"olga"})
    picture = Picture(controller)
    with picture.followed("olga"), picture.followed("olga"), picture.followed("sam") as bell:
        assert (picture.streams_of("olga"), picture.streams_of("sam")) == (2, 1)
        keeping = asyncio.create_task(picture.run())
        async with asyncio.timeout(10):
            await bell.wait()
        assert picture.latest.known
        assert picture.latest.why == ""
        assert controller.asked == ["olga", "sam"]
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


async def test_where_every_session_has_ended_that_is_told_and_not_asked_without_a_pause() -> None:
    controller = Ended({"olga", "sam"})
    picture = Picture(controller)
    with picture.followed("olga"), picture.followed("sam") as bell:
        keeping = asyncio.create_task(picture.run())
        async with asyncio.timeout(10):
            await bell.wait()
        assert picture.latest.why == "this session has ended"
        assert controller.asked == ["olga", "sam"]
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


NOTHING: dict[str, Any] = {"tags": [], "efo": None, "test": None}


class Eventful(Upstream):
    """A controller that tells what it is told to tell, and counts what it is asked."""

    def __init__(self) -> None:
        super().__init__(Where("http://127.0.0.1:1"))
        self.told = asyncio.Queue[str]()
        self.version = 1
        self.asked = list[str]()
        self.asking = self.most = 0
        self.behind = list[str]()

    @asynccontextmanager
    async def events(self, token: str) -> AsyncIterator[AsyncIterator[str]]:
        yield self._lines()

    async def ask(self, method: str, path: str, token: str = "", *_: Any, ahead: bool = False, **__: Any) -> Any:
        self.asked.append(path)
        self.behind += [] if ahead else [path]
        self.asking += 1
        self.most = max(self.most, self.asking)
        await asyncio.sleep(0.001)
        self.asking -= 1
        if path.startswith("/devices"):
            every = [{"id": f"d{n}", "version": self.version, "held": NOTHING} for n in range(50)]
            return every if path == "/devices" else every[int(path.removeprefix("/devices/d"))]
        return [] if path == "/passages" else {"zones": []}

    def tell(self, kind: str, **data: Any) -> None:
        for line in (f"event: {kind}", f"data: {json.dumps(data)}", ""):
            self.told.put_nowait(line)

    async def _lines(self) -> AsyncIterator[str]:
        while True:
            yield await self.told.get()


@asynccontextmanager
async def followed(controller: Eventful) -> AsyncIterator[tuple[Picture, asyncio.Event]]:
    """Give a picture that has been taken once, and the bell of whoever follows it."""
    picture = Picture(controller)
    with picture.followed("olga") as bell:
        keeping = asyncio.create_task(picture.run())
        try:
            await bell.wait()
            yield picture, bell
        finally:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping


async def after(controller: Eventful, bell: asyncio.Event, *events: tuple[str, dict[str, Any]]) -> list[str]:
    """Return what is asked for the next look, which is taken because of `events`."""
    controller.asked.clear()
    bell.clear()
    controller.version += 1
    for kind, data in events:
        controller.tell(kind, **data)
    await bell.wait()
    return sorted(controller.asked)


ORDER: dict[str, Any] = {"id": "c7", "history": ["sent"], "principal": "olga"}


@pytest.mark.virtual_time
async def test_only_what_has_changed_is_asked_for_between_two_whole_looks() -> None:
    controller = Eventful()
    async with followed(controller) as (picture, bell):
        before = picture.latest
        asked = await after(
            controller, bell, ("device", {"id": "d3"}), ("device", {"id": "d4"}), ("device", {"id": "d3"})
        )
        assert asked == ["/devices/d3", "/devices/d4", "/site"]
        assert {name: one["version"] for name, one in picture.latest.devices.items() if one["version"] != 1} == {
            "d3": 2,
            "d4": 2,
        }
        assert list(picture.latest.devices) == list(before.devices), "in the order of the site"
        assert picture.latest.taken == before.taken, "the rest is no younger for it"
        assert await after(controller, bell, ("alarm", {"id": "x"})) == ["/alarms"]
        assert await after(controller, bell, ("passage", {"id": "x"})) == ["/passages"]
        assert await after(controller, bell, ("command", ORDER)) == []
        assert picture.latest.commands["c7"].items() > ORDER.items()


@pytest.mark.virtual_time
async def test_an_event_that_is_not_understood_is_told_and_the_picture_taken_anew() -> None:
    controller = Eventful()
    async with followed(controller) as (picture, bell):
        await after(controller, bell, ("device", {"name": "no id"}))
        assert "not understood: device" in picture.latest.why
        assert await after(controller, bell) == EVERYTHING
        assert picture.latest.why == ""


@pytest.mark.virtual_time
async def test_one_thing_is_asked_for_at_a_time_for_an_order_may_wait_behind_each() -> None:
    controller = Eventful()
    async with followed(controller) as (_, bell):
        many = [("device", {"id": f"d{n}"}) for n in range(FEW)]
        assert len(await after(controller, bell, *many, ("alarm", {"id": "x"}))) == FEW + 2
        assert await after(controller, bell) == EVERYTHING
    assert controller.most == 1
    assert controller.behind == [], "of pages: what all of them live from goes ahead"


EVERYTHING = ["/alarms", "/devices", "/passages", "/site"]


@pytest.mark.virtual_time
async def test_where_much_has_changed_everything_is_asked_for_once() -> None:
    controller = Eventful()
    async with followed(controller) as (_, bell):
        many = [("device", {"id": f"d{n}"}) for n in range(FEW + 1)]
        assert await after(controller, bell, *many) == EVERYTHING
        assert await after(controller, bell, ("reset", {})) == EVERYTHING


@pytest.mark.virtual_time
async def test_everything_is_looked_at_each_second_whatever_is_told_meanwhile() -> None:
    controller, clock = Eventful(), asyncio.get_running_loop().time
    async with followed(controller) as (_, bell):
        looked = clock()
        for _ in range(30):
            if "/devices" in await after(controller, bell, ("device", {"id": "d3"})):
                assert clock() - looked <= LOOK_S + BREATH_S, "a flood of news puts off no whole look"
                looked = clock()
        assert clock() - looked <= LOOK_S
        assert await after(controller, bell) == EVERYTHING, "and silence does not either"


def test_a_line_of_which_nothing_is_known_is_named_beside_those_that_are_open() -> None:
    def mover(name: str) -> dict[str, Any]:
        return {"id": name, "secures_by": "raise", "held": NOTHING}

    zones: list[dict[str, Any]] = [
        {"id": name, "title": name.title(), "devices": [name], "secured": secured}
        for name, secured in (("ruhl", False), ("gambetta", True), ("massena", None))
    ]
    answer = shown.perimeter({"zones": zones, "secured": False}, {z["id"]: mover(z["id"]) for z in zones})
    text = part("en", "perimeter", answer=answer, site={"simulated": False, "timezone": "Europe/Paris"})
    assert "The perimeter is OPEN: Ruhl" in text
    assert "Not known: Massena" in text


@pytest.mark.parametrize(("minutes", "told"), [(29.0, False), (14.0, True)])
def test_who_works_on_is_told_in_time_that_the_session_ends(minutes: float, told: bool) -> None:
    ends = (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()
    site: dict[str, Any] = {"zones": [], "secured": None, "timezone": "Europe/Paris"}
    seen = Look(1, site, {}, {"alarms": [], "hidden": [], "flood": False}, {}, datetime(2026, 11, 30, tzinfo=UTC))
    who = Visitor("t", "olga", "operator", tongue("en"), expires=ends)
    one = next(one for one in parts.own("site", "", seen, who) if one.id == "session")
    assert ("Log in again" in parts.text(seen, "en", one)) == told


class Lasting(Eventful):
    """A controller whose sessions last as long as it is told."""

    expires: str | None = None
    fails: Exception | None = None

    def __init__(self) -> None:
        super().__init__()
        self.sessions = list[str]()

    async def ask(self, method: str, path: str, token: str = "", *_: Any, ahead: bool = False, **__: Any) -> Any:
        if path == "/sessions/current":
            assert ahead, "the pulse of open pages waits for it"
            self.sessions.append(token)
            if self.fails is not None:
                raise self.fails
            return {"expires": self.expires}
        return await super().ask(method, path, token, ahead=ahead)


OLGA = Visitor("t", "olga", "operator", tongue("en"), expires="2999-01-01T00:00:00+00:00")


async def test_an_open_page_hears_when_its_session_ends() -> None:
    controller = Lasting()
    assert await Standing(controller).of(OLGA) == replace(OLGA, expires="")
    controller.expires = "2026-11-01T12:00:00+00:00"
    session = await Standing(controller).of(OLGA)
    assert session is not None
    assert session.ends == controller.expires


async def test_all_pages_of_a_session_ask_once_whether_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    controller, clock = Lasting(), [100.0]
    monkeypatch.setattr("controller.console.standing.time.monotonic", lambda: clock[0])
    asked = Standing(controller)
    sam = replace(OLGA, token="s", user="sam")
    told = tuple(await asyncio.gather(asked.of(OLGA), asked.of(OLGA), asked.of(sam)))
    assert told == (replace(OLGA, expires=""), replace(OLGA, expires=""), replace(sam, expires=""))
    assert controller.sessions == ["t", "s"]
    clock[0] += standing.SHARED_S + 1
    await asked.of(OLGA)
    assert controller.sessions == ["t", "s", "t"]


async def test_a_session_that_has_ended_is_none_and_one_of_which_nothing_is_told_stands() -> None:
    controller = Lasting()
    controller.fails = Answered(503, "busy", "later", {}, {})
    assert await Standing(controller).of(OLGA) == OLGA
    controller.fails = Unreachable("nobody there")
    assert await Standing(controller).of(OLGA) == OLGA
    controller.fails = Answered(401, "unauthorised", "this session has ended", {}, {})
    assert await Standing(controller).of(OLGA) is None


async def test_a_page_that_is_closed_while_it_asks_leaves_the_answer_to_the_others() -> None:
    controller = Lasting()
    asked = Standing(controller)
    leaving, staying = asyncio.create_task(asked.of(OLGA)), asyncio.create_task(asked.of(OLGA))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == replace(OLGA, expires="")
    assert controller.sessions == ["t"]
