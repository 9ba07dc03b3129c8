"""A search of the journal as a file: whole or visibly cut off, at most so long, and with no formula in it."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import pytest

from controller.console import exporting
from controller.console.upstream import Unreachable


class Api:
    """`count` records, `limit` to a page; `asked` are the numbers after which it was asked."""

    def __init__(self, count: int, limit: int = 2, **body: Any) -> None:
        self.asked: list[int] = []
        self._records = [
            {"seq": seq, "at": f"t{seq}", "kind": "x", "device": "wedge", "command": "", "body": body, "hash": "h"}
            for seq in range(1, count + 1)
        ]
        self._limit = limit

    async def __call__(self, after: int) -> dict[str, Any]:
        self.asked.append(after)
        found = self._records[after : after + self._limit]
        return {"records": found, "next": found[-1]["seq"] if found else after}


async def taken(made: AsyncGenerator[bytes, None]) -> bytes:
    return b"".join([some async for some in made])


async def as_json(api: Any, after: int = 0) -> Any:
    return json.loads(await taken(exporting.as_json(api, after)))


async def as_csv(api: Any) -> Sequence[dict[str, str]]:
    text = (await taken(exporting.as_csv(api, 0, lambda message: message))).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("count", [0, 1, 2, 5])
async def test_json_holds_every_record_and_says_that_it_is_whole(count: int) -> None:
    found = await as_json(Api(count))
    assert [record["seq"] for record in found["records"]] == list(range(1, count + 1))
    assert (found["next"], found["complete"]) == (count, True)


async def test_it_begins_where_it_is_told() -> None:
    assert [record["seq"] for record in (await as_json(Api(5), 3))["records"]] == [4, 5]


async def test_a_file_ends_after_so_many_records_and_says_where_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "RECORDS", 4)
    api = Api(9)
    found = await as_json(api)
    assert (len(found["records"]), found["next"], found["complete"], api.asked) == (4, 4, False, [0, 2])
    assert len(await as_csv(Api(9))) == 4


async def test_a_file_ends_after_so_many_requests_that_find_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "REQUESTS", 3)

    async def nothing(after: int) -> dict[str, Any]:
        return {"records": [], "next": after + 10_000}

    assert await as_json(nothing) == {"records": [], "next": 30_000, "complete": False}


async def test_the_controller_has_half_of_its_time_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, waited = [0.0], []

    async def slow(after: int) -> dict[str, Any]:
        clock[0] += 3.0
        return {"records": [], "next": min(after + 1, 2)}

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("controller.console.exporting.time.monotonic", lambda: clock[0])
    monkeypatch.setattr(asyncio, "sleep", sleep)
    await as_json(slow)
    assert waited == [3.0, 3.0]


async def test_a_file_that_is_cut_off_is_no_json() -> None:
    api = Api(5)

    async def lost(after: int) -> dict[str, Any]:
        if after:
            raise Unreachable("gone")
        return await api(after)

    made, sent = exporting.as_json(lost, 0), [b""]

    async def read() -> None:
        async for some in made:
            sent.append(some)  # noqa: PERF401 (what was sent before it broke off)

    with pytest.raises(Unreachable):
        await read()
    with pytest.raises(ValueError, match="delimiter"):
        json.loads(b"".join(sent))


@pytest.mark.parametrize(
    "evil", ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1"]
)
async def test_no_cell_is_a_formula(evil: str) -> None:
    (row,) = await as_csv(Api(1, why=evil, by=evil, what=evil))
    assert (row["who"], row["what"], row["why"]) == (f"'{evil}",) * 3
    assert json.loads(row["body"])["why"] == evil


async def test_csv_is_what_the_record_holds_and_what_it_says() -> None:
    (row,) = await as_csv(Api(1, event="started", why='a "quoted", é\nreason'))
    assert list(row) == ["seq", "at", "kind", "device", "command", "who", "what", "why", "body", "hash"]
    assert (row["seq"], row["device"], row["what"], row["why"]) == ("1", "wedge", "started", 'a "quoted", é\nreason')
    assert json.loads(row["body"]) == {"event": "started", "why": 'a "quoted", é\nreason'}
