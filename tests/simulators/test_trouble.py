"""Each misfortune shows on the real wire or in the steel, ends when its time is over, and can be cleared."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import pytest_asyncio

from simulators.errors import SimulationError
from simulators.run import Running
from tests.simulators.support import RawTcp, control, endpoint, serial_path, served, until
from tests.simulators.test_modbus_wire import RawLine

LINK = "albert"
RAISED = bytes.fromhex("02 00 00 00 06")
RAISE_ON = bytes.fromhex("05 00 00 FF 00")


@pytest_asyncio.fixture
async def field():
    async with served(LINK, "gambetta-bus", "massena-relays") as running:
        yield running


async def begin(field: Running, kind: str, target: str, **options: Any) -> str:
    answer = await control(field, do="trouble", kind=kind, target=target, **options)
    assert answer["ok"], answer
    return str(answer["id"])


async def clear(field: Running, which: str = "") -> None:
    assert (await control(field, do="clear", which=which))["ok"]


def bits(answer: bytes, count: int) -> list[bool]:
    return [bool(answer[2 + i // 8] >> (i % 8) & 1) for i in range(count)]


async def inputs(field: Running, count: int = 16) -> list[bool]:
    async with RawTcp.connected(*endpoint(field, LINK)) as client:
        return bits(await client.ask(bytes.fromhex(f"02 00 00 00 {count:02X}")), count)


async def test_drop_closes_connections_refuses_new_ones_and_ends_by_itself(field: Running):
    async with RawTcp.connected(*endpoint(field, LINK)) as client:
        await begin(field, "drop", LINK, for_s=0.2)
        assert await client.closed() == b""
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(*endpoint(field, LINK))
    await until(lambda: not field.troubles.seen())
    assert len(await inputs(field)) == 16


async def test_silence_takes_requests_and_neither_answers_nor_acts(field: Running):
    async with RawTcp.connected(*endpoint(field, LINK)) as client:
        await begin(field, "silence", LINK)
        client.send(RAISE_ON)
        await clear(field)
        sent = client.send(RAISED)
        assert (await client.receive())[0] == sent
    assert field.built.images["albert-io"].true("do0") is False


async def test_silence_of_one_unit_leaves_its_neighbours_alone(field: Running):
    await begin(field, "silence", "gambetta-loop-outer")
    with RawLine(serial_path(field, "gambetta-bus")) as line:
        line.send(11, "02 00 00 00 02")
        line.send(12, "02 00 00 00 02")
        await until(lambda: len(line.came) >= 6)
        assert line.came[0] == 12


async def test_delay_makes_each_answer_late(field: Running):
    loop = asyncio.get_running_loop()
    async with RawTcp.connected(*endpoint(field, LINK)) as client:
        await begin(field, "delay", LINK, seconds=0.2)
        began = loop.time()
        await client.ask(RAISED)
        assert loop.time() - began >= 0.2


async def test_cut_breaks_off_in_mid_frame(field: Running):
    async with RawTcp.connected(*endpoint(field, LINK)) as client:
        await begin(field, "cut", LINK)
        client.send(RAISED)
        assert await client.closed() == bytes.fromhex("00 01 00 00 00")


async def test_cut_breaks_off_in_mid_frame_on_the_serial_line(field: Running):
    await begin(field, "cut", "gambetta-bus")
    with RawLine(serial_path(field, "gambetta-bus")) as line:
        line.send(1, "02 00 00 00 08")
        await until(lambda: len(line.came) == 3)


async def test_exception_answers_with_its_code_and_does_not_act(field: Running):
    async with RawTcp.connected(*endpoint(field, LINK)) as client:
        await begin(field, "exception", LINK, code=4)
        assert await client.ask(RAISE_ON) == bytes.fromhex("85 04")
    assert field.built.images["albert-io"].true("do0") is False


async def test_wrong_unit_answers_in_anothers_name(field: Running):
    async with RawTcp.connected(*endpoint(field, LINK)) as client:
        await begin(field, "wrong-unit", LINK)
        sent = client.send(RAISED)
        transaction, unit, _ = await client.receive()
        assert (transaction, unit) == (sent, 0)


async def test_wrong_unit_on_the_serial_line_has_a_right_checksum(field: Running):
    await begin(field, "wrong-unit", "gambetta-bus")
    with RawLine(serial_path(field, "gambetta-bus")) as line:
        line.send(12, "02 00 00 00 02")
        await until(lambda: len(line.came) == 6)
        assert line.came[0] == 13


async def test_a_pulled_serial_cable_is_felt_and_the_port_comes_back_under_its_name(field: Running):
    with RawLine(serial_path(field, "gambetta-bus")) as line:
        asyncio.get_running_loop().remove_reader(line.line)
        await begin(field, "drop", "gambetta-bus")
        with pytest.raises(OSError, match=r"Input/output error|Errno 5"):
            line.send(1, RAISED.hex())
    await clear(field)
    with RawLine(serial_path(field, "gambetta-bus")) as line:
        line.send(1, "02 00 00 00 08")
        await until(lambda: len(line.came) == 6)


async def test_reboot_in_mid_motion_switches_outputs_off_and_loses_connections(field: Running):
    world = field.built.field.world
    async with RawTcp.connected(*endpoint(field, LINK)) as client:
        await client.ask(RAISE_ON)
        await until(lambda: world.steel["albert-bollards"][0] > 0.02)
        await begin(field, "reboot", "albert-io", for_s=0.2)
        assert await client.closed() == b""
    stopped_at = world.steel["albert-bollards"]
    await until(lambda: not field.troubles.seen())
    assert await inputs(field, 6) == [False] * 6
    assert world.steel["albert-bollards"] == stopped_at


async def test_reboot_of_a_unit_on_the_bus_leaves_the_bus(field: Running):
    field.built.images["gambetta-io"].write({"do7": True})
    await begin(field, "reboot", "gambetta-io", for_s=60)
    assert field.built.images["gambetta-io"].true("do7") is False
    with RawLine(serial_path(field, "gambetta-bus")) as line:
        line.send(1, "02 00 00 00 08")
        line.send(11, "02 00 00 00 02")
        await until(lambda: len(line.came) >= 6)
        assert line.came[0] == 11


async def test_reboot_forgets_the_watchdog(field: Running):
    async with RawTcp.connected(*endpoint(field, LINK)) as client:
        await client.ask(bytes.fromhex("06 10 03 00 01"))
        assert await client.ask(bytes.fromhex("03 10 06 00 01")) == bytes.fromhex("03 02 00 01")
    await begin(field, "reboot", LINK, for_s=0.05)
    await until(lambda: not field.troubles.seen())
    async with RawTcp.connected(*endpoint(field, LINK)) as client:
        assert await client.ask(bytes.fromhex("03 10 06 00 01")) == bytes.fromhex("03 02 00 00")


async def test_freeze_keeps_a_point_as_it_is(field: Running):
    await begin(field, "freeze", "albert-io.di7")
    await control(field, do="occupy", loop="albert-loop-entry")
    assert (await inputs(field))[7] is False
    await clear(field)
    assert (await inputs(field))[7] is True


async def test_freeze_can_show_any_value(field: Running):
    await begin(field, "freeze", "albert-io.di13", value=True)
    assert (await inputs(field))[13] is True


async def test_stick_keeps_one_members_limit_switch_made(field: Running):
    await begin(field, "stick", "albert-bollards.lowered.1")
    await control(field, do="move", plant="albert-bollards", to=0.05)
    world = field.built.field.world
    await until(lambda: set(world.steel["albert-bollards"]) == {0.05})
    await until(lambda: field.built.images["albert-io"].read("di1") is False)
    assert (await inputs(field, 6))[1::2] == [False, True, False]


async def test_break_cable_makes_an_input_read_false(field: Running):
    await begin(field, "break-cable", "albert-bollards.lowered")
    assert (await inputs(field, 6))[1::2] == [False, False, False]
    await clear(field)
    assert (await inputs(field, 6))[1::2] == [True, True, True]


async def test_jam_stops_one_member(field: Running):
    await begin(field, "jam", "albert-bollards", member=2)
    await control(field, do="move", plant="albert-bollards", to=0.05)
    await until(lambda: field.built.field.world.steel["albert-bollards"][:2] == (0.05, 0.05))
    assert field.built.field.world.steel["albert-bollards"][2] == 0


async def test_lamp_out_shows_no_current(field: Running):
    await begin(field, "lamp-out", "albert-signal", lamp="halt")
    async with RawTcp.connected(*endpoint(field, LINK)) as client:
        await client.ask(bytes.fromhex("0F 00 02 00 02 01 03"))
    await until(lambda: field.built.field.world.lamps["albert-signal"]["go"])
    assert (await inputs(field))[11:13] == [False, True]


@pytest.mark.parametrize(("kind", "pattern"), [("loop-open", 0b010001), ("loop-short", 0b100001)])
async def test_a_broken_loop_shows_its_fault_and_detects_nothing(field: Running, kind: str, pattern: int):
    await control(field, do="occupy", loop="gambetta-loop-outer")
    await begin(field, kind, "gambetta-loop-outer")
    with RawLine(serial_path(field, "gambetta-bus")) as line:
        line.send(11, "02 00 00 00 06")
        await until(lambda: len(line.came) == 6)
        assert line.came[3] == pattern


async def test_mains_loss_opens_its_contact_and_stops_what_it_feeds(field: Running):
    await begin(field, "mains-loss", "albert")
    async with RawTcp.connected(*endpoint(field, LINK)) as client:
        await client.ask(RAISE_ON)
        assert bits(await client.ask(bytes.fromhex("02 00 00 00 10")), 16)[14] is False
    now = field.built.field.clock.now()
    await until(lambda: field.built.field.world.now > now + 0.2)
    assert field.built.field.world.steel["albert-bollards"] == (0.0, 0.0, 0.0)
    await clear(field)
    await until(lambda: field.built.field.world.steel["albert-bollards"][0] > 0)
    assert (await inputs(field))[14] is True


async def test_the_battery_gives_up_after_its_time(field: Running, monkeypatch: pytest.MonkeyPatch):
    await begin(field, "mains-loss", "massena", battery_s=0.1)
    image = field.built.images["massena-io"]
    assert (image.read("di4"), image.read("di5")) == (False, True)
    await until(lambda: image.read("di5") is False)
    await clear(field)
    assert (image.read("di4"), image.read("di5")) == (True, True)


async def test_troubles_are_listed_and_cleared_by_id_kind_target_or_all(field: Running):
    first = await begin(field, "delay", LINK, seconds=5)
    await begin(field, "jam", "albert-bollards")
    await begin(field, "jam", "gambetta-outer")
    await begin(field, "exception", "massena-io", for_s=60)
    listed = (await control(field, do="list"))["troubles"]
    assert {key: listed[0][key] for key in ("kind", "target", "options")} == {
        "kind": "delay",
        "target": LINK,
        "options": {"seconds": 5},
    }
    assert 59 < listed[3]["left_s"] <= 60
    for which, left in ((first, 3), ("gambetta-outer", 2), ("jam", 1), ("", 0)):
        await clear(field, which)
        assert len(field.troubles.seen()) == left


async def test_two_drops_of_a_link_last_until_both_are_cleared(field: Running):
    first = await begin(field, "drop", LINK)
    second = await begin(field, "reboot", LINK, for_s=60)
    await clear(field, first)
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(*endpoint(field, LINK))
    await clear(field, second)
    assert len(await inputs(field)) == 16


@pytest.mark.parametrize(
    ("kind", "target", "options", "expected"),
    [
        ("earthquake", LINK, {}, "expected one of drop, silence"),
        ("drop", "albrt", {}, "expected one of albert, albert-radar-line"),
        ("drop", "albert-io", {}, "expected a link, e.g. albert"),
        ("drop", "ruhl-plc", {}, "not simulated here"),
        ("exception", LINK, {"code": 400}, "code"),
        ("delay", LINK, {"seconds": "long"}, "seconds"),
        ("delay", LINK, {"secs": 1}, "expected seconds"),
        ("freeze", "albert-io.di99", {}, "expected UNIT.POINT"),
        ("freeze", "albert-io.di1", {"value": 3}, "expected true or false"),
        ("stick", "albert-bollards.raise", {}, "expected PLANT.SIGNAL"),
        ("stick", "albert-bollards.raised.7", {}, "expected 0 to 2"),
        ("jam", "albert-signal", {}, "expected one of albert-bollards"),
        ("jam", "albert-bollards", {"member": 3}, "expected 0 to 2"),
        ("lamp-out", "albert-signal", {"lamp": "blue"}, "expected halt or go"),
        ("loop-open", "albert-signal", {}, "expected one of albert-loop-entry"),
        ("mains-loss", "paris", {}, "expected one of albert, massena"),
    ],
)
async def test_nonsense_is_refused_and_nothing_lasts(
    field: Running, kind: str, target: str, options: dict[str, Any], expected: str
):
    with pytest.raises(SimulationError, match=expected):
        await field.troubles.begin(kind, target, None, options)
    assert field.troubles.seen() == []


async def test_freeze_takes_a_value_of_the_points_own_kind(field: Running):
    await begin(field, "freeze", "gambetta-loop-outer.version", value=9)
    assert field.built.images["gambetta-loop-outer"].read("version") == 9
    await begin(field, "freeze", "massena-counter.serial", value=123)
    assert field.built.images["massena-counter"].read("serial") == "123"
    with pytest.raises(SimulationError, match="expected a number"):
        await field.troubles.begin("freeze", "gambetta-loop-outer.version", None, {"value": "nine"})


async def test_two_troubles_on_one_point_the_later_shows_and_clearing_one_ends_its_own(field: Running):
    image = field.built.images["albert-io"]
    await begin(field, "freeze", "albert-io.di13", value=True)
    second = await begin(field, "freeze", "albert-io.di13", value=False)
    assert image.read("di13") is False
    await clear(field, second)
    assert image.read("di13") is True


async def test_the_same_trouble_twice_is_refused(field: Running):
    first = await begin(field, "jam", "albert-bollards", member=1)
    answer = await control(field, do="trouble", kind="jam", target="albert-bollards", member=1)
    assert answer == {"ok": False, "error": f"jam of albert-bollards lasts already, as {first}: clear it first"}
    await begin(field, "jam", "albert-bollards", member=2)
