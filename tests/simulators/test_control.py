"""The control port: what a person at the simulated street can do and see."""

from __future__ import annotations

import asyncio
import json
import stat
from typing import Any

import pytest
import pytest_asyncio

from simulators.run import Running
from tests.simulators.support import control, served, until


@pytest_asyncio.fixture
async def field():
    async with served("albert") as running:
        yield running


async def world(field: Running) -> dict[str, Any]:
    seen: dict[str, Any] = (await control(field, do="world"))["world"]
    return seen


async def test_only_this_user_may_connect(field: Running):
    assert stat.S_IMODE(field.control.path.stat().st_mode) == 0o600


async def test_a_loop_is_occupied_and_vacated(field: Running):
    await control(field, do="occupy", loop="albert-loop-entry")
    seen = await world(field)
    assert seen["loops"]["albert-loop-entry"] is True
    assert seen["loops"]["albert-loop-exit"] is False
    assert (await control(field, do="vacate", loop="albert-loop-entry"))["gone"] == ["parked-on-albert-loop-entry"]
    assert (await world(field))["loops"]["albert-loop-entry"] is False


async def test_a_loop_that_no_vehicle_fits_on_is_not_said_to_be_occupied(field: Running):
    loop: Any = field.built.field.wired["albert-loop-entry"].plant
    loop.to_m = loop.from_m
    answer = await control(field, do="occupy", loop="albert-loop-entry")
    assert (answer["ok"], answer["error"]) == (
        False,
        "albert-loop-entry did not become occupied: a vehicle does not fit between its 76 m and 76 m",
    )
    assert (await world(field))["vehicles"] == []


async def test_vacate_without_a_loop_frees_all_of_them(field: Running):
    for loop in ("albert-loop-entry", "massena-loop"):
        await control(field, do="occupy", loop=loop)
    assert len((await control(field, do="vacate"))["gone"]) == 2
    assert not any((await world(field))["loops"].values())


async def test_a_vehicle_parked_on_a_loop_stands_on_no_other_and_not_on_the_steel(field: Running):
    for loop in (await world(field))["loops"]:
        await control(field, do="occupy", loop=loop)
        seen = await world(field)
        assert [name for name, occupied in seen["loops"].items() if occupied] == [loop]
        if loop not in ("massena-loop", "ruhl-presence"):  # these surround their steel
            row = {"albert": 80, "gambetta": 50}[loop.split("-")[0]]
            assert not field.built.field.world.occupied(loop.split("-")[0], row - 0.15, row + 0.15)
        await control(field, do="vacate")


async def test_a_vehicle_is_sent_down_a_lane(field: Running):
    answer = await control(field, do="drive", lane="albert", kmh=50, length_m=7, name="bus")
    assert answer["vehicle"] == "bus"
    await until(lambda: field.built.field.world.vehicles["bus"].front_m > 0)
    (bus,) = (await world(field))["vehicles"]
    assert (bus["lane"], bus["length_m"], bus["kmh"]) == ("albert", 7, 50)


async def test_steel_is_moved_by_hand_without_any_order(field: Running):
    await control(field, do="move", plant="albert-bollards", to=0.01)
    await until(lambda: field.built.field.world.steel["albert-bollards"] == (0.01, 0.01, 0.01))


async def test_the_key_switch_is_turned(field: Running):
    await control(field, do="local", plant="albert-bollards", on=True)
    assert field.built.images["albert-io"].read("di6") is True
    assert (await world(field))["local"]["albert-bollards"] is True


async def test_a_contact_is_disturbed_whatever_its_normal_level(field: Running):
    image = field.built.images["albert-io"]
    for plant in ("albert-cabinet", "albert-mains"):
        await control(field, do="contact", plant=plant, disturbed=True)
    assert (image.read("di13"), image.read("di14")) == (True, False)


async def test_traffic_is_switched(field: Running):
    assert (await control(field, do="list"))["traffic"] is False
    await control(field, do="traffic", on=True)
    assert (await control(field, do="list"))["traffic"] is True


async def test_links_are_listed_with_their_addresses(field: Running):
    assert (await control(field, do="list"))["links"] == field.links


async def test_violations_are_seen(field: Running):
    field.built.images["albert-io"].write({"do0": True, "do1": True})
    (violation,) = (await world(field))["violations"]
    assert (violation["kind"], violation["plant"]) == ("both-directions", "albert-bollards")


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({}, "'do' is missing"),
        ({"do": "dance"}, "expected one of world, list"),
        ({"do": 3}, "do is 3: expected str"),
        ({"do": "occupy"}, "'loop' is missing"),
        ({"do": "occupy", "loop": "albert-bollards"}, "expected one of albert-loop-entry"),
        ({"do": "drive", "lane": "autobahn"}, "expected one of albert, gambetta"),
        ({"do": "drive", "lane": "albert", "kmh": -5}, "expected kmh above 0"),
        ({"do": "drive", "lane": "albert", "kmh": True}, "kmh is True: expected float"),
        ({"do": "move", "plant": "albert-bollards", "to": 2}, "expected 0 (lowered) to 1 (raised)"),
        ({"do": "local", "plant": "albert-bollards", "on": "yes"}, "on is 'yes': expected bool"),
        ({"do": "people", "plant": "massena-counter", "count": -1}, "expected 0"),
        ({"do": "trouble", "kind": "drop"}, "'target' is missing"),
        ({"do": "trouble", "kind": "drop", "target": "albert", "for_s": 0}, "expected seconds above 0"),
        ({"do": "clear", "which": "trouble-99"}, "no trouble 'trouble-99' lasts"),
    ],
)
async def test_a_wrong_request_is_answered_with_what_was_expected(
    field: Running, request_: dict[str, Any], expected: str
):
    answer = await control(field, **request_)
    assert answer["ok"] is False
    assert expected in answer["error"]


async def test_what_is_not_a_json_object_is_told_so_and_the_conversation_goes_on(field: Running):
    reader, writer = await asyncio.open_unix_connection(field.control.path)
    for line, expected in ((b"{", "not JSON"), (b"[1]", "expected a JSON object"), (b'{"do": "list"}', None)):
        writer.write(line + b"\n")
        answer = json.loads(await reader.readline())
        assert answer["ok"] is (expected is None)
        assert expected is None or expected in answer["error"]
    writer.close()
    await writer.wait_closed()


async def test_an_endless_line_ends_the_conversation(field: Running):
    reader, writer = await asyncio.open_unix_connection(field.control.path)
    writer.write(b"x" * 200_000)
    assert await reader.read() == b""
    writer.close()
    assert (await control(field, do="list"))["ok"]


async def test_restore_takes_back_all_that_was_done_but_moves_no_steel(field: Running):
    wired = field.built.field.wired
    bollards: Any = wired["albert-bollards"].plant
    counter: Any = wired["massena-counter"].plant
    cabinet: Any = wired["albert-cabinet"].plant
    bollards.positions = [0.5, 0.5, 0.5]
    for request in (
        {"do": "occupy", "loop": "albert-loop-entry"},
        {"do": "drive", "lane": "albert"},
        {"do": "local", "plant": "albert-bollards", "on": True},
        {"do": "move", "plant": "albert-bollards", "to": 1},
        {"do": "contact", "plant": "albert-cabinet", "disturbed": True},
        {"do": "people", "plant": "massena-counter", "count": 4000},
        {"do": "traffic", "on": True},
        {"do": "trouble", "kind": "silence", "target": "albert-io"},
    ):
        assert (await control(field, **request))["ok"]
    assert len((await control(field, do="restore"))["gone"]) == 2
    seen, lasts = await world(field), await control(field, do="list")
    assert (seen["vehicles"], lasts["troubles"], lasts["traffic"]) == ([], [], False)
    assert (bollards.key.local, bollards.by_hand, cabinet.level) == (False, None, cabinet.normal)
    assert counter.people < 1000
    assert all(0.4 < at < 0.9 for at in seen["steel"]["albert-bollards"])
